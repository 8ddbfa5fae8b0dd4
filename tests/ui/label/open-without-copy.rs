use orchq_metrics::{Label, Symbol};

#[derive(Debug, Label)]
#[label(budget = 8)]
struct Route(Symbol);

fn main() {}
