use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
pub enum Color {
    Red,
}

fn color(text: &str) -> Color {
    text.parse().unwrap()
}

fn main() {}
