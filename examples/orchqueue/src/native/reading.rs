//! What a page says of the contract's metrics, in the contract's units.

use std::collections::HashMap;

use orchq_metrics::scrape::{Family, Series};

use super::sources::{Counter, Devices, Ratio, RatioOf, Selector, Source, Sources, Tokens};

/// The largest count that is believed: up to here a double counts one by one.
const MOST: f64 = 9_007_199_254_740_992.0;

/// A page, as far as the contract asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The native series that `tokens_in_total` is made of.
    pub(super) tokens_in: Vec<NativeCounter>,
    /// The native series that `tokens_out_total` is made of.
    pub(super) tokens_out: Vec<NativeCounter>,
    /// The use of the KV cache, from 0 to 1.
    pub(super) kv_cache: Option<f64>,
    /// Each GPU's utilization, in percent.
    pub(super) gpu_utilization: Vec<(String, f64)>,
    /// Each GPU's used memory, in bytes.
    pub(super) vram_used: Vec<(String, u64)>,
    /// When the engine's process started, where it tells.
    pub(super) started: Option<f64>,
}

/// One native series that counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NativeCounter {
    /// Its family and its labels.
    pub(super) key: Key,
    /// Its value; none where it is no count.
    pub(super) value: Option<f64>,
    /// When it began to count, where the engine tells.
    pub(super) created: Option<f64>,
}

/// What tells a native series from the others: its family, and its labels in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) String, pub(super) Vec<(String, String)>);

impl Key {
    fn new(family: &str, series: &Series) -> Self {
        let mut labels = series.labels.clone();
        labels.sort();
        Self(family.to_owned(), labels)
    }
}

/// A page, and which of its models count.
struct Page<'a> {
    families: HashMap<&'a str, &'a Family>,
    model_label: Option<&'a str>,
    models: &'a [String],
}

impl Sources {
    /// Reads a page; series of other models than `models` do not count, where there are any.
    pub(super) fn read(&self, families: &[Family], models: &[String]) -> Reading {
        let families = families.iter().map(|family| (family.name.as_str(), family)).collect();
        let page = Page { families, model_label: self.model_label, models };
        let started = page.series(Selector::all("process_start_time_seconds")).next();
        Reading {
            tokens_in: page.counters(&self.tokens_in),
            tokens_out: page.counters(&self.tokens_out),
            kv_cache: self.kv_cache.native().and_then(|ratio| page.ratio(ratio)),
            gpu_utilization: page
                .devices(&self.gpu_utilization, |percent| (0.0..=100.0).contains(&percent).then_some(percent)),
            // The cast drops a fraction of a byte.
            vram_used: page.devices(&self.vram_used, |bytes| count(bytes).map(|bytes| bytes as u64)),
            started: started.and_then(Series::number).and_then(count),
        }
    }
}

impl<'a> Page<'a> {
    fn series(&self, selector: Selector) -> impl Iterator<Item = &'a Series> {
        let series = self.families.get(selector.family).map_or(&[][..], |family| family.series.as_slice());
        let (model_label, models) = (self.model_label, self.models);
        series.iter().filter(move |series| {
            let model = model_label.and_then(|label| series.label(label));
            let counts = models.is_empty() || model.is_none_or(|model| models.iter().any(|known| known == model));
            counts && selector.labels.iter().all(|(label, value)| series.label(label) == Some(value))
        })
    }

    fn counters(&self, source: &Source<Tokens>) -> Vec<NativeCounter> {
        let from = source.native().map_or(&[][..], |tokens| tokens.from);
        from.iter().flat_map(|counter| self.counter(*counter)).collect()
    }

    fn counter(&self, counter: Counter) -> Vec<NativeCounter> {
        let (selector, is_sum) = match counter {
            Counter::Value(selector) => (selector, false),
            Counter::Sum(selector) => (selector, true),
        };
        let family = selector.family;
        let created = format!("{}_created", family.strip_suffix("_total").unwrap_or(family));
        self.series(selector)
            .map(|series| {
                let value = if is_sum { series.histogram().and_then(|h| h.sum) } else { series.number() };
                let key = Key::new(family, series);
                let twin = self
                    .families
                    .get(created.as_str())
                    .and_then(|twins| twins.series.iter().find(|twin| Key::new(family, twin) == key));
                let created = twin.and_then(Series::number).and_then(count);
                NativeCounter { key, value: value.and_then(count), created }
            })
            .collect()
    }

    fn ratio(&self, ratio: &Ratio) -> Option<f64> {
        let found = ratio.from.iter().find_map(|from| match *from {
            RatioOf::Single(selector) => {
                let values = self.numbers(selector);
                if let [value] = values[..] { Some(value) } else { None }
            }
            RatioOf::Mean(selector) => {
                let values = self.numbers(selector);
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            }
            RatioOf::Quotient(used, capacity) => {
                let (used, capacity) = (self.numbers(used), self.numbers(capacity));
                let sum: f64 = capacity.iter().sum();
                (!used.is_empty() && sum > 0.0).then(|| used.iter().sum::<f64>() / sum)
            }
        });
        found.filter(|ratio| (0.0..=1.0).contains(ratio))
    }

    fn numbers(&self, selector: Selector) -> Vec<f64> {
        self.series(selector).filter_map(Series::number).collect()
    }

    fn devices<T>(&self, source: &Source<Devices>, convert: impl Fn(f64) -> Option<T>) -> Vec<(String, T)> {
        let Some(Devices { family, device_label, factor, .. }) = source.native() else { return Vec::new() };
        let device = |series: &Series| {
            let value = convert(series.number()? * factor)?;
            Some((series.label(device_label)?.to_owned(), value))
        };
        self.series(Selector::all(family)).filter_map(device).collect()
    }
}

/// A number that can be a count: not negative, not past what is counted one by one, a number at all.
fn count(number: f64) -> Option<f64> {
    (0.0..=MOST).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use orchq_metrics::scrape;
    use orchq_metrics::v1::Engine;

    use super::*;
    use crate::engine::Adapter;

    const TWO_MODELS: &str = "\
        # TYPE nv_trt_llm_kv_cache_block_metrics gauge\n\
        nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"fraction\",model=\"a\",version=\"1\"} 0.5\n\
        nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"used\",model=\"a\",version=\"1\"} 50\n\
        nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"max\",model=\"a\",version=\"1\"} 100\n\
        nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"fraction\",model=\"b\",version=\"1\"} 0.25\n\
        nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"used\",model=\"b\",version=\"1\"} 75\n\
        nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"max\",model=\"b\",version=\"1\"} 300\n\
        # TYPE nv_llm_output_token_len histogram\n\
        nv_llm_output_token_len_count{model=\"a\",response_metric_type=\"total_output_tokens\",version=\"1\"} 1\n\
        nv_llm_output_token_len_sum{model=\"a\",response_metric_type=\"total_output_tokens\",version=\"1\"} 7\n\
        # TYPE vllm:generation_tokens_total counter\n\
        vllm:generation_tokens_total{model=\"b\",version=\"1\"} 9\n\
        # TYPE nv_gpu_utilization gauge\n\
        nv_gpu_utilization{gpu_uuid=\"GPU-1\"} 0.5\n\
        nv_gpu_utilization{gpu_uuid=\"GPU-2\"} 1\n";

    fn read(page: &str, models: &[&str]) -> Reading {
        let models: Vec<_> = models.iter().map(|model| (*model).to_owned()).collect();
        Adapter::of(Engine::Triton).sources.read(&scrape::families(page, None).unwrap(), &models)
    }

    fn values(counters: &[NativeCounter]) -> Vec<f64> {
        counters.iter().filter_map(|counter| counter.value).collect()
    }

    #[test]
    fn models_of_one_server_are_put_together_or_chosen_from() {
        let both = read(TWO_MODELS, &[]);
        // 125 blocks of 400: their fractions are of caches of different sizes.
        assert_eq!((both.kv_cache, values(&both.tokens_out)), (Some(0.3125), vec![7.0, 9.0]));
        let gpus = [("GPU-1".to_owned(), 50.0), ("GPU-2".to_owned(), 100.0)];
        assert_eq!(both.gpu_utilization, gpus);

        let one = read(TWO_MODELS, &["b"]);
        assert_eq!((one.kv_cache, values(&one.tokens_out)), (Some(0.25), vec![9.0]));
        assert_eq!(one.gpu_utilization, gpus, "a GPU is of no model");
        let none = read(TWO_MODELS, &["c"]);
        assert_eq!((none.kv_cache, none.tokens_out.len()), (None, 0));
    }

    #[test]
    fn without_blocks_the_mean_is_what_is_left() {
        let fractions: String =
            TWO_MODELS.lines().filter(|line| !line.contains("\"used\"")).map(|line| format!("{line}\n")).collect();
        assert_eq!(read(&fractions, &[]).kv_cache, Some(0.375));
    }
}
