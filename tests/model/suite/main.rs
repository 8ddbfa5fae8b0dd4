//! The store's protocols, each in every interleaving, or in all with a limited number of preemptions.

mod counters;
mod gauges;
mod lookups;
mod shards;

/// Label sets whose cells, mixed, would be those of another.
const A: model::Labels = [1, 2];
const B: model::Labels = [3, 2];
const C: model::Labels = [1, 4];
