//! The words of names, and the spellings of values.

use std::collections::BTreeSet;

/// Pairs of opposites, or of counterparts. If one replaces the other, it is another metric or label, even if all else
/// is the same.
const OPPOSITES: &str = "\
    accepted rejected, allowed denied, before after, begin end, client server, completed failed, cpu gpu, \
    created deleted, dequeued enqueued, destination source, dst src, down up, error success, failed \
    succeeded, failure success, finished started, first last, free total, free usage, free used, from to, \
    generation prompt, hit miss, hit query, host device, idle busy, in out, inbound outbound, input output, \
    left right, max min, maximum minimum, new old, output prompt, prefill decode, read write, received sent, \
    request response, running waiting, rx tx, source target, start end, start stop, total used";

/// Prefixes that make a word its opposite.
const NEGATIONS: [&str; 6] = ["de", "dis", "in", "non", "re", "un"];

/// The words of a name or a text, in the singular and one spelling.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| singular(spelling(word))).collect()
}

fn singular(word: String) -> String {
    match word.strip_suffix('s') {
        Some(one) if one.len() > 2 && !one.ends_with('s') => one.to_owned(),
        _ => word,
    }
}

/// A text without the differences of spelling: its case, the separators of its words, the doubled `l` and the `s` of
/// British English. A text with another digit, sign or letter is another text.
pub(super) fn spelling(text: &str) -> String {
    let chars: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let at = |index: Option<usize>| index.and_then(|index| chars.get(index)).copied();
    let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let mut spelled = String::new();
    for (index, &c) in chars.iter().enumerate() {
        let (before, next) = (at(index.checked_sub(1)), at(index.checked_add(1)));
        let doubled = c == 'l' && before == Some('l') && matches!(at(index.checked_sub(2)), Some('a' | 'e'));
        // Between digits and before a number, a dash or a dot is part of the number.
        let is_of_number = is_digit(next) && (before.is_none() || is_digit(before));
        if c.is_alphanumeric() && !doubled || "+<>=!~^%*#".contains(c) || !c.is_alphanumeric() && is_of_number {
            spelled.push(c);
        }
    }
    ["isation", "ising", "ised", "ise"].iter().fold(spelled, |text, british| {
        let american = british.replacen('s', "z", 1);
        text.replace(british, &american)
    })
}

/// How the words of one name differ from those of another.
pub(super) struct Replaced {
    pub(super) gone: BTreeSet<String>,
    pub(super) new: BTreeSet<String>,
    /// How many are in both.
    pub(super) kept: usize,
}

impl Replaced {
    pub(super) fn between(before: &[String], after: &[String]) -> Self {
        let set = |words: &[String]| -> BTreeSet<String> { words.iter().cloned().collect() };
        let (before, after) = (set(before), set(after));
        let kept = before.intersection(&after).count();
        Self { gone: &before - &after, new: &after - &before, kept }
    }

    /// Whether a word became its opposite.
    pub(super) fn reverses(&self) -> bool {
        self.gone.iter().any(|gone| self.new.iter().any(|new| are_opposite(gone, new)))
    }
}

fn are_opposite(one: &str, other: &str) -> bool {
    let negates = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|prefix| NEGATIONS.contains(&prefix));
    let differ_in_prefix = NEGATIONS.iter().any(|prefix| {
        let rest = one.strip_prefix(prefix).filter(|rest| rest.len() > 2);
        rest.is_some_and(|rest| other.strip_suffix(rest).is_some_and(|prefix| prefix.len() < 4))
    });
    let mut opposites = OPPOSITES.split(", ").filter_map(|pair| pair.split_once(' '));
    let listed = opposites.any(|pair| pair == (one, other) || pair == (other, one));
    listed || differ_in_prefix || negates(one, other) || negates(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_distinguished_from_their_opposites() {
        for (one, other) in [("used", "free"), ("ready", "unready"), ("increase", "decrease"), ("enqueued", "dequeued")]
        {
            assert!(are_opposite(one, other) && are_opposite(other, one), "{one} {other}");
        }
        assert!(!are_opposite("depth", "length") && !are_opposite("gpu", "kv"));
    }

    #[test]
    fn spellings_of_one_value_are_one() {
        let same = [("cancelled", "canceled"), ("llama-2", "LLAMA_2"), ("normalised", "normalized")];
        let others = [("h100", "h200"), ("filed", "filled"), ("-1", "1"), ("1.5", "15"), ("100", "10"), ("<5", ">5")];
        for (one, other) in same.into_iter().chain(others) {
            assert_eq!(spelling(one) == spelling(other), same.contains(&(one, other)), "{one} {other}");
        }
        assert_eq!(words("cache_usage_RATIOS bytes ms"), ["cache", "usage", "ratio", "byte", "ms"]);
    }
}
