use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
#[label(crate = facade::metrics)]
enum Color {
    #[label("red")]
    Red,
}

fn main() {}
