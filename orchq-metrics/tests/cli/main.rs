//! The command as it is run: exit codes, formats, sources, configuration.

mod commands;
mod fleet;
mod lint;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of one test. It has a configuration, so that the command does not look above it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the target folder can be written to");
        let folder = Self(path);
        folder.write("orchq-metrics.toml", "");
        folder
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), content).expect("the target folder can be written to");
    }

    /// Runs the command here, and gives its exit code, its output and its errors.
    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchq-metrics"));
        command.args(arguments).current_dir(&self.0);
        // The environment of the tests may ask for colours, or have a proxy.
        for name in ["CLICOLOR_FORCE", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the command is built");
        std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), input.as_bytes()).expect("it reads");
        Ran::from(child.wait_with_output().expect("it ends"))
    }
}

/// It is kept where the test fails.
impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
        Self {
            code: output.status.code().expect("it was not killed"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Ran {
    #[track_caller]
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The rules and the subjects of what was found.
    #[track_caller]
    fn found(&self) -> Vec<(String, String)> {
        let document = self.json();
        let findings = document["findings"].as_array().expect("a list").iter();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        findings.map(|finding| (text(&finding["rule"]), text(&finding["subject"]))).collect()
    }
}
