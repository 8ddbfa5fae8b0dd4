//! GPU figures from NVML, when the machine has it.

use std::time::Duration;

use nvml_wrapper::Nvml;
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use orchq_metrics::v1::{Device, Replica, gpu_utilization, vram_used_bytes};
use orchq_metrics::{Check, emits};

const SAMPLE_PERIOD: Duration = Duration::from_secs(1);

/// The values of one device; `None` where the driver does not report one.
#[derive(Debug, Clone, Copy)]
struct Reading {
    device: Device,
    utilization: Option<f64>,
    vram_used: Option<u64>,
}

/// The metrics that this machine's GPUs do not report, and why. They have no series: a zero would claim an idle GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Why there is no utilization.
    pub utilization: Option<String>,
    /// Why there is no memory use.
    pub vram_used: Option<String>,
}

impl Absent {
    fn all(reason: impl ToString) -> Self {
        Self { utilization: Some(reason.to_string()), vram_used: Some(reason.to_string()) }
    }

    fn from(readings: &[Reading]) -> Self {
        let absent = |reported: bool| (!reported).then(|| "the GPU driver does not report it".to_owned());
        Self {
            utilization: absent(readings.iter().any(|reading| reading.utilization.is_some())),
            vram_used: absent(readings.iter().any(|reading| reading.vram_used.is_some())),
        }
    }

    /// Excuses exactly these metrics from a check of the contract.
    pub fn excuse<'a>(&self, mut check: Check<'a>) -> Check<'a> {
        if let Some(reason) = &self.utilization {
            check = check.expect_unhit::<gpu_utilization>(reason);
        }
        if let Some(reason) = &self.vram_used {
            check = check.expect_unhit::<vram_used_bytes>(reason);
        }
        check
    }
}

/// Starts to sample the machine's GPUs through NVML into the metrics of `replicas`, and returns what it cannot sample.
/// The first sample is taken before this returns.
///
/// Each device is recorded for one replica, in turn: they share a process, and recording every device for each of them
/// would multiply the sums.
pub fn sample(replicas: Vec<Replica>) -> Absent {
    let nvml = match Nvml::init() {
        Ok(nvml) => nvml,
        Err(NvmlError::LibloadingError(_)) => return Absent::all("no NVML on this machine"),
        Err(error) => return Absent::all(format_args!("NVML does not start: {error}")),
    };
    let readings = read(&nvml);
    if readings.is_empty() {
        return Absent::all("NVML lists no device");
    }
    let absent = Absent::from(&readings);
    record(readings, &replicas);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SAMPLE_PERIOD).await;
            record(read(&nvml), &replicas);
        }
    });
    absent
}

fn record(readings: Vec<Reading>, replicas: &[Replica]) {
    for (reading, &replica) in readings.into_iter().zip(replicas.iter().cycle()) {
        record_device(replica, reading);
    }
}

#[emits(gpu_utilization, vram_used_bytes)]
fn record_device(replica: Replica, Reading { device, utilization, vram_used }: Reading) {
    if let Some(percent) = utilization {
        gpu_utilization { replica, device }.set(percent);
    }
    if let Some(bytes) = vram_used {
        vram_used_bytes { replica, device }.set(bytes);
    }
}

fn read(nvml: &Nvml) -> Vec<Reading> {
    (0..nvml.device_count().unwrap_or(0))
        .filter_map(|index| nvml.device_by_index(index).ok().map(|device| (index, device)))
        .map(|(index, device)| Reading {
            device: Device::new(&index.to_string()),
            utilization: device.utilization_rates().ok().map(|rates| f64::from(rates.gpu)),
            vram_used: used_by_this_process(&device),
        })
        .collect()
}

/// The contract defines the memory of the worker process, not that of the whole device.
fn used_by_this_process(device: &nvml_wrapper::Device<'_>) -> Option<u64> {
    let mut total = 0;
    for process in device.running_compute_processes().ok()? {
        if process.pid == std::process::id() {
            match process.used_gpu_memory {
                UsedGpuMemory::Used(bytes) => total += bytes,
                UsedGpuMemory::Unavailable => return None,
            }
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use orchq_metrics::v1::{CONTRACT, EngineBuild, Pool};

    use super::*;
    use crate::scrape::{Scrape, number};

    fn reading(index: &str, utilization: Option<f64>, vram_used: Option<u64>) -> Reading {
        Reading { device: Device::new(index), utilization, vram_used }
    }

    // Made-up devices are recorded here and nowhere else: the integration test, which states what this machine can
    // reach, is another process.
    #[test]
    fn each_device_is_recorded_once_and_only_with_known_values() {
        let pool = Pool::new(EngineBuild::llamacpp("b4567"), "gpu-tests");
        let readings =
            vec![reading("0", Some(37.0), Some(1 << 30)), reading("1", None, Some(2)), reading("2", Some(5.0), None)];
        record(readings, &[Replica::new(pool, "r0"), Replica::new(pool, "r1")]);
        let scrape = Scrape::parse(&orchq_metrics::text::encode(&CONTRACT)).unwrap();
        let seen = |name| {
            let mut seen: Vec<_> = scrape
                .series(name, &[("pool_id", "gpu-tests")])
                .map(|s| (s.label("replica_id").unwrap(), s.label("device").unwrap(), number(s)))
                .collect();
            seen.sort_by_key(|&(_, device, _)| device);
            seen.into_iter().map(|(r, d, v)| (r.to_owned(), d.to_owned(), v)).collect::<Vec<_>>()
        };
        let row = |r: &str, d: &str, v| (r.to_owned(), d.to_owned(), v);
        assert_eq!(seen("gpu_utilization"), [row("r0", "0", 37.0), row("r0", "2", 5.0)]);
        assert_eq!(seen("vram_used_bytes"), [row("r0", "0", f64::from(1 << 30)), row("r1", "1", 2.0)]);
    }

    #[test]
    fn only_what_no_device_reports_is_absent() {
        let absent = Absent::from(&[reading("0", None, Some(2)), reading("1", None, None)]);
        assert_eq!((absent.utilization.is_some(), absent.vram_used.is_some()), (true, false));
    }
}
