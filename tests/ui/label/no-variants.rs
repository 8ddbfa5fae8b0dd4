use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
enum Color {}

fn main() {}
