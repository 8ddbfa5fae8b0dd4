//! The unit of values, and which numbers are plausible in it.

use crate::contract::owned::OwnedMetric;
use crate::declare::desc::Unit;
use crate::declare::units;

/// The unit of values, and by how much they were multiplied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) metric: String,
    unit: Unit,
    factor: f64,
    /// For a quantile, the upper bound of the last bucket, which no quantile exceeds.
    ceiling: Option<f64>,
    summed: bool,
}

/// A threshold below this many bytes is probably in another unit.
const FEW_BYTES: f64 = 1024.0;

impl Scale {
    /// The unit of a metric, if something is known of it.
    pub(crate) fn from_metric(metric: &OwnedMetric) -> Option<Self> {
        let unit = units::named(&metric.unit).filter(|unit| unit.range().is_some())?;
        Some(Self { metric: metric.name.clone(), unit, factor: 1.0, ceiling: None, summed: false })
    }

    pub(crate) fn quantile(metric: &OwnedMetric) -> Option<Self> {
        Some(Self { ceiling: metric.buckets.last().copied(), ..Self::from_metric(metric)? })
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
        let (least, most) = self.unit.range()?;
        let metric = &self.metric;
        let scaled = if self.factor == 1.0 { "" } else { ", multiplied as it is here" };
        if number.is_nan() {
            return None;
        }
        if number < least {
            return Some(format!("`{metric}`{scaled} is never below {}", least * self.factor));
        }
        if number > most && !self.summed {
            let (least, most) = (least * self.factor, most * self.factor);
            return Some(format!("`{metric}`{scaled} goes from {least} to {most}"));
        }
        if let Some(ceiling) = self.ceiling.filter(|ceiling| number > *ceiling || (number == *ceiling && op == ">")) {
            let ceiling = ceiling * self.factor;
            return Some(format!("the last bucket of `{metric}` ends at {ceiling}, and no quantile is beyond that"));
        }
        let fraction = number > 0.0 && number < 1.0;
        let (unit, what) = match self.unit {
            Unit::Percent if fraction => ("percent", "a ratio"),
            Unit::Milliseconds if fraction => ("milliseconds", "less than one"),
            // A threshold of at most one byte asks whether there are any.
            Unit::Bytes if number > 1.0 && number < FEW_BYTES => ("bytes", "less than a kilobyte"),
            _ => return None,
        };
        Some(format!("`{metric}` is in {unit}{scaled}, and that is {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::owned::OwnedContract;

    #[test]
    fn numbers_are_plausible_in_a_unit() {
        let contract = OwnedContract::from(&crate::v1::CONTRACT);
        let scale = |name: &str| Scale::from_metric(contract.metric(name).expect("declared")).expect("a unit");
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
        let latency = Scale::quantile(contract.metric("latency_decode_ms").expect("declared")).expect("a unit");
        assert!(odd(&latency, 0.5) && odd(&latency, 300_000.0) && !odd(&latency, 500.0));
        assert!(latency.implausible(300_000.0, ">=").is_none());
        let seconds = latency.times(0.001).expect("finite");
        assert!(!odd(&seconds, 0.5) && odd(&seconds, 0.0005));
        assert!(Scale::from_metric(contract.metric("queue_depth").expect("declared")).is_none());
    }
}
