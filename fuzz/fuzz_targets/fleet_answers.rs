//! Any bytes as the answers of a server: one to a line, each given to a question that it answers.

#![no_main]

#[path = "../answers.rs"]
mod answers;

use libfuzzer_sys::fuzz_target;
use orchq_metrics::__unstable::fleet_answer as answer;

fuzz_target!(|data: &[u8]| {
    for body in data.split(|byte| *byte == b'\n') {
        let _ = (answer::vector(body), answer::data::<Vec<String>>(body, ""));
        let _ = answer::data::<answers::Families>(body, "");
        let _ = answer::data::<Vec<answer::TargetMetadata>>(body, "");
    }
    answers::check(data);
});
