use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
struct Metrics;

fn main() {
    let _ = Metrics;
}
