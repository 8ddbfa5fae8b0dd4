//! The program with a fleet file: one pool of each engine, from the first prompt to the scrape.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};

use orchq_metrics::v1::{CONTRACT, Engine};
use orchq_metrics::{OwnedContract, Suppression, lint};
use orchqueue::client::Client;
use orchqueue::scrape::Scrape;
use serde_json::json;

use crate::harness::in_time;
use crate::replay::{Answer, End, Replay, completion};

/// Ends the program with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn orchqueue(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchqueue"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn file(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A fleet file with a pool of each engine.
fn fleet_of(replays: &[Replay]) -> String {
    let pools = Engine::ALL.iter().zip(replays).map(|(engine, replay)| {
        let more = match engine {
            Engine::Tgi => String::new(),
            Engine::Triton => format!(
                "model = \"big\"\nrequest_model = \"tensorrt_llm\"\nmetric_models = [\"tensorrt_llm\"]\n\
                 trtllm_version = \"1.2.1\"\n[[pool.replica]]\nversion_url = \"{}\"\n",
                replay.url()
            ),
            _ => "model = \"small\"\n".to_owned(),
        };
        let replica = if *engine == Engine::Triton { "" } else { "[[pool.replica]]\n" };
        format!(
            "[[pool]]\nname = \"{engine}-pool\"\nengine = \"{engine}\"\nscrape_interval_ms = 20\n{more}{replica}url = \"{}\"\n",
            replay.url()
        )
    });
    pools.collect()
}

async fn run_a_task_of_each_engine(client: &Client) {
    for engine in Engine::ALL {
        let task = json!({ "engine": engine.as_str(), "prompt": "Is all well?", "max_tokens": 8 });
        let reply = loop {
            let reply = client.submit(&task).await.unwrap();
            // It listens before its engines have answered.
            if reply.reason().as_deref() != Some("POOL_UNREADY") {
                break reply;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        };
        let end = client.follow(&reply.accepted_id().unwrap()).await.unwrap().last().await.unwrap();
        assert_eq!((end.name.as_str(), &end.data["tokens_out"]), ("done", &json!(2)), "{engine}");
    }
}

/// While its stream hangs.
async fn cancel_a_task(client: &Client, replay: &Replay) {
    let hanging = completion(Engine::Vllm).chunks.swap_remove(0);
    replay.answers().completions = Answer::stream([hanging]).ending(End::Hanging);
    let task = json!({ "engine": "vllm", "prompt": "Is all well?", "max_tokens": 8 });
    let id = client.submit(&task).await.unwrap().accepted_id().unwrap();
    let mut events = client.follow(&id).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().name, "token");
    let dropped = replay.dropped();
    client.cancel(&id).await.unwrap();
    assert_eq!(events.last().await.unwrap().name, "canceled");
    while replay.dropped() == dropped {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// The first page that has the tokens of all engines.
async fn page_of_all_engines(client: &Client) -> String {
    loop {
        let page = client.metrics().await.unwrap();
        if Scrape::parse(&page).unwrap().series("tokens_out_total", &[]).count() == 4 {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn assert_recorded(scrape: &Scrape) {
    for engine in Engine::ALL {
        let labels = [("engine", engine.as_str())];
        let started = if *engine == Engine::Vllm { 2.0 } else { 1.0 };
        assert_eq!(scrape.sum("tasks_started_total", &labels), started, "{engine}");
        assert_eq!(scrape.sum("latency_decode_ms", &labels), 1.0, "{engine}");
    }
    let models = |engine: &str, label: &str| {
        let labels = [("engine", engine)];
        let series = scrape.series("tokens_out_total", &labels).next().unwrap();
        series.label(label).map(str::to_owned)
    };
    assert_eq!(models("vllm", "model_id").as_deref(), Some("small"));
    assert_eq!(models("tgi", "model_digest").as_deref(), Some("6f0a3f"));
    assert_eq!(models("triton", "model_id").as_deref(), Some("big"));
    // Only Triton reports its GPUs; nothing reports those of this machine.
    for metric in ["gpu_utilization", "vram_used_bytes"] {
        let engines: Vec<_> = scrape.series(metric, &[]).map(|series| series.label("engine").unwrap()).collect();
        assert_eq!(engines, ["triton"], "{metric}");
    }
}

#[tokio::test]
async fn a_pool_of_each_engine_is_served_and_scraped_clean() {
    let mut replays = Vec::new();
    for engine in Engine::ALL {
        replays.push(Replay::start(*engine).await);
    }
    let fleet = file("fleet.toml", &fleet_of(&replays));
    let mut program = orchqueue(&["serve", "--addr", "127.0.0.1:0", "--fleet", &fleet]);
    let mut program = Program(program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addr = line.strip_prefix("listening on http://").and_then(|rest| rest.split(';').next()).unwrap();
    let client = Client::new(addr.parse().unwrap());

    in_time(run_a_task_of_each_engine(&client)).await;
    in_time(cancel_a_task(&client, &replays[1])).await;
    let page = in_time(page_of_all_engines(&client)).await;
    assert_recorded(&Scrape::parse(&page).unwrap());
    assert_eq!(replays[3].answers().requests.pop().unwrap().1["model"], "tensorrt_llm");

    let contract = OwnedContract::from(&CONTRACT);
    let mut report = lint::scrape(Some(&contract), "/metrics", page.as_bytes(), &lint::LintOptions::default()).unwrap();
    report.suppress(
        "lint",
        &[Suppression::new("promlint-abbreviated:latency_*_ms", "the contract's document names them")],
    );
    assert!(report.findings.is_empty(), "{:#?}", report.findings);

    drop(client);
    program.0.kill().unwrap();
    let mut log = String::new();
    program.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let mut log: Vec<_> = log.lines().collect();
    log.sort_unstable();
    let expected = ["llamacpp", "tgi", "triton", "vllm"].map(|engine| format!("replica {engine}-pool-0: takes tasks"));
    assert_eq!(log, expected);
}

#[test]
fn a_fleet_that_cannot_be_used_is_named() {
    let https =
        file("https.toml", "[[pool]]\nname = \"a\"\nengine = \"vllm\"\n[[pool.replica]]\nurl = \"https://e\"\n");
    let unknown = file("unknown.toml", "[[pool]]\nname = \"a\"\nengine = \"vllm\"\nreplicas = 2\n");
    let empty = file("empty.toml", "");
    for (arguments, expected) in [
        (vec!["--fleet", "/nowhere.toml"], "cannot read /nowhere.toml"),
        (vec!["--fleet", &https], "pool `a`: `url`: `https://e` is https, and the queue has no TLS"),
        (vec!["--fleet", &unknown], "unknown field `replicas`"),
        (vec!["--fleet", &empty], "no pool is configured"),
        (vec!["--fleet", &empty, "--seed", "1"], "cannot be used with"),
    ] {
        let Output { status, stderr, .. } =
            orchqueue(&["serve", "--addr", "127.0.0.1:0"]).args(&arguments).output().unwrap();
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(2), "{stderr}");
        assert!(stderr.starts_with("error:") && stderr.contains(expected), "{expected}: {stderr}");
    }
}

#[test]
fn the_sources_of_every_metric_are_listed() {
    let Output { status, stdout, .. } = orchqueue(&["sources"]).output().unwrap();
    assert!(status.success());
    assert_eq!(String::from_utf8(stdout).unwrap(), orchqueue::engine::table());
}
