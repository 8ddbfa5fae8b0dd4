use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
#[label("red")]
pub enum Color {
    #[label("red")]
    Red,
}

fn main() {}
