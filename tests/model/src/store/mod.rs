//! The shipped table and shards.

#[path = "../../../../orchq-metrics/src/store/shard.rs"]
pub(crate) mod shard;
#[path = "../../../../orchq-metrics/src/store/table.rs"]
pub(crate) mod table;
