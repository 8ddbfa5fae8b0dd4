use orchq_metrics::Label;

use orchq_metrics::Symbol;

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
struct Route(Symbol, Symbol);

fn main() {}
