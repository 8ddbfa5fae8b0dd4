//! Prometheus as a child of this process, and the folder that it lives in.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use orchqueue::client::Client;

use crate::api::Api;
use crate::until;

/// The job that a service is scraped as.
pub(crate) const JOB: &str = "orchqueue";

/// The name of the configuration file.
pub(crate) const CONFIGURATION: &str = "prometheus.yml";

/// How often Prometheus scrapes and evaluates: a test needs a few of each.
const INTERVAL: &str = "250ms";

/// The configuration of a Prometheus that scrapes one service and evaluates one file of rules.
pub(crate) fn configuration(service: SocketAddr, rules: &str) -> String {
    format!(
        "global:\n  scrape_interval: {INTERVAL}\n  scrape_timeout: {INTERVAL}\n  evaluation_interval: {INTERVAL}\n\
         rule_files:\n  - {rules}\n\
         scrape_configs:\n  - job_name: {JOB}\n    static_configs:\n      - targets: [\"{service}\"]\n"
    )
}

/// A folder of this process's own for a test, among the build's temporary files. It is kept where the test fails.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// A Prometheus that ends with this value, however the test ends.
pub(crate) struct Prometheus {
    process: Child,
    log: PathBuf,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Prometheus {
    /// Starts it with the configuration in `folder`, and waits until it is ready.
    pub(crate) async fn start(folder: &Path) -> Self {
        let log = folder.join("prometheus.log");
        let file = File::create(&log).expect("a log");
        let process = Command::new("prometheus")
            // The kernel chooses a free port, and the log names it.
            .args(["--web.listen-address=127.0.0.1:0", "--storage.tsdb.path=data"])
            .arg(format!("--config.file={CONFIGURATION}"))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .spawn()
            .expect("it was there");
        let mut started = Self { process, log, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        started.address = until("Prometheus listens", async || {
            started.assert_alive();
            started.listens_on().ok_or_else(|| "its log does not say where".to_owned())
        })
        .await;
        let client = started.client();
        until("Prometheus is ready", async || {
            started.assert_alive();
            let reply = client.get("/-/ready").await.map_err(|error| format!("{error:#}"))?;
            if reply.status.is_success() { Ok(()) } else { Err(reply.text) }
        })
        .await;
        started
    }

    /// Its HTTP API.
    pub(crate) fn api(&self) -> Api {
        Api::new(self.client())
    }

    fn client(&self) -> Client {
        Client::new(self.address)
    }

    fn listens_on(&self) -> Option<SocketAddr> {
        let log = fs::read_to_string(&self.log).ok()?;
        let line = log.lines().find(|line| line.contains("msg=\"Listening on\""))?;
        line.split(' ').find_map(|field| field.strip_prefix("address="))?.parse().ok()
    }

    fn assert_alive(&mut self) {
        let ended = self.process.try_wait().expect("it is our child");
        assert!(ended.is_none(), "Prometheus has ended: {ended:?}");
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}:\n{}", self.log.display(), fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}
