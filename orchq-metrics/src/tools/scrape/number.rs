//! Numbers in the spellings of the formats.

/// Reads what Go's `ParseFloat` reads, except hexadecimal digits and underscores: Prometheus rejects both.
pub(crate) fn float(text: &str) -> Option<f64> {
    if let Some(whole) = whole(text.as_bytes()) {
        return Some(whole as f64);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.as_bytes().first()? {
        b'0'..=b'9' | b'.' => text.parse().ok().filter(|number: &f64| number.is_finite()),
        b'i' | b'I' if ["inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) => {
            Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY })
        }
        _ => text.eq_ignore_ascii_case("nan").then_some(f64::NAN),
    }
}

/// Most values are a few digits, for which this is enough.
fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits.iter().try_fold(0, |whole, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| whole * 10 + u64::from(digit))
    })
}

/// A number in a message.
pub(crate) fn shown(number: f64) -> String {
    match number {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        number => number.to_string(),
    }
}

/// The spelling of OpenMetrics, which Prometheus 3 stores as `le`: with a point, and with an exponent from a million up
/// and below a ten-thousandth.
pub(crate) fn canonical(number: f64) -> String {
    let scientific = format!("{number:e}");
    let exponent = scientific.split_once('e').and_then(|(digits, power)| Some((digits, power.parse::<i32>().ok()?)));
    let plain = shown(number);
    match exponent {
        Some((digits, power)) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ if number.is_finite() && !plain.contains('.') => plain + ".0",
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_go() {
        for (text, number) in [
            ("0", 0.0),
            ("143207", 143_207.0),
            ("999999999999999", 999_999_999_999_999.0),
            ("1.20471e+06", 1_204_710.0),
            ("-5", -5.0),
            ("+5", 5.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1E3", 1000.0),
            ("+Inf", f64::INFINITY),
            ("inf", f64::INFINITY),
            ("-infinity", f64::NEG_INFINITY),
            ("1e-400", 0.0),
            ("12345678901234567890", 12_345_678_901_234_567_890.0),
        ] {
            assert_eq!(float(text), Some(number), "{text}");
        }
        assert!(float("NaN").is_some_and(f64::is_nan) && float("nan").is_some_and(f64::is_nan));
        for text in ["", "+", ".", "1e", "0x1p3", "0x10", "1_000", "-nan", "+NaN", "1e400", "infin", "1,5", "é", "1 "]
        {
            assert_eq!(float(text), None, "{text}");
        }
    }

    #[test]
    fn bounds_of_openmetrics() {
        // The specification's own.
        let canonical_ones = "0.0 0.001 0.002 0.01 0.1 0.9 0.95 0.99 0.999 1.0 1.7 10.0 1e-10 1e-09 1e-05 0.0001 100000.0 \
                              1e+06 1e+10 1.25e+06 -1.0 -1.5e-07 999999.5 1e+100 +Inf -Inf";
        let others = "1 1.50 .5 1. 01.0 1e3 1e+03 1e+6 1e06 1E+06 1.0e+06 1000000.0 10e+06 0.00001 +1.0 inf Inf +inf \
                      1e+006 00.5";
        for (spellings, are_canonical) in [(canonical_ones, true), (others, false)] {
            for spelled in spellings.split(' ') {
                assert_eq!(float(spelled).map(canonical).expect("a number") == spelled, are_canonical, "{spelled}");
            }
        }
    }
}
