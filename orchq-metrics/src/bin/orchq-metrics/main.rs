//! The command `orchq-metrics`.

fn main() {}
