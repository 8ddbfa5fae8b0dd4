//! The name and the version of a contract.

/// Whether it can be part of the names of files, alerts and hosts.
pub(super) fn is_name(name: &str) -> bool {
    let is_outer = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    name.starts_with(is_outer)
        && name.ends_with(is_outer)
        && name.chars().all(|char| is_outer(char) || "_-".contains(char))
}

/// Whether it is a version of <https://semver.org>, with numbers that fit into 64 bits.
pub(super) fn is_version(version: &str) -> bool {
    let (version, build) = split(version, '+');
    let (core, prerelease) = split(version, '-');
    let numbers: Vec<_> = core.split('.').collect();
    let is_number = |number: &str| is_canonical(number) && number.parse::<u64>().is_ok();
    let is_prerelease = |part: &str| is_identifier(part) && (!is_digits(part) || is_canonical(part));
    numbers.len() == 3
        && numbers.into_iter().all(is_number)
        && prerelease.is_none_or(|parts| parts.split('.').all(is_prerelease))
        && build.is_none_or(|parts| parts.split('.').all(is_identifier))
}

fn split(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits without a zero in front.
fn is_canonical(number: &str) -> bool {
    is_digits(number) && (number == "0" || !number.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_semantic_version() {
        for version in ["1.0.0", "0.12.3", "1.0.0-rc.1", "1.0.0+build", "1.0.0--.0a+001.-", "18446744073709551615.0.0"]
        {
            assert!(is_version(version), "{version}");
        }
        for version in [
            "1.0",
            "1.0.0.0",
            "one",
            "v1.0.0",
            "1.0.x",
            "",
            "01.0.0",
            "+1.0.0",
            "1.0.0-",
            "1.0.0+",
            "1.0.0-a..b",
            "1.0.0-01",
            "1.0.0-a\"b",
            "1.0.0-a\nb",
            "1.0.0-a\rb: c",
            "1.0.0+a+b",
            "1..0",
            "18446744073709551616.0.0",
        ] {
            assert!(!is_version(version), "{version}");
        }
    }

    #[test]
    fn a_name_begins_and_ends_with_a_letter_or_a_digit() {
        for name in ["a", "2nd-hand", "a_b"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-", "_", "a-", "-a", "A", "a b"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
