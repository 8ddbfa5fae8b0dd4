//! Records the values of a page as metrics of the contract.

use std::collections::BTreeSet;

use orchq_metrics::emits;
use orchq_metrics::v1::{
    CONTRACT, Device, Replica, gpu_utilization, kv_cache_usage_ratio, tokens_in_total, tokens_out_total,
    vram_used_bytes,
};

use super::Reading;
use super::tracker::{Tracker, is_later};

/// The state of one engine between two of its pages.
#[derive(Debug, Default)]
pub struct Recorder {
    tokens_in: Tracker,
    tokens_out: Tracker,
    /// The latest start of the engine's process that was reported.
    started: Option<f64>,
    gauges: Gauges,
}

/// The gauges that have a series.
#[derive(Debug, Default)]
struct Gauges {
    kv_cache: bool,
    gpu_utilization: BTreeSet<String>,
    vram_used: BTreeSet<String>,
}

impl Recorder {
    /// Whether the engine has restarted since the last page that was recorded.
    pub fn restarted(&self, reading: &Reading) -> bool {
        if self.is_of_another(reading) {
            return false;
        }
        is_later(reading.started, self.started)
            || self.tokens_in.restarted(&reading.tokens_in)
            || self.tokens_out.restarted(&reading.tokens_out)
    }

    /// Whether the page is from another process of the engine, which started earlier: its counters are not the ones
    /// that are followed.
    fn is_of_another(&self, reading: &Reading) -> bool {
        is_later(self.started, reading.started)
    }

    /// Records a page for `replica`. `restarted` states that the engine is known to have restarted, whatever its
    /// counters are.
    pub fn record(&mut self, replica: Replica, reading: &Reading, restarted: bool) {
        let restarted = restarted || is_later(reading.started, self.started);
        if restarted || self.started.is_none() {
            self.started = reading.started.or(self.started);
        }
        let of_another = self.is_of_another(reading);
        let growth =
            |tracker: &mut Tracker, series: &[_]| if of_another { 0 } else { tracker.advance(series, restarted) };
        let tokens_in = growth(&mut self.tokens_in, &reading.tokens_in);
        let tokens_out = growth(&mut self.tokens_out, &reading.tokens_out);
        // A metric that the engine does not expose has no series; one that has not grown is at zero.
        count_tokens(
            replica,
            (!reading.tokens_in.is_empty()).then_some(tokens_in),
            (!reading.tokens_out.is_empty()).then_some(tokens_out),
        );
        match reading.kv_cache {
            Some(ratio) => set_kv_cache(replica, ratio),
            None if self.gauges.kv_cache => _ = CONTRACT.remove_metric::<kv_cache_usage_ratio>(replica),
            None => {}
        }
        self.gauges.kv_cache = reading.kv_cache.is_some();
        let gone = self.gauges.devices_without(reading);
        for (device, percent) in &reading.gpu_utilization {
            set_gpu_utilization(replica, Device::new(device), *percent);
        }
        for (device, bytes) in &reading.vram_used {
            set_vram_used(replica, Device::new(device), *bytes);
        }
        gone.remove_devices(replica);
    }

    /// Removes the gauges, whose values are no longer known. Counters stay.
    pub fn forget_gauges(&mut self, replica: Replica) {
        let gauges = std::mem::take(&mut self.gauges);
        if gauges.kv_cache {
            CONTRACT.remove_metric::<kv_cache_usage_ratio>(replica);
        }
        gauges.remove_devices(replica);
    }
}

impl Gauges {
    /// Stores the devices of a page, and returns those that it no longer has.
    fn devices_without(&mut self, reading: &Reading) -> Self {
        let utilization: BTreeSet<String> = reading.gpu_utilization.iter().map(|(device, _)| device.clone()).collect();
        let vram: BTreeSet<String> = reading.vram_used.iter().map(|(device, _)| device.clone()).collect();
        let gone = Self {
            kv_cache: false,
            gpu_utilization: self.gpu_utilization.difference(&utilization).cloned().collect(),
            vram_used: self.vram_used.difference(&vram).cloned().collect(),
        };
        (self.gpu_utilization, self.vram_used) = (utilization, vram);
        gone
    }

    fn remove_devices(&self, replica: Replica) {
        for device in &self.gpu_utilization {
            CONTRACT.remove_metric::<gpu_utilization>(gpu_utilization { replica, device: Device::new(device) });
        }
        for device in &self.vram_used {
            CONTRACT.remove_metric::<vram_used_bytes>(vram_used_bytes { replica, device: Device::new(device) });
        }
    }
}

#[emits(tokens_in_total, tokens_out_total)]
fn count_tokens(replica: Replica, tokens_in: Option<u64>, tokens_out: Option<u64>) {
    match tokens_in {
        Some(0) => tokens_in_total { replica }.init(),
        Some(tokens) => tokens_in_total { replica }.inc_by(tokens),
        None => {}
    }
    match tokens_out {
        Some(0) => tokens_out_total { replica }.init(),
        Some(tokens) => tokens_out_total { replica }.inc_by(tokens),
        None => {}
    }
}

#[emits(kv_cache_usage_ratio)]
fn set_kv_cache(replica: Replica, ratio: f64) {
    kv_cache_usage_ratio { replica }.set(ratio);
}

#[emits(gpu_utilization)]
fn set_gpu_utilization(replica: Replica, device: Device, percent: f64) {
    gpu_utilization { replica, device }.set(percent);
}

#[emits(vram_used_bytes)]
fn set_vram_used(replica: Replica, device: Device, bytes: u64) {
    vram_used_bytes { replica, device }.set(bytes);
}
