use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
enum Color {
    #[label("red")]
    Red(u8),
}

fn main() {}
