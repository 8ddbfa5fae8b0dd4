//! Services that a real Prometheus scrapes: the queue, with the exported rules, and one whose collectors are adopted.
//!
//! A program of its own, because metrics are global in a process and no other test may record them.

mod adopted;
mod api;
mod fleet;
mod programs;
mod rules;
mod samples;
mod server;

use std::collections::BTreeMap;
use std::time::Duration;

use fixtures::programs::are_installed;
use orchq_metrics::export::{Format, files};
use orchq_metrics::v1::CONTRACT;
use orchq_metrics::{Coverage, OwnedContract, Rung, text};
use orchqueue::demo::{self, Driven};
use serde_json::json;

use api::Api;
use samples::{Samples, own_of_prometheus};
use server::{Folder, JOB, Prometheus};

/// Enough for every pool to have every priority.
const PROMPTS: usize = 24;

/// How long the test waits for anything.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until there is something, or fails with the last reason why there is not.
async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    let mut last = "it hangs".to_owned();
    let attempts = async {
        loop {
            match attempt().await {
                Ok(found) => return found,
                Err(reason) => last = reason,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(LIMIT, attempts).await;
    found.unwrap_or_else(|_| panic!("{what}: {last}"))
}

// More than one thread, because waiting for promtool must not keep the queue from being scraped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_has_what_the_queue_serves_and_its_alerts_show_what_is_absent() {
    if !are_installed(&["prometheus", "promtool"]) {
        return;
    }
    let contract = OwnedContract::from(&CONTRACT);
    let queue = demo::drive(PROMPTS, &mut std::io::sink()).await.expect("the queue works");
    assert_eq!(queue.missing, [""; 0]);
    let coverage = queue.absent.excuse(CONTRACT.check()).coverage();
    coverage.assert(Rung::Hit);

    let exported = files(&contract, Format::Rules);
    let [rules_file, rules_tests] = exported.as_slice() else { panic!("rules and their tests") };
    let folder = Folder::new("queue");
    exported.iter().for_each(|file| folder.write(&file.name, &file.text));
    folder.write(server::CONFIGURATION, &server::configuration(queue.address, &rules_file.name));
    let prometheus = Prometheus::start(folder.path()).await;
    let api = prometheus.api();
    // Prometheus looks for its targets every five seconds, which is time enough for this.
    programs::check_configuration(folder.path(), server::CONFIGURATION);
    programs::check_rules(folder.path(), &rules_file.name, &rules_tests.name);

    let first = scraped(&api, &queue).await;
    programs::check_metrics(folder.path(), &first.page);
    is_scraped_well(&api, &queue).await;
    has_types_and_helps(&api, &contract, &coverage).await;
    has_the_families(&first.samples, &contract, &coverage);
    rules::are_loaded(&api, &rules_file.text, &coverage).await;

    // Prometheus follows changes.
    let task = json!({ "engine": "vllm", "prompt": "The queue is", "max_tokens": 8 });
    let id = queue.client.submit(&task).await.and_then(|reply| reply.accepted_id()).expect("it is accepted");
    let events = queue.client.follow(&id).await.expect("it is known").rest().await.expect("it ends");
    assert_eq!((events.len(), events.last().map(|end| end.name.as_str())), (9, Some("done")));
    let second = scraped(&api, &queue).await;
    for (name, growth) in [("tasks_started_total", 1.0), ("tokens_out_total", 8.0), ("latency_decode_ms_count", 1.0)] {
        assert_eq!(second.samples.sum(name) - first.samples.sum(name), growth, "{name}");
    }
    rules::have_recorded(&api, "engine:tokens_out:rate5m{engine=\"vllm\"} > 0").await;

    fleet::keeps_its_contract(&api, &contract, &coverage);

    drop(prometheus);
    queue.end().await.expect("the queue stops");
}

/// A scrape, and the page that the queue served before, during and after it.
struct Scraped {
    page: String,
    samples: Samples,
}

/// The samples of a scrape during which nothing changed. They are exactly what the queue served.
async fn scraped(api: &Api, queue: &Driven) -> Scraped {
    let scraped = until("a scrape while the page stays as it is", async || {
        let page = queue.client.metrics().await.map_err(|error| format!("{error:#}"))?;
        let time = api.next_scrape().await;
        let samples = Samples::of_query(&api.query_at(&format!("{{job=\"{JOB}\"}}"), &time).await);
        // A busy machine may not answer in time, and a GPU, if there is one, is sampled all the time.
        if samples.sum("up") != 1.0 {
            return Err("the scrape failed".to_owned());
        }
        let same = queue.client.metrics().await.is_ok_and(|later| later == page);
        if same { Ok(Scraped { page, samples }) } else { Err("the page changes".to_owned()) }
    })
    .await;
    let served = Samples::of_page(&scraped.page).with(&[("job", JOB), ("instance", &queue.address.to_string())]);
    let stored = scraped.samples.without(own_of_prometheus);
    served.assert_same(&stored);
    assert_eq!(scraped.samples.sum("scrape_samples_scraped"), served.len() as f64);
    scraped
}

/// The queue is the only target, and serves the format that Prometheus requests.
async fn is_scraped_well(api: &Api, queue: &Driven) {
    let reply = queue.client.get("/metrics").await.expect("a page");
    assert_eq!(reply.headers["content-type"], text::CONTENT_TYPE);
    let targets = until("the target is up", async || {
        let targets = api.get("targets", &[]).await;
        if targets["activeTargets"][0]["health"] == "up" { Ok(targets) } else { Err(targets.to_string()) }
    })
    .await;
    assert_eq!(targets["droppedTargets"], json!([]));
    let targets = targets["activeTargets"].as_array().expect("a list");
    assert_eq!(targets.len(), 1, "{targets:?}");
    assert_eq!(targets[0]["scrapeUrl"], format!("http://{}/metrics", queue.address));
    assert_eq!(targets[0]["lastError"], "");
}

/// Prometheus knows the type and the help of each metric that was hit, of the crate's own metrics about the contract,
/// and of nothing else.
async fn has_types_and_helps(api: &Api, contract: &OwnedContract, coverage: &Coverage) {
    let metadata = api.get("targets/metadata", &[("match_target", &format!("{{job=\"{JOB}\"}}"))]).await;
    let text = |family: &serde_json::Value, field: &str| family[field].as_str().expect("a text").to_owned();
    let families = metadata.as_array().expect("a list").iter();
    let mut known: BTreeMap<_, _> =
        families.map(|family| (text(family, "metric"), [text(family, "type"), text(family, "help")])).collect();
    let info = known.remove(samples::INFO).expect("the contract is reported");
    assert_eq!(info[0], "gauge");
    let hit = coverage.metrics.iter().filter(|metric| metric.rung == Rung::Hit);
    let promised = hit.map(|metric| {
        let metric = contract.metric(metric.name()).expect("it is covered");
        (metric.name.clone(), [metric.kind.to_string(), metric.help.clone()])
    });
    assert_eq!(known, promised.collect());
}

/// Each metric that was hit has series with the labels of the contract. A metric that this machine cannot hit has none,
/// and there are no other series.
fn has_the_families(samples: &Samples, contract: &OwnedContract, coverage: &Coverage) {
    samples.assert_info(contract);
    let mut expected = own_of_prometheus_and_info(samples);
    for metric in &coverage.metrics {
        let promised = contract.metric(metric.name()).expect("it is covered");
        let series = samples.assert_promises(promised);
        match &metric.exemption {
            None => assert!(series > 0, "{} was hit and has no series", metric.name()),
            Some(exemption) => assert_eq!(series, 0, "{}: {}", metric.name(), exemption.reason),
        }
        expected += series;
    }
    assert_eq!(expected, samples.len(), "some series belong to no metric of the contract");
}

fn own_of_prometheus_and_info(samples: &Samples) -> usize {
    samples.len() - samples.without(|name| own_of_prometheus(name) || name == samples::INFO).len()
}
