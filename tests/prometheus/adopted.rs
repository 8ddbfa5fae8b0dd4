//! What a real Prometheus has of collectors that were adopted, and of a metric that nothing records.

use axum::Router;
use axum::routing::get;
use fixtures::adopted::metrics::{CONTRACT, adopted_rejected_total};
use fixtures::adopted::reject;
use fixtures::programs::are_installed;
use orchq_metrics::Rung;
use prometheus::{IntCounterVec, Opts, Registry, TextEncoder};

use crate::server::{self, Folder, Prometheus};
use crate::until;

const RULES: &str = r#"groups:
  - name: adopted
    rules:
      - alert: NobodyRecordsIt
        expr: absent(adopted_without_site_total)
      - alert: NobodyRecordsRejections
        expr: absent(adopted_rejected_total)
      - alert: LabelIsNotInTheContract
        expr: orchq_metrics_violations_total{kind="unknown_value"} > 0
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_alerts_on_what_nothing_records_and_on_values_outside_of_the_contract() {
    if !are_installed(&["prometheus"]) {
        return;
    }
    let opts = Opts::new("adopted_rejected_total", "Of another library.");
    let rejected = IntCounterVec::new(opts, &["reason", "engine"]).expect("valid");
    let registry = Registry::new();
    registry.register(Box::new(rejected.clone())).expect("the only one of its name");
    CONTRACT.adopt::<adopted_rejected_total>(&rejected);
    CONTRACT.register(&registry).expect("the name is left to the collector");
    let rung = || CONTRACT.coverage().metric("adopted_rejected_total").expect("declared").rung;
    assert_eq!(rung(), Rung::Linked);

    let page = move || async move { TextEncoder::new().encode_to_string(&registry.gather()).expect("valid families") };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = tokio::spawn(async { axum::serve(listener, Router::new().route("/metrics", get(page))).await });
    let folder = Folder::new("adopted");
    folder.write("rules.yml", RULES);
    folder.write(server::CONFIGURATION, &server::configuration(address, "rules.yml"));
    let prometheus = Prometheus::start(folder.path()).await;
    let api = prometheus.api();
    let firing = async || -> Vec<String> {
        let alerts = api.query("ALERTS{alertstate=\"firing\"}").await;
        let mut names: Vec<_> = alerts.iter().map(|alert| alert["metric"]["alertname"].to_string()).collect();
        names.sort_unstable();
        names
    };
    let fire = async |expected: &[&str]| {
        until("the alerts", async || {
            let firing = firing().await;
            if firing == expected { Ok(()) } else { Err(format!("{firing:?}")) }
        })
        .await;
    };
    fire(&["\"NobodyRecordsIt\"", "\"NobodyRecordsRejections\""]).await;

    reject(&rejected, "QUEUE_FULL", "vllm");
    fire(&["\"NobodyRecordsIt\""]).await;
    assert_eq!(rung(), Rung::Hit);

    reject(&rejected, "QUEUE_FULL", "vllm-typo");
    fire(&["\"LabelIsNotInTheContract\"", "\"NobodyRecordsIt\""]).await;
    let typo = api.query("orchq_metrics_violations_total").await;
    assert_eq!(typo.len(), 1, "{typo:?}");
    assert_eq!(typo[0]["metric"]["metric"], "adopted_rejected_total");

    drop(prometheus);
    service.abort();
}
