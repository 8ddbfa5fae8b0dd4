//! The embedded engine: an interpolated n-gram model over words.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::{Engine, Token, TokenStream};

/// The text that the embedded model is trained on.
pub const CORPUS: &str = include_str!("corpus.txt");

/// The longest context: two words, so the model has trigrams, bigrams and unigrams.
const MAX_CONTEXT: usize = 2;

/// How often, in percent, a context that was seen in training decides the next word; otherwise a shorter one does.
const CONTEXT_WEIGHT: u64 = 85;

/// The training text has no words.
#[derive(Debug, thiserror::Error)]
#[error("the training text has no words")]
pub struct EmptyCorpus;

/// An n-gram model: for each context of up to two words, the words that followed it.
#[derive(Debug)]
pub struct NgramModel {
    words: Vec<Box<str>>,
    ids: HashMap<Box<str>, usize>,
    /// Followers are kept with repetition, so that a uniform pick from the list follows the counts.
    followers: HashMap<Box<[usize]>, Vec<usize>>,
    /// The training text itself: a uniform pick from it follows the unigram counts. Never empty.
    text: Vec<usize>,
}

impl NgramModel {
    /// Trains a model on `corpus`.
    pub fn train(corpus: &str) -> Result<Self, EmptyCorpus> {
        let mut words = Vec::new();
        let mut ids: HashMap<Box<str>, usize> = HashMap::new();
        let text: Vec<usize> = split(corpus)
            .map(|word| {
                *ids.entry(word.into()).or_insert_with(|| {
                    words.push(word.into());
                    words.len() - 1
                })
            })
            .collect();
        if text.is_empty() {
            return Err(EmptyCorpus);
        }
        let mut followers: HashMap<Box<[usize]>, Vec<usize>> = HashMap::new();
        for length in 1..=MAX_CONTEXT {
            for window in text.windows(length + 1) {
                if let Some((&next, context)) = window.split_last() {
                    followers.entry(context.into()).or_default().push(next);
                }
            }
        }
        Ok(Self { words, ids, followers, text })
    }

    /// The ids of the words of `prompt` that were seen in training; a word that was not gives no context.
    fn encode(&self, prompt: &str) -> Vec<usize> {
        split(prompt).filter_map(|word| self.ids.get(word).copied()).collect()
    }

    /// Draws the word after `history`.
    ///
    /// To draw from a weighted mixture of distributions, draw which one it is, then draw from that one.
    fn draw(&self, history: &[usize], random: &mut SplitMix64) -> usize {
        for length in (1..=history.len().min(MAX_CONTEXT)).rev() {
            let context = &history[history.len() - length..];
            if let Some(followers) = self.followers.get(context)
                && random.below(100) < CONTEXT_WEIGHT
            {
                return random.pick(followers);
            }
        }
        random.pick(&self.text)
    }
}

/// Splits a text into words and single punctuation marks.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '\''
}

/// The simulated time between two tokens; it can be changed while the engine runs.
#[derive(Debug, Default)]
pub struct Pace(AtomicU64);

impl Pace {
    /// A pace of one token every `delay`.
    pub fn new(delay: Duration) -> Self {
        let pace = Self::default();
        pace.set(delay);
        pace
    }

    /// Changes the pace, from each stream's next pause on.
    pub fn set(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }

    async fn pause(&self) {
        match self.0.load(Ordering::Relaxed) {
            // Without a pause a long answer would block its thread.
            0 => tokio::task::yield_now().await,
            micros => tokio::time::sleep(Duration::from_micros(micros)).await,
        }
    }
}

/// An [`Engine`] that continues prompts with an [`NgramModel`], deterministically: one seed and one prompt give one
/// answer.
#[derive(Debug, Clone)]
pub struct NgramEngine {
    model: Arc<NgramModel>,
    pace: Arc<Pace>,
    seed: u64,
}

impl NgramEngine {
    /// An engine over `model` that pauses for `pace` between tokens.
    pub fn new(model: Arc<NgramModel>, pace: Arc<Pace>, seed: u64) -> Self {
        Self { model, pace, seed }
    }
}

impl Engine for NgramEngine {
    fn count_tokens(&self, text: &str) -> usize {
        split(text).count()
    }

    fn generate(&self, prompt: &str, max_tokens: usize) -> TokenStream {
        let Self { model, pace, seed } = self.clone();
        let history = model.encode(prompt);
        let random = SplitMix64(history.iter().fold(seed, |seed, &id| SplitMix64(seed ^ id as u64).next()));
        stream::unfold((history, random, 0), move |(mut history, mut random, produced)| {
            let (model, pace) = (Arc::clone(&model), Arc::clone(&pace));
            async move {
                if produced == max_tokens {
                    return None;
                }
                if produced > 0 {
                    pace.pause().await;
                }
                let id = model.draw(&history, &mut random);
                history.push(id);
                let word = &model.words[id];
                let text = if word.starts_with(is_word) { format!(" {word}") } else { word.to_string() };
                Some((Ok(Token::Text(text)), (history, random, produced + 1)))
            }
        })
        .boxed()
    }
}

/// Sebastiano Vigna's SplitMix64: small, seedable, and good enough to pick words.
#[derive(Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick(&mut self, from: &[usize]) -> usize {
        from[self.below(from.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(seed: u64, prompt: &str) -> String {
        let model = Arc::new(NgramModel::train(CORPUS).unwrap());
        let engine = NgramEngine::new(model, Arc::default(), seed);
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(engine.generate(prompt, 40).collect::<Vec<_>>())
            .into_iter()
            .map(|token| match token {
                Ok(Token::Text(text)) => text,
                other => panic!("{other:?} is not text"),
            })
            .collect()
    }

    #[test]
    fn words_and_punctuation_are_tokens() {
        let tokens: Vec<_> = split(" The operator's queue, at 3:00. ").collect();
        assert_eq!(tokens, ["The", "operator's", "queue", ",", "at", "3", ":", "00", "."]);
    }

    #[test]
    fn one_seed_and_one_prompt_give_one_answer() {
        assert_eq!(answer(1, "The queue is"), answer(1, "The queue is"));
        assert_ne!(answer(1, "The queue is"), answer(2, "The queue is"));
        assert_ne!(answer(1, "The queue is"), answer(1, "The watchdog does"));
    }

    #[test]
    fn a_context_decides_what_follows() {
        let model = NgramModel::train("a b c a b d a b c").unwrap();
        let history = model.encode("unseen a b");
        let mut random = SplitMix64(7);
        let drawn: Vec<_> = (0..1000).map(|_| &*model.words[model.draw(&history, &mut random)]).collect();
        let count = |word| drawn.iter().filter(|&&w| w == word).count();
        // After "a b" come c, d and c: two thirds and one third, but for the shorter contexts' small share.
        assert!((550..750).contains(&count("c")), "{}", count("c"));
        assert!((230..430).contains(&count("d")), "{}", count("d"));
    }

    #[test]
    fn a_text_without_words_is_an_error() {
        assert!(NgramModel::train(" \n").is_err());
    }
}
