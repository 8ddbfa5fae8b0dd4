//! Processes that end in every way there is, each in a program of its own: `src/bin/ending.rs`.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Starts the program, and returns how it ended and what it printed. Kills a program that hangs.
fn run(ending: &str) -> (ExitStatus, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ending"))
        .arg(ending)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program is built with the tests");
    let begun = Instant::now();
    while child.try_wait().expect("it is our child").is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            hangs(&mut child, ending);
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("it has ended");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panicked"), "{ending}: {errors}");
    (output.status, String::from_utf8(output.stdout).expect("text"))
}

fn hangs(child: &mut Child, ending: &str) -> ! {
    child.kill().expect("it is our child");
    panic!("{ending} hangs");
}

/// The sum that the last destructor printed: each prints it after its own addition.
fn last_sum(ending: &str) -> u64 {
    let (status, printed) = run(ending);
    assert!(status.success(), "{ending}: {status}");
    printed.lines().map(|line| line.parse().expect("a number")).max().expect("it prints something")
}

#[test]
fn the_main_threads_destructors_record_to_the_end() {
    assert_eq!(last_sum("main-thread"), 3);
    assert_eq!(last_sum("first-in-destructor"), 2);
    assert_eq!(last_sum("panic-in-main-thread"), 3);
}

#[test]
fn a_process_that_is_busy_ends_all_the_same() {
    assert!(run("return").0.success());
    assert_eq!(run("exit").0.code(), Some(7));
    let (status, printed) = run("abort");
    assert!(!status.success() && status.code().is_none_or(|code| code != 0), "{status}");
    assert_eq!(printed, "busy\n");
}
