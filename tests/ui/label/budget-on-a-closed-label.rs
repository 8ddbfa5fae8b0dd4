use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
enum Color {
    #[label("red")]
    Red,
}

fn main() {}
