//! Who waits for what, and for how long.

use std::sync::mpsc::channel;

use axum::http::StatusCode;
use orchq_metrics::otlp::PushError;
use orchq_metrics::text;
use tonic::Code;

use super::*;

#[test]
fn a_collector_that_asks_for_a_pause_gets_it() {
    for (protocol, script) in [
        (Protocol::HttpProtobuf, Behavior::Refuse(StatusCode::TOO_MANY_REQUESTS, Some("1"), "slow down")),
        (Protocol::HttpProtobuf, Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("1"), "slow down")),
        (Protocol::Grpc, Behavior::Fail(Code::ResourceExhausted, Some(Duration::from_secs(1)), "slow down")),
        (Protocol::Grpc, Behavior::Fail(Code::Unavailable, Some(Duration::from_secs(1)), "slow down")),
    ] {
        let collector = Collector::new([script]);
        start(config(&collector, protocol)).shutdown(LIMIT).unwrap();
        let received = collector.received(2);
        let pause = received[1].at - received[0].at;
        assert!(pause >= Duration::from_millis(900), "{pause:?}");
        assert_eq!(received[0].request, received[1].request, "the same once more");
        assert_eq!(
            (told(&collector, REQUESTS, Some("failed")), told(&collector, REQUESTS, Some("accepted"))),
            (1.0, 1.0)
        );
        assert_eq!(told(&collector, POINTS, Some("dropped")), 0.0);
    }
}

#[test]
fn a_pause_that_is_too_long_ends_the_push_and_holds_for_the_next() {
    let long = Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("3600"), "closed");
    let collector = Collector::new([long]);
    let exporter = start(config(&collector, Protocol::HttpProtobuf));
    let error = exporter.flush(LIMIT).unwrap_err();
    assert_eq!(error, PushError::Lost("answered 503 Service Unavailable: closed".to_owned()));
    let error = exporter.flush(LIMIT).unwrap_err();
    assert_eq!(error, PushError::Lost("the collector has asked to be left alone for longer".to_owned()));
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
        let collector = Collector::new([Behavior::Hang]);
        let exporter = start(config(&collector, protocol).timeout(Duration::from_millis(300)));
        let here = place("hanging");
        let (done, waiting) = channel();
        std::thread::scope(|scope| {
            scope.spawn(|| done.send(exporter.flush(LIMIT)).unwrap());
            collector.received(1);
            // While the request is under way, it is recorded and scraped.
            let before = CONTRACT.snapshot_of_this_thread();
            order(here);
            before.difference().assert(otlp_orders_total { place: here }, 1);
            assert!(text::encode(&CONTRACT).contains("otlp_orders_total{shop=\"hanging\"}"));
            assert_eq!(waiting.recv_timeout(LIMIT).unwrap(), Ok(()));
        });
        assert_eq!(collector.received(2).len(), 2, "the second is taken");
        assert_eq!(told(&collector, REQUESTS, Some("failed")), 1.0);
    }
}

#[test]
fn all_who_wait_for_a_push_get_one() {
    for protocol in PROTOCOLS {
        let failure = match protocol {
            Protocol::Grpc => Behavior::Fail(Code::Unavailable, None, ""),
            _ => Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, None, ""),
        };
        let collector = Collector::new(vec![failure; 3]);
        let pause = Duration::from_millis(100);
        let exporter = start(config(&collector, protocol).backoff(pause, pause));
        std::thread::scope(|scope| {
            let all = [(); 8].map(|()| scope.spawn(|| exporter.flush(LIMIT)));
            assert_eq!(all.map(|one| one.join().unwrap()), [const { Ok(()) }; 8]);
        });
        // Those that came while the first was under way share the second.
        assert!((4..=5).contains(&collector.count()), "{}", collector.count());
        assert_eq!(exporter.status().unwrap().dropped_points, 0);
    }
}

#[test]
fn a_stop_waits_for_no_retry_and_for_no_request() {
    for behavior in [Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, None, ""), Behavior::Hang] {
        for protocol in PROTOCOLS {
            let behavior = match behavior {
                Behavior::Refuse(..) if protocol == Protocol::Grpc => Behavior::Fail(Code::Unavailable, None, ""),
                ref behavior => behavior.clone(),
            };
            let here = place(&format!("stopped-{protocol:?}"));
            let collector = Collector::new([behavior]);
            let config = config(&collector, protocol).interval(Duration::from_millis(50)).timeout(10 * LIMIT);
            let exporter = start(config.backoff(LIMIT, LIMIT).export_timeout(10 * LIMIT));
            // The push of the interval waits for minutes.
            collector.received(1);
            order(here);
            exporter.shutdown(LIMIT).unwrap();
            let received = collector.received(2);
            assert!(format!("{:?}", received[1].request).contains(&format!("stopped-{protocol:?}")));
        }
    }
}

#[test]
fn no_pause_is_shorter_than_the_exporter_s_own() {
    for (protocol, behavior) in [
        (Protocol::HttpProtobuf, Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("0"), "")),
        (
            Protocol::HttpProtobuf,
            Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("Sun, 06 Nov 1994 08:49:37 GMT"), ""),
        ),
        (Protocol::Grpc, Behavior::Fail(Code::Unavailable, Some(Duration::ZERO), "")),
    ] {
        let collector = Collector::new(vec![behavior; 100]);
        let pause = Duration::from_millis(200);
        let exporter = start(config(&collector, protocol).backoff(pause, pause));
        assert!(exporter.flush(Duration::from_secs(1)).is_err());
        assert!((2..=11).contains(&collector.count()), "{}", collector.count());
        assert!(exporter.shutdown(pause / 2).is_err());
    }
}

#[test]
fn who_waits_for_a_collector_that_hangs_waits_no_longer_than_was_said() {
    let collector = Collector::new([Behavior::Hang, Behavior::Hang, Behavior::Hang]);
    let exporter = start(config(&collector, Protocol::HttpProtobuf));
    let limit = Duration::from_millis(200);
    let error = exporter.flush(limit).unwrap_err();
    // Whichever of the two sees it first.
    assert!(matches!(error, PushError::TimedOut(_) | PushError::Lost(_)), "{error}");
    assert!(exporter.shutdown(limit).is_err());
}

#[test]
fn a_push_comes_in_every_interval_and_a_last_one_at_the_end() {
    for protocol in PROTOCOLS {
        let collector = Collector::new([]);
        let exporter = start(config(&collector, protocol).interval(Duration::from_millis(30)));
        collector.received(3);
        drop(exporter);
        let collector = Collector::new([]);
        let here = place(if protocol == Protocol::Grpc { "last-grpc" } else { "last-http" });
        let exporter = start(config(&collector, protocol));
        order(here);
        drop(exporter);
        assert!(format!("{:?}", collector.received(1)[0].request).contains(if protocol == Protocol::Grpc {
            "last-grpc"
        } else {
            "last-http"
        }));
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(collector.count(), 1, "the thread has ended");
    }
}

#[test]
fn times_without_end_are_times() {
    let endless = Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, Some("18446744073709551615"), "");
    let collector =
        Collector::new([Behavior::Refuse(StatusCode::SERVICE_UNAVAILABLE, None, ""), Behavior::Accept, endless]);
    let long = Duration::MAX;
    let config = config(&collector, Protocol::HttpProtobuf).interval(long).timeout(long).export_timeout(long);
    let exporter = start(config.backoff(Duration::from_millis(1), long));
    exporter.flush(long).unwrap();
    assert!(exporter.flush(LIMIT).is_err());
    assert!(exporter.shutdown(LIMIT).is_err());
    assert_eq!(collector.count(), 3);
}
