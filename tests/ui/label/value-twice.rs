use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
enum Color {
    #[label("red")]
    Red,
    #[label("red")]
    Crimson,
}

fn main() {}
