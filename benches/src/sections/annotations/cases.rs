//! What is compiled: functions that record a metric or have an attribute, and declared metrics.

use crate::contest::OURS;
use crate::generated;

/// A program of many items of one kind.
pub(super) struct Case {
    /// The library, or `plain`.
    pub(super) candidate: &'static str,
    /// What its items are.
    pub(super) form: &'static str,
    pub(super) dependencies: &'static str,
    head: String,
    /// One item; `{i}` is its number, and `{m}` that of its metric.
    item: String,
    tail: &'static str,
    /// What keeps the items in the program: the type of a reference to one, the reference, and its use.
    kept: Option<[&'static str; 3]>,
}

/// The metrics that the functions share.
const METRICS: usize = 10;

const PROMETHEUS: &str = "prometheus = { version = \"0.14.0\", default-features = false }\n";

/// Three open labels, and two closed ones.
const LABELS: &str = "\
use orchq_metrics::{Label, Symbol, contract, emits};
#[derive(Clone, Copy, Label)] #[label(budget = 100)] pub struct Queue(Symbol);
#[derive(Clone, Copy, Label)] #[label(budget = 100)] pub struct Worker(Symbol);
#[derive(Clone, Copy, Label)] #[label(budget = 100)] pub struct Tenant(Symbol);
#[derive(Clone, Copy, Label)] pub enum Reason { #[label(\"full\")] Full, #[label(\"invalid\")] Invalid, #[label(\"late\")] Late }
#[derive(Clone, Copy, Label)] pub enum Engine { #[label(\"tgi\")] Tgi, #[label(\"vllm\")] Vllm }
#[contract(name = \"jobs\", version = \"1.0.0\")]
mod jobs {
use super::*;
";

const OPEN: &str = "queue: Queue, worker: Worker, tenant: Tenant";
const CLOSED: &str = "reason: Reason, engine: Engine";

/// Functions, the plain ones first.
pub(super) fn functions() -> Vec<Case> {
    let on_pair = |candidate, form, dependencies, head: &str, attribute, body| Case {
        candidate,
        form,
        dependencies,
        head: head.to_owned(),
        item: function(attribute, "reason: u32, engine: u32", body),
        tail: "",
        kept: Some(["fn(u32, u32)", "f{i}", "(1, 2)"]),
    };
    let in_slice = "#[linkme::distributed_slice(SITES)] static SITE: u32 = {i};";
    let autometrics = "autometrics = { version = \"=3.0.0\", features = [\"prometheus-0_14\"] }\n";
    let slice = "#[linkme::distributed_slice]\nstatic SITES: [u32];\n";
    let records = "jobs{m}_total { queue, worker, tenant }.inc();";
    let open = ["", "fn(Queue, Worker, Tenant)", "(Queue::new(\"a\"), Worker::new(\"b\"), Tenant::new(\"c\"))"];
    let level = [", value: i64", "fn(Queue, Worker, Tenant, i64)", {
        "(Queue::new(\"a\"), Worker::new(\"b\"), Tenant::new(\"c\"), 1)"
    }];
    let took = [", value: std::time::Duration", "fn(Queue, Worker, Tenant, std::time::Duration)", {
        "(Queue::new(\"a\"), Worker::new(\"b\"), Tenant::new(\"c\"), std::time::Duration::ZERO)"
    }];
    let closed = ["", "fn(Reason, Engine)", "(Reason::Full, Engine::Tgi)"];
    vec![
        on_pair("plain", "", "", "", "", ""),
        on_pair("linkme", "static", "linkme = \"0.3.37\"\n", slice, "", in_slice),
        on_pair("tracing", "instrument", "tracing = \"0.1.44\"\n", "", "#[tracing::instrument]", ""),
        on_pair("autometrics", "attribute", autometrics, "", "#[autometrics::autometrics]", ""),
        Case {
            candidate: "prometheus",
            form: "counter, 3 labels",
            dependencies: PROMETHEUS,
            head: USES.to_owned() + &numbered(VEC, METRICS),
            item: function(
                "",
                "queue: &str, worker: &str, tenant: &str",
                "JOBS{m}.with_label_values(&[queue, worker, tenant]).inc();",
            ),
            tail: "",
            kept: Some(["fn(&str, &str, &str)", "f{i}", "(\"a\", \"b\", \"c\")"]),
        },
        ours("counter, 2 closed labels", ("counter(unit = \"1\")", "jobs{i}_total", CLOSED), closed, {
            "jobs{m}_total { reason, engine }.inc();"
        }),
        ours("counter, 3 open labels", ("counter(unit = \"1\")", "jobs{i}_total", OPEN), open, records),
        ours("gauge, 3 open labels", ("gauge(unit = \"1\")", "jobs{i}", OPEN), level, {
            "jobs{m} { queue, worker, tenant }.set(value);"
        }),
        ours(
            "histogram, 3 open labels",
            ("histogram(unit = \"seconds\", buckets = orchq_metrics::buckets::DEFAULT)", "jobs{i}_seconds", OPEN),
            took,
            "jobs{m}_seconds { queue, worker, tenant }.observe(value);",
        ),
        Case {
            candidate: OURS,
            form: "counter, OrchQueue's 8 labels",
            dependencies: generated::OURS,
            head: "use orchq_metrics::emits;\nuse orchq_metrics::v1::{EngineBuild, Pool, Priority, Replica, tasks_started_total};\n"
                .to_owned(),
            item: function(
                "#[emits(tasks_started_total)]",
                "replica: &Replica, priority: Priority",
                "tasks_started_total { replica: *replica, priority }.inc();",
            ),
            tail: "",
            kept: Some(["fn(&Replica, Priority)", "f{i}", {
                "(&Replica::new(Pool::new(EngineBuild::vllm(\"1\"), \"a\"), \"b\"), Priority::new(\"c\"))"
            }]),
        },
    ]
}

/// Declared metrics with three open labels, which nothing records.
pub(super) fn declarations() -> Vec<Case> {
    vec![
        Case {
            candidate: "prometheus",
            form: "register_int_counter_vec!",
            dependencies: PROMETHEUS,
            head: USES.to_owned(),
            item: VEC.to_owned(),
            tail: "",
            kept: Some(["&LazyLock<IntCounterVec>", "&JOBS{i}", ".reset()"]),
        },
        Case {
            candidate: OURS,
            form: "#[contract]",
            dependencies: generated::OURS,
            head: LABELS.to_owned(),
            item: metric("counter(unit = \"1\")", "jobs{i}_total", OPEN),
            tail: "}\n",
            kept: None,
        },
    ]
}

const USES: &str = "use std::sync::LazyLock;\nuse prometheus::{IntCounterVec, register_int_counter_vec};\n";
const VEC: &str = "static JOBS{i}: LazyLock<IntCounterVec> = LazyLock::new(|| register_int_counter_vec!(\
    \"jobs{i}_total\", \"Number of jobs.\", &[\"queue\", \"worker\", \"tenant\"]).unwrap());\n";

/// Functions that record ten metrics. `called` has their parameter for the value, their type, and arguments.
fn ours(form: &'static str, metrics: (&str, &str, &str), called: [&'static str; 3], body: &str) -> Case {
    let ((kind, name, labels), [value, pointer, arguments]) = (metrics, called);
    let (list, _) = body.split_once(' ').expect("a metric and its labels");
    Case {
        candidate: OURS,
        form,
        dependencies: generated::OURS,
        head: format!("{LABELS}{}}}\nuse jobs::*;\n", numbered(&metric(kind, name, labels), METRICS)),
        item: function(&format!("#[emits({list})]"), &format!("{labels}{value}"), body),
        tail: "",
        kept: Some([pointer, "f{i}", arguments]),
    }
}

/// A function. It uses its number, because the compiler keeps one of several functions that do the same.
fn function(attribute: &str, parameters: &str, body: &str) -> String {
    format!("{attribute} fn f{{i}}({parameters}) {{ std::hint::black_box({{i}}_u64); {body} }}\n")
}

fn metric(kind: &str, name: &str, labels: &str) -> String {
    format!("/// Number of jobs.\n#[{kind}] pub struct {name} {{ {labels} }}\n")
}

fn numbered(item: &str, count: usize) -> String {
    (0..count).map(|i| item.replace("{i}", &i.to_string()).replace("{m}", &(i % METRICS).to_string())).collect()
}

impl Case {
    /// A program with so many items.
    pub(super) fn source(&self, count: usize) -> String {
        let Self { head, item, tail, .. } = self;
        let items = numbered(item, count);
        let main = self.kept.map_or("fn main() {}\n".to_owned(), |[kind, reference, call]| {
            let references = numbered(&format!("{reference}, "), count);
            format!(
                "static ALL: [{kind}; {count}] = [{references}];\n\
                 fn main() {{ ALL.get(std::env::args().count()).map(|item| item{call}); }}\n"
            )
        });
        format!("#![allow(unused)]\n{head}{items}{tail}{main}")
    }
}
