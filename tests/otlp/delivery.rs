//! Delivery to a collector that does not always accept.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex, mpsc};

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
fn headers_and_compression_are_as_configured() {
    for (protocol, encoding) in [(Protocol::HttpProtobuf, "content-encoding"), (Protocol::Grpc, "grpc-encoding")] {
        let (collector, orders) = (Collector::new([]), orders!());
        (0..50).for_each(|number| orders.record(&format!("packed-{number}")));
        let plain = orders.start(config(&collector, protocol).header("X-Tenant", "ops"));
        plain.shutdown(LIMIT).unwrap();
        orders.start(config(&collector, protocol).gzip(true)).shutdown(LIMIT).unwrap();
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
fn transient_failures_are_retried_with_growing_delays() {
    let http = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::BAD_GATEWAY, StatusCode::GATEWAY_TIMEOUT]
        .map(|status| Behavior::Refuse(status, None, ""));
    let grpc = [Code::Unavailable, Code::Aborted, Code::DataLoss].map(|code| Behavior::Fail(code, None, ""));
    for (protocol, script) in [(Protocol::HttpProtobuf, http), (Protocol::Grpc, grpc)] {
        let (collector, orders) = (Collector::new(script), orders!());
        let first = Duration::from_millis(40);
        orders.start(config(&collector, protocol).backoff(first, first * 100)).shutdown(LIMIT).unwrap();
        let received = collector.received(4);
        for (number, pair) in received.windows(2).enumerate() {
            let (pause, least) = (pair[1].at - pair[0].at, first * (1 << number) / 2);
            assert!(pause >= least, "pause {number}: {pause:?} for {least:?}");
        }
        assert_eq!(orders.scraped(&collector, REQUESTS, Some("failed")), 3.0);
        assert!(orders.scraped(&collector, POINTS, Some("accepted")) > 0.0);
        assert!(orders.scraped(&collector, "orchq_metrics_otlp_last_success_timestamp_seconds", None) > 1.7e9);
    }
}

#[test]
fn a_refused_request_is_reported_and_not_retried() {
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
            "answered 302 Found; redirects are not followed: configure the final endpoint",
        ),
        (
            Protocol::HttpProtobuf,
            Behavior::Garbage("text/html; charset=utf-8", b"<html>Please log in"),
            "answered 200 OK with `text/html`, which is not an OTLP response; check the endpoint",
        ),
        (
            Protocol::HttpProtobuf,
            Behavior::Garbage("application/x-protobuf", b"\xff\xff\xff garbage"),
            "answered 200 OK with a body that is not an OTLP response",
        ),
    ] {
        let (collector, orders) = (Collector::new([behavior]), orders!());
        let (losses, on_loss) = losses();
        let exporter = orders.start(config(&collector, protocol).on_loss(on_loss));
        assert_eq!(exporter.flush(LIMIT), Err(PushError::Lost(expected.to_owned())));
        assert_eq!(collector.count(), 1);
        let losses = losses.lock().unwrap();
        assert_eq!(losses.iter().map(|loss| loss.why.as_str()).collect::<Vec<_>>(), [expected]);
        assert!(losses[0].points > 0 && losses[0].endpoint.contains(&collector.address.to_string()));
        assert_eq!(exporter.status().unwrap().dropped_points, losses[0].points);
        assert_eq!(orders.scraped(&collector, REQUESTS, Some("refused")), 1.0);
        assert_eq!(orders.scraped(&collector, POINTS, Some("dropped")), losses[0].points as f64);
        // The next push is a new one.
        exporter.flush(LIMIT).unwrap();
    }
}

#[test]
fn a_partial_success_is_reported_and_not_retried() {
    for protocol in PROTOCOLS {
        let advice = Behavior::Partial(0, "counters should have other names");
        let collector = Collector::new([
            Behavior::Partial(2, "too old"),
            advice,
            Behavior::Partial(i64::MAX, "all"),
            Behavior::Partial(-1, ""),
        ]);
        let orders = orders!();
        let (losses, on_loss) = losses();
        let exporter = orders.start(config(&collector, protocol).on_loss(on_loss));
        let PushError::Lost(why) = exporter.flush(LIMIT).unwrap_err() else { panic!("lost") };
        assert!(why.starts_with("2 of ") && why.ends_with(" data points were rejected: too old"), "{why}");
        assert_eq!(losses.lock().unwrap()[0].points, 2);
        let status = exporter.status().unwrap();
        assert_eq!((status.rejected_points, status.dropped_points), (2, 0));
        assert!(status.accepted_points > 0);
        assert_eq!(
            (
                orders.scraped(&collector, REQUESTS, Some("partial")),
                orders.scraped(&collector, POINTS, Some("rejected"))
            ),
            (1.0, 2.0)
        );
        exporter.flush(LIMIT).unwrap();
        let problem = exporter.status().unwrap().last_problem.unwrap();
        assert_eq!(problem, "accepted with a warning: counters should have other names");
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
fn a_broken_connection_is_retried() {
    for protocol in PROTOCOLS {
        let (socket, orders) = (collector::listener(), orders!());
        let first = Collector::on(socket.try_clone().unwrap());
        let exporter = orders.start(config(&first, protocol));
        exporter.flush(LIMIT).unwrap();
        drop(first);
        // Another collector, at the same address: the connection to the first is broken.
        let second = Collector::on(socket);
        exporter.flush(LIMIT).unwrap();
        assert_eq!(second.received(1).len(), 1);
        assert_eq!(orders.scraped(&second, REQUESTS, Some("refused")), 0.0);
        assert_eq!(exporter.status().unwrap().dropped_points, 0);
        exporter.shutdown(LIMIT).unwrap();
    }
}

#[test]
fn the_rest_of_a_push_goes_on_after_a_refusal_and_not_when_the_collector_is_away() {
    let orders = orders!();
    (0..500).for_each(|number| orders.record(&format!("rest-{number}")));
    let small = |collector: &Collector| config(collector, Protocol::HttpProtobuf).max_request_bytes(8 << 10);
    let collector = Collector::new([Behavior::Refuse(StatusCode::PAYLOAD_TOO_LARGE, None, "")]);
    let exporter = orders.start(small(&collector));
    assert_eq!(exporter.flush(LIMIT), Err(PushError::Lost("answered 413 Payload Too Large".to_owned())));
    let (status, requests) = (exporter.status().unwrap(), collector.count());
    assert!(requests > 3 && status.accepted_points > status.dropped_points && status.dropped_points > 0);

    let (losses, on_loss) = losses();
    let away = Collector::new(vec![Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("3600"), "")]);
    let exporter = orders.start(small(&away).on_loss(on_loss));
    assert!(exporter.flush(LIMIT).is_err());
    assert_eq!(away.count(), 1);
    let dropped = exporter.status().unwrap().dropped_points;
    assert!(dropped >= status.accepted_points + status.dropped_points, "all of it: {dropped}");
    assert_eq!(losses.lock().unwrap().iter().map(|loss| loss.points).collect::<Vec<_>>(), [dropped]);
}

#[test]
fn a_panic_of_on_loss_does_not_end_the_pushes() {
    let collector = Collector::new([Behavior::Refuse(StatusCode::BAD_REQUEST, None, "")]);
    let exporter = orders!().start(config(&collector, Protocol::HttpProtobuf).on_loss(|_| panic!("as asked")));
    assert!(exporter.flush(LIMIT).is_err());
    exporter.flush(LIMIT).unwrap();
}

#[test]
fn an_exporter_that_is_switched_off_does_nothing() {
    let collector = Collector::new([]);
    let exporter = orders!().start(config(&collector, Protocol::HttpProtobuf).enabled(false));
    exporter.flush(LIMIT).unwrap();
    assert_eq!(exporter.status(), None);
    exporter.shutdown(LIMIT).unwrap();
    assert_eq!(collector.count(), 0);
}

#[test]
fn the_retried_statuses_are_those_of_the_protocol() {
    let codes: Vec<_> = (400..600).filter_map(|code| StatusCode::from_u16(code).ok()).collect();
    let collector = Collector::new(codes.iter().map(|code| Behavior::Refuse(*code, None, "")));
    // The backoff is longer than the push, so that each push is one request.
    let orders = orders!();
    let exporter = orders.start(config(&collector, Protocol::HttpProtobuf).backoff(10 * LIMIT, 10 * LIMIT));
    let passes = codes.iter().filter(|_| {
        let before = orders.scraped(&collector, REQUESTS, Some("failed"));
        assert!(exporter.flush(LIMIT).is_err());
        orders.scraped(&collector, REQUESTS, Some("failed")) > before
    });
    assert_eq!(passes.map(StatusCode::as_u16).collect::<Vec<_>>(), [429, 502, 503, 504]);
    assert_eq!(collector.count(), codes.len());
}

#[test]
fn a_server_of_another_protocol_is_reported() {
    for protocol in PROTOCOLS {
        let listener = collector::listener();
        let config = config_for(format!("http://{}", listener.local_addr().unwrap()), protocol);
        // Nothing is retried.
        let exporter = orders!().start(config.backoff(10 * LIMIT, 10 * LIMIT));
        let server = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        });
        let error = exporter.shutdown(LIMIT).unwrap_err().to_string();
        assert!(error.starts_with("metrics did not reach the collector: no answer: "), "{error}");
        server.join().unwrap();
    }
}

#[test]
fn nothing_is_lost_while_the_collector_is_away() {
    for protocol in PROTOCOLS {
        // It accepts connections, and never answers.
        let (socket, orders, shop) = (collector::listener(), orders!(), format!("away-{protocol:?}"));
        let (lost, losses) = mpsc::channel();
        let config = config_for(format!("http://{}", socket.local_addr().unwrap()), protocol)
            .interval(Duration::from_millis(20))
            .export_timeout(Duration::from_millis(20))
            .on_loss(move |loss| lost.send(loss.points).unwrap_or_default());
        let exporter = orders.start(config);
        (0..3).for_each(|_| orders.record(&shop));
        assert!(losses.recv_timeout(LIMIT).expect("a push is given up") > 0);
        (0..4).for_each(|_| orders.record(&shop));
        let status = exporter.status().unwrap();
        assert!(status.dropped_points > 0 && status.accepted_points == 0);
        assert!(status.last_problem.is_some() && status.last_success.is_none());
        // It is back, at the same address, and gets all that was counted meanwhile.
        let collector = Collector::on(socket);
        exporter.flush(LIMIT).unwrap();
        let received = format!("{:?}", collector.received(1));
        assert!(received.contains("AsInt(7)"), "{received}");
        exporter.shutdown(LIMIT).unwrap();
    }
}

#[test]
fn the_push_statistics_in_a_scrape_pass_the_lint() {
    let (collector, orders) = (Collector::new([Behavior::Partial(1, "one")]), orders!());
    let _ = orders.start(config(&collector, Protocol::HttpProtobuf)).shutdown(LIMIT);
    let page = text::encode(orders.contract);
    assert!(page.contains("\n# TYPE orchq_metrics_otlp_last_success_timestamp_seconds gauge\n"), "{page}");
    let contract = OwnedContract::from(orders.contract);
    let report = lint::scrape(Some(&contract), "page", page.as_bytes(), &lint::LintOptions::default()).unwrap();
    let own = report
        .findings
        .iter()
        .filter(|finding| finding.subject.contains("orchq_metrics_") && finding.severity != Severity::Note);
    assert_eq!(own.map(ToString::to_string).collect::<Vec<_>>(), [] as [String; 0]);
    // A contract that is not pushed has no statistics.
    assert!(!text::encode(orders!().contract).contains("orchq_metrics_otlp_"));
}

#[test]
fn a_setting_that_cannot_work_is_an_error_at_the_start() {
    let contract = orders!().contract;
    let error = |config: Config| Exporter::start(&[contract], config).unwrap_err().to_string();
    let message = error(Config::new("shop").interval(Duration::ZERO));
    assert_eq!(message, "metrics cannot be pushed: interval: the duration is zero");
    let message = error(Config::new("shop").backoff(LIMIT, LIMIT / 2));
    assert!(message.ends_with("backoff: the longest delay is shorter than the first"), "{message}");
    for zero in [
        Config::new("shop").timeout(Duration::ZERO),
        Config::new("shop").export_timeout(Duration::ZERO),
        Config::new("shop").backoff(Duration::ZERO, LIMIT),
    ] {
        assert!(error(zero).ends_with(": the duration is zero"));
    }
    // Within a runtime, too, where another cannot be dropped.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let message = runtime.block_on(async { error(Config::new("shop").protocol(Protocol::Grpc).header("x-bin", "a")) });
    assert_eq!(message, "metrics cannot be pushed: header 1: the name cannot be sent");
    let message = error(Config::new("shop").endpoint("ftp://collector"));
    assert_eq!(message, "metrics cannot be pushed: endpoint: the scheme must be `http` or `https`, not `ftp`");
}
