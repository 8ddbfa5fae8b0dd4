//! The command as it is run: exit codes, formats, sources, configuration.

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use server::{Server, Then};

/// A folder of one test, with a configuration, so that none above it counts.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the target folder can be written to");
        let folder = Self(path);
        folder.write("orchq-metrics.toml", "");
        folder
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), content).expect("the target folder can be written to");
    }

    /// Runs the command here, and gives its exit code, its output and what it said of errors.
    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchq-metrics"));
        command.args(arguments).current_dir(&self.0).env_remove("CLICOLOR_FORCE");
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the command is built");
        std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), input.as_bytes()).expect("it reads");
        Ran::from(child.wait_with_output().expect("it ends"))
    }
}

#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
        Self {
            code: output.status.code().expect("it was not killed"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Ran {
    #[track_caller]
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The rules and the subjects of what was found.
    #[track_caller]
    fn found(&self) -> Vec<(String, String)> {
        let document = self.json();
        let findings = document["findings"].as_array().expect("a list").iter();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        findings.map(|finding| (text(&finding["rule"]), text(&finding["subject"]))).collect()
    }
}

#[test]
fn explain_knows_every_rule_and_suggests_one_for_another_word() {
    let folder = Folder::new("explain");
    let all = folder.run(&["explain"]);
    assert_eq!(all.code, 0, "{all:?}");
    for (_, rule) in orchq_metrics::every_rule() {
        assert!(all.out.contains(&format!("  {} ", rule.id)), "{} is not listed", rule.id);
        let one = folder.run(&["explain", rule.id]);
        assert_eq!(one.code, 0);
        assert!(
            one.out.contains(rule.meaning) && one.out.contains(rule.example) && one.out.contains(rule.cure),
            "{one:?}"
        );
    }
    let unknown = folder.run(&["explain", "metric-without-sites"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("did you mean `metric-without-site`?"), "{unknown:?}");
}

#[test]
fn completions_know_the_commands() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = folder.run(&["completions", shell]);
        assert_eq!(ran.code, 0, "{ran:?}");
        for command in ["lint", "sites", "rules", "export", "diff", "spec", "explain"] {
            assert!(ran.out.contains(command), "{shell} does not complete {command}");
        }
    }
}

/// A scrape that keeps the contract, but for the names that its document abbreviates.
fn scrape() -> String {
    use orchq_metrics::emits;
    use orchq_metrics::v1::*;

    #[emits(
        tasks_enqueued_total,
        tasks_started_total,
        tasks_canceled_total,
        queue_depth,
        kv_cache_usage_ratio,
        gpu_utilization,
        vram_used_bytes,
        latency_first_token_ms,
        latency_decode_ms,
        tokens_in_total,
        tokens_out_total
    )]
    fn record() {
        let (replica, priority) =
            (Replica::new(Pool::new(EngineBuild::vllm("0.33.0"), "chat"), "chat-0"), "high".into());
        let (pool, device) = (replica.pool(), Device::from("0"));
        tasks_enqueued_total { replica, priority }.inc();
        tasks_started_total { replica, priority }.inc();
        tasks_canceled_total { replica, reason: CancelReason::User }.inc();
        queue_depth { pool, priority }.set(0);
        kv_cache_usage_ratio { replica }.set(0.5);
        gpu_utilization { replica, device }.set(50.0);
        vram_used_bytes { replica, device }.set(1 << 30);
        latency_first_token_ms { pool, priority }.observe(std::time::Duration::from_millis(30));
        latency_decode_ms { pool, priority }.observe(std::time::Duration::from_millis(300));
        tokens_in_total { replica }.inc();
        tokens_out_total { replica }.inc();
    }
    record();
    orchq_metrics::text::encode(&CONTRACT)
}

const ABBREVIATED: &str =
    "[[allow]]\nrule = \"promlint-abbreviated\"\nsubject = \"latency_*_ms\"\nreason = \"the document\"\n";

#[test]
fn exit_codes_tell_clean_from_found_from_failed_from_empty() {
    let folder = Folder::new("exit-codes");
    folder.write("good.prom", scrape());
    folder.write("bad.prom", scrape().replacen("engine=\"vllm\"", "engine=\"vlm\"", 1));
    folder.write("empty.prom", "");
    for (arguments, code) in [
        (&["lint", "good.prom"] as &[&str], 0),
        (&["lint", "bad.prom"], 1),
        (&["lint", "bad.prom", "good.prom"], 1),
        (&["lint", "nowhere.prom"], 2),
        (&["lint", "."], 2),
        (&["lint"], 2),
        (&["lint", "good.prom", "--format", "yaml"], 2),
        (&["lint", "empty.prom"], 3),
        (&["lint", "good.prom", "--fail-on", "warning"], 1),
        (&["lint", "good.prom", "--fail-on", "warning", "--allow", "promlint-abbreviated"], 0),
        (&["lint", "good.prom", "--fail-on", "warning", "--allow", "promlint-abbreviated:latency_decode_ms"], 1),
        (&["lint", "good.prom", "--allow", "promlint-abbrev"], 2),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert_eq!(code == 2, !ran.err.is_empty(), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn people_see_the_very_text() {
    let folder = Folder::new("people");
    folder.write("bad.prom", scrape().replacen("engine=\"vllm\"", "engine=\"vlm\"", 1));
    let ran = folder.run(&["lint", "bad.prom"]);
    let line = ran.out.lines().position(|line| line.starts_with("error[scrape-value-unknown]")).expect("it is found");
    let lines: Vec<_> = ran.out.lines().skip(line).collect();
    assert!(lines[0].contains("did you mean `vllm`?"), "{}", lines[0]);
    assert!(lines[1].contains("bad.prom:"), "{}", lines[1]);
    let (text, caret) = (lines[3], lines[4]);
    assert_eq!(caret.find('^'), text.find("vlm\""), "{text}\n{caret}");
    assert!(!ran.out.contains('\u{1b}'), "there is no terminal to colour");
    let colored = folder.run(&["lint", "bad.prom", "--color", "always"]);
    assert!(colored.out.contains('\u{1b}'));
}

#[test]
fn programs_and_github_get_the_same_findings() {
    let folder = Folder::new("formats");
    folder.write("bad.prom", scrape().replacen("engine=\"vllm\"", "engine=\"vlm\"", 1));
    let found = folder.run(&["lint", "bad.prom", "--format", "json"]).found();
    assert!(found.iter().any(|(rule, _)| rule == "scrape-value-unknown"), "{found:?}");
    let github = folder.run(&["lint", "bad.prom", "--format", "github"]);
    assert_eq!(github.out.lines().filter(|line| line.starts_with("::")).count(), found.len());
    assert!(github.out.contains("::error file=bad.prom,line="), "{}", github.out);
}

#[test]
fn a_repository_allows_with_a_reason() {
    let folder = Folder::new("configuration");
    folder.write("good.prom", scrape());
    folder.write("orchq-metrics.toml", format!("fail-on = \"warning\"\n{ABBREVIATED}"));
    let ran = folder.run(&["lint", "good.prom"]);
    assert_eq!((ran.code, ran.out.contains("no findings in ")), (0, true), "{ran:?}");
    assert!(ran.out.ends_with(", 2 allowed\n"), "{}", ran.out);

    folder.write("orchq-metrics.toml", ABBREVIATED.replace("latency_", "lag_"));
    let found = folder.run(&["lint", "good.prom", "--format", "json"]).found();
    assert!(found.contains(&("allowance-unused".into(), "lag_*_ms".into())), "{found:?}");

    for (text, complaint) in [
        ("[[allow]]\nrule = \"promlint-abbreviated\"\n", "missing field `reason`"),
        ("[[allow]]\nrule = \"promlint-abbreviated\"\nreason = \" \"\n", "allowed without a reason"),
        ("[[allow]]\nrule = \"promlint-abrevated\"\nreason = \"x\"\n", "did you mean `promlint-abbreviated`?"),
        ("fail_on = \"warning\"\n", "unknown field `fail_on`"),
        ("contract = \"nowhere.json\"\n", "cannot read"),
    ] {
        folder.write("orchq-metrics.toml", text);
        let ran = folder.run(&["lint", "good.prom"]);
        assert!(ran.code == 2 && ran.err.contains(complaint), "{complaint}: {ran:?}");
    }
}

#[test]
fn a_source_is_a_file_or_input_or_a_url_packed_or_not() {
    let folder = Folder::new("sources");
    let page = scrape();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, page.as_bytes()).expect("into memory");
    let packed = packed.finish().expect("into memory");
    folder.write("good.prom.gz", &packed);
    assert_eq!(folder.run(&["lint", "good.prom.gz"]).code, 0);
    let ran = folder.run_with_input(&["lint", "-"], &page);
    assert_eq!(ran.code, 0, "{ran:?}");

    let plain = Server::of_body("Content-Type: text/plain; version=0.0.4\r\n", page.as_bytes());
    let ran = folder.run(&["lint", &plain.url]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(plain.request().to_lowercase().contains("accept: application/openmetrics-text;"));
    let head = "Content-Type: text/plain; version=0.0.4\r\nContent-Encoding: gzip\r\n";
    let ran = folder.run(&["lint", &Server::of_body(head, &packed).url]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_url_that_does_not_serve_metrics_is_said_to_be_one() {
    let folder = Folder::new("urls");
    let page = scrape();
    let text = "Content-Type: text/plain; version=0.0.4\r\n";
    let raw = |answer: &str, then| Server::start(answer.as_bytes().to_vec(), then).url;
    for (url, arguments, complaint) in [
        (Server::of_body("Content-Type: text/html\r\n", b"<html>").url, &[] as &[&str], "comes as `text/html`"),
        (raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Then::Close), &[], "answered 404"),
        (raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Then::Hang), &["--timeout", "0.5"], "timeout"),
        (raw("no HTTP at all\r\n\r\n", Then::Close), &[], "cannot read http://"),
        (Server::of_body(text, page.as_bytes()).url, &["--max-size", "1000"], "longer than 1000 bytes"),
        ("http://127.0.0.1:1/metrics".to_owned(), &[], "cannot read http://127.0.0.1:1/metrics"),
    ] {
        let ran = folder.run(&[&["lint", &url], arguments].concat());
        assert!(ran.code == 2 && ran.err.contains(complaint), "{complaint}: {ran:?}");
        assert_eq!(ran.out, "", "{complaint}");
    }
    // An answer that breaks off is a finding at the very place, wherever that is.
    let line = page.match_indices('\n').nth(40).expect("it has more lines").0 + 1;
    for cut in [page.len() / 2, line] {
        let body = &page[..cut];
        let counted = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{text}\r\n{body}", page.len());
        let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{text}\r\n{cut:x}\r\n{body}\r\n");
        for answer in [counted, chunked] {
            let ran = folder.run(&["lint", &raw(&answer, Then::Close), "--format", "json"]);
            assert!(ran.code == 1 && ran.found().iter().any(|(rule, _)| rule == "exposition-truncated"), "{ran:?}");
        }
    }
}

#[test]
fn a_body_of_another_kind_is_one_clear_finding() {
    let folder = Folder::new("bodies");
    for (name, body) in [
        ("html", b"<!DOCTYPE html>\n<html><body>503</body></html>\n".to_vec()),
        ("json", b"{\"error\": \"not found\"}\n".to_vec()),
        ("quoted", serde_json::to_vec(&scrape()).expect("a text")),
        ("binary", vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0xff, 0xfe]),
    ] {
        folder.write(name, body);
        let ran = folder.run(&["lint", name, "--format", "json"]);
        let found = ran.found();
        assert_eq!((ran.code, found.len()), (1, 1), "{name}: {found:?}");
    }
}

/// The contract of this repository, with a change.
fn contract_with(change: impl FnOnce(&mut orchq_metrics::OwnedContract)) -> String {
    let mut contract = orchq_metrics::OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    change(&mut contract);
    contract.to_json()
}

#[test]
fn a_change_names_what_breaks_whom_and_keeps_the_old_name_alive() {
    let folder = Folder::new("diff");
    folder.write("old.json", contract_with(|_| ()));
    folder.write("new.json", contract_with(|contract| contract.metrics[4].name = "queue_length".to_owned()));
    folder.write("alert.yml", "groups: [{name: g, rules: [{alert: Long, expr: queue_depth > 100}]}]\n");
    let same = folder.run(&["diff", "old.json", "old.json"]);
    assert!(same.code == 0 && same.out.contains("nothing changed"), "{same:?}");

    let ran = folder.run(&["diff", "old.json", "new.json", "--consumers", "alert.yml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for said in ["demands 2.0.0", "record: queue_depth\n", "alert `Long` in group `g`", "alert.yml:1:48"] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
    let ran = folder.run(&["diff", "old.json", "new.json", "--format", "json"]);
    let details = &ran.json()["details"];
    assert_eq!(details["diff"]["demanded"], "2.0.0");
    assert!(details["compatibility_rules"].as_str().expect("a text").contains("record: queue_depth\n"));
    // An announced change is no surprise.
    folder.write(
        "new.json",
        contract_with(|contract| {
            contract.metrics[4].name = "queue_length".to_owned();
            contract.version = "2.0.0".to_owned();
        }),
    );
    assert_eq!(folder.run(&["diff", "old.json", "new.json"]).code, 0);
    // A binary holds its contract too: this one is the repository's own.
    let binary = std::env::current_exe().expect("this test");
    let ran = folder.run(&["diff", "old.json", binary.to_str().expect("UTF-8")]);
    assert!(ran.code == 0 && ran.out.contains("nothing changed"), "{ran:?}");
    let ran = folder.run(&["diff", "old.json", "alert.yml"]);
    assert!(ran.code == 2 && ran.err.contains("this is a text, not a binary"), "{ran:?}");
}

#[test]
fn rules_are_checked_against_the_contract_that_is_named() {
    let folder = Folder::new("rules");
    folder.write("alert.yml", "groups: [{name: g, rules: [{alert: Long, expr: queue_depth > 100}]}]\n");
    folder.write("other.json", contract_with(|contract| contract.metrics[4].name = "queue_length".to_owned()));
    assert_eq!(folder.run(&["rules", "alert.yml"]).code, 0);
    let ran = folder.run(&["rules", "alert.yml", "--contract", "other.json", "--format", "json"]);
    assert_eq!(ran.found(), [("rules-unknown-metric".to_owned(), "queue_depth".to_owned())]);
    folder.write("orchq-metrics.toml", "contract = \"other.json\"\nnamespace = [\"oq_\"]\n");
    // In a namespace of its own, the name is somebody else's, unless it is nearly right.
    folder.write("other.yml", "groups: [{name: g, rules: [{alert: Hot, expr: gpu_temperature > 90}]}]\n");
    assert_eq!(folder.run(&["rules", "other.yml"]).code, 0);
    let ran = folder.run(&["rules", "other.yml", "--unused", "--format", "json"]);
    assert_eq!(ran.found().iter().filter(|(rule, _)| rule == "metric-unused").count(), 13);
    folder.write("orchq-metrics.toml", "target-labels = [\"cluster\"]\n");
    folder.write(
        "target.yml",
        "groups: [{name: g, rules: [{record: a:b:c, expr: 'sum by (cluster, zone) (queue_depth)'}]}]\n",
    );
    let ran = folder.run(&["rules", "target.yml", "--format", "json"]);
    assert_eq!(ran.found().len(), 1, "{ran:?}");
    assert_eq!(folder.run(&["rules", "target.yml", "--target-label", "zone"]).code, 0);
    folder.write("empty.yml", "groups: []\n");
    assert_eq!(folder.run(&["rules", "empty.yml"]).code, 3);
}

#[test]
fn what_is_exported_is_taken_back() {
    let folder = Folder::new("export");
    for (format, files) in [
        ("json", &["contract.lock.json"] as &[&str]),
        ("markdown", &["orchqueue-metrics.md"]),
        ("weaver", &["manifest.yaml", "orchqueue.yaml"]),
        ("rules", &["orchqueue-rules.yml", "orchqueue-rules-tests.yml"]),
        ("dashboard", &["orchqueue-dashboard.json"]),
    ] {
        let printed = folder.run(&["export", "--format", format]);
        let written = folder.run(&["export", "--format", format, "--out", format]);
        assert_eq!((printed.code, written.code, written.out.as_str()), (0, 0, ""), "{written:?}");
        let mut names: Vec<_> = fs::read_dir(folder.0.join(format))
            .expect("the folder was made")
            .map(|file| file.expect("it is a file").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort_unstable();
        let mut files = files.to_vec();
        files.sort_unstable();
        assert_eq!(names, files);
        for name in names {
            let text = fs::read_to_string(folder.0.join(format).join(&name)).expect("it is text");
            assert!(printed.out.contains(&text), "{name} is not what is printed");
        }
    }
    for arguments in [
        &["rules", "rules/orchqueue-rules.yml", "dashboard/orchqueue-dashboard.json", "--unused", "--fail-on", "note"]
            as &[&str],
        &["spec", "markdown/orchqueue-metrics.md", "--fail-on", "note"],
        &["diff", "json/contract.lock.json", "json/contract.lock.json", "--fail-on", "note"],
        &["spec", "markdown/orchqueue-metrics.md", "--contract", "json/contract.lock.json"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    }
    let document = fs::read_to_string(folder.0.join("markdown/orchqueue-metrics.md")).expect("it is text");
    let ran = folder.run_with_input(&["spec", "-"], &document.replacen("- queue_depth\n", "- queue_dept\n", 1));
    assert!(ran.code == 1 && ran.out.contains("did you mean `queue_depth`?"), "{ran:?}");
    assert_eq!(folder.run_with_input(&["spec", "-"], "# Nothing\n").code, 3);
}

#[test]
fn a_binary_is_read_and_what_is_none_is_said_to_be_none() {
    let folder = Folder::new("sites");
    let this = std::env::current_exe().expect("this test");
    let this = this.to_str().expect("UTF-8");
    // The functions of a test do not count.
    let ran = folder.run(&["sites", this, "--list", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.found()
            .iter()
            .any(|(rule, subject)| (rule.as_str(), subject.as_str()) == ("metric-without-site", "queue_depth"))
    );
    assert_eq!(ran.json()["details"][0]["contract"], "orchqueue");
    folder.write("script", "#!/bin/sh\n");
    let ran = folder.run(&["sites", "script"]);
    assert!(ran.code == 2 && ran.err.contains("this is a script"), "{ran:?}");
    let ran = folder.run(&["sites", "/bin/sh", "--format", "json"]);
    assert_eq!((ran.code, ran.found()[0].0.as_str()), (1, "no-records"), "{ran:?}");
}
