//! A task from its admission to its end, and the metrics that are recorded on the way.

use orchq_metrics::v1::Policy;
use orchqueue::client::Event;
use serde_json::{Value, json};

use crate::harness::{
    CAPACITY, CONTEXT, FOREVER, PROMPT_TOKENS, Queue, RETAINED, done, ended, growth, task, vllm, with,
};

#[tokio::test]
async fn a_stream_is_its_tokens_and_one_end() {
    let queue = Queue::start(vllm("stream", Policy::Reject)).await;
    let id = queue.submit(&task("stream")).await;
    let events = queue.events(&id).await;
    let (end, tokens) = events.split_last().unwrap();
    assert_eq!(tokens.len(), 8);
    for (index, Event { name, data }) in tokens.iter().enumerate() {
        assert_eq!((name.as_str(), &data["index"]), ("token", &json!(index)));
        assert!(!data["text"].as_str().unwrap().trim().is_empty());
    }
    assert_eq!(end.name, "done");
    assert_eq!((&end.data["id"], &end.data["tokens_in"], &end.data["tokens_out"]), (&json!(id), &json!(3), &json!(8)));
    assert!(end.data["decode_ms"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn a_second_and_a_late_follower_get_everything() {
    let queue = Queue::start(vllm("followers", Policy::Reject)).await;
    let hold = queue.orchestrator.pool("followers").unwrap().hold();
    let id = queue.submit(&task("followers")).await;
    let early = queue.client.follow(&id).await.unwrap();
    let second = queue.client.follow(&id).await.unwrap();
    drop(hold);
    let early = early.rest().await.unwrap();
    assert_eq!(early.len(), 9);
    assert_eq!(second.rest().await.unwrap(), early);
    assert_eq!(queue.events(&id).await, early, "the task had ended");
}

#[tokio::test]
async fn a_follower_that_leaves_cancels_nothing() {
    let queue = Queue::start(vllm("leaving", Policy::Reject)).await;
    let hold = queue.orchestrator.pool("leaving").unwrap().hold();
    let id = queue.submit(&task("leaving")).await;
    drop(queue.client.follow(&id).await.unwrap());
    drop(hold);
    assert_eq!(queue.end(&id).await, done());
}

#[tokio::test]
async fn a_waiting_task_is_canceled_at_once_and_never_starts() {
    let queue = Queue::start(vllm("cancel-waiting", Policy::Reject)).await;
    let _hold = queue.orchestrator.pool("cancel-waiting").unwrap().hold();
    let id = queue.submit(&task("cancel-waiting")).await;
    let reply = queue.client.cancel(&id).await.unwrap();
    assert_eq!((reply.status.as_u16(), &reply.json().unwrap()["id"]), (202, &json!(id)));
    assert_eq!(queue.end(&id).await, ended("canceled", "user"));
    let scrape = queue.scrape().await;
    let labels = [("pool_id", "cancel-waiting"), ("replica_id", "cancel-waiting-0"), ("reason", "user")];
    assert_eq!(scrape.sum("tasks_canceled_total", &labels), 1.0);
    assert_eq!(scrape.sum("tasks_started_total", &labels[..1]), 0.0);
}

#[tokio::test]
async fn a_running_task_is_canceled_between_two_tokens() {
    let queue = Queue::start(vllm("cancel-running", Policy::Reject)).await;
    queue.pace.set(FOREVER);
    let id = queue.submit(&task("cancel-running")).await;
    let mut events = queue.client.follow(&id).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().name, "token");

    // The prompt and the first token are held, of the one slot of this replica.
    let kv = async || {
        let labels = [("replica_id", "cancel-running-0")];
        queue.scrape().await.sum("kv_cache_usage_ratio", &labels)
    };
    assert_eq!(kv().await, (PROMPT_TOKENS + 1) as f64 / CONTEXT as f64);
    assert_eq!(queue.client.cancel(&id).await.unwrap().status.as_u16(), 202);
    let end = events.last().await.unwrap();
    assert_eq!((end.name.as_str(), &end.data["tokens_out"]), ("canceled", &json!(1)));
    assert_eq!(kv().await, 0.0);

    let scrape = queue.scrape().await;
    let labels = [("pool_id", "cancel-running")];
    assert_eq!(scrape.sum("tasks_canceled_total", &labels), 1.0);
    assert_eq!(scrape.sum("latency_first_token_ms", &labels), 1.0);
    assert_eq!(scrape.sum("latency_decode_ms", &labels), 0.0, "there was no full stream");
}

#[tokio::test]
async fn what_has_ended_or_never_was_cannot_be_canceled() {
    let queue = Queue::start(vllm("cancel-late", Policy::Reject)).await;
    let id = queue.submit(&task("cancel-late")).await;
    assert_eq!(queue.end(&id).await, done());
    let reply = queue.client.cancel(&id).await.unwrap();
    assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (409, Some("TASK_ENDED")));
    for id in ["task-999999", "task-x", "%ff"] {
        let reply = queue.client.cancel(id).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (404, Some("TASK_UNKNOWN")), "{id}");
    }
    assert_eq!(queue.scrape().await.sum("tasks_canceled_total", &[("pool_id", "cancel-late")]), 0.0);
}

#[tokio::test]
async fn the_watchdog_cancels_what_waits_or_runs_too_long() {
    let queue = Queue::start(vllm("watchdog", Policy::Reject)).await;
    let hold = queue.orchestrator.pool("watchdog").unwrap().hold();
    let id = queue.submit(&with(task("watchdog"), "timeout_ms", 20)).await;
    assert_eq!(queue.end(&id).await, ended("canceled", "watchdog"));
    drop(hold);

    queue.pace.set(FOREVER);
    let id = queue.submit(&with(task("watchdog"), "timeout_ms", 1000)).await;
    let events = queue.events(&id).await;
    let kinds: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(kinds, ["token", "canceled"]);
    assert_eq!(events[1].data["reason"], "watchdog");

    let scrape = queue.scrape().await;
    let labels = [("pool_id", "watchdog"), ("reason", "watchdog")];
    assert_eq!(scrape.sum("tasks_canceled_total", &labels), 2.0);
    assert_eq!(scrape.sum("tasks_canceled_total", &labels[..1]), 2.0);
}

#[tokio::test]
async fn every_admitted_task_is_accounted_for() {
    let queue = Queue::start(vllm("accounts", Policy::DropLru)).await;
    let before = queue.scrape().await;
    let hold = queue.orchestrator.pool("accounts").unwrap().hold();
    let mut ids = Vec::new();
    for _ in 0..CAPACITY + 1 {
        ids.push(queue.submit(&task("accounts")).await);
    }
    queue.client.cancel(&ids[1]).await.unwrap();
    drop(hold);
    let mut ends = Vec::new();
    for id in &ids {
        ends.push(queue.end(id).await);
    }
    let expected = [ended("rejected", "QUEUE_FULL_DROP_LRU"), ended("canceled", "user"), done(), done(), done()];
    assert_eq!(ends, expected);

    let after = queue.scrape().await;
    let pool = [("pool_id", "accounts")];
    assert_eq!(after.sum("tasks_enqueued_total", &pool), 5.0);
    assert_eq!(after.sum("tasks_started_total", &pool), 3.0);
    assert_eq!(after.sum("tasks_canceled_total", &pool), 1.0);
    assert_eq!(growth(&before, &after, "tasks_rejected_total", &[]), 1.0);
    assert_eq!(after.sum("tokens_in_total", &pool), (3 * PROMPT_TOKENS) as f64);
    assert_eq!(after.sum("tokens_out_total", &pool), 24.0);
    assert_eq!(after.sum("latency_first_token_ms", &pool), 3.0);
    assert_eq!(after.sum("latency_decode_ms", &pool), 3.0);
    assert_eq!(after.sum("queue_depth", &pool), 0.0);
    assert_eq!(after.sum("kv_cache_usage_ratio", &pool), 0.0);
}

#[tokio::test]
async fn only_so_many_ended_tasks_are_remembered() {
    let queue = Queue::start(vllm("memory", Policy::Reject)).await;
    let first = queue.submit(&task("memory")).await;
    assert_eq!(queue.end(&first).await, done());
    let live = CAPACITY + 2;
    let mut last = String::new();
    for _ in 0..live + RETAINED {
        assert_eq!(queue.client.cancel(&first).await.unwrap().status.as_u16(), 409, "it is still remembered");
        last = queue.submit(&task("memory")).await;
        assert_eq!(queue.end(&last).await, done());
    }
    assert_eq!(queue.client.cancel(&first).await.unwrap().status.as_u16(), 404);
    assert_eq!(queue.events(&last).await.last().map(|event| &event.data["id"]), Some(&Value::from(last)));
}
