//! Packages that are generated in the target directory, to measure the compiler and programs of many crates.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// The dependency on this library, as a generated package writes it.
pub const OURS: &str = "orchq-metrics = { workspace = true }\n";

/// A workspace of generated packages.
#[derive(Debug)]
pub struct Workspace(PathBuf);

impl Workspace {
    /// A workspace in the target directory; what an earlier run has left there is used again.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(target: &Path, name: &str) -> io::Result<Self> {
        let root = target.join("bench-crates").join(name);
        fs::create_dir_all(&root)?;
        Ok(Self(root))
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Writes a package of one file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn package(&self, name: &str, dependencies: &str, file: &str, source: &str) -> io::Result<()> {
        let root = self.0.join(name);
        fs::create_dir_all(root.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        write(&root.join("Cargo.toml"), &manifest)?;
        write(&root.join("src").join(file), source)
    }

    /// Writes the workspace's own manifest and, so that versions are those of this repository, its lock file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn manifest(&self, packages: &[String]) -> io::Result<()> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let library = repository.join("orchq-metrics");
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = {packages:?}\n\n\
             [workspace.dependencies]\norchq-metrics = {{ path = {library:?} }}\n\n\
             [profile.dev]\ndebug = false\nincremental = false\n\n\
             [profile.dev.package.orchq-metrics]\nopt-level = 3\n\n\
             [profile.release]\nstrip = true\n"
        );
        write(&self.0.join("Cargo.toml"), &manifest)?;
        // The workspace's lock file gains what only the generated packages need, so a copy of this
        // repository's lock file shows whether that one has changed since.
        let (lock, copy) = (self.0.join("Cargo.lock"), self.0.join("Cargo.lock.repository"));
        let versions = fs::read_to_string(repository.join("Cargo.lock"))?;
        if !fs::read_to_string(&copy).is_ok_and(|before| before == versions) {
            fs::write(&lock, &versions)?;
            fs::write(&copy, &versions)?;
        }
        Ok(())
    }

    /// Runs cargo in it, and fails as it does.
    ///
    /// # Errors
    ///
    /// When cargo cannot be started or fails.
    pub fn cargo(&self, cargo: &mut Command) -> io::Result<()> {
        let status =
            cargo.arg("--quiet").current_dir(&self.0).env("CARGO_TARGET_DIR", self.0.join("target")).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("{cargo:?} fails"))) }
    }

    /// A program that was built in it, in the folder of its profile.
    #[must_use]
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.0.join("target").join(profile).join(name)
    }
}

/// Writes only files that have changed, so that Cargo does not compile the others again.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    fs::write(path, text)
}

/// The user time of all children of this process that have ended, and of theirs.
///
/// # Errors
///
/// When the kernel does not say.
pub fn user_seconds_of_children() -> io::Result<f64> {
    // The 16th field of proc_pid_stat(5); the second one may have spaces and ends with a parenthesis. A tick is
    // a hundredth of a second wherever Linux shows it to programs.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(") ").map(|(_, rest)| rest);
    let ticks = after_name.and_then(|rest| rest.split(' ').nth(13)).and_then(|ticks| ticks.parse::<f64>().ok());
    ticks.map(|ticks| ticks / 100.0).ok_or_else(|| io::Error::other("the kernel does not say `cutime`"))
}
