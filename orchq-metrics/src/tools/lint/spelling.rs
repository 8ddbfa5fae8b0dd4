//! How numbers are spelled: in messages, and where their spelling is part of a series' name.

/// A number as both formats write it.
pub(crate) fn shown(number: f64) -> String {
    match number {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        number => number.to_string(),
    }
}

/// Whether a bound is spelled as OpenMetrics does: with a point, no needless digits, and an exponent from a million on
/// and below a ten-thousandth.
pub(super) fn is_canonical(spelled: &str, number: f64) -> bool {
    if !number.is_finite() {
        return matches!(spelled, "+Inf" | "-Inf" | "NaN");
    }
    let digits = spelled.strip_prefix('-').unwrap_or(spelled);
    let (mantissa, exponent) = match digits.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let ends_well = |fraction: &str| is_digits(fraction) && !fraction.ends_with('0');
    let plain = number == 0.0 || (1e-4..1e6).contains(&number.abs());
    match exponent {
        None => {
            let starts_well = is_digits(whole) && (whole == "0" || !whole.starts_with('0'));
            plain && starts_well && fraction.is_some_and(|fraction| fraction == "0" || ends_well(fraction))
        }
        Some(exponent) => {
            let starts_well = matches!(whole.as_bytes(), [b'1'..=b'9']);
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or_default();
            let of_two = exponent.len() == 2 || exponent.len() == 3 && !exponent.starts_with('0');
            !plain && starts_well && fraction.is_none_or(ends_well) && of_two && is_digits(exponent)
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_openmetrics() {
        // The specification's own.
        for spelled in [
            "0.0", "0.001", "0.002", "0.01", "0.1", "0.9", "0.95", "0.99", "0.999", "1.0", "1.7", "10.0", "1e-10",
            "1e-09", "1e-05", "0.0001", "100000.0", "1e+06", "1e+10", "1.25e+06", "-1.0", "-1.5e-07", "999999.5",
            "1e+100", "+Inf", "-Inf",
        ] {
            let number = crate::tools::scrape::float(spelled).expect("a number");
            assert!(is_canonical(spelled, number), "{spelled}");
        }
        for spelled in [
            "1",
            "1.50",
            ".5",
            "1.",
            "01.0",
            "1e3",
            "1e+03",
            "1e+6",
            "1e06",
            "1E+06",
            "1.0e+06",
            "1000000.0",
            "10e+06",
            "0.00001",
            "+1.0",
            "inf",
            "Inf",
            "+inf",
            "1e+006",
            "00.5",
        ] {
            let number = crate::tools::scrape::float(spelled).expect("a number");
            assert!(!is_canonical(spelled, number), "{spelled}");
        }
    }
}
