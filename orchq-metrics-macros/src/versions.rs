// The rules of the versions in a contract. The runtime compiles this file too, under the same conditions as `rules.rs`.

/// The message for a version that is not one by <https://semver.org>.
pub(crate) const NOT_A_VERSION: &str = "a contract's version is a semantic version, as in \"1.0.0\" or \"1.0.0-rc.1\"";

/// Whether it is a semantic version. A constant is checked by the compiler, so this is not left to a crate.
pub(crate) const fn is_version(version: &str) -> bool {
    let version = version.as_bytes();
    let mut at = Some(0);
    let mut numbers = 0;
    while let Some(start) = at
        && numbers < 3
    {
        let start = if numbers == 0 { Some(start) } else { after(version, start, b'.') };
        at = if let Some(start) = start { number(version, start) } else { None };
        numbers += 1;
    }
    if let Some(end) = at
        && let Some(start) = after(version, end, b'-')
    {
        at = identifiers(version, start, true);
    }
    if let Some(end) = at
        && let Some(start) = after(version, end, b'+')
    {
        at = identifiers(version, start, false);
    }
    matches!(at, Some(end) if end == version.len())
}

/// What is wrong with the versions of a metric in a contract of this version: the argument, and the message. `until` is
/// the version that drops its old name. A pre-release counts as its release.
pub(crate) const fn lifecycle(version: &str, since: &str, until: Option<&str>) -> Option<(&'static str, &'static str)> {
    if !is_version(since) {
        return Some(("since", NOT_A_LIFECYCLE_VERSION));
    }
    if precedes(version, since) {
        return Some(("since", "this is after the contract's own version; raise that, or correct this one"));
    }
    let Some(until) = until else { return None };
    if !is_version(until) {
        return Some(("until", NOT_A_LIFECYCLE_VERSION));
    }
    if !precedes(since, until) {
        return Some(("until", "the version that drops the old name comes after `since`"));
    }
    if !precedes(version, until) {
        return Some((
            "until",
            "the contract has reached the version that drops the old name; remove `renamed_from`, \
                               `since` and `until`",
        ));
    }
    None
}

const NOT_A_LIFECYCLE_VERSION: &str = "write a version of the contract, as in \"1.0.0\"";

/// Whether the release of a version comes before that of another.
pub(crate) const fn precedes(one: &str, other: &str) -> bool {
    let (one, other) = (release(one), release(other));
    let mut i = 0;
    while i < 2 && one[i] == other[i] {
        i += 1;
    }
    one[i] < other[i]
}

/// The three numbers of a version.
const fn release(version: &str) -> [u64; 3] {
    let version = version.as_bytes();
    let (mut numbers, mut number, mut i) = ([0_u64; 3], 0, 0);
    while i < version.len() && number < 3 {
        match version[i] {
            b'.' => number += 1,
            digit @ b'0'..=b'9' => {
                numbers[number] = numbers[number].wrapping_mul(10).wrapping_add((digit - b'0') as u64)
            }
            _ => break,
        }
        i += 1;
    }
    numbers
}

/// The index after this byte, if it is there.
const fn after(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    if at < text.len() && text[at] == byte { Some(at + 1) } else { None }
}

/// The index after a number of a version, without leading zeros and in 64 bits.
const fn number(text: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    let mut value: u64 = 0;
    while end < text.len() && text[end].is_ascii_digit() {
        let digit = (text[end] - b'0') as u64;
        match value.checked_mul(10) {
            Some(tens) if tens <= u64::MAX - digit => value = tens + digit,
            _ => return None,
        }
        end += 1;
    }
    if end == start || (text[start] == b'0' && end - start > 1) { None } else { Some(end) }
}

/// The index after the identifiers of a version. Those of a pre-release have no leading zeros in numbers.
const fn identifiers(text: &[u8], start: usize, of_pre_release: bool) -> Option<usize> {
    let (mut at, mut first, mut is_number) = (start, start, true);
    loop {
        if at < text.len() && (text[at].is_ascii_alphanumeric() || text[at] == b'-') {
            is_number = is_number && text[at].is_ascii_digit();
            at += 1;
            continue;
        }
        let leading_zero = is_number && at - first > 1 && text[first] == b'0';
        if at == first || (of_pre_release && leading_zero) {
            return None;
        }
        let Some(next) = after(text, at, b'.') else { return Some(at) };
        (at, first, is_number) = (next, next, true);
    }
}
