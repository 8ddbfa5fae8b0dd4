use super::event::{Event, EventKind};
use super::parser::Parser;
use super::*;

/// Each event of a text in a few words.
fn events(text: &str, format: Format) -> Vec<String> {
    let mut parser = Parser::new(text.as_bytes(), Some(format)).expect("memory");
    let mut all = Vec::new();
    while let Some(Event { line, text, kind }) = parser.next().expect("memory") {
        all.push(match kind {
            EventKind::Help { name, help } => format!("help {} {}", name.unescaped(), help.unescaped()),
            EventKind::Type { name, family_type, .. } => format!("type {} {family_type}", name.unescaped()),
            EventKind::Unit { name, unit } => format!("unit {} {}", name.raw(), unit.raw()),
            EventKind::Comment => "comment".to_owned(),
            EventKind::Eof => "eof".to_owned(),
            EventKind::Sample(sample) => {
                let labels = sample.labels.iter();
                let labels: Vec<_> =
                    labels.map(|label| format!("{}={}", label.name.unescaped(), label.value.unescaped())).collect();
                let time = sample.timestamp.map(|time| format!(" @{}", time.number)).unwrap_or_default();
                let exemplar = sample.exemplar.map(|exemplar| format!(" #{}", exemplar.value.number));
                let (name, value) = (sample.name.unescaped(), sample.value.number);
                format!("{name}[{}] {value}{time}{}", labels.join(","), exemplar.unwrap_or_default())
            }
            EventKind::Problem(problem) => {
                let at = text.get(problem.span.clone()).unwrap_or_default();
                let rule = problem.rule.id.trim_start_matches("exposition-");
                format!("{line}: {rule} `{at}`: {}", problem.message)
            }
        });
    }
    all
}

fn event(line: &str, format: Format) -> String {
    let end = if format == Format::OpenMetrics { "\n# EOF\n" } else { "\n" };
    events(&format!("{line}{end}"), format).swap_remove(0)
}

#[test]
fn lines_of_the_text_format() {
    for (line, expected) in [
        ("a 1", "a[] 1"),
        (" \ta\t 1  ", "a[] 1"),
        ("a{} 1", "a[] 1"),
        ("a{ b = \"c\" , d=\"e\", } 1 1700000000000", "a[b=c,d=e] 1 @1700000000000"),
        ("a {b=\"c\"}1 -5", "a[b=c] 1 @-5"),
        ("vllm:a_b1{x=\"\"} NaN", "vllm:a_b1[x=] NaN"),
        (r#"a{b="\\ \" \n é"} 1e+06"#, "a[b=\\ \" \n é] 1000000"),
        (r#"{"my.metric","a.b"="c",d="e"} 1"#, "my.metric[a.b=c,d=e] 1"),
        (r#"{"a\"b"} 1"#, "a\"b[] 1"),
        ("# HELP a a \\\\ \\n b \"q\" ", "help a a \\ \n b \"q\" "),
        ("#HELP a  b", "help a b"),
        ("# HELP a", "help a "),
        ("# HELP \"my.metric\" b", "help my.metric b"),
        ("#  TYPE\ta \thistogram ", "type a histogram"),
        ("# TYPE a untyped", "type a untyped"),
        ("# EOF", "comment"),
        ("# UNIT a b", "comment"),
        ("#", "comment"),
        ("# {", "comment"),
    ] {
        assert_eq!(event(line, Format::Text), expected, "{line}");
    }
    assert!(events("\n \t\n", Format::Text).is_empty());
    assert!(events("", Format::Text).is_empty() && events("", Format::OpenMetrics).is_empty());
}

#[test]
fn mistakes_of_the_text_format() {
    for (line, expected) in [
        ("1a 1", "1: syntax `1`: expected a metric name"),
        ("a", "1: syntax ``: expected a blank and a value, found the end of the line"),
        ("a ", "1: syntax ``: expected a value, found the end of the line"),
        ("a+1", "1: syntax `+`: expected a blank"),
        ("a one", "1: syntax `one`: expected a value"),
        ("a 0x1p3", "1: syntax `0x1p3`"),
        ("a 1_000", "1: syntax `1_000`"),
        ("a 1 1.5", "1: syntax `1.5`: expected a timestamp"),
        ("a 1 2 3", "1: syntax `3`: unexpected text"),
        ("a 1 # {} 1", "1: syntax `#`: expected a timestamp"),
        ("a-b 1", "1: syntax `-`: expected a blank"),
        ("a{b=c} 1", "1: syntax `c`: expected a quoted label value"),
        ("a{b=\"c\" d=\"e\"} 1", "1: syntax `d`: expected `,` or `}`"),
        ("a{b=\"c} 1", "1: syntax `\"`: this quote is not closed"),
        ("a{b=\"c\"", "1: syntax `{`: this brace is not closed"),
        ("a{b=\"\\q\"} 1", "1: syntax `\\q`: `\\q` is not an escape"),
        ("a{b=\"\\é\"} 1", "1: syntax `\\é`"),
        ("a{b=\"\\", "1: syntax `\\`"),
        ("a{,} 1", "1: syntax `,`: expected a label name"),
        ("a{b:c=\"d\"} 1", "1: syntax `:`: expected `=`"),
        ("a{\"b\"} 1", "1: syntax `}`: expected `=`"),
        ("a{__name__=\"b\"} 1", "1: syntax `__name__`: the label name"),
        ("a{b=\"c\",b=\"d\"} 1", "1: label-twice `b`: the label `b`"),
        ("{b=\"c\"} 1", "1: syntax `{b=\"c\"}`: no metric name"),
        ("# TYPE a", "1: syntax ``: \"\" is not a type"),
        ("# TYPE a histogramm", "1: syntax `histogramm`: \"histogramm\" is not a type; expected one of counter, gauge"),
        ("# TYPE a unknown", "1: syntax `unknown`"),
        ("# TYPE a gauge x", "1: syntax ` x`: unexpected text"),
        ("# TYPE", "1: syntax ``: expected a metric name"),
        ("# HELP a-b c", "1: syntax `-`: expected a blank"),
        ("# HELP a \\t", "1: syntax `\\t`"),
    ] {
        let found = event(line, Format::Text);
        assert!(found.starts_with(expected), "{line}: {found}");
    }
}

#[test]
fn lines_and_mistakes_of_openmetrics() {
    for (line, expected) in [
        ("a_total{b=\"c\"} 1 1700000000.5 # {trace=\"x\"} 0.5 1700000000", "a_total[b=c] 1 @1700000000.5 #0.5"),
        ("a_total 1 # {} 0.5", "a_total[] 1 #0.5"),
        ("# HELP a b \\\" c", "help a b \" c"),
        ("# HELP a ", "help a "),
        ("# TYPE a stateset", "type a stateset"),
        ("# UNIT a_seconds seconds", "unit a_seconds seconds"),
        ("", "1: syntax ``: an empty line"),
        ("a  1", "1: syntax ` `: expected a value"),
        ("a{b=\"c\"}1", "1: syntax `1`: expected a blank"),
        ("a {b=\"c\"} 1", "1: syntax `{b=\"c\"}`: expected a value"),
        (" a 1", "1: syntax ` `: expected a metric name"),
        ("a 1 ", "1: syntax ` `: a space at the end"),
        ("a{b=\"c\",} 1", "1: syntax `,`: a comma after the last label"),
        ("a{b= \"c\"} 1", "1: syntax ` `: expected a quoted"),
        ("a 1  # {} 1", "1: syntax ` `: expected a timestamp"),
        ("a 1 # {a=\"b\"}", "1: syntax ``: expected one space and the value of an exemplar"),
        ("a 1 #{} 1", "1: syntax `{`: expected one space and the labels"),
        ("# a comment", "1: syntax `# a comment`: a comment"),
        ("#HELP a b", "1: syntax `H`: expected one space"),
        ("#  HELP a b", "1: syntax `#  HELP a b`: a comment"),
        ("# TYPE a untyped", "1: syntax `untyped`"),
        ("a 1\r", "1: encoding `\r`"),
    ] {
        let found = event(line, Format::OpenMetrics);
        assert!(found.starts_with(expected), "{line}: {found}");
    }
}

#[test]
fn one_pass_reports_every_mistake() {
    let found = events("a 1\n?\nb{c=\"d\"} x\nd 2\n!", Format::Text);
    assert_eq!(found.len(), 5, "{found:#?}");
    assert!(found[1].starts_with("2: syntax `?`") && found[2].starts_with("3: syntax `x`"), "{found:#?}");
    assert_eq!(found[3], "d[] 2");
    assert!(found[4].starts_with("5: truncated"), "{found:#?}");
}

#[test]
fn the_end_of_the_text() {
    let openmetrics = |text| events(text, Format::OpenMetrics);
    assert_eq!(openmetrics("a 1\n# EOF\n"), ["a[] 1", "eof"]);
    assert_eq!(openmetrics("a 1\n# EOF"), ["a[] 1", "eof"]);
    assert!(openmetrics("a 1\n")[1].starts_with("2: truncated"));
    assert!(openmetrics("a 1\n# EO")[1].starts_with("2: truncated"));
    let after = openmetrics("a 1\n# EOF\nb 2\nc 3\n");
    assert_eq!(after.len(), 3, "{after:#?}");
    assert!(after[2].starts_with("3: syntax `b 2`: text after `# EOF`"));
    assert!(events("a 1", Format::Text)[0].starts_with("1: truncated"));
}

#[test]
fn a_text_in_another_encoding_is_read_as_far_as_it_goes() {
    let found = events("a 1\r\nb 2\r\n", Format::Text);
    assert!(found[0].starts_with("1: encoding") && found[1..] == ["b[] 2"], "{found:#?}");
    let found = events("\u{feff}a 1\nb 2\n", Format::Text);
    assert!(found[0].starts_with("1: encoding") && found[1..] == ["a[] 1", "b[] 2"], "{found:#?}");
    let mut parser = Parser::new(&b"a{b=\"\xff\"} 1\nc 2\n"[..], None).expect("memory");
    let event = parser.next().expect("memory").expect("a line");
    assert!(matches!(&event.kind, EventKind::Problem(problem) if event.text[problem.span.clone()] == *"\u{fffd}"));
    assert!(matches!(parser.next().expect("memory").expect("a line").kind, EventKind::Sample(_)));
}

#[test]
fn families_of_both_formats_read_the_same() {
    let text = "# HELP a_total b\n# TYPE a_total counter\na_total{x=\"1\"} 2\n# TYPE h histogram\n\
                h_bucket{x=\"1\",le=\"1\"} 1\nh_bucket{x=\"1\",le=\"+Inf\"} 3\nh_sum{x=\"1\"} 7\nh_count{x=\"1\"} 3\n\
                # TYPE s summary\ns{quantile=\"0.5\"} 4\ns_sum 5\ns_count 6\n";
    let found = families(text, None).expect("valid");
    let openmetrics = text.replace("HELP a_total", "HELP a").replace("TYPE a_total", "TYPE a") + "# EOF\n";
    assert_eq!(families(&openmetrics, None).expect("valid"), found);
    let [a, h, s] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((a.name.as_str(), a.help.as_deref(), a.series[0].label("x")), ("a_total", Some("b"), Some("1")));
    let histogram = h.series[0].histogram().expect("a histogram");
    assert_eq!(histogram.bounds, [(1.0, 1.0), (f64::INFINITY, 3.0)]);
    assert_eq!((histogram.sum, histogram.count), (Some(7.0), Some(3.0)));
    let Value::Summary(summary) = &s.series[0].value else { panic!("{s:#?}") };
    assert_eq!((summary.bounds.len(), summary.sum, summary.count), (1, Some(5.0), Some(6.0)));
}
