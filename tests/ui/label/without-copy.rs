use orchq_metrics::Label;

#[derive(Label)]
enum Color {
    #[label("red")]
    Red,
}

fn main() {}
