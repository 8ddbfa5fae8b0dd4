//! The replicas of a pool: which of them take tasks, and which labels they have.

use std::sync::Arc;

use futures_util::future::join_all;
use orchq_metrics::v1::{self, CONTRACT, Model, Replica, queue_depth};

use super::super::watch::bring_up;
use super::{Pool, Readiness, labels};
use crate::backend::Backend;
use crate::engine::Identity;
use crate::task::Level;

impl Pool {
    /// Asks each engine for its version and a first answer. The pool opens with the first engine that answers. Returns
    /// when all have answered, or when the pool drains.
    pub async fn warm_up(self: &Arc<Self>) {
        join_all(self.backends.iter().map(|backend| bring_up(self, backend))).await;
    }

    /// Sets whether a replica takes tasks. The first that does opens the pool.
    pub(in crate::orchestrator) fn set_up(&self, backend: &Arc<Backend>, up: bool) {
        let mut state = self.state();
        let index = self.backends.iter().position(|known| Arc::ptr_eq(known, backend));
        if let Some(load) = index.and_then(|index| state.replicas.get_mut(index)) {
            load.up = up;
        }
        if up && state.readiness == Readiness::Warming {
            state.readiness = Readiness::Ready;
        }
    }

    /// Gives a replica the labels of the version and model that its engine reports. The series with its previous labels
    /// leave the scrape, and with the last replica of a build those of the pool. Returns false if nothing changed.
    pub(in crate::orchestrator) fn relabel(&self, backend: &Arc<Backend>, identity: &Identity) -> bool {
        let digest = identity.model_digest.as_deref().map(Model::digest);
        let build = self.build.of_version(&identity.version);
        let pool = labels(v1::Pool::new(build, &*self.name), self.model.or(digest));
        let replica = Replica::new(pool, &**backend.name());
        // Held to the end, so that no depth is published for series that are being removed.
        let mut state = self.state();
        if backend.labels() == Some(replica) {
            return false;
        }
        let others = |old: Replica| {
            let mut others = self.backends.iter().filter(|other| !Arc::ptr_eq(other, backend));
            others.any(|other| other.labels().is_some_and(|labels| labels.pool() == old.pool()))
        };
        backend.relabel(replica, |old| {
            CONTRACT.remove(old);
            if old.pool() != pool && !others(old) {
                CONTRACT.remove(old.pool());
            }
        });
        let first = self.backends.iter().find_map(|backend| backend.labels());
        let new = first.map(Replica::pool);
        if let Some(old) = state.labels.filter(|old| Some(*old) != new) {
            CONTRACT.remove_metric::<queue_depth>(old);
        }
        state.labels = new;
        for level in Level::ALL {
            self.publish_depth(&state, level);
        }
        true
    }

    pub(in crate::orchestrator) fn is_draining(&self) -> bool {
        self.readiness() == Readiness::Draining
    }

    /// Waits until the pool admits nothing more.
    pub(in crate::orchestrator) async fn draining(&self) {
        let mut changed = self.changed.subscribe();
        while !self.is_draining() && changed.changed().await.is_ok() {}
    }
}
