//! Which tasks are admitted and which are rejected, and that both are counted.

use orchq_metrics::v1::Policy;
use orchqueue::scrape::Scrape;

use crate::harness::{CAPACITY, CONTEXT, PROMPT_TOKENS, Queue, done, ended, growth, task, vllm, with};

const REJECTED: &str = "tasks_rejected_total";
const BACKPRESSURE: &str = "admission_backpressure_events_total";

/// Exactly one rejection, and for this reason.
fn one_rejection(before: &Scrape, after: &Scrape, reason: &str) {
    assert_eq!(growth(before, after, REJECTED, &[("reason", reason), ("engine", "vllm")]), 1.0);
    assert_eq!(growth(before, after, REJECTED, &[]), 1.0);
}

/// Exactly one decision under pressure, by this policy.
fn one_decision(before: &Scrape, after: &Scrape, policy: &str) {
    assert_eq!(growth(before, after, BACKPRESSURE, &[("policy", policy), ("engine", "vllm")]), 1.0);
    assert_eq!(growth(before, after, BACKPRESSURE, &[]), 1.0);
}

#[tokio::test]
async fn a_pool_that_is_not_warm_takes_nothing() {
    let queue = Queue::cold(vllm("cold", Policy::Reject)).await;
    let before = queue.scrape().await;
    let reply = queue.client.submit(&task("cold")).await.unwrap();
    assert_eq!(reply.reason().as_deref(), Some("POOL_UNREADY"));
    assert_eq!(reply.headers["retry-after"], "1");
    let after = queue.scrape().await;
    one_rejection(&before, &after, "POOL_UNREADY");
    assert_eq!(after.sum("tasks_enqueued_total", &[("pool_id", "cold")]), 0.0);

    queue.orchestrator.warm_up().await;
    assert_eq!(queue.end(&queue.submit(&task("cold")).await).await, done());
}

#[tokio::test]
async fn a_pool_that_drains_finishes_what_it_admitted_and_takes_nothing() {
    let queue = Queue::start(vllm("draining", Policy::Reject)).await;
    let pool = queue.orchestrator.pool("draining").unwrap();
    let _hold = pool.hold();
    let id = queue.submit(&task("draining")).await;
    queue.orchestrator.drain().await;
    assert_eq!(queue.end(&id).await, done());
    let message = queue.refused(&task("draining"), 503, "POOL_UNREADY").await;
    assert!(message.contains("draining"), "{message}");
}

#[tokio::test]
async fn a_pool_must_exist_and_serve_the_engine() {
    let queue = Queue::start(vllm("only", Policy::Reject)).await;
    let before = queue.scrape().await;
    let message = queue.refused(&task("other"), 404, "POOL_UNAVAILABLE").await;
    assert!(message.contains("`other`"), "{message}");
    one_rejection(&before, &queue.scrape().await, "POOL_UNAVAILABLE");

    let message = queue.refused(&with(task("only"), "engine", "tgi"), 404, "POOL_UNAVAILABLE").await;
    assert!(message.contains("serves vllm, not tgi"), "{message}");
    let mut any_pool = task("only");
    any_pool.as_object_mut().unwrap().remove("pool");
    queue.refused(&with(any_pool.clone(), "engine", "triton"), 404, "POOL_UNAVAILABLE").await;

    let accepted = queue.client.submit(&any_pool).await.unwrap().json().unwrap();
    assert_eq!(accepted["pool"], "only");
}

#[tokio::test]
async fn a_task_must_fit_into_a_slot() {
    let queue = Queue::start(vllm("narrow", Policy::Reject)).await;
    let room = CONTEXT - PROMPT_TOKENS;
    let before = queue.scrape().await;
    let message = queue.refused(&with(task("narrow"), "max_tokens", room + 1), 503, "REPLICA_EXHAUSTED").await;
    assert!(message.contains("needs 65 tokens (3 of prompt)"), "{message}");
    one_rejection(&before, &queue.scrape().await, "REPLICA_EXHAUSTED");
    assert_eq!(queue.end(&queue.submit(&with(task("narrow"), "max_tokens", room)).await).await, done());
}

#[tokio::test]
async fn tasks_go_to_the_replica_with_most_room() {
    let queue = Queue::start(vllm("placing", Policy::Reject)).await;
    let _hold = queue.orchestrator.pool("placing").unwrap().hold();
    let mut placed = Vec::new();
    for max_tokens in [40, 8, 8, 8] {
        let task = with(task("placing"), "max_tokens", max_tokens);
        let accepted = queue.client.submit(&task).await.unwrap().json().unwrap();
        placed.push(accepted["replica"].as_str().unwrap().to_owned());
    }
    assert_eq!(placed, ["placing-0", "placing-1", "placing-1", "placing-1"]);
    let scrape = queue.scrape().await;
    let enqueued = |replica| scrape.sum("tasks_enqueued_total", &[("replica_id", replica)]);
    assert_eq!((enqueued("placing-0"), enqueued("placing-1")), (1.0, 3.0));
}

#[tokio::test]
async fn the_depth_is_that_of_the_queue_at_every_moment() {
    let queue = Queue::start(vllm("depth", Policy::Reject)).await;
    let depth = async |priority| {
        let labels = [("pool_id", "depth"), ("priority", priority)];
        let scrape = queue.scrape().await;
        assert_eq!(scrape.series("queue_depth", &labels).count(), 1);
        scrape.sum("queue_depth", &labels)
    };
    assert_eq!((depth("high").await, depth("normal").await, depth("low").await), (0.0, 0.0, 0.0));
    let hold = queue.orchestrator.pool("depth").unwrap().hold();
    let low = queue.submit(&with(task("depth"), "priority", "low")).await;
    let normal = [queue.submit(&task("depth")).await, queue.submit(&task("depth")).await];
    assert_eq!((depth("high").await, depth("normal").await, depth("low").await), (0.0, 2.0, 1.0));
    queue.client.cancel(&normal[0]).await.unwrap();
    assert_eq!((depth("high").await, depth("normal").await, depth("low").await), (0.0, 1.0, 1.0));
    drop(hold);
    assert_eq!(queue.end(&normal[1]).await, done());
    assert_eq!(queue.end(&low).await, done());
    assert_eq!((depth("high").await, depth("normal").await, depth("low").await), (0.0, 0.0, 0.0));
}

#[tokio::test]
async fn reject_rejects_the_new_task() {
    let queue = Queue::start(vllm("rejecting", Policy::Reject)).await;
    let hold = queue.orchestrator.pool("rejecting").unwrap().hold();
    let mut waiting = Vec::new();
    for _ in 0..CAPACITY {
        waiting.push(queue.submit(&task("rejecting")).await);
    }
    let before = queue.scrape().await;
    let new_task = with(task("rejecting"), "priority", "high");
    let message = queue.refused(&new_task, 429, "ADMISSION_REJECT").await;
    assert!(message.contains("full (4 tasks wait)"), "{message}");
    let after = queue.scrape().await;
    one_rejection(&before, &after, "ADMISSION_REJECT");
    one_decision(&before, &after, "reject");
    assert_eq!(after.sum("queue_depth", &[("pool_id", "rejecting")]), CAPACITY as f64);
    drop(hold);
    for id in waiting {
        assert_eq!(queue.end(&id).await, done());
    }
}

#[tokio::test]
async fn drop_lru_evicts_the_oldest_whatever_its_priority() {
    let queue = Queue::start(vllm("dropping", Policy::DropLru)).await;
    let hold = queue.orchestrator.pool("dropping").unwrap().hold();
    let oldest = queue.submit(&with(task("dropping"), "priority", "high")).await;
    let mut staying = Vec::new();
    for _ in 1..CAPACITY {
        staying.push(queue.submit(&task("dropping")).await);
    }
    let before = queue.scrape().await;
    staying.push(queue.submit(&with(task("dropping"), "priority", "low")).await);
    assert_eq!(queue.end(&oldest).await, ended("rejected", "QUEUE_FULL_DROP_LRU"));
    let after = queue.scrape().await;
    one_rejection(&before, &after, "QUEUE_FULL_DROP_LRU");
    one_decision(&before, &after, "drop-lru");
    assert_eq!(after.sum("queue_depth", &[("pool_id", "dropping")]), CAPACITY as f64);
    drop(hold);
    for id in staying {
        assert_eq!(queue.end(&id).await, done());
    }
}

#[tokio::test]
async fn shed_low_priority_makes_room_only_for_the_more_urgent() {
    let queue = Queue::start(vllm("shedding", Policy::ShedLowPriority)).await;
    let hold = queue.orchestrator.pool("shedding").unwrap().hold();
    let mut staying = Vec::new();
    for _ in 1..CAPACITY {
        staying.push(queue.submit(&task("shedding")).await);
    }
    let low = with(task("shedding"), "priority", "low");
    let shed = queue.submit(&low).await;

    let before = queue.scrape().await;
    queue.refused(&low, 429, "ADMISSION_REJECT").await;
    let between = queue.scrape().await;
    one_rejection(&before, &between, "ADMISSION_REJECT");
    one_decision(&before, &between, "shed-low-priority");

    staying.push(queue.submit(&with(task("shedding"), "priority", "high")).await);
    assert_eq!(queue.end(&shed).await, ended("rejected", "ADMISSION_REJECT"));
    let after = queue.scrape().await;
    one_rejection(&between, &after, "ADMISSION_REJECT");
    one_decision(&between, &after, "shed-low-priority");

    queue.refused(&task("shedding"), 429, "ADMISSION_REJECT").await;
    drop(hold);
    for id in staying {
        assert_eq!(queue.end(&id).await, done());
    }
}
