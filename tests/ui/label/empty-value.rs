use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
enum Color {
    #[label("")]
    Red,
}

fn main() {}
