//! A queue with 21 metrics that were recorded by name.

use std::str::FromStr;
use std::time::Duration;

use beside::jobs::{adopted, by_name, typed};
use orchq_metrics::Rung;

use crate::{lines, samples};

/// Drives a queue, and gives its page. Its labels are strings, or parsed from them.
macro_rules! driven {
    ($queue:ident, $label:ident) => {{
        let queue = $queue::Queue::new("mail")?;
        assert!(queue.enqueue(2, 2048) && !queue.enqueue(4, 1));
        queue.start("a", Duration::from_secs(1));
        queue.finish($label("error")?, Duration::from_millis(250));
        queue.retry($label("lost")?);
        queue.cancel($label("deadline")?);
        queue.expire(Duration::from_secs(90));
        queue.renew($label("ok")?);
        queue.workers("small", 3, 5);
        queue.restart("small", $label("crash")?);
        queue.exchange("north", 100, 200);
        queue.store($label("write")?, Duration::from_millis(4), true);
        queue.memory(0.5);
        queue.page()?
    }};
}

fn string(label: &str) -> Result<&str, std::convert::Infallible> {
    Ok(label)
}

fn parsed<L: FromStr>(label: &str) -> Result<L, L::Err> {
    label.parse()
}

#[test]
fn the_pages_have_the_same_samples() -> Result<(), Box<dyn std::error::Error>> {
    let by_name = driven!(by_name, string);
    let adopted = driven!(adopted, string);
    let typed = driven!(typed, parsed);
    assert_eq!(samples(&adopted), samples(&by_name));
    assert_eq!(samples(&typed), samples(&by_name));
    assert!(samples(&typed).len() > 30, "{typed}");

    for contract in [&adopted::contract::metrics::CONTRACT, &typed::contract::metrics::CONTRACT] {
        let coverage = contract.self_check()?;
        assert_eq!(coverage.metrics.len(), 21);
        coverage.assert(Rung::Hit);
    }
    Ok(())
}

/// The table of `docs/adopt.md`.
#[test]
fn the_page_on_adoption_says_which_way_is_shortest() {
    let [by_name, contract, adopted, typed] =
        ["by_name", "contract", "adopted", "typed"].map(|name| lines(&format!("jobs/{name}.rs")));
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/adopt.md")).expect("the page");
    for (way, contract, emission) in
        [("by name", 0, by_name), ("adopted", contract, adopted), ("typed", contract, typed)]
    {
        let row = format!("| {way} | {contract} | {emission} |");
        assert!(page.contains(&row), "the page lacks `{row}`");
    }
    assert!(typed < adopted && typed < by_name);
}
