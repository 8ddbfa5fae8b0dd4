//! Requests to a server with the Prometheus API, and the errors of a server that does not answer.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use orchq_metrics::__unstable::fleet_answer as answer;
use orchq_metrics::fleet::{Endpoint, Request};
use ureq::http::{Response, StatusCode};

use crate::input::{self, Body};

/// How many bytes to read of a response that is an error.
const ERROR_BYTES: u64 = 64 << 10;

/// A server, and how to send it requests.
pub(crate) struct Server {
    agent: ureq::Agent,
    url: String,
    /// The URL without the secrets that it can hold.
    name: String,
    headers: Vec<(String, String)>,
    max_size: u64,
    /// How long one request may take, and how long all of them.
    timeout: Duration,
    deadline: Duration,
    started_at: Instant,
    /// Whether it rejects POST, which has room for long queries.
    gets_only: bool,
}

impl Server {
    pub(crate) fn new(
        url: &str,
        [timeout, deadline]: [Duration; 2],
        max_size: u64,
        headers: Vec<(String, String)>,
    ) -> Result<Self> {
        let name = input::without_secrets(url);
        match url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
            Some("http" | "https") => {}
            _ => bail!("cannot query {name}: expected the http or https URL of a server"),
        }
        if url.contains(['?', '#']) {
            let name = input::without_query(url);
            bail!("cannot query {name}: expected the URL of a server, without a query");
        }
        let of_api = |url: &str| {
            let url = url.trim_end_matches('/');
            url.strip_suffix("/api/v1").unwrap_or(url).trim_end_matches('/').to_owned()
        };
        // A POST that is redirected loses its form.
        let agent = input::agent(timeout, 0);
        let (url, name, started_at) = (of_api(url), of_api(&name), Instant::now());
        Ok(Self { agent, url, name, headers, max_size, timeout, deadline, started_at, gets_only: false })
    }

    /// A header with the token in a file, such as that of a service account.
    pub(crate) fn authorization(path: &Path) -> Result<(String, String)> {
        let shown = path.display();
        let token = String::from_utf8(input::bytes(path)?).with_context(|| format!("cannot use {shown}"))?;
        let token = token.trim();
        if token.is_empty() || token.contains(char::is_control) {
            bail!("cannot use {shown}: expected a token on one line");
        }
        Ok(("Authorization".to_owned(), format!("Bearer {token}")))
    }

    /// Sends a request and returns the body of the response; `None` if the server does not have the endpoint.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Option<Vec<u8>>> {
        let path = request.endpoint.path();
        let name = format!("{}/{path}", self.name);
        let mut response = self.send(request).with_context(|| format!("cannot query {name}"))?;
        let no_forms = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED];
        if no_forms.contains(&response.status()) && !self.gets_only {
            self.gets_only = true;
            response = self.send(request).with_context(|| format!("cannot query {name}"))?;
        }
        let status = response.status();
        if status.is_success() {
            return self.body(response, self.max_size).with_context(|| format!("cannot read {name}")).map(Some);
        }
        if status.is_redirection() {
            let to = response.headers().get("location").and_then(|to| to.to_str().ok()).map(input::without_query);
            let to = to.unwrap_or_else(|| "nowhere".into());
            bail!("{name} is redirected to {to}; use the URL of that server");
        }
        let body = self.body(response, ERROR_BYTES).unwrap_or_default();
        let refusal = answer::refusal(&body);
        // Not every server has every endpoint, and a proxy may pass only one.
        let is_absent = match request.endpoint {
            Endpoint::Query => refusal.is_none() && (status == StatusCode::NOT_FOUND || no_forms.contains(&status)),
            _ => ![StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status),
        };
        if is_absent {
            return Ok(None);
        }
        // The caller knows the query that was rejected.
        if refusal.is_some() && [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&status) {
            return Ok(Some(body));
        }
        let reason = refusal.map(|error| error.to_string()).or_else(|| first_line(&body));
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let help = match status.as_u16() {
            401 | 403 => {
                "; authenticate with --bearer-token-file, with a user and a password in the URL, or with --header \
                 'X-Scope-OrgID: TENANT' for Mimir"
            }
            414 => {
                "; the server does not accept POST, and the query is too long for a URL: check fewer jobs with --job"
            }
            429 => "; try again later, or check less with --job or --selector",
            502..=504 => "; it may be starting or overloaded: try again later, or check less with --job or --selector",
            _ => "",
        };
        bail!("{name} answered {status}{reason}{help}")
    }

    /// The time that is left for all requests.
    fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.started_at.elapsed())
    }

    /// The error of a request that took too long.
    fn late(&self) -> anyhow::Error {
        if self.left().is_zero() {
            let deadline = self.deadline.as_secs_f64();
            anyhow!(
                "the server did not answer all requests within {deadline} s; raise --deadline, or check less with --job or \
                 --selector"
            )
        } else {
            anyhow!("no answer within {} s; raise --timeout", self.timeout.as_secs_f64())
        }
    }

    fn send(&self, request: &Request) -> Result<Response<ureq::Body>> {
        let left = self.left();
        if left.is_zero() {
            return Err(self.late());
        }
        let timeout = Some(self.timeout.min(left));
        let url = format!("{}/{}", self.url, request.endpoint.path());
        let mut headers = vec![("Accept", "application/json")];
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let fields = request.fields.iter().map(|(name, value)| (*name, value.as_str()));
        let answered = if self.gets_only || !request.endpoint.accepts_post() {
            let get = self.agent.get(url).query_pairs(fields).config().timeout_global(timeout).build();
            headers.into_iter().fold(get, |get, (name, value)| get.header(name, value)).call()
        } else {
            let post = self.agent.post(url).config().timeout_global(timeout).build();
            headers.into_iter().fold(post, |post, (name, value)| post.header(name, value)).send_form(fields)
        };
        answered.map_err(|error| match error {
            ureq::Error::Timeout(_) => self.late(),
            error => error.into(),
        })
    }

    fn body(&self, response: Response<ureq::Body>, limit: u64) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        match Body::new(response, limit)?.read_to_end(&mut body) {
            Ok(_) => Ok(body),
            Err(error) if is_timeout(&error) => Err(self.late()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => bail!("the response broke off; try again"),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    error.kind() == io::ErrorKind::TimedOut || matches!(inner, Some(ureq::Error::Timeout(_)))
}

/// The message of a proxy, if it is a line of text.
fn first_line(body: &[u8]) -> Option<String> {
    const CHARACTERS: usize = 200;
    let line = str::from_utf8(body).ok()?.trim().lines().next()?.trim();
    let is_text = !line.starts_with('<') && !line.contains(char::is_control);
    is_text.then(|| line.chars().take(CHARACTERS).collect())
}
