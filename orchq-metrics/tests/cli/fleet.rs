//! A fleet, as reported by a server that replays answers.

use std::io::Write as _;

use orchq_metrics::OwnedContract;
use serde_json::{Value, json};

use super::Folder;
use super::server::{Server, Then};

/// The data of a server: answers to queries by their beginning and, after two points, a part. The first that matches is
/// sent; without any, an empty one.
#[derive(Clone)]
struct Fleet {
    answers: Vec<(String, Value)>,
    labels: Value,
    metadata: Value,
}

/// Rows of a vector.
fn rows(rows: &[(&[(&str, &str)], &str)]) -> Value {
    let row = |(labels, value): &(&[(&str, &str)], &str)| {
        let labels: serde_json::Map<_, _> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({"metric": labels, "value": [1_750_000_000, value]})
    };
    json!({"status": "success", "data": {"resultType": "vector", "result": rows.iter().map(row).collect::<Vec<_>>()}})
}

// Only the queries for all series use a histogram's name without a suffix, which is that of a native one.
const ALL: &str = "count by (job, __name__) ({..|latency_decode_ms|";
const INSTANCES: &str = "count by (job, __name__) (count by (job, __name__, instance) ({..latency_decode_ms_bucket";
const BUILDS: &str = "count by (job, contract, version, fingerprint) (";

impl Fleet {
    /// One job that keeps the contract.
    fn new() -> Self {
        let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
        let (mut series, mut buckets, mut metadata) = (Vec::new(), Vec::new(), serde_json::Map::new());
        for metric in &contract.metrics {
            series.extend(metric.series_names());
            let bounds = metric.buckets.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            buckets.extend(
                bounds.filter(|_| !metric.buckets.is_empty()).map(|le| (format!("{}_bucket", metric.name), le)),
            );
            metadata
                .insert(metric.name.clone(), json!([{"type": metric.kind.as_str(), "help": metric.help, "unit": ""}]));
        }
        let vector = |rows: Vec<Value>| json!({"status": "success", "data": {"resultType": "vector", "result": rows}});
        let of = |name: &String| json!({"metric": {"job": "worker", "__name__": name}, "value": [1.5, "2"]});
        let series: Vec<_> = series.iter().map(of).collect();
        let bucket = |(name, le): &(String, String)| {
            let labels = json!({"job": "worker", "__name__": name, "le": le});
            json!({"metric": labels, "value": [1.5, "2"]})
        };
        let identity = [
            ("job", "worker"),
            ("contract", contract.name.as_str()),
            ("version", contract.version.as_str()),
            ("fingerprint", &contract.fingerprint()),
        ];
        let mut fleet = Self {
            answers: Vec::new(),
            labels: json!({"status": "success", "data": ["__name__", "engine", "instance", "job"]}),
            metadata: json!({"status": "success", "data": metadata}),
        };
        let time = json!({"status": "success", "data": {"resultType": "scalar", "result": [1.5, "1750000000.5"]}});
        fleet.say("count by (job, __name__, le)", vector(buckets.iter().map(bucket).collect()));
        fleet.say("count by (job) ({__name__=\"up\"})", rows(&[(&[("job", "worker")], "2")]));
        fleet.say(ALL, vector(series.clone()));
        fleet.say(INSTANCES, vector(series));
        fleet.say(BUILDS, rows(&[(&identity, "2")]));
        fleet.say("time()", time);
        fleet
    }

    /// From now on, answers queries that begin with `begin` with `answer`.
    fn say(&mut self, begin: &str, answer: Value) {
        self.answers.insert(0, (begin.to_owned(), answer));
    }

    /// The answer to a query. A query can arrive as a form or in the URL.
    fn answer(&self, request: &str) -> Value {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
        let target = head.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, body));
        let field = |name: &str| query.split('&').find_map(|pair| Some(decoded(pair.strip_prefix(name)?)));
        match path.rsplit_once("/api/v1/").map(|(_, endpoint)| endpoint) {
            Some("query") => {
                let query = field("query=").unwrap_or_default();
                // Many queries have the same beginning.
                let is_asked = |(known, _): &&(String, Value)| {
                    let (begin, inner) = known.split_once("..").unwrap_or((known, ""));
                    query.starts_with(begin) && query.contains(inner)
                };
                let known = self.answers.iter().find(is_asked);
                known.map_or_else(|| rows(&[]), |(_, answer)| answer.clone())
            }
            Some("labels") => self.labels.clone(),
            Some("metadata") => self.metadata.clone(),
            _ => json!({"status": "error", "errorType": "not_found", "error": target}),
        }
    }

    fn serve(self) -> Server {
        Server::answering(move |request| ok("", self.answer(request).to_string().as_bytes()))
    }
}

fn ok(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n");
    [head.as_bytes(), body].concat()
}

/// A decoded field of a form.
fn decoded(field: &str) -> String {
    let mut bytes = field.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&digits, 16).expect("two digits"));
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn a_fleet_that_keeps_the_contract_passes_and_an_empty_one_does_not() {
    let folder = Folder::new("fleet");
    let server = Fleet::new().serve();
    let ran = folder.run(&["fleet", &server.url, "--fail-on", "note"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "no findings in 34 series\n"), "{ran:?}");
    let request = server.request();
    assert!(request.starts_with("POST /api/v1/query HTTP/1.1\r\n"), "{request}");
    assert!(request.to_lowercase().contains("content-type: application/x-www-form-urlencoded"), "{request}");

    let mut nothing = Fleet::new();
    nothing.answers.truncate(1);
    assert_eq!(folder.run(&["fleet", &nothing.clone().serve().url]).code, 3);
    let ran = folder.run(&["fleet", &nothing.serve().url, "--job", "worker", "--format", "json"]);
    assert_eq!((ran.code, ran.found()), (1, vec![("fleet-job-absent".to_owned(), "worker".to_owned())]));
}

#[test]
fn findings_are_shown_in_every_format_and_suppressed_by_the_job() {
    let folder = Folder::new("fleet-findings");
    let mut fleet = Fleet::new();
    let worker = [("job", "worker"), ("__name__", "queue_depth")];
    let wrong = [&worker[..], &[("engine", "vlm")]].concat();
    fleet.say("topk by (job, __name__) (10, count by (job, __name__, engine)", rows(&[(&wrong, "7")]));
    let example = [&worker[..], &[("instance", "w1:9000")]].concat();
    fleet.say("topk by (job, __name__) (3, count by (job, __name__, instance) (..engine!~", rows(&[(&example, "7")]));
    // A label that a scrape adds is on `up` too; another is not.
    fleet.labels = json!({"status": "success", "data": ["zone", "pool", "stage"]});
    for label in ["zone", "pool", "stage"] {
        fleet.say(&format!("count by (job, __name__) (..,{label}!="), rows(&[(&worker, "7")]));
    }
    fleet.say("count by (job) ({__name__=\"up\",zone!=", rows(&[(&[("job", "worker")], "2")]));
    let server = fleet.serve();
    let ran = folder.run(&["fleet", &server.url, "--target-label", "stage"]);
    let expected = "error[fleet-value-unknown]: worker/queue_depth: 7 series, as on w1:9000: `engine` has the value \
                \"vlm\", which the contract does not have; did you mean `vllm`?\nhelp: the values of `engine` are \
                llamacpp, vllm, tgi, triton\n";
    assert!(ran.code == 1 && ran.out.contains(expected), "{}", ran.out);
    assert!(ran.out.ends_with("\n2 errors in 34 series\n"), "{}", ran.out);
    let github = folder.run(&["fleet", &server.url, "--target-label", "stage", "--format", "github"]);
    assert_eq!(github.out.lines().filter(|line| line.starts_with("::error ")).count(), 2, "{}", github.out);
    folder.write(
        "orchq-metrics.toml",
        "target-labels = [\"stage\"]\n[[allow]]\nrule = \"fleet-label-unknown\"\nsubject = \"worker/*\"\nreason = \
         \"x\"\n",
    );
    let ran = folder.run(&["fleet", &server.url, "--format", "json"]);
    assert_eq!(ran.found(), [("fleet-value-unknown".to_owned(), "worker/queue_depth".to_owned())]);
    assert_eq!(folder.run(&["fleet", &server.url, "--suppress", "fleet-value-unknown:worker/queue_*"]).code, 0);
}

#[test]
fn an_answer_that_is_not_the_whole_has_not_passed() {
    let folder = Folder::new("fleet-partial");
    for partial in [json!({"warnings": ["store 1 is away"]}), json!({"isPartial": true})] {
        let mut fleet = Fleet::new();
        let mut answer = fleet.answers.iter().find(|(begin, _)| begin == ALL).expect("the server knows it").1.clone();
        answer.as_object_mut().expect("an object").extend(partial.as_object().expect("an object").clone());
        fleet.say(ALL, answer);
        let ran = folder.run(&["fleet", &fleet.serve().url, "--format", "json"]);
        assert_eq!((ran.code, ran.found()), (1, vec![("fleet-answer-partial".to_owned(), "orchqueue".to_owned())]));
    }
}

#[test]
fn a_server_that_lacks_something_is_asked_for_the_rest() {
    let folder = Folder::new("fleet-lacking");
    let fleet = Fleet::new();
    // It rejects forms, has no metadata, and serves compressed answers under a prefix.
    let server = Server::answering(move |request| {
        if request.starts_with("POST ") {
            return b"HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec();
        }
        if request.starts_with("GET /prometheus/api/v1/query?") {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(fleet.answer(request).to_string().as_bytes()).expect("into memory");
            return ok("Content-Encoding: gzip\r\n", &packed.finish().expect("into memory"));
        }
        b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec()
    });
    let ran = folder.run(&["fleet", &format!("{}/prometheus/", server.url), "--format", "json"]);
    let rules: Vec<_> = ran.found().into_iter().map(|(rule, _)| rule).collect();
    assert_eq!((ran.code, rules), (0, vec!["fleet-labels-not-known".to_owned(), "fleet-metadata-missing".to_owned()]));
    assert_eq!(folder.run(&["fleet", &format!("{}/prometheus/api/v1", server.url)]).code, 0);
    let ran = folder.run(&["fleet", &server.url]);
    assert!(ran.code == 2 && ran.err.contains("`/prometheus` for Mimir"), "{ran:?}");
}

#[test]
fn credentials_are_sent_to_the_server_and_to_no_other() {
    let folder = Folder::new("fleet-headers");
    folder.write("token", "s3cret\n");
    let server = Fleet::new().serve();
    let arguments = ["--header", "X-Scope-OrgID: team-a", "--bearer-token-file", "token"];
    assert_eq!(folder.run(&[&["fleet", &server.url], &arguments[..]].concat()).code, 0);
    for _ in 0..20 {
        let request = server.request().to_lowercase();
        assert!(request.contains("\r\nx-scope-orgid: team-a\r\n"), "{request}");
        assert!(request.contains("\r\nauthorization: bearer s3cret\r\n"), "{request}");
    }
    let refused = b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 10\r\n\r\nno org id\n".to_vec();
    let server = Server::start(refused, Then::Close);
    let url = server.url.replace("/metrics", "").replace("//", "//me:s3cret@");
    let ran = folder.run(&["fleet", &url, "--header", "X-Token: s3cret"]);
    assert!(ran.code == 2 && ran.err.contains("answered 401 Unauthorized: no org id; authenticate with"), "{ran:?}");
    assert!(!ran.err.contains("s3cret"), "{ran:?}");
    folder.write("empty", "\n");
    for (arguments, complaint) in [
        (["--bearer-token-file", "nowhere"], "cannot read nowhere"),
        (["--bearer-token-file", "empty"], "expected a token"),
        (["--header", "s3cret"], "a name, a colon and a value"),
        (["--header", "Authorization Bearer s3cret"], "a name, a colon and a value"),
        (["--header", "X-Token: s3\u{1}cret s3cret"], "a control character"),
        (["--header", ": s3cret"], "letters, digits and dashes"),
        (["--job", ""], "expected the name of a job"),
        (["--timeout", "1e30"], "a day at most"),
        (["--at", "1e300"], "seconds since 1970"),
        (["--selector", "{env=prod}"], "is not a selector"),
        (["--window", "soon"], "is not a duration"),
        (["--at", "noon"], "seconds since 1970"),
    ] {
        let ran = folder.run(&["fleet", &server.url, arguments[0], arguments[1]]);
        assert!(ran.code == 2 && ran.err.contains(complaint), "{complaint}: {ran:?}");
        assert!(!ran.err.contains("s3cret"), "{ran:?}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_reported() {
    let folder = Folder::new("fleet-errors");
    let raw = |status: &str, head: &str, body: &str| {
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n{body}");
        Server::start(answer.into_bytes(), Then::Close).url.replace("/metrics", "")
    };
    let refused = |kind: &str| format!(r#"{{"status":"error","errorType":"{kind}","error":"too much of it"}}"#);
    let page = "<!DOCTYPE html><title>x</title>";
    let whole = rows(&[]).to_string();
    for (url, arguments, complaint) in [
        (raw("403 Forbidden", "", page), &[] as &[&str], "answered 403 Forbidden; authenticate with"),
        (raw("404 Not Found", "", "404 page not found\n"), &[], "is a prefix missing"),
        (
            raw("400 Bad Request", "", &refused("bad_data")),
            &[],
            "the server rejects the query (bad_data): too much of it",
        ),
        (raw("422 Unprocessable Entity", "", &refused("execution")), &[], "narrow the check with --job or --selector"),
        (
            raw("503 Service Unavailable", "", &refused("timeout")),
            &[],
            "answered 503 Service Unavailable: the server rejects",
        ),
        (raw("502 Bad Gateway", "", page), &[], "it may be starting or overloaded"),
        (raw("429 Too Many Requests", "", "slow down"), &[], "slow down; try again later"),
        (
            raw("302 Found", "Location: http://me:s3cret@elsewhere/login?state=s3cret\r\n", ""),
            &[],
            "redirected to http://elsewhere/login",
        ),
        (raw("200 OK", "", page), &[], "the answer is a web page, not JSON"),
        (raw("200 OK", "", &refused("internal")), &[], "the server rejects the query (internal)"),
        (raw("200 OK", "", &whole[..40]), &[], "the answer is truncated"),
        (raw("200 OK", "", "no JSON"), &[], "the answer is not JSON (it begins with \"no JSON\")"),
        (raw("200 OK", "", "{\"a\": 1}"), &[], "expected an object with `status` and `data`"),
        (raw("200 OK", "Content-Encoding: br\r\n", &whole), &[], "compressed as `br`"),
        (raw("200 OK", "", &whole), &["--max-size", "10"], "longer than 10 bytes"),
        ("http://127.0.0.1:1/x".to_owned(), &[], "cannot query http://127.0.0.1:1/x/api/v1/query"),
        ("http://me:s3cret@127.0.0.1:1".to_owned(), &[], "cannot query http://127.0.0.1:1/api/v1/query"),
        ("http://me:p/s3cret@127.0.0.1:1".to_owned(), &[], "cannot query http://127.0.0.1:1"),
        ("http://me:s3#s3cret@127.0.0.1:1".to_owned(), &[], "cannot query http://127.0.0.1:1: expected"),
        ("me:s3cret@127.0.0.1:1".to_owned(), &[], "cannot query 127.0.0.1:1: expected the http or https URL"),
        ("http://127.0.0.1:1/?token=s3cret".to_owned(), &[], "without a query"),
        ("127.0.0.1:9090".to_owned(), &[], "expected the http or https URL of a server"),
    ] {
        let ran = folder.run(&[&["fleet", &url], arguments].concat());
        assert!(ran.code == 2 && ran.err.contains(complaint), "{complaint}: {ran:?}");
        assert!(ran.out.is_empty() && !ran.err.contains("s3cret"), "{complaint}: {ran:?}");
    }
    let hanging = Server::start(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec(), Then::Hang).url;
    let ran = folder.run(&["fleet", &hanging, "--timeout", "0.5"]);
    assert!(ran.code == 2 && ran.err.contains("no answer within 0.5 s; raise --timeout"), "{ran:?}");
    let ran = folder.run(&["fleet", &hanging, "--deadline", "0.5"]);
    assert!(ran.code == 2 && ran.err.contains("did not answer all requests within 0.5 s; raise --deadline"), "{ran:?}");
}
