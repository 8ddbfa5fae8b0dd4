//! An adapter: what differs between the engines, as data.

use orchq_metrics::v1;
use serde_json::Value;

use super::EngineError;
use crate::fetch::quote;
use crate::native::Sources;

/// The longest version or digest that is accepted.
const IDENTITY_LIMIT: usize = 128;

/// One engine, as data.
#[derive(Debug)]
pub struct Adapter {
    /// Which engine it is.
    pub engine: v1::Engine,
    /// Where its version is: a path, and a pointer into the JSON of the response.
    pub version: (&'static str, &'static str),
    /// Whether the version is on another port than the completions, so that its address has to be configured.
    pub version_apart: bool,
    /// Where in the same JSON the digest of the model is.
    pub model_digest: Option<&'static str>,
    /// The `model` of requests, if it is always the same.
    pub request_model: Option<&'static str>,
    /// Whether the engine rejects a request without a `model`.
    pub needs_model: bool,
    /// Where the contract's metrics come from.
    pub sources: Sources,
}

/// The version and model that an engine reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its version.
    pub version: String,
    /// The digest of its model, if it reports one.
    pub model_digest: Option<String>,
}

impl Adapter {
    /// The adapter of an engine.
    pub fn for_engine(engine: v1::Engine) -> &'static Self {
        match engine {
            v1::Engine::LlamaCpp => &super::llamacpp::ADAPTER,
            v1::Engine::Vllm => &super::vllm::ADAPTER,
            v1::Engine::Tgi => &super::tgi::ADAPTER,
            v1::Engine::Triton => &super::triton::ADAPTER,
        }
    }

    /// Reads the version and the model from a response. `url` is for the message.
    pub(super) fn identity(&self, url: &str, body: &[u8]) -> Result<Identity, EngineError> {
        let unexpected = |what: String| EngineError::Unexpected { url: url.to_owned(), what };
        let json: Value = serde_json::from_slice(body)
            .map_err(|_| unexpected(format!("not JSON: {}", quote(&String::from_utf8_lossy(body)))))?;
        let at = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).filter(|text| is_sound(text));
        let (_, pointer) = self.version;
        let version = at(pointer).ok_or_else(|| unexpected(format!("no version at {pointer}")))?;
        let model_digest = self.model_digest.and_then(at);
        Ok(Identity { version: version.to_owned(), model_digest: model_digest.map(str::to_owned) })
    }
}

/// Whether a text can be a label value: an engine's response may be long or unprintable.
fn is_sound(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= IDENTITY_LIMIT && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use orchq_metrics::v1::Engine;

    use super::*;

    fn identity(engine: Engine, body: &str) -> Result<(String, Option<String>), EngineError> {
        let identity = Adapter::for_engine(engine).identity("http://engine", body.as_bytes());
        identity.map(|Identity { version, model_digest }| (version, model_digest))
    }

    #[test]
    fn each_engine_reports_its_version_in_its_own_way() {
        let version = |version: &str| Ok((version.to_owned(), None));
        let props = r#"{"total_slots":4,"build_info":"b10493-04b569142","is_sleeping":false}"#;
        assert_eq!(identity(Engine::LlamaCpp, props), version("b10493-04b569142"));
        assert_eq!(identity(Engine::Vllm, r#"{"version":"0.33.0"}"#), version("0.33.0"));
        let info = r#"{"model_id":"a/b","model_sha":"6f0a","sha":"db931fcf","version":"3.3.7","router":"x"}"#;
        assert_eq!(identity(Engine::Tgi, info), Ok(("3.3.7".to_owned(), Some("6f0a".to_owned()))));
        assert_eq!(identity(Engine::Tgi, r#"{"version":"3.3.7","model_sha":null}"#), version("3.3.7"));
        let v2 = r#"{"name":"triton","version":"2.73.0","extensions":[]}"#;
        assert_eq!(identity(Engine::Triton, v2), version("2.73.0"));
    }

    #[test]
    fn anything_but_a_version_is_an_error() {
        for body in ["", "<html>", "{}", "[]", r#"{"version":7}"#, r#"{"version":" "}"#, "{\"version\":\"a\\u0000\"}"] {
            assert!(matches!(identity(Engine::Vllm, body), Err(EngineError::Unexpected { .. })), "{body}");
        }
        let long = format!(r#"{{"version":"{}"}}"#, "9".repeat(IDENTITY_LIMIT + 1));
        assert!(identity(Engine::Vllm, &long).is_err());
    }
}
