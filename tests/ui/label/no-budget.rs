use orchq_metrics::Label;

use orchq_metrics::Symbol;

#[derive(Clone, Copy, Label)]
struct Route(Symbol);

fn main() {}
