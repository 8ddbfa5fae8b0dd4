//! Which native families become which metrics, in which unit, and which do not.

use orchq_metrics::lint;
use orchq_metrics::v1::{CONTRACT, Engine};
use orchq_metrics::{OwnedContract, Suppression};
use orchqueue::scrape::{Scrape, number};

use crate::harness::Queue;
use crate::replay::{Answer, Replay, sample};

/// The growth of each metric when this is replaced in the sample.
struct Growth {
    from: &'static [(&'static str, &'static str)],
    tokens_in: f64,
    tokens_out: f64,
}

fn growth(engine: Engine) -> Growth {
    match engine {
        // Six digits: the growth of ten is the least that can be seen.
        Engine::LlamaCpp => Growth {
            from: &[
                ("prompt_tokens_total 143207\n", "prompt_tokens_total 143307\n"),
                ("prompt_tokens_cached_total 58112\n", "prompt_tokens_cached_total 58119\n"),
                ("tokens_predicted_total 1.20471e+06\n", "tokens_predicted_total 1.20473e+06\n"),
            ],
            tokens_in: 107.0,
            tokens_out: 20.0,
        },
        Engine::Vllm => Growth {
            from: &[("\"} 987654.0\n", "\"} 987664.0\n"), ("\"} 456789.0\n", "\"} 456792.0\n")],
            tokens_in: 10.0,
            tokens_out: 3.0,
        },
        Engine::Tgi => Growth {
            from: &[("length_sum 655360\n", "length_sum 655400\n"), ("tokens_sum 163930\n", "tokens_sum 163935\n")],
            tokens_in: 40.0,
            tokens_out: 5.0,
        },
        Engine::Triton => Growth {
            from: &[("\"} 163840\n", "\"} 163848\n"), ("\"} 40960\n", "\"} 40969\n")],
            tokens_in: 8.0,
            tokens_out: 9.0,
        },
    }
}

const GPU: &str = "GPU-2b3f0f5e-6f2d-3a52-9f5c-0b8a7f3d1c11";

/// The gauges of the sample, in the contract's units.
fn gauges(engine: Engine) -> [Option<f64>; 3] {
    match engine {
        Engine::LlamaCpp => [None, None, None],
        Engine::Vllm => [Some(0.8125), None, None],
        Engine::Tgi => [Some(0.25), None, None],
        Engine::Triton => [Some(0.4875), Some(87.0), Some(74_088_185_856.0)],
    }
}

/// The whole chain for one engine: up, its page recorded, a task run, the scrape checked against the contract.
async fn whole(engine: Engine, pool: &str) {
    let replay = Replay::start(engine).await;
    let queue = Queue::start(pool, engine, &replay).await;
    let before = queue.until(|scrape| queue.series(scrape, "tokens_in_total") == 1).await;
    // What the engine had counted before the queue started is not counted.
    assert_eq!((queue.sum(&before, "tokens_in_total"), queue.sum(&before, "tokens_out_total")), (0.0, 0.0));

    let Growth { from, tokens_in, tokens_out } = growth(engine);
    let mut page = sample(engine).to_owned();
    for (old, new) in from {
        assert_eq!(page.matches(old).count(), 1, "{old}");
        page = page.replace(old, new);
    }
    replay.answers().metrics = Answer::page(page);
    let after = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") == tokens_out).await;
    assert_eq!(queue.sum(&after, "tokens_in_total"), tokens_in);

    // The slot counts no token of its own.
    assert_eq!(queue.run().await.name, "done");
    let scrapes = replay.answers().scrapes;
    let after = queue.until(|_| replay.answers().scrapes > scrapes + 1).await;
    assert_eq!((queue.sum(&after, "tokens_in_total"), queue.sum(&after, "tokens_out_total")), (tokens_in, tokens_out));

    let names = ["kv_cache_usage_ratio", "gpu_utilization", "vram_used_bytes"];
    for (name, expected) in names.into_iter().zip(gauges(engine)) {
        let of_pool = [("pool_id", pool)];
        let found: Vec<_> = after.series(name, &of_pool).collect();
        assert_eq!(found.iter().map(|series| number(series)).collect::<Vec<_>>(), Vec::from_iter(expected), "{name}");
        for series in found.iter().filter(|_| name != "kv_cache_usage_ratio") {
            assert_eq!(series.label("device"), Some(GPU));
        }
    }
    for metric in ["tasks_enqueued_total", "tasks_started_total", "latency_first_token_ms"] {
        assert_eq!(queue.sum(&after, metric), 1.0, "{metric}");
    }
    let labels = labels(&after, pool);
    let expected: &[(&str, &str)] = match engine {
        Engine::LlamaCpp => &[("engine", "llamacpp"), ("engine_version", "b10493-04b569142")],
        Engine::Vllm => &[("engine", "vllm"), ("engine_version", "0.33.0")],
        Engine::Tgi => &[("engine", "tgi"), ("engine_version", "3.3.7"), ("model_digest", "6f0a3f")],
        Engine::Triton => &[("engine", "triton"), ("engine_version", "2.73.0"), ("trtllm_version", "1.2.1")],
    };
    let pool_and_replica = [("pool_id", pool.to_owned()), ("replica_id", format!("{pool}-0"))];
    let mut expected: Vec<_> = expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    expected.extend(pool_and_replica);
    expected.sort();
    assert_eq!(labels, expected, "no native label is passed on");

    let page = queue.client.metrics().await.unwrap();
    assert!(!page.contains("model_name") && !page.contains("gpu_uuid"), "{page}");
    lints_clean(&page);
}

/// The labels of the token counter, in order.
fn labels<'a>(scrape: &'a Scrape, pool: &'a str) -> Vec<(&'a str, String)> {
    let of_pool = [("pool_id", pool)];
    let series = scrape.series("tokens_in_total", &of_pool).next().unwrap().clone();
    let known = ["engine", "engine_version", "trtllm_version", "pool_id", "replica_id", "model_id", "model_digest"];
    let mut labels: Vec<_> = series
        .labels
        .into_iter()
        .map(|(name, value)| {
            let name = known.into_iter().find(|known| *known == name);
            (name.expect("a label of the contract"), value)
        })
        .collect();
    labels.sort();
    labels
}

/// The page keeps the contract; families that are missing may be on the page of another test.
fn lints_clean(page: &str) {
    let contract = OwnedContract::from(&CONTRACT);
    let options = lint::LintOptions::default();
    let mut report = lint::scrape(Some(&contract), "/metrics", page.as_bytes(), &options).unwrap();
    report.suppress(
        "lint",
        &[Suppression::new("promlint-abbreviated:latency_*_ms", "the contract's document names them")],
    );
    assert!(report.examined > 20, "{}", report.examined);
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule != "scrape-family-missing").collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn llamacpp_reports_its_tokens_and_no_gauge() {
    whole(Engine::LlamaCpp, "native-llamacpp").await;
}

#[tokio::test]
async fn vllm_reports_its_tokens_and_its_cache_and_keeps_its_engine_index() {
    whole(Engine::Vllm, "native-vllm").await;
}

#[tokio::test]
async fn tgi_reports_its_tokens_by_histograms_and_its_cache_by_a_budget() {
    whole(Engine::Tgi, "native-tgi").await;
}

#[tokio::test]
async fn triton_reports_its_tokens_its_cache_and_its_gpus() {
    whole(Engine::Triton, "native-triton").await;
}

#[tokio::test]
async fn data_parallel_engines_are_one_replica() {
    let page = |tokens: [f64; 2], usage: [f64; 2]| {
        let mut page = String::from("# TYPE vllm:generation_tokens_total counter\n");
        for (index, tokens) in tokens.iter().enumerate() {
            page += &format!("vllm:generation_tokens_total{{engine=\"{index}\",model_name=\"m\"}} {tokens}\n");
        }
        page += "# TYPE vllm:kv_cache_usage_perc gauge\n";
        for (index, usage) in usage.iter().enumerate() {
            page += &format!("vllm:kv_cache_usage_perc{{engine=\"{index}\",model_name=\"m\"}} {usage}\n");
        }
        Answer::page(page)
    };
    let replay = Replay::start(Engine::Vllm).await;
    replay.answers().metrics = page([1000.0, 2000.0], [0.25, 0.75]);
    let queue = Queue::start("data-parallel", Engine::Vllm, &replay).await;
    let scrape = queue.until(|scrape| queue.series(scrape, "kv_cache_usage_ratio") == 1).await;
    assert_eq!(queue.sum(&scrape, "kv_cache_usage_ratio"), 0.5);
    // One of the two restarted, while the sum grew.
    replay.answers().metrics = page([7.0, 4000.0], [0.0, 0.5]);
    let scrape = queue.until(|scrape| queue.sum(scrape, "tokens_out_total") > 0.0).await;
    assert_eq!(queue.sum(&scrape, "tokens_out_total"), 2007.0);
    assert_eq!(queue.series(&scrape, "tokens_out_total"), 1);
    assert_eq!(queue.series(&scrape, "tokens_in_total"), 0, "the page has no such family");
}

#[tokio::test]
async fn what_cannot_be_true_is_not_recorded() {
    let replay = Replay::start(Engine::Triton).await;
    let page = |tokens: &str, fraction: &str, utilization: &str, bytes: &str| {
        let page = sample(Engine::Triton);
        let page =
            page.replace("\"} 40960\n", &format!("\"}} {tokens}\n")).replace(" 0.4875\n", &format!(" {fraction}\n"));
        Answer::page(
            page.replace(" 0.87\n", &format!(" {utilization}\n")).replace(" 74088185856\n", &format!(" {bytes}\n")),
        )
    };
    let queue = Queue::start("impossible", Engine::Triton, &replay).await;
    queue.until(|scrape| queue.series(scrape, "vram_used_bytes") == 1).await;
    for (tokens, fraction, utilization, bytes) in [
        ("NaN", "NaN", "NaN", "NaN"),
        ("-5", "-0.1", "-0.1", "-1"),
        ("1e300", "1.5", "1.5", "1e300"),
        ("+Inf", "+Inf", "+Inf", "+Inf"),
    ] {
        replay.answers().metrics = page(tokens, fraction, utilization, bytes);
        let gone = |scrape: &Scrape| {
            let series = |metric| queue.series(scrape, metric);
            series("kv_cache_usage_ratio") + series("gpu_utilization") + series("vram_used_bytes") == 0
        };
        let scrape = queue.until(gone).await;
        assert_eq!(queue.sum(&scrape, "tokens_out_total"), 0.0, "{tokens}");
        replay.answers().metrics = page("40960", "0.5", "0.5", "1024");
        let scrape = queue.until(|scrape| queue.series(scrape, "gpu_utilization") == 1).await;
        assert_eq!((queue.sum(&scrape, "kv_cache_usage_ratio"), queue.sum(&scrape, "gpu_utilization")), (0.5, 50.0));
        assert_eq!(queue.sum(&scrape, "tokens_out_total"), 0.0, "{tokens}");
    }
    assert_eq!(queue.notices(), ["replica impossible-0: takes tasks"]);
    let page = queue.client.metrics().await.unwrap();
    assert!(!page.contains("orchq_metrics_violations_total{metric=\"gpu_utilization\""), "{page}");
}
