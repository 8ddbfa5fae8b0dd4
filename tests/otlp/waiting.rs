//! Deadlines, delays and intervals.

use std::time::Instant;

use axum::http::StatusCode;
use orchq_metrics::otlp::PushError;
use orchq_metrics::text;
use tonic::Code;

use super::*;

#[test]
fn a_requested_retry_delay_is_kept() {
    for (protocol, script) in [
        (Protocol::HttpProtobuf, Behavior::Refuse(StatusCode::TOO_MANY_REQUESTS, Some("1"), "slow down")),
        (Protocol::HttpProtobuf, Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("1"), "slow down")),
        (Protocol::Grpc, Behavior::Fail(Code::ResourceExhausted, Some(Duration::from_secs(1)), "slow down")),
        (Protocol::Grpc, Behavior::Fail(Code::Unavailable, Some(Duration::from_secs(1)), "slow down")),
    ] {
        let (collector, orders) = (Collector::new([script]), orders!());
        orders.start(config(&collector, protocol)).shutdown(LIMIT).unwrap();
        let received = collector.received(2);
        let pause = received[1].at - received[0].at;
        assert!(pause >= Duration::from_millis(900), "{pause:?}");
        assert_eq!(received[0].request, received[1].request, "the same once more");
        assert_eq!(
            (
                orders.scraped(&collector, REQUESTS, Some("failed")),
                orders.scraped(&collector, REQUESTS, Some("accepted"))
            ),
            (1.0, 1.0)
        );
        assert_eq!(orders.scraped(&collector, POINTS, Some("dropped")), 0.0);
    }
}

#[test]
fn a_retry_delay_past_the_deadline_ends_the_push_and_holds_for_the_next() {
    let long = Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("3600"), "closed");
    let collector = Collector::new([long]);
    let exporter = orders!().start(config(&collector, Protocol::HttpProtobuf));
    let error = exporter.flush(LIMIT).unwrap_err();
    assert_eq!(error, PushError::Lost("answered 503 Service Unavailable: closed".to_owned()));
    let error = exporter.flush(LIMIT).unwrap_err();
    assert_eq!(error, PushError::Lost("the retry delay that the collector requested exceeds the deadline".to_owned()));
    assert_eq!(collector.count(), 1, "it was left alone");
    let status = exporter.status().unwrap();
    assert_eq!((status.accepted_points, status.last_success), (0, None));
    assert!(status.dropped_points > 0);
    // The last push is bound to it as well, and does not wait for an hour.
    assert!(exporter.shutdown(LIMIT).is_err());
    assert_eq!(collector.count(), 1);
}

#[test]
fn a_collector_that_hangs_is_given_up_and_holds_up_nothing() {
    for protocol in PROTOCOLS {
        let (collector, orders) = (Collector::new([Behavior::Hang]), orders!());
        let exporter = orders.start(config(&collector, protocol).timeout(Duration::from_millis(500)));
        std::thread::scope(|scope| {
            let flush = scope.spawn(|| exporter.flush(LIMIT));
            collector.received(1);
            // While the request is under way, it is recorded and scraped.
            let before = orders.contract.snapshot_of_this_thread();
            orders.record(&format!("hanging-{protocol:?}"));
            let series = format!("otlp_orders_total{{shop=\"hanging-{protocol:?}\"}}");
            assert_eq!(before.difference().to_string(), format!("{series} +1\n"));
            assert!(text::encode(orders.contract).contains(&format!("{series} 1\n")));
            assert_eq!(flush.join().unwrap(), Ok(()));
        });
        assert!(collector.count() >= 2, "a further request is taken");
        assert!(orders.scraped(&collector, REQUESTS, Some("failed")) >= 1.0);
        assert_eq!(orders.scraped(&collector, REQUESTS, Some("accepted")), 1.0);
    }
}

#[test]
fn every_flush_gets_a_push_that_began_after_it() {
    for protocol in PROTOCOLS {
        let failure = match protocol {
            Protocol::Grpc => Behavior::Fail(Code::Unavailable, None, ""),
            _ => Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, None, ""),
        };
        let (collector, orders) = (Collector::new(vec![failure; 3]), orders!());
        let exporter = orders.start(config(&collector, protocol));
        let (collector, orders, exporter) = (&collector, &orders, &exporter);
        let shops: Vec<_> = (0..8).map(|number| format!("waiting-{number}-{protocol:?}")).collect();
        std::thread::scope(|scope| {
            for shop in &shops {
                scope.spawn(move || {
                    orders.record(shop);
                    assert_eq!(exporter.flush(LIMIT), Ok(()));
                    // The push includes everything that was recorded before the wait.
                    assert!(format!("{:?}", collector.received(1)).contains(&format!("\"{shop}\"")));
                });
            }
        });
        assert_eq!(exporter.status().unwrap().dropped_points, 0);
    }
}

#[test]
fn a_stop_waits_for_no_retry_and_for_no_request() {
    for behavior in [Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, None, ""), Behavior::Hang] {
        for protocol in PROTOCOLS {
            let shop = format!("stopped-{behavior:?}-{protocol:?}").replace('"', "");
            let behavior = match behavior {
                Behavior::Refuse(..) if protocol == Protocol::Grpc => Behavior::Fail(Code::Unavailable, None, ""),
                ref behavior => behavior.clone(),
            };
            let (collector, orders) = (Collector::new([behavior]), orders!());
            let config = config(&collector, protocol).interval(Duration::from_millis(50)).timeout(10 * LIMIT);
            let exporter = orders.start(config.backoff(10 * LIMIT, 10 * LIMIT).export_timeout(100 * LIMIT));
            // The push of the interval waits for minutes.
            collector.received(1);
            orders.record(&shop);
            exporter.shutdown(LIMIT).unwrap();
            assert!(format!("{:?}", collector.received(2)[1].request).contains(&shop));
        }
    }
}

#[test]
fn no_delay_is_shorter_than_the_configured_backoff() {
    for (protocol, behavior) in [
        (Protocol::HttpProtobuf, Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("0"), "")),
        (
            Protocol::HttpProtobuf,
            Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("Sun, 06 Nov 1994 08:49:37 GMT"), ""),
        ),
        (Protocol::Grpc, Behavior::Fail(Code::Unavailable, Some(Duration::ZERO), "")),
    ] {
        let collector = Collector::new(vec![behavior; 3]);
        let pause = Duration::from_millis(200);
        orders!().start(config(&collector, protocol).backoff(pause, pause)).shutdown(LIMIT).unwrap();
        for pair in collector.received(4).windows(2) {
            assert!(pair[1].at - pair[0].at >= pause / 2, "chance takes up to half of it");
        }
    }
}

#[test]
fn a_flush_or_stop_returns_within_its_limit_when_the_collector_hangs() {
    for protocol in PROTOCOLS {
        let collector = Collector::new([const { Behavior::Hang }; 3]);
        // A caller that waited for the request would wait far longer than a busy machine takes to wake a thread.
        let exporter = orders!().start(config(&collector, protocol).timeout(10 * LIMIT));
        let begin = Instant::now();
        let limit = Duration::from_millis(200);
        let error = exporter.flush(limit).unwrap_err();
        // Whichever of the two sees it first.
        assert!(matches!(error, PushError::TimedOut(_) | PushError::Lost(_)), "{error}");
        assert!(exporter.shutdown(limit).is_err());
        assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
    }
}

#[test]
fn a_push_comes_in_every_interval_and_a_last_one_at_the_end() {
    for protocol in PROTOCOLS {
        let (collector, orders) = (Collector::new([]), orders!());
        let exporter = orders.start(config(&collector, protocol).interval(Duration::from_millis(30)));
        collector.received(3);
        drop(exporter);
        let collector = Collector::new([]);
        let exporter = orders.start(config(&collector, protocol));
        orders.record(&format!("last-{protocol:?}"));
        drop(exporter);
        assert_eq!(collector.count(), 1);
        assert!(format!("{:?}", collector.received(1)[0].request).contains(&format!("last-{protocol:?}")));
    }
}

#[test]
fn infinite_durations_are_capped() {
    let endless = Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("18446744073709551615"), "");
    let collector =
        Collector::new([Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, None, ""), Behavior::Accept, endless]);
    let long = Duration::MAX;
    let config = config(&collector, Protocol::HttpProtobuf).interval(long).timeout(long).export_timeout(long);
    let exporter = orders!().start(config.backoff(Duration::from_millis(1), long));
    exporter.flush(long).unwrap();
    assert!(exporter.flush(LIMIT).is_err());
    assert!(exporter.shutdown(LIMIT).is_err());
    assert_eq!(collector.count(), 3);
}
