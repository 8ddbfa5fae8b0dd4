use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
pub enum Color {
    #[label("red")]
    Red,
}

pub enum Shade {
    Dark,
}

fn shade(text: &str) -> Shade {
    text.parse().unwrap()
}

fn main() {}
