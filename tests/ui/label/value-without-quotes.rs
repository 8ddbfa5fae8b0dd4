use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
enum Side {
    #[label(left)]
    Left,
}

fn main() {}
