use orchq_metrics::{Label, Symbol};

#[derive(Clone, Copy, Label)]
#[label(256)]
pub struct Route(Symbol);

fn main() {}
