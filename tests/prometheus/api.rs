//! Prometheus's HTTP API: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use orchqueue::client::Client;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::server::JOB;
use crate::{LIMIT, until};

pub(crate) struct Api(Client);

impl Api {
    pub(crate) fn new(client: Client) -> Self {
        Self(client)
    }

    /// The data of an answer, which is a success.
    pub(crate) async fn get(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Value {
        let answer = self.answer(&format!("api/v1/{endpoint}"), parameters).await;
        let mut answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{endpoint}: {error}"));
        assert_eq!(answer["status"], "success", "{endpoint}: {answer}");
        assert!(answer.get("warnings").is_none(), "{endpoint}: {answer}");
        answer["data"].take()
    }

    /// The text of an answer.
    pub(crate) async fn answer(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let encode = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        let parameters: Vec<_> = parameters.iter().map(encode).collect();
        let path = format!("/{path}?{}", parameters.join("&"));
        let reply = tokio::time::timeout(LIMIT, self.0.get(&path)).await.unwrap_or_else(|_| panic!("{path} hangs"));
        reply.unwrap_or_else(|error| panic!("{path}: {error:#}")).text
    }

    /// The series of an instant vector.
    pub(crate) async fn query(&self, query: &str) -> Vec<Value> {
        vector(self.get("query", &[("query", query)]).await)
    }

    /// The series of an instant vector at some time.
    pub(crate) async fn query_at(&self, query: &str, time: &str) -> Vec<Value> {
        vector(self.get("query", &[("query", query), ("time", time)]).await)
    }

    /// The time of a scrape that began after the call of this.
    ///
    /// The samples of a scrape can be queried all at once, and `up` is one of them.
    pub(crate) async fn next_scrape(&self) -> String {
        let newest = async || {
            let found = self.query(&format!("timestamp(up{{job=\"{JOB}\"}})")).await;
            found.first().and_then(|series| series["value"][1].as_str()).map(str::to_owned)
        };
        // The first that appears may have begun before.
        let mut last = newest().await;
        for _ in 0..2 {
            last = until("a scrape", async || match newest().await {
                Some(time) if last.as_ref() != Some(&time) => Ok(Some(time)),
                seen => Err(format!("the last one is of {seen:?}")),
            })
            .await;
        }
        last.expect("there was an answer")
    }
}

fn vector(mut data: Value) -> Vec<Value> {
    assert_eq!(data["resultType"], "vector", "{data}");
    let Value::Array(series) = data["result"].take() else { panic!("{data}") };
    series
}
