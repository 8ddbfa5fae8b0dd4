//! Engines that restart: with the same version or another, and with counters that decrease or do not.

use orchq_metrics::v1::Engine;
use orchqueue::scrape::Scrape;

use crate::harness::Queue;
use crate::replay::{Answer, Replay, identity};

/// A page of vLLM with this many tokens, counted since this time.
fn page(tokens: u64, created: u64) -> Answer {
    Answer::page(format!(
        "# TYPE vllm:generation_tokens_total counter\n\
         vllm:generation_tokens_total{{engine=\"0\",model_name=\"m\"}} {tokens}.0\n\
         # TYPE vllm:generation_tokens_created gauge\n\
         vllm:generation_tokens_created{{engine=\"0\",model_name=\"m\"}} {created}.0\n\
         # TYPE vllm:kv_cache_usage_perc gauge\n\
         vllm:kv_cache_usage_perc{{engine=\"0\",model_name=\"m\"}} 0.5\n"
    ))
}

async fn queue(pool: &str) -> (Replay, Queue) {
    let replay = Replay::start(Engine::Vllm).await;
    replay.answers().metrics = page(1000, 100);
    let queue = Queue::start(pool, Engine::Vllm, &replay).await;
    queue.until(|scrape| queue.series(scrape, "tokens_out_total") == 1).await;
    (replay, queue)
}

#[tokio::test]
async fn a_later_start_of_the_process_is_a_restart_whatever_the_counters_say() {
    let page = |tokens, started| {
        let page = format!(
            "# TYPE llamacpp:tokens_predicted_total counter\nllamacpp:tokens_predicted_total {tokens}\n\
             # TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {started}\n"
        );
        Answer::page(page)
    };
    let replay = Replay::start(Engine::LlamaCpp).await;
    replay.answers().metrics = page(100, 1.5e9);
    let queue = Queue::start("process", Engine::LlamaCpp, &replay).await;
    replay.answers().metrics = page(150, 1.6e9);
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 150.0).await;
    // An older process of the same engine answers, alternating with the tracked one.
    for older in [7, 160] {
        for (tokens, started) in [(older, 1.5e9), (150, 1.6e9)] {
            replay.answers().metrics = page(tokens, started);
            let scrapes = replay.answers().scrapes;
            queue.until(|_| replay.answers().scrapes > scrapes + 1).await;
        }
    }
    replay.answers().metrics = page(151, 1.6e9);
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") > 150.0).await;
    let scrape = queue.client.scrape().await.unwrap();
    assert_eq!(queue.sum(&scrape, "tokens_out_total"), 151.0);
}

#[tokio::test]
async fn the_first_task_is_counted() {
    let replay = Replay::start(Engine::Vllm).await;
    replay.answers().metrics = page(1000, 100);
    let queue = Queue::cold("first-task", Engine::Vllm, &[replay.url()]).await;
    queue.orchestrator.warm_up().await;
    // The baseline is the page with which the pool opened, even if the next page has grown.
    replay.answers().metrics = page(1002, 100);
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 2.0).await;
}

fn versions(scrape: &Scrape, metric: &str, pool: &str) -> Vec<String> {
    let of_pool = [("pool_id", pool)];
    let versions = scrape.series(metric, &of_pool).map(|series| series.label("engine_version").unwrap().to_owned());
    let mut versions: Vec<_> = versions.collect();
    versions.sort();
    versions.dedup();
    versions
}

#[tokio::test]
async fn a_restart_of_the_same_version_counts_on() {
    let (replay, queue) = queue("same-version").await;
    replay.answers().metrics = page(1100, 100);
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 100.0).await;
    // It decreased.
    replay.answers().metrics = page(30, 100);
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 130.0).await;
    // It restarted without a decrease.
    replay.answers().metrics = page(50, 200);
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 180.0).await;
    assert_eq!(queue.notices(), ["replica same-version-0: takes tasks"]);
}

#[tokio::test]
async fn a_restart_with_another_version_has_other_labels_and_no_old_series() {
    let (replay, queue) = queue("other-version").await;
    assert_eq!(queue.run().await.name, "done");
    replay.answers().metrics = page(1100, 100);
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 100.0).await;
    assert_eq!(versions(&scrape, "latency_decode_ms", "other-version"), ["0.33.0"]);

    {
        let mut answers = replay.answers();
        answers.version = identity(Engine::Vllm, "0.34.0");
        answers.metrics = page(30, 200);
    }
    // No token of the new version was counted for the old, and no series of the old is left.
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 30.0).await;
    for metric in ["tokens_out_total", "kv_cache_usage_ratio", "queue_depth"] {
        assert_eq!(versions(&scrape, metric, "other-version"), ["0.34.0"], "{metric}");
    }
    for metric in ["tasks_enqueued_total", "tasks_started_total", "latency_decode_ms"] {
        assert_eq!(queue.series(&scrape, metric), 0, "{metric}");
    }
    queue.notice("is now of version 0.34.0").await;

    assert_eq!(queue.run().await.name, "done");
    let scrape = queue.client.scrape().await.unwrap();
    for metric in ["tasks_enqueued_total", "tasks_started_total", "latency_decode_ms"] {
        assert_eq!(versions(&scrape, metric, "other-version"), ["0.34.0"], "{metric}");
        assert_eq!(queue.sum(&scrape, metric), 1.0, "{metric}");
    }
}

#[tokio::test]
async fn nothing_is_recorded_until_a_restarted_engine_reports_its_version() {
    let (replay, queue) = queue("mute").await;
    {
        let mut answers = replay.answers();
        answers.version = Answer::json(r#"{"error":{"message":"Loading model"}}"#).status(503);
        answers.metrics = page(30, 200);
    }
    let notice = queue.notice("takes no more tasks until it answers").await;
    assert!(notice.contains("503 Service Unavailable: Loading model"), "{notice}");
    let scrape = queue.client.scrape().await.unwrap();
    assert_eq!(queue.sum(&scrape, "tokens_out_total"), 0.0);
    assert_eq!(versions(&scrape, "tokens_out_total", "mute"), ["0.33.0"]);

    replay.answers().version = identity(Engine::Vllm, "0.34.0");
    queue.notice("answers again").await;
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 30.0).await;
    assert_eq!(versions(&scrape, "tokens_out_total", "mute"), ["0.34.0"]);
}

#[tokio::test]
async fn one_replica_after_the_other_can_be_given_another_version() {
    let [first, second] = [Replay::start(Engine::Vllm).await, Replay::start(Engine::Vllm).await];
    for replay in [&first, &second] {
        replay.answers().metrics = page(1000, 100);
    }
    let queue = Queue::cold("rolling", Engine::Vllm, &[first.url(), second.url()]).await;
    queue.orchestrator.warm_up().await;
    queue.until(|scrape| queue.series(scrape, "tokens_out_total") == 2).await;
    let restart = |replay: &Replay| {
        let mut answers = replay.answers();
        answers.version = identity(Engine::Vllm, "0.34.0");
        answers.metrics = page(30, 200);
    };
    restart(&first);
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 30.0).await;
    assert_eq!(versions(&scrape, "kv_cache_usage_ratio", "rolling"), ["0.33.0", "0.34.0"]);
    let of_first = [("replica_id", "rolling-0")];
    let left: Vec<_> = scrape.series("tokens_out_total", &of_first).map(|s| s.label("engine_version")).collect();
    assert_eq!(left, [Some("0.34.0")], "nothing is left of what the first was");
    assert_eq!(versions(&scrape, "queue_depth", "rolling"), ["0.34.0"], "one queue, and one depth of it");
    restart(&second);
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 60.0).await;
    assert_eq!(versions(&scrape, "tokens_out_total", "rolling"), ["0.34.0"]);
    assert_eq!(queue.series(&scrape, "queue_depth"), 3, "one of each priority");
}

#[tokio::test]
async fn an_engine_without_a_metrics_page_has_the_version_that_it_runs() {
    let replay = Replay::start(Engine::LlamaCpp).await;
    replay.answers().metrics =
        Answer::json(r#"{"error":{"message":"This server does not support metrics"}}"#).status(501);
    let queue = Queue::cold("pageless", Engine::LlamaCpp, &[replay.url()]).await;
    queue.orchestrator.warm_up().await;
    replay.answers().version = identity(Engine::LlamaCpp, "b2");
    queue.until(|scrape| versions(scrape, "queue_depth", "pageless") == ["b2"]).await;
    queue.notice("is now of version b2").await;
    // Its first page is the baseline.
    replay.answers().metrics = Answer::page("llamacpp:tokens_predicted_total 7\n");
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 7.0).await;
}

/// TGI's own page and identity, with this many generated tokens.
fn tgi(tokens: u64, digest: &str) -> (Answer, Answer) {
    let page = format!("tgi_request_generated_tokens_sum {tokens}\ntgi_request_generated_tokens_count 1\n");
    let page = format!("# TYPE tgi_request_generated_tokens histogram\n{page}");
    (Answer::page(page), Answer::json(format!(r#"{{"version":"3.3.7","model_sha":{digest}}}"#)))
}

#[tokio::test]
async fn another_model_of_the_same_version_is_not_a_restart() {
    let replay = Replay::start(Engine::Tgi).await;
    let set = |tokens, digest: &str| {
        let mut answers = replay.answers();
        (answers.metrics, answers.version) = tgi(tokens, digest);
    };
    set(1000, "\"aa\"");
    let queue = Queue::start("digest", Engine::Tgi, &replay).await;
    // After a failure the queue first asks the engine for its version.
    let ask = async |tokens, digest: &str| {
        let before = queue.notices().iter().filter(|notice| notice.contains("recorded again")).count();
        replay.answers().metrics = Answer::page("").status(500);
        queue.until(|_| queue.notices().iter().filter(|notice| notice.contains("not recorded")).count() > before).await;
        set(tokens, digest);
        queue
            .until(|_| queue.notices().iter().filter(|notice| notice.contains("recorded again")).count() > before)
            .await;
    };
    ask(1001, "null").await;
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") > 0.0).await;
    assert_eq!(queue.sum(&scrape, "tokens_out_total"), 1.0);
    let of_pool = [("pool_id", "digest"), ("model_digest", "aa")];
    assert_eq!(scrape.series("tokens_out_total", &of_pool).count(), 1, "the last digest is kept");
    ask(1003, "\"bb\"").await;
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 2.0).await;
    let of_pool = [("pool_id", "digest"), ("model_digest", "bb")];
    assert_eq!((scrape.sum("tokens_out_total", &of_pool), queue.sum(&scrape, "tokens_out_total")), (2.0, 2.0));
    queue.notice("now serves the model bb").await;
}
