//! A scrape of any length is linted in memory that hardly grows with it, and without an allocation for each sample.

use std::fmt::Write;
use std::io::{self, Read};
use std::sync::PoisonError;

use orchq_metrics::lint::{self, LintOptions};
use orchq_metrics::{OwnedContract, v1};

use super::{ALLOCATOR, ALONE, bytes_in_use};

/// A scrape that is generated while it is read: a counter and a histogram with this many series each.
struct Scrape {
    series: usize,
    next: usize,
    text: String,
    read: usize,
    /// The most bytes that were in use at any allocation.
    peak: isize,
    bytes: usize,
}

impl Scrape {
    fn new(series: usize) -> Self {
        Self { series, next: 0, text: String::with_capacity(4096), read: 0, peak: 0, bytes: 0 }
    }

    fn lines(&mut self) {
        let (family, n) = (self.next / self.series, self.next % self.series);
        let labels = format!(
            "engine=\"vllm\",engine_version=\"0.33.0\",pool_id=\"pool-{}\",model_id=\"model-{}\"",
            n % 256,
            n / 256
        );
        let (text, out) = (&mut self.text, "writing to a string does not fail");
        text.clear();
        if family == 0 {
            if n == 0 {
                text.push_str("# TYPE tokens_in_total counter\n");
            }
            writeln!(text, "tokens_in_total{{{labels},replica_id=\"{}\"}} {n}", n % 1024).expect(out);
            return;
        }
        if n == 0 {
            text.push_str("# TYPE latency_decode_ms histogram\n");
        }
        let labels = format!("{labels},priority=\"high\"");
        for le in ["10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000", "30000", "60000", "120000"] {
            writeln!(text, "latency_decode_ms_bucket{{{labels},le=\"{le}\"}} {n}").expect(out);
        }
        writeln!(text, "latency_decode_ms_bucket{{{labels},le=\"300000\"}} {n}").expect(out);
        writeln!(text, "latency_decode_ms_bucket{{{labels},le=\"+Inf\"}} {n}").expect(out);
        writeln!(text, "latency_decode_ms_sum{{{labels}}} 1\nlatency_decode_ms_count{{{labels}}} {n}").expect(out);
    }
}

impl Read for Scrape {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.peak = self.peak.max(bytes_in_use());
        if self.read == self.text.len() && self.next < 2 * self.series {
            self.lines();
            (self.next, self.read) = (self.next + 1, 0);
        }
        let length = self.text.as_bytes()[self.read..].as_ref().read(buffer)?;
        (self.read, self.bytes) = (self.read + length, self.bytes + length);
        Ok(length)
    }
}

/// The bytes of a scrape of this many series, and the peak memory and the allocations of linting it.
fn cost(series: usize) -> (usize, isize, usize) {
    let mut contract = OwnedContract::from(&v1::CONTRACT);
    contract.metrics.iter_mut().for_each(|metric| metric.series_limit = u32::MAX);
    let unread = ALLOCATOR.stats().allocations;
    io::copy(&mut Scrape::new(series), &mut io::sink()).expect("memory");
    let own = ALLOCATOR.stats().allocations - unread;
    let mut scrape = Scrape::new(series);
    let (before, allocations) = (bytes_in_use(), ALLOCATOR.stats().allocations);
    let report = lint::scrape(Some(&contract), "scrape", &mut scrape, &LintOptions::default()).expect("memory");
    let wrong: Vec<_> = report.findings.iter().filter(|finding| finding.rule.starts_with("exposition-")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(report.examined, series * 18);
    (scrape.bytes, scrape.peak - before, (ALLOCATOR.stats().allocations - allocations).saturating_sub(own))
}

#[test]
fn a_scrape_ten_times_as_long_is_linted_in_little_more_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Allocated once.
    cost(10);
    let (short, little, few) = cost(250);
    let (long, much, more) = cost(2500);
    assert!(long > 10 * short && short > 1 << 19, "{short} and {long} bytes");
    assert!(much < 3 * little, "{little} bytes for {short}, {much} for {long}");
    assert!(much < long as isize / 20, "{much} bytes for {long}");
    // Of 40,500 samples more.
    assert!(more < few + 200, "{few} allocations, and {more}");
}
