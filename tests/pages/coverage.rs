#[test]
fn every_contracted_metric_is_emitted() {
    use orchqueue as _; // links the crate that holds the annotated functions
    orchq_metrics::contracts().coverage().assert(orchq_metrics::Rung::Linked);
}
