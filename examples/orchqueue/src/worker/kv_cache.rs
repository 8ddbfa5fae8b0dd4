//! The KV cache of a replica, as a count of tokens.

use std::sync::{Arc, Mutex, PoisonError};

use orchq_metrics::emits;
use orchq_metrics::v1::{Replica, kv_cache_usage_ratio};

/// The tokens held by one replica, shared by its slots.
///
/// Admission lets no task in that needs more than one slot's share, so a lease never has to wait.
#[derive(Debug)]
pub struct KvCache {
    replica: Replica,
    capacity: u64,
    held: Mutex<u64>,
}

impl KvCache {
    /// An empty cache of `capacity` tokens.
    pub fn new(replica: Replica, capacity: u64) -> Arc<Self> {
        let cache = Self { replica, capacity, held: Mutex::new(0) };
        cache.change(|_| ());
        Arc::new(cache)
    }

    /// Adds the tokens of a prompt.
    pub fn lease(self: &Arc<Self>, prompt_tokens: u64) -> KvCacheLease {
        let mut lease = KvCacheLease { cache: Arc::clone(self), tokens: 0 };
        lease.extend(prompt_tokens);
        lease
    }

    // Set under the lock, so that the gauge always has the latest value.
    #[emits(kv_cache_usage_ratio)]
    fn change(&self, change: impl FnOnce(&mut u64)) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut held);
        let ratio = *held as f64 / self.capacity as f64;
        kv_cache_usage_ratio { replica: self.replica }.set(ratio);
    }
}

/// The tokens that one sequence holds. Dropping it frees them.
#[derive(Debug)]
pub struct KvCacheLease {
    cache: Arc<KvCache>,
    tokens: u64,
}

impl KvCacheLease {
    /// Adds generated tokens.
    pub fn extend(&mut self, tokens: u64) {
        self.tokens += tokens;
        self.cache.change(|held| *held += tokens);
    }
}

impl Drop for KvCacheLease {
    fn drop(&mut self) {
        self.cache.change(|held| *held -= self.tokens);
    }
}

#[cfg(test)]
mod tests {
    use orchq_metrics::v1::{EngineBuild, Pool};

    use super::*;

    #[test]
    fn leases_add_up_and_give_back() {
        let replica = Replica::new(Pool::new(EngineBuild::tgi("2.4.0"), "kv-tests"), "r0");
        let cache = KvCache::new(replica, 100);
        let held = || *cache.held.lock().unwrap();
        let mut one = cache.lease(10);
        let two = cache.lease(20);
        one.extend(1);
        assert_eq!(held(), 31);
        drop(one);
        assert_eq!(held(), 20);
        drop(two);
        assert_eq!(held(), 0);
    }
}
