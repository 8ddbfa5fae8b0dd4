//! Ends in the way that its argument says, while it records metrics.

use std::cell::RefCell;
use std::io::Write as _;
use std::process::{abort, exit};
use std::thread;
use std::time::Duration;

use fixtures::contracts::Text;
use orchq_metrics::{Labels, contract, emits, text};

#[derive(Clone, Copy, Labels)]
struct By {
    text: Text,
}

/// What the program records.
#[contract(name = "ending", version = "1.0.0")]
mod ending {
    use super::*;

    /// Counted in every way.
    #[counter(unit = "1")]
    pub struct ended_total {
        #[labels]
        by: By,
    }

    /// A level.
    #[gauge(unit = "1")]
    pub struct ended_level {
        #[labels]
        by: By,
    }
}
use ending::*;

#[emits(ended_total, ended_level)]
fn record(by: By) {
    ended_total { by }.inc();
    ended_level { by }.inc();
}

fn by(text: &str) -> By {
    By { text: Text::new(text) }
}

/// Records when it is dropped, and prints the sum.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        record(by("last"));
        let text = text::encode(&CONTRACT);
        let line = text.lines().find_map(|line| line.strip_prefix("ended_total{text=\"last\"} "));
        let printed = writeln!(std::io::stdout(), "{}", line.unwrap_or("nothing"));
        printed.expect("the test reads");
    }
}

thread_local! {
    static BEFORE: RefCell<Option<Last>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Leaves threads behind that record, scrape and remove for ever.
fn be_busy() {
    for part in 0..4 {
        thread::spawn(move || {
            for n in 0_u64.. {
                record(by("steady"));
                record(by(&format!("passing-{}", n % 50)));
                match part {
                    0 => drop(text::encode(&CONTRACT)),
                    1 => drop(CONTRACT.remove(by(&format!("passing-{}", n % 50)))),
                    _ => {}
                }
            }
        });
    }
    thread::sleep(Duration::from_millis(20));
    println!("busy");
}

fn main() {
    let ending = std::env::args().nth(1).unwrap_or_default();
    match ending.as_str() {
        "main-thread" | "panic-in-main-thread" => {
            BEFORE.set(Some(Last));
            record(by("last"));
            AFTER.set(Some(Last));
            if ending != "main-thread" {
                let caught = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(())));
                assert!(caught.is_err());
            }
        }
        "first-in-destructor" => {
            BEFORE.set(Some(Last));
            AFTER.set(Some(Last));
        }
        "return" => be_busy(),
        "exit" => {
            be_busy();
            exit(7);
        }
        "abort" => {
            be_busy();
            abort();
        }
        _ => eprintln!("usage: ending HOW"),
    }
}
