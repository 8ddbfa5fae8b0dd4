//! The unit of values, and which numbers are plausible in it.

use crate::contract::owned::OwnedMetric;
use crate::declare::rules::ANY;

/// The unit of values, and by how much they were multiplied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) metric: String,
    unit: String,
    /// The least and the greatest value, before they were multiplied.
    range: (f64, f64),
    factor: f64,
    /// For a quantile, the upper bound of the last bucket, which no quantile exceeds.
    ceiling: Option<f64>,
    summed: bool,
}

/// A threshold below this many bytes is probably in another unit.
const FEW_BYTES: f64 = 1024.0;

impl Scale {
    /// The values of a metric.
    pub(crate) fn from_metric(metric: &OwnedMetric) -> Self {
        let range = metric.range().unwrap_or(ANY);
        let (metric, unit) = (metric.name.clone(), metric.unit.clone());
        Self { metric, unit, range, factor: 1.0, ceiling: None, summed: false }
    }

    pub(crate) fn quantile(metric: &OwnedMetric) -> Self {
        Self { ceiling: metric.buckets.last().copied(), ..Self::from_metric(metric) }
    }

    /// How much a counter grows in some time.
    pub(crate) fn rate(metric: &str) -> Self {
        let range = (0.0, f64::INFINITY);
        Self { metric: metric.to_owned(), unit: String::new(), range, factor: 1.0, ceiling: None, summed: false }
    }

    pub(crate) fn summed(self) -> Self {
        Self { summed: true, ceiling: None, ..self }
    }

    pub(crate) fn times(self, factor: f64) -> Option<Self> {
        let factor = self.factor * factor;
        (factor.is_finite() && factor > 0.0).then_some(Self { factor, ..self })
    }

    /// What is odd about comparing such values with a number.
    pub(crate) fn implausible(&self, threshold: f64, op: &str) -> Option<String> {
        let number = threshold / self.factor;
        let (least, most) = self.range;
        let metric = &self.metric;
        let scaled = if self.factor == 1.0 { "" } else { ", multiplied as it is here" };
        if number.is_nan() {
            return None;
        }
        // A sum of values below zero is below any of them.
        if number < least && !(self.summed && least < 0.0) {
            return Some(format!("`{metric}`{scaled} is never below {}", least * self.factor));
        }
        if number > most && !self.summed {
            let (least, most) = (least * self.factor, most * self.factor);
            let range = if least.is_finite() {
                format!("goes from {least} to {most}")
            } else {
                format!("is never above {most}")
            };
            return Some(format!("`{metric}`{scaled} {range}"));
        }
        if let Some(ceiling) = self.ceiling.filter(|ceiling| number > *ceiling || (number == *ceiling && op == ">")) {
            let ceiling = ceiling * self.factor;
            return Some(format!("the last bucket of `{metric}` ends at {ceiling}, and no quantile is beyond that"));
        }
        let fraction = number > 0.0 && number < 1.0;
        let what = match self.unit.as_str() {
            "percent" if fraction => "a ratio",
            "milliseconds" if fraction => "less than one",
            // A threshold of at most one byte asks whether there are any.
            "bytes" if number > 1.0 && number < FEW_BYTES => "less than a kilobyte",
            _ => return None,
        };
        Some(format!("`{metric}` is in {}{scaled}, and that is {what}", self.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::owned::OwnedContract;

    #[test]
    fn numbers_are_plausible_in_a_unit() {
        let contract = OwnedContract::from(&crate::v1::CONTRACT);
        let scale = |name: &str| Scale::from_metric(contract.metric(name).expect("declared"));
        let odd = |scale: &Scale, number: f64| scale.implausible(number, ">").is_some();
        let ratio = scale("kv_cache_usage_ratio");
        assert!(odd(&ratio, 90.0) && odd(&ratio, -0.1) && !odd(&ratio, 0.9) && !odd(&ratio, 1.0) && !odd(&ratio, 0.0));
        let hundredfold = ratio.clone().times(100.0).expect("finite");
        assert!(!odd(&hundredfold, 90.0) && odd(&hundredfold, 101.0));
        assert!(!odd(&ratio.summed(), 3.0));
        let percent = scale("gpu_utilization");
        assert!(odd(&percent, 0.9) && odd(&percent, 900.0) && !odd(&percent, 90.0) && !odd(&percent, 1.0));
        let bytes = scale("vram_used_bytes");
        assert!(odd(&bytes, 80.0) && !odd(&bytes, 80e9) && !odd(&bytes, 0.0) && !odd(&bytes, 1.0));
        let latency = Scale::quantile(contract.metric("latency_decode_ms").expect("declared"));
        assert!(odd(&latency, 0.5) && odd(&latency, 300_000.0) && !odd(&latency, 500.0));
        assert!(latency.implausible(300_000.0, ">=").is_none());
        let seconds = latency.times(0.001).expect("finite");
        assert!(!odd(&seconds, 0.5) && odd(&seconds, 0.0005));
        // Any level of a count makes sense, and no rate below zero.
        assert!(!odd(&scale("queue_depth"), -5.0));
        assert!(odd(&Scale::rate("tasks_started_total"), -0.1) && !odd(&Scale::rate("tasks_started_total"), 0.0));
    }

    #[test]
    fn the_range_is_that_of_the_metric() {
        let mut metric = OwnedContract::from(&crate::v1::CONTRACT).metric("vram_used_bytes").expect("declared").clone();
        let mut message = |range, threshold| {
            metric.stated_range = Some(range);
            Scale::from_metric(&metric).implausible(threshold, "<")
        };
        assert_eq!(message((-273.15, f64::INFINITY), -5.0), None);
        let never = |what: &str| Some(format!("`vram_used_bytes` {what}"));
        assert_eq!(message((-273.15, f64::INFINITY), -300.0), never("is never below -273.15"));
        assert_eq!(message((f64::NEG_INFINITY, 0.0), 5.0), never("is never above 0"));
        assert_eq!(message((-1.0, 1.0), 5.0), never("goes from -1 to 1"));
        assert_eq!(message((f64::NEG_INFINITY, f64::INFINITY), -1e9), None);
        metric.stated_range = Some((-1.0, 1.0));
        assert_eq!(Scale::from_metric(&metric).summed().implausible(-5.0, "<"), None);
    }
}
