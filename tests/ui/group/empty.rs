use orchq_metrics::Labels;

#[derive(Clone, Copy, Labels)]
struct Place {}

fn main() {}
