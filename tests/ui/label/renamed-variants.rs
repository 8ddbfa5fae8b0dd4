use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
#[label(rename_all = "snake_case")]
enum Side {
    Left,
    Right,
}

fn main() {}
