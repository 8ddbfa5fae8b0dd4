//! Unreachable engines, unreadable pages, and the notices about both.

use std::net::Ipv4Addr;

use orchq_metrics::v1::Engine;
use serde_json::json;
use tokio::net::TcpSocket;

use crate::harness::Queue;
use crate::replay::{Answer, End, Replay, completion, identity, sample};

#[tokio::test]
async fn an_engine_that_cannot_be_reached_keeps_its_pool_warming_until_it_answers() {
    // The socket keeps its port, and refuses connections until it listens.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let port = socket.local_addr().unwrap();
    let queue = Queue::cold("late", Engine::Vllm, &[format!("http://{port}")]).await;
    let orchestrator = queue.orchestrator.clone();
    let warming = tokio::spawn(async move { orchestrator.warm_up().await });
    let notice = queue.notice("takes no tasks yet; the queue tries again").await;
    assert!(notice.contains("cannot be reached") && notice.to_lowercase().contains("refused"), "{notice}");
    let task = json!({ "engine": "vllm", "pool": "late", "prompt": "Is it?", "max_tokens": 2 });
    let refused = queue.client.submit(&task).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.reason().as_deref()), (503, Some("POOL_UNREADY")));
    let scrape = queue.client.scrape().await.unwrap();
    assert_eq!(queue.series(&scrape, "queue_depth"), 0, "no label says which version it is");

    let replay = Replay::serve(Engine::Vllm, socket.listen(16).unwrap());
    warming.await.unwrap();
    assert_eq!(queue.run().await.name, "done");
    let scrape = queue.until(|scrape| queue.series(scrape, "queue_depth") == 3).await;
    assert_eq!(queue.sum(&scrape, "tasks_enqueued_total"), 1.0);
    assert_eq!(queue.notices().len(), 2, "each once: {:?}", queue.notices());
    drop(replay);
}

#[tokio::test]
async fn a_missing_or_wrong_version_keeps_the_pool_warming() {
    let replay = Replay::start(Engine::LlamaCpp).await;
    replay.answers().version.end = End::Silent;
    let queue = Queue::cold("versionless", Engine::LlamaCpp, &[replay.url()]).await;
    let orchestrator = queue.orchestrator.clone();
    let warming = tokio::spawn(async move { orchestrator.warm_up().await });
    queue.notice("did not answer within 1s").await;
    replay.answers().version = Answer::json("{}");
    queue.notice("no version at /build_info").await;
    replay.answers().version = identity(Engine::LlamaCpp, "b1");
    replay.answers().completions = Answer::json(r#"{"error":{"message":"no such model"}}"#).status(404);
    queue.notice("404 Not Found: no such model").await;
    replay.answers().completions = completion(Engine::LlamaCpp);
    warming.await.unwrap();
    assert_eq!(queue.run().await.name, "done");
}

#[tokio::test]
async fn an_unreadable_page_is_reported_once_and_its_gauges_leave() {
    let replay = Replay::start(Engine::Vllm).await;
    let queue = Queue::start("blind", Engine::Vllm, &replay).await;
    let page = sample(Engine::Vllm);
    queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 1).await;
    replay.answers().metrics = Answer::page(page.replace("\"} 456789.0\n", "\"} 456800.0\n"));
    queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == 11.0).await;
    let large = format!("# {}\n", "x".repeat(64 << 10));
    let cases = [
        (Answer::page(format!("{page:?}")), "wrapped in a JSON string"),
        (Answer::page(page.trim_end()), "its last line has no end"),
        (Answer::page(page).ending(End::Broken), "breaks off"),
        (Answer::page(page).ending(End::Hanging), "did not answer within 1s"),
        (Answer::page(page).ending(End::Silent), "did not answer within 1s"),
        (Answer::page(large), "larger than 65536 bytes"),
        (Answer::ok("text/html", "<html></html>\n"), "does not serve a metrics page"),
        (Answer::page("a 1\nvllm:a{engine=0} 1\n"), "is malformed"),
        (Answer::json(r#"{"detail":"Not Found"}"#).status(404), "404 Not Found: Not Found"),
        (Answer::page("").status(500), "500 Internal Server Error, without a message"),
    ];
    for (round, (answer, expected)) in cases.into_iter().enumerate() {
        replay.answers().metrics = answer;
        let scrape = queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 0).await;
        queue.notice(expected).await;
        assert_eq!(queue.sum(&scrape, "tokens_out_total"), 11.0, "what was counted stays true");
        assert_eq!(queue.run().await.name, "done", "the engine still answers, and takes tasks");

        replay.answers().metrics = Answer::page(page.replace("\"} 456789.0\n", "\"} 456800.0\n"));
        let scrape = queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 1).await;
        assert_eq!(queue.sum(&scrape, "tokens_out_total"), 11.0, "nothing was counted twice");
        // One notice that it takes tasks, and two for each round: the page is unreadable, and readable again.
        let notices = async {
            while queue.notices().len() < 3 + 2 * round {
                tokio::task::yield_now().await
            }
        };
        crate::harness::in_time(notices).await;
        assert_eq!(queue.notices().len(), 3 + 2 * round, "{:?}", queue.notices());
    }
}

#[tokio::test]
async fn a_replica_that_is_gone_takes_no_tasks_until_it_is_back() {
    let [staying, leaving] = [Replay::start(Engine::Vllm).await, Replay::start(Engine::Vllm).await];
    let queue = Queue::cold("half", Engine::Vllm, &[leaving.url(), staying.url()]).await;
    queue.orchestrator.warm_up().await;
    let addr = leaving.addr;
    {
        let mut answers = leaving.answers();
        let gone = Answer::page("").status(500);
        (answers.metrics, answers.version) = (gone.clone(), gone);
    }
    queue.notice("replica half-0: takes no more tasks until it answers").await;
    for _ in 0..4 {
        assert_eq!(queue.run().await.name, "done");
    }
    let started =
        |scrape: &orchqueue::scrape::Scrape, replica| scrape.sum("tasks_started_total", &[("replica_id", replica)]);
    let scrape = queue.client.scrape().await.unwrap();
    assert_eq!((started(&scrape, "half-0"), started(&scrape, "half-1")), (0.0, 4.0));

    {
        let mut answers = staying.answers();
        let gone = Answer::page("").status(500);
        (answers.metrics, answers.version) = (gone.clone(), gone);
    }
    queue.notice("replica half-1: takes no more tasks").await;
    let task = json!({ "engine": "vllm", "pool": "half", "prompt": "Is it?", "max_tokens": 2 });
    let refused = queue.client.submit(&task).await.unwrap();
    assert_eq!(refused.reason().as_deref(), Some("POOL_UNREADY"));
    assert!(refused.text.contains("no replica of pool `half` answers"), "{}", refused.text);

    {
        let mut answers = leaving.answers();
        answers.metrics = Answer::page(sample(Engine::Vllm));
        answers.version = identity(Engine::Vllm, "0.33.0");
    }
    queue.notice("replica half-0: answers again").await;
    assert_eq!(queue.run().await.name, "done");
    assert_eq!(addr, leaving.addr);
}

#[tokio::test]
async fn a_task_for_any_pool_goes_to_one_that_answers() {
    let [dead, alive] = [Replay::start(Engine::Vllm).await, Replay::start(Engine::Vllm).await];
    let queue = Queue::new(&[("dead", &[dead.url()]), ("alive", &[alive.url()])], Engine::Vllm, |_| ()).await;
    queue.orchestrator.warm_up().await;
    let kill = |replay: &Replay| {
        let gone = Answer::page("").status(500);
        let mut answers = replay.answers();
        (answers.metrics, answers.version) = (gone.clone(), gone);
    };
    kill(&dead);
    queue.notice("replica dead-0: takes no more tasks").await;
    let task = json!({ "engine": "vllm", "prompt": "Is it?", "max_tokens": 2 });
    let accepted = queue.client.submit(&task).await.unwrap().json().unwrap();
    assert_eq!(accepted["pool"], "alive");
    let health = async || queue.client.get("/healthz").await.unwrap();
    let one = health().await;
    assert_eq!(one.status.as_u16(), 200);
    assert_eq!(one.json().unwrap()["pools"][0]["state"], "unready");
    kill(&alive);
    queue.notice("replica alive-0: takes no more tasks").await;
    assert_eq!(health().await.status.as_u16(), 503);
}

#[tokio::test]
async fn a_panic_while_watching_leaves_no_gauge_behind_and_goes_on() {
    let replay = Replay::start(Engine::Vllm).await;
    let hear = |notice: &str| assert!(!notice.contains("not recorded"), "as asked");
    let queue = Queue::new(&[("panic", &[replay.url()])], Engine::Vllm, hear).await;
    queue.orchestrator.warm_up().await;
    queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 1).await;
    replay.answers().metrics = Answer::page("").status(500);
    queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 0).await;
    replay.answers().metrics = Answer::page(sample(Engine::Vllm));
    queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 1).await;
}

#[tokio::test]
async fn a_version_that_is_missing_now_and_then_has_no_effect() {
    let replay = Replay::start(Engine::Vllm).await;
    let queue = Queue::start("forgetful", Engine::Vllm, &replay).await;
    replay.answers().version = Answer::page("").status(500);
    // Longer than it takes until the queue asks the engine.
    let scrapes = replay.answers().scrapes;
    let scrape = queue.until(|_| replay.answers().scrapes > scrapes + 130).await;
    assert_eq!(queue.series(&scrape, "kv_cache_usage_ratio"), 1);
    assert_eq!(queue.notices(), ["replica forgetful-0: takes tasks"]);
}

#[tokio::test]
async fn a_page_of_something_else_is_reported_once() {
    let replay = Replay::start(Engine::Vllm).await;
    replay.answers().metrics = Answer::page("go_goroutines 7\n");
    let queue = Queue::start("foreign", Engine::Vllm, &replay).await;
    queue.notice("its metrics page has no metrics of its engine").await;
    let scrapes = replay.answers().scrapes;
    queue.until(|_| replay.answers().scrapes > scrapes + 3).await;
    assert_eq!(queue.notices().len(), 2, "{:?}", queue.notices());
}

#[tokio::test]
async fn tasks_that_cannot_reach_an_engine_take_its_replica_down() {
    let replay = Replay::start(Engine::Vllm).await;
    let queue = Queue::start("unreached", Engine::Vllm, &replay).await;
    replay.answers().completions.end = End::Cut;
    for _ in 0..3 {
        assert_eq!(queue.run().await.name, "failed");
    }
    queue.notice("takes no more tasks until it answers").await;
    replay.answers().completions = completion(Engine::Vllm);
    queue.notice("answers again").await;
    assert_eq!(queue.run().await.name, "done");
}

#[tokio::test]
async fn every_engine_survives_a_restart_and_pages_that_are_none() {
    for engine in Engine::ALL.iter().copied() {
        let replay = Replay::start(engine).await;
        let pool = format!("survives-{engine}");
        let queue = Queue::start(&pool, engine, &replay).await;
        let page = sample(engine);
        let cases = [
            (Answer::page(format!("{page:?}")), "wrapped in a JSON string"),
            (Answer::page(page.trim_end()), "its last line has no end"),
            (Answer::page(page).ending(End::Broken), "the answer of"),
            (Answer::page(page).ending(End::Hanging), "did not answer within 1s"),
        ];
        for (answer, expected) in cases {
            let seen = || queue.notices().iter().filter(|notice| notice.contains("recorded again")).count();
            let before = seen();
            replay.answers().metrics = answer;
            queue.notice(expected).await;
            replay.answers().metrics = Answer::page(page);
            let scrape = queue.until(|_| seen() > before).await;
            assert_eq!(queue.sum(&scrape, "tokens_out_total"), 0.0, "{engine}: {expected}");
        }
        // It restarted: all that it counts is from the queue's time.
        let (old, new) = match engine {
            Engine::LlamaCpp => ("tokens_predicted_total 1.20471e+06\n", "tokens_predicted_total 21\n"),
            Engine::Vllm => ("\"} 456789.0\n", "\"} 21.0\n"),
            Engine::Tgi => ("tokens_sum 163930\n", "tokens_sum 21\n"),
            Engine::Triton => ("\"} 40960\n", "\"} 21\n"),
        };
        assert_eq!(page.matches(old).count(), 1, "{engine}");
        replay.answers().metrics = Answer::page(page.replace(old, new));
        let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") > 0.0).await;
        assert_eq!(queue.sum(&scrape, "tokens_out_total"), 21.0, "{engine}");
    }
}

#[tokio::test]
async fn a_metrics_page_may_be_at_another_server() {
    let [api, page] = [Replay::start(Engine::Vllm).await, Replay::start(Engine::Vllm).await];
    let text = format!(
        "[[pool]]\nname = \"apart\"\nengine = \"vllm\"\nscrape_interval_ms = 10\n[[pool.replica]]\nurl = \"{}\"\n\
         metrics_url = \"{}/metrics\"\n",
        api.url(),
        page.url()
    );
    let config = orchqueue::fleet::file::parse(&text).unwrap();
    let orchestrator = orchqueue::orchestrator::Orchestrator::start(config).unwrap();
    orchestrator.warm_up().await;
    let asked = |replay: &Replay| {
        let answers = replay.answers();
        (answers.scrapes > 0, answers.requests.len())
    };
    assert_eq!((asked(&api), asked(&page)), ((false, 1), (true, 0)));
}
