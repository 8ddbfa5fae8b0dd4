//! Scrapes, and what all checks share: exit codes, formats, suppressions.

use super::Folder;
use super::server::{Server, Then};

/// A scrape that keeps the contract, except for abbreviated names.
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
        tokens_out_total,
        tasks_rejected_total,
        admission_backpressure_events_total
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
        // A site is enough for a series at zero.
        tasks_rejected_total { reason: RejectReason::AdmissionReject, engine: Engine::Vllm }.init();
        admission_backpressure_events_total { engine: Engine::Vllm, policy: Policy::Reject }.init();
    }
    record();
    orchq_metrics::text::encode(&CONTRACT)
}

const ABBREVIATED: &str =
    "[[allow]]\nrule = \"promlint-abbreviated\"\nsubject = \"latency_*_ms\"\nreason = \"the document\"\n";

#[test]
fn exit_codes_distinguish_clean_found_failed_and_empty() {
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
        (&["lint", "good.prom", "--fail-on", "warning", "--suppress", "promlint-abbreviated"], 0),
        (&["lint", "good.prom", "--fail-on", "warning", "--suppress", "promlint-abbreviated:latency_decode_ms"], 1),
        (&["lint", "good.prom", "--suppress", "promlint-abbrev"], 2),
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
fn a_report_as_json_can_be_read_back() {
    let folder = Folder::new("round-trip");
    let many = (0..300).map(|pool| format!("queue_depth{{engine=\"vlm\",pool_id=\"{pool}\",priority=\"high\"}} 1\n"));
    folder.write("bad.prom", scrape().replacen("queue_depth{", &(many.collect::<String>() + "queue_depth{"), 1));
    let ran = folder.run(&["lint", "bad.prom", "--format", "json"]);
    let report: orchq_metrics::Report = serde_json::from_str(&ran.out).expect("it is a report");
    let (written, read) = (ran.json(), serde_json::to_value(&report).expect("it is JSON"));
    for part in ["findings", "omitted", "examined"] {
        assert_eq!(written[part], read[part]);
    }
    let finding = report.findings.iter().find(|finding| finding.rule == "scrape-value-unknown").expect("it is found");
    let place = finding.location.as_ref().expect("it has a place");
    assert_eq!((finding.severity, &place.text[place.span.clone()]), (orchq_metrics::Severity::Error, "vlm"));
    assert!(report.omitted.iter().any(|omitted| omitted.rule == "scrape-value-unknown"), "{:?}", report.omitted);
}

#[test]
fn a_repository_allows_with_a_reason() {
    let folder = Folder::new("configuration");
    folder.write("good.prom", scrape());
    folder.write("orchq-metrics.toml", format!("fail-on = \"warning\"\n{ABBREVIATED}"));
    let ran = folder.run(&["lint", "good.prom"]);
    assert_eq!((ran.code, ran.out.contains("no findings in ")), (0, true), "{ran:?}");
    assert!(ran.out.ends_with(", 2 suppressed\n"), "{}", ran.out);

    folder.write("orchq-metrics.toml", ABBREVIATED.replace("latency_", "lag_"));
    let found = folder.run(&["lint", "good.prom", "--format", "json"]).found();
    assert!(found.contains(&("suppression-unused".into(), "lag_*_ms".into())), "{found:?}");

    for (text, complaint) in [
        ("[[allow]]\nrule = \"promlint-abbreviated\"\n", "missing field `reason`"),
        ("[[allow]]\nrule = \"promlint-abbreviated\"\nreason = \" \"\n", "suppressed without a reason"),
        ("[[allow]]\nrule = \"promlint-abrevated\"\nreason = \"x\"\n", "did you mean `promlint-abbreviated`?"),
        ("[[allow]]\nrule = \"a:b\"\nreason = \"x\"\n", "write `rule = \"a\"` and `subject = \"b\"`"),
        ("[[allow]]\nrule = \"linkage-lost\"\nsubject = \"\"\nreason = \"x\"\n", "an empty subject"),
        ("target-labels = [\"9 x\"]\n", "not a label name"),
        ("constant-labels = [\"9 x\"]\n", "not a label name"),
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
fn a_url_that_does_not_serve_metrics_is_reported() {
    let folder = Folder::new("urls");
    let page = scrape();
    let text = "Content-Type: text/plain; version=0.0.4\r\n";
    let raw = |answer: &str, then| Server::start(answer.as_bytes().to_vec(), then).url;
    for (url, arguments, complaint) in [
        (Server::of_body("Content-Type: text/html\r\n", b"<html>").url, &[] as &[&str], "comes as `text/html`"),
        (raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Then::Close), &[], "answered 404"),
        (
            raw("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n", Then::Hang),
            &["--timeout", "0.5"],
            "timeout",
        ),
        (raw("no HTTP at all\r\n\r\n", Then::Close), &[], "cannot read http://"),
        (Server::of_body(text, page.as_bytes()).url, &["--max-size", "1000"], "longer than 1000 bytes"),
        ("http://127.0.0.1:1/metrics".to_owned(), &[], "cannot read http://127.0.0.1:1/metrics"),
        ("http://me:secret@127.0.0.1:1/metrics".to_owned(), &[], "cannot read http://127.0.0.1:1/metrics"),
        ("ftp://127.0.0.1/metrics".to_owned(), &[], "a URL is http or https, not ftp"),
        (Server::of_body("", page.as_bytes()).url, &[], "comes without a content type"),
        (Server::of_body(&format!("{text}Content-Encoding: br\r\n"), b"x").url, &[], "compressed as `br`"),
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
