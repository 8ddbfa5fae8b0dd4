//! The chain from the contract to the scrape, for the whole of this package.

use std::net::Ipv4Addr;
use std::sync::Arc;

use orchq_metrics::Rung;
use orchq_metrics::v1::{CONTRACT, Policy};
use orchqueue::client::Client;
use orchqueue::engine::ngram::Pace;
use orchqueue::orchestrator::Orchestrator;
use orchqueue::worker::gpu;
use orchqueue::{fleet, http};
use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::{Queue, done, ended, task, vllm};

#[test]
fn every_metric_of_the_contract_is_linked() {
    CONTRACT.coverage().assert(Rung::Linked);
}

#[tokio::test]
async fn every_metric_that_this_machine_can_hit_is_hit() {
    let queue = Queue::start(vllm("hit", Policy::DropLru)).await;
    let absent = gpu::sample(queue.orchestrator.replicas().collect());
    let pool = queue.orchestrator.pool("hit").unwrap();
    let hold = pool.hold();
    let mut ids = Vec::new();
    for _ in 0..=pool.queue_capacity() {
        ids.push(queue.submit(&task("hit")).await);
    }
    queue.client.cancel(&ids[1]).await.unwrap();
    drop(hold);
    assert_eq!(queue.end(&ids[0]).await, ended("rejected", "QUEUE_FULL_DROP_LRU"));
    assert_eq!(queue.end(&ids[1]).await, ended("canceled", "user"));
    assert_eq!(queue.end(&ids[2]).await, done());
    absent.excuse(CONTRACT.check()).coverage().assert(Rung::Hit);
}

#[tokio::test]
async fn an_absent_gpu_has_no_series_and_a_present_one_has() {
    let queue = Queue::start(vllm("gpu", Policy::Reject)).await;
    let absent = gpu::sample(queue.orchestrator.replicas().collect());
    let scrape = queue.scrape().await;
    let series = |name| scrape.series(name, &[]).count();
    assert_eq!(series("gpu_utilization") == 0, absent.utilization.is_some());
    assert_eq!(series("vram_used_bytes") == 0, absent.vram_used.is_some());
}

#[tokio::test]
async fn each_pool_of_the_fleet_carries_its_engine_and_its_model() {
    let options = fleet::Options { policy: None, queue_capacity: 1, pace: Arc::new(Pace::default()), seed: 1 };
    let orchestrator = Orchestrator::start(fleet::configure(&options).unwrap()).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let client = Client::new(listener.local_addr().unwrap());
    tokio::spawn(http::serve(listener, Arc::clone(&orchestrator), std::future::pending()));
    orchestrator.warm_up().await;

    let expected = [
        (fleet::CHAT, "llamacpp", "b4567", None, Some("night-shift-3gram"), false),
        (fleet::CODE, "vllm", "0.6.3", None, None, true),
        (fleet::SUMMARIES, "tgi", "2.4.0", None, None, false),
        (fleet::REPORTS, "triton", "2.51.0", Some("0.14.0"), None, false),
    ];
    for (pool, engine, version, trtllm, model_id, digest) in expected {
        let task = json!({ "engine": engine, "prompt": "The night shift", "max_tokens": 2 });
        let id = client.submit(&task).await.unwrap().accepted_id().unwrap();
        assert_eq!(client.follow(&id).await.unwrap().last().await.unwrap().name, "done");
        let scrape = client.scrape().await.unwrap();
        let of_pool = [("pool_id", pool)];
        let series = scrape.series("tasks_started_total", &of_pool).next().unwrap();
        assert_eq!(series.label("engine"), Some(engine));
        assert_eq!(series.label("engine_version"), Some(version));
        assert_eq!(series.label("trtllm_version"), trtllm);
        assert_eq!(series.label("model_id"), model_id);
        assert_eq!(series.label("model_digest").is_some_and(|value| value.starts_with("sha256:")), digest);
        assert_eq!(series.label("priority"), Some("normal"));
    }
}
