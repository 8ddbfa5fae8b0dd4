use orchq_metrics::Label;

use orchq_metrics::Symbol;

#[derive(Clone, Copy, Label)]
#[label(limit = 8)]
struct Route(Symbol);

fn main() {}
