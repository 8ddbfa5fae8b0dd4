//! Runs the works that the benchmark asks for, line by line.

use orchq_metrics_bench_foundations::Foundations;
use orchq_metrics_bench_harness::remote;

fn main() -> std::io::Result<()> {
    remote::serve(&[&Foundations])
}
