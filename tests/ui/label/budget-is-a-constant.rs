use orchq_metrics::{Label, Symbol};

#[derive(Clone, Copy, Label)]
#[label(budget = BUDGET)]
struct Route(Symbol);

const BUDGET: u32 = 9;

fn main() {}
