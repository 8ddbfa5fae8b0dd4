use crate::rules::*;
use crate::versions::*;

#[test]
fn a_name_begins_and_ends_with_a_letter_or_a_digit() {
    for name in ["a", "2nd-hand", "a_b"] {
        assert_eq!(contract_name(name), None, "{name}");
    }
    for name in ["", "-", "_", "a-", "-a", "A", "a b"] {
        assert!(contract_name(name).is_some(), "{name}");
    }
}

#[test]
fn a_version_is_one_by_the_crate_semver() {
    let many = [
        "1.0.0",
        "0.0.0",
        "1.2",
        "1.2.3.4",
        "",
        "1",
        "1.",
        "01.2.3",
        "1.02.3",
        "1.2.03",
        "1.2.3-",
        "1.2.3+",
        "1.2.3-a",
        "1.2.3-a.b",
        "1.2.3-a..b",
        "1.2.3-0",
        "1.2.3-01",
        "1.2.3-0a",
        "1.2.3-a.01",
        "1.2.3-a.0",
        "1.2.3+01",
        "1.2.3+a.b-c",
        "1.2.3-a+b",
        "1.2.3+b-a",
        "1.2.3-a+b+c",
        "1.2.3 ",
        " 1.2.3",
        "v1.2.3",
        "1.2.x",
        "1.2.3-\u{e9}",
        "1.2.3--",
        "1.2.3-a_b",
        "18446744073709551615.0.0",
        "18446744073709551616.0.0",
        "1.2.3-99999999999999999999",
        "1..3",
        "1.2.3-.a",
        "-1.2.3",
    ];
    for version in many {
        assert_eq!(is_version(version), semver::Version::parse(version).is_ok(), "{version:?}");
    }
}

#[test]
fn units_are_known_or_nouns() {
    for name in ["1", "bytes", "celsius", "{request}", "{kv_block}"] {
        assert_eq!(unit(name, "x", "gauge"), None, "{name}");
    }
    for (name, meant) in [
        ("requests", "{request}"),
        ("request", "{request}"),
        ("{Request}", "{request}"),
        ("{a b}", "{a_b}"),
        ("queries", "{query}"),
        ("misses", "{miss}"),
        ("class", "{class}"),
        ("batches", "{batch}"),
        ("s", "seconds"),
        ("Seconds", "seconds"),
        ("second", "seconds"),
        ("ms", "milliseconds"),
        ("Byte", "bytes"),
        ("%", "percent"),
        ("", "1"),
        ("gram", "grams"),
    ] {
        let message = format!("`{name}` is not a unit; did you mean `{meant}`?");
        assert_eq!(unit(name, "x", "gauge"), Some(message));
        assert!(unit(meant, "x", "gauge").is_none(), "{meant}");
    }
    for name in ["kg/m", "x2"] {
        assert!(unit(name, "x", "gauge").is_some_and(|text| text.contains("is not a unit")), "{name}");
    }
}

#[test]
fn a_name_in_another_style_has_one_in_this() {
    for (name, kind, meant) in [
        ("FooTotal", "counter", "foo_total"),
        ("Foo", "counter", "foo_total"),
        ("HTTPRequests2xx", "counter", "http_requests2xx_total"),
        ("queueDepth", "gauge", "queue_depth"),
        ("DepthTotal", "gauge", "depth"),
        ("Sent_Bytes", "gauge", "sent_bytes"),
    ] {
        assert_eq!(meant_name(name, kind).as_deref(), Some(meant), "{name}");
    }
    assert_eq!(meant_name("Größe", "gauge"), None);
    assert_eq!(meant_name("On", "gauge"), None);
}

#[test]
fn a_name_promises_a_unit_by_its_last_word() {
    for (name, of) in [("sent_bytes_total", "1"), ("latency_ms", "seconds")] {
        assert!(unit(of, name, "gauge").is_some_and(|text| text.contains("change one of them")), "{name}");
    }
    for (name, of) in [
        ("sent_bytes_total", "bytes"),
        ("latency_ms", "milliseconds"),
        ("gpu_utilization", "percent"),
        ("bytes_sent", "1"),
    ] {
        assert_eq!(unit(of, name, "gauge"), None, "{name}");
    }
}

#[test]
fn versions_come_in_the_order_of_their_releases() {
    for (one, other) in [("1.2.3", "1.2.4"), ("1.9.0", "1.10.0"), ("0.9.9", "1.0.0"), ("1.2.3-rc.1", "1.2.10")] {
        assert!(precedes(one, other) && !precedes(other, one), "{one} {other}");
    }
    // A pre-release drops what its release drops.
    for (one, other) in [("2.0.0-rc.1", "2.0.0"), ("2.0.0", "2.0.0+build.7")] {
        assert!(!precedes(one, other) && !precedes(other, one), "{one} {other}");
    }
}
