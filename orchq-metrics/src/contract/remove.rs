//! Removing series.

use crate::contract::Contract;
use crate::declare::desc::MetricDesc;
use crate::declare::label::{Key, LabelDesc, Labels, Symbol, SymbolWriter};
use crate::emit::metric::{Metric, any_family};
use crate::store::AnyFamily;

impl Contract {
    /// Removes every series that carries all of these labels with these values, such as those of a replica that
    /// has shut down. Returns how many there were.
    ///
    /// Their memory is reused. A [`Handle`](crate::Handle) keeps working, and brings its series back, from zero, when
    /// it records again. A recording during the removal counts as recorded before it.
    ///
    /// Families without one of the labels keep their series, and so do those whose label sets
    /// are all known beforehand. Nothing is removed if one of the values is past its label's budget, because
    /// other values share its series, or if there are no labels. The values stay in their labels' budgets.
    ///
    /// ```
    /// use orchq_metrics::v1::{CONTRACT, EngineBuild, Pool, Replica, tokens_out_total};
    /// use orchq_metrics::{emits, text};
    ///
    /// #[emits(tokens_out_total)]
    /// fn count(replica: Replica) {
    ///     tokens_out_total { replica }.inc_by(7);
    /// }
    ///
    /// let pool = Pool::new(EngineBuild::vllm("0.33.0"), "chat");
    /// let replica = Replica::new(pool, "gpu-7");
    /// count(replica);
    /// assert!(text::encode(&CONTRACT).contains("gpu-7"));
    ///
    /// assert_eq!(CONTRACT.remove(replica), 1);
    /// assert!(!text::encode(&CONTRACT).contains("gpu-7"));
    /// ```
    pub fn remove<L: Labels>(&self, labels: L) -> usize {
        remove(self.families(), labels)
    }

    /// Does what [`remove`](Self::remove) does, for one metric: a gauge whose source is gone, for example, while the
    /// counters with the same labels stay true. For a metric of another contract it removes nothing.
    ///
    /// ```
    /// use orchq_metrics::v1::{CONTRACT, EngineBuild, Pool, Replica, kv_cache_usage_ratio, tokens_out_total};
    /// use orchq_metrics::{emits, text};
    ///
    /// #[emits(kv_cache_usage_ratio, tokens_out_total)]
    /// fn record(replica: Replica) {
    ///     kv_cache_usage_ratio { replica }.set(0.5);
    ///     tokens_out_total { replica }.inc_by(7);
    /// }
    ///
    /// let replica = Replica::new(Pool::new(EngineBuild::vllm("0.33.0"), "chat"), "gpu-8");
    /// record(replica);
    /// assert_eq!(CONTRACT.remove_metric::<kv_cache_usage_ratio>(replica), 1);
    /// let page = text::encode(&CONTRACT);
    /// assert!(!page.contains("kv_cache_usage_ratio{") && page.contains("tokens_out_total{"));
    /// ```
    pub fn remove_metric<M: Metric>(&self, labels: impl Labels) -> usize {
        remove(self.families().filter(|family| std::ptr::addr_eq(*family, any_family::<M>())), labels)
    }
}

fn remove(families: impl Iterator<Item = &'static dyn AnyFamily>, labels: impl Labels) -> usize {
    let group = Group::new(labels);
    // Other groups look the same as one with a value past its label's budget.
    if group.labels.is_empty() || group.labels.iter().any(|(label, symbol)| label.values.is_lost(*symbol)) {
        return 0;
    }
    let carrying = families.filter_map(|family| Some((family, group.indices(family.desc())?)));
    carrying.map(|(family, indices)| family.remove(&indices)).sum()
}

/// A group's labels with their values, to find series by.
pub(crate) struct Group {
    labels: Vec<(LabelDesc, Symbol)>,
}

impl Group {
    pub(crate) fn new<L: Labels>(labels: L) -> Self {
        let mut cells = vec![0; L::LEN.div_ceil(2)];
        labels.write(&mut SymbolWriter::new(&mut cells));
        let key = Key::new(&cells);
        let symbols = (0..L::LEN).map(|index| key.symbol(index));
        Self { labels: L::DESCS.iter().copied().zip(symbols).collect() }
    }

    /// The indices of the group's labels among those of a metric, if it has all of them.
    pub(crate) fn indices(&self, desc: &MetricDesc) -> Option<Vec<(usize, Symbol)>> {
        let index = |(label, symbol): &(LabelDesc, Symbol)| {
            let same = |known: &LabelDesc| known.name == label.name && known.values.are_those_of(label.values);
            Some((desc.labels.iter().position(same)?, *symbol))
        };
        self.labels.iter().map(index).collect()
    }
}
