//! Numbers as the formats spell them.

/// What Go's `ParseFloat` reads, without hexadecimal digits and underscores: Prometheus refuses both.
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

/// Most values are a few digits, and need no more than this.
fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    let mut whole = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        whole = whole * 10 + u64::from(digit);
    }
    Some(whole)
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
}
