use orchq_metrics::Label;

use orchq_metrics::Symbol;

#[derive(Clone, Copy, Label)]
#[label(budget = 0)]
struct Route(Symbol);

fn main() {}
