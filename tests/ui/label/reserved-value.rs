use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
enum Color {
    #[label("__overflow__")]
    Red,
}

fn main() {}
