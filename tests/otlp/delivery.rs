//! How requests get to a collector that does not always take them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::http::StatusCode;
use orchq_metrics::otlp::{Loss, PushError};
use orchq_metrics::{OwnedContract, Severity, lint, text};
use tonic::Code;

use super::*;

fn losses() -> (Arc<Mutex<Vec<Loss>>>, impl Fn(&Loss) + Send + Sync) {
    let losses = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&losses);
    (losses, move |loss: &Loss| taken.lock().unwrap().push(loss.clone()))
}

#[test]
fn headers_and_packing_are_as_configured() {
    for (protocol, encoding) in [(Protocol::HttpProtobuf, "content-encoding"), (Protocol::Grpc, "grpc-encoding")] {
        order(place("packed"));
        let collector = Collector::new([]);
        let plain = start(config(&collector, protocol).header("X-Tenant", "ops"));
        plain.shutdown(LIMIT).unwrap();
        start(config(&collector, protocol).gzip(true)).shutdown(LIMIT).unwrap();
        let received = collector.received(2);
        assert_eq!((received[0].header("x-tenant"), received[0].header(encoding)), (Some("ops"), None));
        assert_eq!((received[1].header("x-tenant"), received[1].header(encoding)), (None, Some("gzip")));
        assert!(received[0].header("user-agent").unwrap().contains("orchq-metrics/"));
        if protocol == Protocol::HttpProtobuf {
            assert_eq!(received[0].header("content-type"), Some("application/x-protobuf"));
            assert!(received[1].bytes < received[0].bytes, "{} {}", received[1].bytes, received[0].bytes);
        } else {
            assert!(received[0].header("grpc-timeout").is_some());
        }
    }
}

#[test]
fn what_passes_by_itself_is_tried_again_with_growing_pauses() {
    let http = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::BAD_GATEWAY, StatusCode::GATEWAY_TIMEOUT]
        .map(|status| Behavior::Refuse(status, None, ""));
    let grpc = [Code::Unavailable, Code::Aborted, Code::DataLoss].map(|code| Behavior::Fail(code, None, ""));
    for (protocol, script) in [(Protocol::HttpProtobuf, http), (Protocol::Grpc, grpc)] {
        let collector = Collector::new(script);
        let first = Duration::from_millis(40);
        start(config(&collector, protocol).backoff(first, first * 100)).shutdown(LIMIT).unwrap();
        let received = collector.received(4);
        for (number, pair) in received.windows(2).enumerate() {
            let (pause, least) = (pair[1].at - pair[0].at, first * (1 << number) / 2);
            assert!(pause >= least, "pause {number}: {pause:?} for {least:?}");
        }
        assert_eq!(told(&collector, REQUESTS, Some("failed")), 3.0);
        assert!(told(&collector, POINTS, Some("accepted")) > 0.0);
        assert!(told(&collector, "orchq_metrics_otlp_last_success_timestamp_seconds", None) > 1.7e9);
    }
}

#[test]
fn what_is_refused_for_good_is_told_and_not_sent_again() {
    for (protocol, behavior, expected) in [
        (
            Protocol::HttpProtobuf,
            Behavior::Refuse(StatusCode::BAD_REQUEST, Some("1"), "no\nsuch tenant"),
            "answered 400 Bad Request: no such tenant",
        ),
        (Protocol::Grpc, Behavior::Fail(Code::Unauthenticated, None, "who?"), "answered Unauthenticated: who?"),
        (
            Protocol::HttpProtobuf,
            Behavior::Refuse(StatusCode::FOUND, None, ""),
            "answered 302 Found; redirects are not followed: name the endpoint itself",
        ),
        (
            Protocol::HttpProtobuf,
            Behavior::Garbage("text/html; charset=utf-8", b"<html>Please log in"),
            "answered 200 OK with `text/html`, which is no answer of a collector; look at the endpoint",
        ),
        (
            Protocol::HttpProtobuf,
            Behavior::Garbage("application/x-protobuf", b"\xff\xff\xff garbage"),
            "answered 200 OK with what is no answer of a collector",
        ),
    ] {
        let collector = Collector::new([behavior]);
        let (losses, on_loss) = losses();
        let exporter = start(config(&collector, protocol).on_loss(on_loss));
        assert_eq!(exporter.flush(LIMIT), Err(PushError::Lost(expected.to_owned())));
        assert_eq!(collector.count(), 1);
        let losses = losses.lock().unwrap();
        assert_eq!(losses.iter().map(|loss| loss.why.as_str()).collect::<Vec<_>>(), [expected]);
        assert!(losses[0].points > 0 && losses[0].endpoint.contains(&collector.address.to_string()));
        assert_eq!(exporter.status().unwrap().dropped_points, losses[0].points);
        assert_eq!(told(&collector, REQUESTS, Some("refused")), 1.0);
        assert_eq!(told(&collector, POINTS, Some("dropped")), losses[0].points as f64);
        // The next push is a new one.
        exporter.flush(LIMIT).unwrap();
    }
}

#[test]
fn a_partial_success_is_told_and_not_sent_again() {
    for protocol in PROTOCOLS {
        let advice = Behavior::Partial(0, "counters would like to be called otherwise");
        let collector = Collector::new([
            Behavior::Partial(2, "too old"),
            advice,
            Behavior::Partial(i64::MAX, "all"),
            Behavior::Partial(-1, ""),
        ]);
        let (losses, on_loss) = losses();
        let exporter = start(config(&collector, protocol).on_loss(on_loss));
        let PushError::Lost(why) = exporter.flush(LIMIT).unwrap_err() else { panic!("lost") };
        assert!(why.starts_with("2 of ") && why.ends_with(" data points were rejected: too old"), "{why}");
        assert_eq!(losses.lock().unwrap()[0].points, 2);
        let status = exporter.status().unwrap();
        assert_eq!((status.rejected_points, status.dropped_points), (2, 0));
        assert!(status.accepted_points > 0);
        assert_eq!(
            (told(&collector, REQUESTS, Some("partial")), told(&collector, POINTS, Some("rejected"))),
            (1.0, 2.0)
        );
        exporter.flush(LIMIT).unwrap();
        let problem = exporter.status().unwrap().last_problem.unwrap();
        assert_eq!(problem, "accepted, with advice: counters would like to be called otherwise");
        // More than were sent cannot be rejected, and less than none neither.
        let success = exporter.status().unwrap().last_success;
        assert!(exporter.flush(LIMIT).is_err());
        let status = exporter.status().unwrap();
        assert!(status.rejected_points < 1_000_000);
        assert_eq!(status.last_success, success, "nothing was accepted");
        exporter.flush(LIMIT).unwrap();
    }
}

#[test]
fn a_connection_that_breaks_is_no_refusal() {
    for protocol in PROTOCOLS {
        let first = Collector::new([]);
        let address = first.address;
        let exporter = start(config(&first, protocol));
        exporter.flush(LIMIT).unwrap();
        drop(first);
        // Another collector, at the same address: the connection to the first is broken.
        let second = Collector::at(address);
        exporter.flush(LIMIT).unwrap();
        assert_eq!(second.received(1).len(), 1);
        assert_eq!(told(&second, REQUESTS, Some("refused")), 0.0);
        assert_eq!(exporter.status().unwrap().dropped_points, 0);
        exporter.shutdown(LIMIT).unwrap();
    }
}

#[test]
fn the_rest_of_a_push_goes_on_after_a_refusal_and_not_when_the_collector_is_away() {
    (0..500).for_each(|number| order(place(&format!("rest-{number}"))));
    let small = |collector: &Collector| config(collector, Protocol::HttpProtobuf).max_request_bytes(8 << 10);
    let collector = Collector::new([Behavior::Refuse(StatusCode::PAYLOAD_TOO_LARGE, None, "")]);
    let exporter = start(small(&collector));
    assert_eq!(exporter.flush(LIMIT), Err(PushError::Lost("answered 413 Payload Too Large".to_owned())));
    let (status, requests) = (exporter.status().unwrap(), collector.count());
    assert!(requests > 3 && status.accepted_points > status.dropped_points && status.dropped_points > 0);

    let (losses, on_loss) = losses();
    let away = Collector::new(vec![Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("3600"), "")]);
    let exporter = start(small(&away).on_loss(on_loss));
    assert!(exporter.flush(LIMIT).is_err());
    assert_eq!(away.count(), 1);
    let dropped = exporter.status().unwrap().dropped_points;
    assert!(dropped >= status.accepted_points + status.dropped_points, "all of it: {dropped}");
    assert_eq!(losses.lock().unwrap().iter().map(|loss| loss.points).collect::<Vec<_>>(), [dropped]);
}

#[test]
fn a_listener_that_panics_is_a_listener_less() {
    let collector = Collector::new([Behavior::Refuse(StatusCode::BAD_REQUEST, None, "")]);
    let exporter = start(config(&collector, Protocol::HttpProtobuf).on_loss(|_| panic!("as asked")));
    assert!(exporter.flush(LIMIT).is_err());
    exporter.flush(LIMIT).unwrap();
}

#[test]
fn what_is_switched_off_does_nothing() {
    let collector = Collector::new([]);
    let exporter = start(config(&collector, Protocol::HttpProtobuf).enabled(false));
    exporter.flush(LIMIT).unwrap();
    assert_eq!(exporter.status(), None);
    exporter.shutdown(LIMIT).unwrap();
    assert_eq!(collector.count(), 0);
}

#[test]
fn statuses_that_pass_are_those_of_the_protocol() {
    let codes: Vec<_> = (400..600).filter_map(|code| StatusCode::from_u16(code).ok()).collect();
    let collector = Collector::new(codes.iter().map(|code| Behavior::Refuse(*code, None, "")));
    // Whoever is put off waits for longer than the push lasts, so that each push is one request.
    let exporter = start(config(&collector, Protocol::HttpProtobuf).backoff(10 * LIMIT, 10 * LIMIT));
    let passes = codes.iter().filter(|_| {
        let before = told(&collector, REQUESTS, Some("failed"));
        assert!(exporter.flush(LIMIT).is_err());
        told(&collector, REQUESTS, Some("failed")) > before
    });
    assert_eq!(passes.map(StatusCode::as_u16).collect::<Vec<_>>(), [429, 502, 503, 504]);
    assert_eq!(collector.count(), codes.len());
}

#[test]
fn a_server_that_speaks_something_else_is_told() {
    for protocol in PROTOCOLS {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // The port stays this test's own for as long as it is pushed to.
        let held = listener.try_clone().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().take(20) {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
            }
        });
        let config = Config::new("shop").protocol(protocol).endpoint(url).backoff(Duration::from_millis(1), LIMIT);
        let error = start(config).shutdown(Duration::from_secs(1)).unwrap_err().to_string();
        assert!(
            error.starts_with("metrics did not reach the collector: ") || error.contains("not over after"),
            "{error}"
        );
        drop(held);
    }
}

#[test]
fn nothing_is_lost_while_the_collector_is_away() {
    for protocol in PROTOCOLS {
        // Nobody answers here, and the port is nobody else's.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let here = place(if protocol == Protocol::Grpc { "away-grpc" } else { "away-http" });
        let config = Config::new("shop")
            .protocol(protocol)
            .endpoint(format!("http://{address}"))
            .interval(Duration::from_millis(20))
            .export_timeout(Duration::from_millis(20))
            .backoff(Duration::from_millis(5), Duration::from_millis(5));
        let exporter = start(config);
        let until = Instant::now() + LIMIT;
        while exporter.status().unwrap().dropped_points == 0 {
            assert!(Instant::now() < until, "no push was given up");
            order(here);
            drop(listener.accept());
            std::thread::sleep(Duration::from_millis(1));
        }
        let status = exporter.status().unwrap();
        assert_eq!(status.accepted_points, 0);
        assert!(status.last_problem.is_some() && status.last_success.is_none());
        let counted = CONTRACT.snapshot().value(otlp_orders_total { place: here }).unwrap();
        drop(listener);
        // It is back, at the same address, and gets all that was counted meanwhile.
        let collector = Collector::at(address);
        let last = collector.received(1).pop().unwrap().request;
        let orders = format!("{last:?}");
        assert!(orders.contains(&format!("AsInt({counted})")), "{counted} in {orders}");
        drop(exporter);
    }
}

#[test]
fn a_scrape_that_tells_of_pushes_keeps_to_the_contract() {
    let collector = Collector::new([Behavior::Partial(1, "one")]);
    let _ = start(config(&collector, Protocol::HttpProtobuf)).shutdown(LIMIT);
    let page = text::encode(&CONTRACT);
    assert!(page.contains("\n# TYPE orchq_metrics_otlp_last_success_timestamp_seconds gauge\n"), "{page}");
    let contract = OwnedContract::from(&CONTRACT);
    let report = lint::scrape(Some(&contract), "page", page.as_bytes(), &lint::Options::default()).unwrap();
    let own = report
        .findings
        .iter()
        .filter(|finding| finding.subject.contains("orchq_metrics_") && finding.severity != Severity::Note);
    assert_eq!(own.map(ToString::to_string).collect::<Vec<_>>(), [] as [String; 0]);
    // A contract that is pushed nowhere has nothing to tell.
    assert!(!text::encode(&other::metrics::CONTRACT).contains("orchq_metrics_otlp_"));
}

#[test]
fn what_cannot_work_is_told_at_the_start() {
    let error = |config: Config| Exporter::start(&[&CONTRACT], config).unwrap_err().to_string();
    let said = error(Config::new("shop").interval(Duration::ZERO));
    assert_eq!(said, "metrics cannot be pushed: interval: it is zero; give a time to wait");
    let said = error(Config::new("shop").backoff(LIMIT, LIMIT / 2));
    assert!(said.ends_with("backoff: the longest pause is shorter than the first; give it as the second"), "{said}");
    for zero in [
        Config::new("shop").timeout(Duration::ZERO),
        Config::new("shop").export_timeout(Duration::ZERO),
        Config::new("shop").backoff(Duration::ZERO, LIMIT),
    ] {
        assert!(error(zero).ends_with(": it is zero; give a time to wait"));
    }
    // Within a runtime, too, where another cannot be dropped.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let said = runtime.block_on(async { error(Config::new("shop").protocol(Protocol::Grpc).header("x-bin", "a")) });
    assert_eq!(said, "metrics cannot be pushed: header 1: its name is none that can be sent");
    let said = error(Config::new("shop").endpoint("ftp://collector"));
    assert_eq!(said, "metrics cannot be pushed: endpoint: the scheme is `http` or `https`, not `ftp`");
}
