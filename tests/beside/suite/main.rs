//! Services that are written with this library and with the crate `prometheus` serve the same; what each takes is
//! counted.

mod desk;
mod jobs;

use std::path::Path;

/// The samples of a page that are not zero, in one order. A contract serves the series of closed labels from the start.
fn samples(page: &str) -> Vec<String> {
    let is_sample = |line: &&str| {
        !line.starts_with('#') && !line.ends_with(" 0") && !line.starts_with("orchq_metrics_") && !is_of_clock(line)
    };
    let mut samples: Vec<_> = page.lines().filter(is_sample).map(sorted).collect();
    samples.sort_unstable();
    samples
}

fn sorted(sample: &str) -> String {
    let (name, rest) = sample.split_once('{').unwrap_or((sample, "}"));
    let (labels, value) = rest.split_once('}').expect("the labels end");
    let mut labels: Vec<_> = labels.split(',').collect();
    labels.sort_unstable();
    format!("{name} {labels:?}{value}")
}

/// Whether the sample depends on how fast the machine is.
fn is_of_clock(line: &str) -> bool {
    line.starts_with("answer_duration_seconds_bucket") || line.starts_with("answer_duration_seconds_sum")
}

/// The lines of a source that are not blank.
fn lines(source: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(source);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().filter(|line| !line.trim().is_empty()).count()
}
