use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
struct Route(u32);

fn main() {}
