use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(sausages_eaten_total)]
fn eat() {
    sausages_eaten_total { engine: Engine::Vllm }.inc();
}

fn main() {}
