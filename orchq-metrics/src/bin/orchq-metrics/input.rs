//! The sources to check: files, standard input, URLs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use flate2::bufread::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ureq::http::Response;

/// An open source.
pub(crate) struct Source {
    /// Its name, without the secrets that a URL can hold.
    pub(crate) name: String,
    pub(crate) reader: Box<dyn BufRead>,
    pub(crate) origin: Origin,
}

pub(crate) enum Origin {
    Local,
    /// HTTP, with this content type.
    Http(Option<String>),
}

/// How to read a URL.
pub(crate) struct Limits<'a> {
    pub(crate) timeout: Duration,
    pub(crate) max_size: u64,
    /// The header `Accept`.
    pub(crate) accept: &'a str,
}

/// Opens a file, `-`, or a URL.
pub(crate) fn open(name: &str, limits: &Limits<'_>) -> Result<Source> {
    match name.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
        Some("http" | "https") => return fetch(name, limits),
        Some(scheme) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            bail!("cannot read {}: a URL is http or https, not {scheme}", without_secrets(name))
        }
        _ => {}
    }
    let (name, reader) = match name {
        "-" => ("<stdin>", stdin()?),
        name => (name, file(Path::new(name))?),
    };
    Ok(Source { name: name.to_owned(), reader, origin: Origin::Local })
}

/// A URL that may be shown: without a user and a password.
pub(crate) fn without_secrets(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => (scheme, rest),
        _ => ("", url),
    };
    // A password can contain a character that ends a host, and is still a secret.
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") }
}

/// The same, without the query and the fragment.
pub(crate) fn without_query(url: &str) -> String {
    without_secrets(url).split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// All of a text file, or of standard input.
pub(crate) fn text(name: &str) -> Result<String> {
    let mut reader = if name == "-" { stdin()? } else { file(Path::new(name))? };
    let mut text = String::new();
    reader.read_to_string(&mut text).with_context(|| format!("cannot read {name}"))?;
    Ok(text)
}

/// All of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn stdin() -> Result<Box<dyn BufRead>> {
    decompressed(Box::new(BufReader::new(io::stdin().lock())), "standard input")
}

fn file(path: &Path) -> Result<Box<dyn BufRead>> {
    let cannot_read = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot_read)?;
    let metadata = file.metadata().with_context(cannot_read)?;
    if metadata.is_dir() {
        bail!("{} is a folder; name the files in it", path.display());
    }
    let progress = progress(metadata.len(), path);
    decompressed(Box::new(BufReader::with_capacity(1 << 18, progress.wrap_read(file))), &path.display().to_string())
}

/// Decompresses gzip.
fn decompressed(mut reader: Box<dyn BufRead>, name: &str) -> Result<Box<dyn BufRead>> {
    let begin = reader.fill_buf().with_context(|| format!("cannot read {name}"))?;
    if begin.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(reader))));
    }
    Ok(reader)
}

/// A progress bar for a large file, on a terminal.
fn progress(bytes: u64, path: &Path) -> ProgressBar {
    const LONG: u64 = 32 << 20;
    if bytes < LONG || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {eta}");
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(path.display().to_string())
}

/// An HTTP client that returns every response, whatever its status.
pub(crate) fn agent(timeout: Duration, redirects: u32) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .user_agent(concat!("orchq-metrics/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(redirects)
        .build()
        .into()
}

fn fetch(url: &str, limits: &Limits<'_>) -> Result<Source> {
    /// The default of ureq.
    const REDIRECTS: u32 = 10;
    let agent = agent(limits.timeout, REDIRECTS);
    let name = without_secrets(url);
    let request = agent.get(url).header("Accept", limits.accept);
    let response = request.call().with_context(|| format!("cannot read {name}"))?;
    let status = response.status();
    if status.as_u16() != 200 {
        bail!("{name} answered {status}; an exposition comes with 200");
    }
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = Body::new(response, limits.max_size).with_context(|| format!("cannot read {name}"))?;
    let reader = Box::new(BufReader::with_capacity(1 << 16, body));
    Ok(Source { name, reader, origin: Origin::Http(content_type) })
}

/// The body of a response, decompressed. Reading fails past the limit, and where the body ends before the length in its
/// header; other readers would end there as if that were all.
pub(crate) struct Body {
    reader: ureq::BodyReader<'static>,
    read: u64,
    limit: u64,
    length: Option<u64>,
}

impl Body {
    pub(crate) fn new(response: Response<ureq::Body>, limit: u64) -> Result<Self> {
        let encoding = response.headers().get("content-encoding").and_then(|value| value.to_str().ok());
        let encoding = encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
        if let Some(encoding) = encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("gzip")) {
            bail!("it is compressed as `{encoding}`, which was not requested; serve it plain or with gzip");
        }
        let length = response.body().content_length().filter(|_| encoding.is_none());
        let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        Ok(Self { reader, read: 0, limit, length })
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read += read as u64;
        if self.read > self.limit {
            let message = format!("it is longer than {} bytes; raise --max-size", self.limit);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        match self.length {
            Some(length) if read == 0 && !buffer.is_empty() && self.read < length => {
                let message = format!("it broke off after {} of {length} bytes", self.read);
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, message))
            }
            _ => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        for (url, shown) in [
            ("http://user:secret@host:9000/metrics?a=b", "http://host:9000/metrics?a=b"),
            ("http://user:p/SECRET@host/metrics", "http://host/metrics"),
            ("http://user:SEC#RET@host", "http://host"),
            ("http://user:SEC?RET@host", "http://host"),
            ("user:secret@host:9090", "host:9090"),
            ("user:x://secret@host", "host"),
            ("https://host", "https://host"),
            ("http://a@b:c@host/", "http://host/"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
        assert_eq!(without_query("https://me:secret@sso/login?state=secret#secret"), "https://sso/login");
    }
}
