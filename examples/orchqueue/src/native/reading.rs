//! Reads the values of the contract's metrics from a page, in the contract's units.

use std::collections::{HashMap, HashSet};

use orchq_metrics::scrape::{Family, Series};

use super::sources::{Counter, Devices, Ratio, RatioOf, Selector, Source, Sources, Tokens};

/// The largest valid count: up to here a double represents every integer.
const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;

/// How many native series one metric may have.
const SERIES_LIMIT: usize = 10_000;

/// More series than [`SERIES_LIMIT`], in this family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) family: &'static str,
    pub(super) limit: usize,
}

/// The values of a page that the contract needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The native series of `tokens_in_total`.
    pub(super) tokens_in: Vec<NativeCounter>,
    /// The native series of `tokens_out_total`.
    pub(super) tokens_out: Vec<NativeCounter>,
    /// The use of the KV cache, from 0 to 1.
    pub(super) kv_cache: Option<f64>,
    /// Each GPU's utilization, in percent.
    pub(super) gpu_utilization: Vec<(String, f64)>,
    /// Each GPU's used memory, in bytes.
    pub(super) vram_used: Vec<(String, u64)>,
    /// When the engine's process started, if it reports that.
    pub(super) started: Option<f64>,
    /// It has none of the engine's metrics, or none of the models that count.
    pub(super) is_foreign: bool,
}

impl Reading {
    /// Whether the page has none of the engine's metrics, or none of the models that count.
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }
}

/// One native series that counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NativeCounter {
    /// Its family and its labels.
    pub(super) key: Key,
    /// Its value; `None` if it is not a valid count.
    pub(super) value: Option<f64>,
    /// When it began to count, if the engine reports that.
    pub(super) created: Option<f64>,
}

/// The identity of a native series: its family, and its labels sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) String, pub(super) Vec<(String, String)>);

impl Key {
    /// The key of a series without the labels that selected it.
    fn without(selected: &[(&str, &str)], family: &str, series: &Series) -> Self {
        let kept = series.labels.iter().filter(|(name, _)| selected.iter().all(|(label, _)| label != name));
        let mut labels: Vec<_> = kept.cloned().collect();
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
    /// Reads a page. If `models` is not empty, series of other models do not count.
    ///
    /// # Errors
    ///
    /// [`TooMany`], when a metric has too many native series.
    pub(super) fn read(&self, families: &[Family], models: &[String]) -> Result<Reading, TooMany> {
        let families = families.iter().map(|family| (family.name.as_str(), family)).collect();
        let page = Page { families, model_label: self.model_label, models };
        let started = page.series(Selector::all("process_start_time_seconds")).next();
        let mut reading = Reading {
            tokens_in: page.counters(&self.tokens_in)?,
            tokens_out: page.counters(&self.tokens_out)?,
            kv_cache: self.kv_cache.native().map_or(Ok(None), |ratio| page.ratio(ratio))?,
            gpu_utilization: page
                .devices(&self.gpu_utilization, |percent| (0.0..=100.0).contains(&percent).then_some(percent))?,
            // The cast drops a fraction of a byte.
            vram_used: page.devices(&self.vram_used, |bytes| count(bytes).map(|bytes| bytes as u64))?,
            started: started.and_then(Series::number).and_then(count),
            is_foreign: false,
        };
        let of_models = !reading.tokens_in.is_empty() || !reading.tokens_out.is_empty() || reading.kv_cache.is_some();
        let of_gpus = !reading.gpu_utilization.is_empty() || !reading.vram_used.is_empty();
        reading.is_foreign = !of_models && (!models.is_empty() || !of_gpus);
        Ok(reading)
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

    /// The series of a selector, each once: if a page has a series twice, the first counts.
    fn distinct(&self, selector: Selector) -> Result<Vec<(Key, &'a Series)>, TooMany> {
        let mut seen = HashSet::new();
        let mut distinct = Vec::new();
        for (index, series) in self.series(selector).enumerate() {
            if index == SERIES_LIMIT {
                return Err(TooMany { family: selector.family, limit: SERIES_LIMIT });
            }
            let key = Key::without(selector.labels, selector.family, series);
            if seen.insert(key.clone()) {
                distinct.push((key, series));
            }
        }
        Ok(distinct)
    }

    fn counters(&self, source: &Source<Tokens>) -> Result<Vec<NativeCounter>, TooMany> {
        let from = source.native().map_or(&[][..], |tokens| tokens.from);
        let mut counters = Vec::new();
        for counter in from {
            counters.extend(self.counter(*counter)?);
        }
        Ok(counters)
    }

    fn counter(&self, counter: Counter) -> Result<Vec<NativeCounter>, TooMany> {
        let (selector, is_sum) = match counter {
            Counter::Value(selector) => (selector, false),
            Counter::Sum(selector) => (selector, true),
        };
        let family = selector.family;
        let created = format!("{}_created", family.strip_suffix("_total").unwrap_or(family));
        let created_series = self.families.get(created.as_str()).map_or(&[][..], |family| family.series.as_slice());
        let mut created_at = HashMap::new();
        for series in created_series {
            created_at.entry(Key::without(selector.labels, family, series)).or_insert(series.number());
        }
        let counter = |(key, series): (Key, &Series)| {
            let value = if is_sum { series.histogram().and_then(|h| h.sum) } else { series.number() };
            let created = created_at.get(&key).copied().flatten().and_then(count);
            NativeCounter { key, value: value.and_then(count), created }
        };
        Ok(self.distinct(selector)?.into_iter().map(counter).collect())
    }

    /// A ratio, if each value that it is computed from is possible.
    fn ratio(&self, ratio: &Ratio) -> Result<Option<f64>, TooMany> {
        for from in ratio.from {
            let found = match *from {
                RatioOf::Single(selector) => {
                    let values = self.numbers(selector)?;
                    if let [(_, value)] = values[..] { Some(value) } else { None }
                }
                RatioOf::Mean(selector) => mean(&self.numbers(selector)?),
                RatioOf::Quotient(used, capacity) => quotient(&self.numbers(used)?, &self.numbers(capacity)?),
            };
            if let Some(found) = found {
                return Ok(Some(found).filter(is_ratio));
            }
        }
        Ok(None)
    }

    fn numbers(&self, selector: Selector) -> Result<Vec<Number>, TooMany> {
        let number = |(Key(_, labels), series): (Key, &Series)| Some((labels, series.number()?));
        Ok(self.distinct(selector)?.into_iter().filter_map(number).collect())
    }

    fn devices<T>(
        &self,
        source: &Source<Devices>,
        convert: impl Fn(f64) -> Option<T>,
    ) -> Result<Vec<(String, T)>, TooMany> {
        let Some(Devices { family, device_label, factor, .. }) = source.native() else { return Ok(Vec::new()) };
        let mut seen = HashSet::new();
        let device = |(_, series): (Key, &Series)| {
            let device = series.label(device_label).filter(|device| seen.insert((*device).to_owned()))?;
            Some((device.to_owned(), convert(scaled(series.number()?, *factor))?))
        };
        Ok(self.distinct(Selector::all(family))?.into_iter().filter_map(device).collect())
    }
}

/// A value, and the labels that did not select it.
type Number = (Vec<(String, String)>, f64);

fn is_ratio(number: &f64) -> bool {
    (0.0..=1.0).contains(number)
}

/// The mean; NaN if one value is not a ratio, which the others could hide.
fn mean(numbers: &[Number]) -> Option<f64> {
    if !numbers.iter().all(|(_, number)| is_ratio(number)) {
        return Some(f64::NAN);
    }
    (!numbers.is_empty()).then(|| numbers.iter().map(|(_, number)| number).sum::<f64>() / numbers.len() as f64)
}

/// The sum of the used amounts over the sum of the capacities, of the series that have both.
fn quotient(used: &[Number], capacity: &[Number]) -> Option<f64> {
    let capacities: HashMap<_, _> = capacity.iter().map(|(labels, number)| (labels, *number)).collect();
    let both = used.iter().filter_map(|(labels, used)| Some((*used, *capacities.get(labels)?)));
    let (mut sum_used, mut sum) = (0.0, 0.0);
    for (used, capacity) in both.filter(|(_, capacity)| *capacity != 0.0) {
        if !is_ratio(&(used / capacity)) || capacity < 0.0 {
            return Some(f64::NAN);
        }
        (sum_used, sum) = (sum_used + used, sum + capacity);
    }
    (sum > 0.0).then(|| sum_used / sum)
}

/// A product without the digits of binary rounding: a hundred times 0.57 is 57.
fn scaled(number: f64, factor: f64) -> f64 {
    if factor == 1.0 { number } else { (number * factor * 1e6).round() / 1e6 }
}

/// A valid count: not NaN, not negative, and exactly representable.
fn count(number: f64) -> Option<f64> {
    (0.0..=LARGEST_COUNT).contains(&number).then_some(number)
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
        Adapter::for_engine(Engine::Triton).sources.read(&scrape::families(page, None).unwrap(), &models).unwrap()
    }

    fn values(counters: &[NativeCounter]) -> Vec<f64> {
        counters.iter().filter_map(|counter| counter.value).collect()
    }

    #[test]
    fn models_of_one_server_are_added_up_or_selected() {
        let both = read(TWO_MODELS, &[]);
        // 125 blocks of 400: their fractions are of caches of different sizes.
        assert_eq!((both.kv_cache, values(&both.tokens_out)), (Some(0.3125), vec![7.0, 9.0]));
        let gpus = [("GPU-1".to_owned(), 50.0), ("GPU-2".to_owned(), 100.0)];
        assert_eq!(both.gpu_utilization, gpus);

        let one = read(TWO_MODELS, &["b"]);
        assert_eq!((one.kv_cache, values(&one.tokens_out)), (Some(0.25), vec![9.0]));
        assert_eq!(one.gpu_utilization, gpus, "a GPU belongs to no model");
        let none = read(TWO_MODELS, &["c"]);
        assert_eq!((none.kv_cache, none.tokens_out.len()), (None, 0));
    }

    #[test]
    fn without_blocks_the_mean_is_what_is_left() {
        let fractions: String =
            TWO_MODELS.lines().filter(|line| !line.contains("\"used\"")).map(|line| format!("{line}\n")).collect();
        assert_eq!(read(&fractions, &[]).kv_cache, Some(0.375));
    }

    #[test]
    fn each_series_of_a_ratio_has_to_be_possible_and_counts_once() {
        let block = |kind: &str, model: &str, value: f64| {
            format!("nv_trt_llm_kv_cache_block_metrics{{kv_cache_block_type=\"{kind}\",model=\"{model}\"}} {value}\n")
        };
        // 1.9 and 0.1 have a mean that looks right.
        assert_eq!(read(&(block("fraction", "a", 1.9) + &block("fraction", "b", 0.1)), &[]).kv_cache, None);
        let twice = block("fraction", "a", 0.5) + &block("fraction", "a", 0.9);
        assert_eq!(read(&twice, &[]).kv_cache, Some(0.5));
        // The capacity of `b` is missing.
        let blocks = [("used", "a", 50.0), ("max", "a", 100.0), ("used", "b", 40.0)];
        let blocks: String = blocks.iter().map(|(kind, model, value)| block(kind, model, *value)).collect();
        assert_eq!(read(&blocks, &[]).kv_cache, Some(0.5));
    }

    #[test]
    fn a_gpu_counts_once_and_in_whole_percent() {
        let page = "nv_gpu_utilization{gpu_uuid=\"G\"} 0.57\nnv_gpu_utilization{gpu_uuid=\"G\",x=\"y\"} 0.9\n";
        assert_eq!(read(page, &[]).gpu_utilization, [("G".to_owned(), 57.0)]);
    }

    #[test]
    fn start_times_are_found_among_many_and_too_many_series_are_an_error() {
        let page = |series: usize| {
            let line = |n| {
                let total = format!("vllm:generation_tokens_total{{engine=\"{n}\"}} 7\n");
                total + &format!("vllm:generation_tokens_created{{engine=\"{n}\"}} {n}\n")
            };
            let lines: String = (0..series).map(line).collect();
            Adapter::for_engine(Engine::Vllm).sources.read(&scrape::families(&lines, None).unwrap(), &[])
        };
        let many = page(SERIES_LIMIT).unwrap();
        assert!(many.tokens_out.iter().enumerate().all(|(n, counter)| counter.created == Some(n as f64)));
        let too_many = TooMany { family: "vllm:generation_tokens_total", limit: SERIES_LIMIT };
        assert_eq!(page(SERIES_LIMIT + 1), Err(too_many));
    }

    #[test]
    fn a_page_of_something_else_is_known_as_such() {
        assert!(read("go_goroutines 7\n", &[]).is_foreign());
        assert!(read(TWO_MODELS, &["c"]).is_foreign());
        assert!(!read(TWO_MODELS, &["b"]).is_foreign());
        assert!(!read("nv_gpu_utilization{gpu_uuid=\"G\"} 0.5\n", &[]).is_foreign());
    }
}
