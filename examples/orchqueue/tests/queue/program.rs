//! The program: its flags, its exit codes and its output.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use orchq_metrics::v1::CONTRACT;

fn orchqueue(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchqueue"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = orchqueue(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn the_demonstration_sees_every_metric() {
    let (code, out, err) = run(&["demo", "--prompts", "60"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let report = out.split_once("own /metrics serves them").unwrap().1;
    for metric in CONTRACT.metrics() {
        let line = report.lines().find(|line| line.trim_start().starts_with(metric.name)).unwrap();
        assert!(line.contains(" hit ") || line.contains(" linked ") && line.contains(" 0  "), "{line}");
    }
    assert!(report.contains("\nThe queue keeps its contract.\n"), "{report}");
}

#[test]
fn the_demonstration_explains_itself_and_fits_on_a_screen() {
    let (_, out, _) = run(&["demo", "--prompts", "12"]);
    for line in out.lines() {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
    // Coverage is only shown after the queue was driven.
    let order = [
        "This is a task queue",
        "The check at startup passed: 13 of 13 metrics are linked.",
        "\nLoad over every pool",
        "provoked one by one\n",
        "metrics are hit; as the queue's own /metrics serves them:\n",
        "\nConditional labels are those that only some series",
        "samples of this page with the contract\n",
        "\n  suppressed promlint-abbreviated of latency_first_token_ms, latency_decode_ms: the contract's",
        // Of the library, too, which has more with more features.
        "\n`sites` read 1",
        "\nThe queue keeps its contract.\n",
    ];
    let places: Vec<_> = order.iter().map(|text| out.find(text).unwrap_or_else(|| panic!("{text}: {out}"))).collect();
    assert!(places.is_sorted(), "{places:?} {out}");
}

#[test]
fn a_port_in_use_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let (code, _, err) = run(&["serve", "--addr", &addr]);
    let expected = format!("error: cannot listen on {addr}: address already in use; choose another with --addr\n");
    assert_eq!((code, err), (Some(2), expected));
}

#[test]
fn a_bad_flag_is_named() {
    for (arguments, named) in [
        (&["serve", "--adr", "127.0.0.1:0"][..], "--adr"),
        (&["serve", "--addr", "here"], "--addr"),
        (&["serve", "--policy", "drop-all"], "drop-lru"),
        (&["serve", "--queue-capacity", "0"], "--queue-capacity"),
        (&["demo", "--prompts", "0"], "--prompts"),
        (&["dmeo"], "dmeo"),
    ] {
        let (code, _, err) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(err.starts_with("error:") && err.contains(named), "{arguments:?}: {err}");
    }
}

#[cfg(unix)]
mod stopping {
    use std::io::{BufRead as _, BufReader};
    use std::process::Child;

    use orchqueue::client::Client;
    use serde_json::json;

    use super::*;

    /// Ends the server with the test.
    struct Server(Child);

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    impl Server {
        /// A server, and a client of it.
        fn start(token_delay_ms: &str) -> (Self, Client) {
            let mut command = orchqueue(&["serve", "--addr", "127.0.0.1:0", "--token-delay-ms", token_delay_ms]);
            let mut server = Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
            let mut line = String::new();
            BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let addr = line.strip_prefix("listening on http://").and_then(|rest| rest.split(';').next()).unwrap();
            (server, Client::new(addr.parse().unwrap()))
        }

        fn signal(&self, name: &str) {
            let pid = self.0.id().to_string();
            assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
        }

        async fn exit_code(mut self) -> Option<i32> {
            tokio::task::spawn_blocking(move || self.0.wait()).await.unwrap().unwrap().code()
        }
    }

    #[tokio::test]
    async fn serve_finishes_what_it_admitted_on_a_signal_to_stop() {
        let (server, client) = Server::start("10");
        let task = json!({ "engine": "vllm", "prompt": "The operator", "max_tokens": 30 });
        let id = client.submit(&task).await.unwrap().accepted_id().unwrap();
        let mut events = client.follow(&id).await.unwrap();
        assert_eq!(events.next().await.unwrap().unwrap().name, "token");

        server.signal("-TERM");
        let events = events.rest().await.unwrap();
        assert_eq!((events.len(), events.last().unwrap().name.as_str()), (30, "done"));
        drop(client);
        assert_eq!(server.exit_code().await, Some(0));
    }

    #[tokio::test]
    async fn a_second_signal_does_not_wait_for_what_was_admitted() {
        let (server, client) = Server::start("1000");
        let task = json!({ "engine": "vllm", "prompt": "The operator", "max_tokens": 30 });
        client.submit(&task).await.unwrap().accepted_id().unwrap();
        server.signal("-INT");
        // The first signal has arrived when nothing is admitted any more.
        while client.submit(&task).await.unwrap().accepted_id().is_ok() {}
        server.signal("-INT");
        assert_eq!(server.exit_code().await, Some(2));
    }
}
