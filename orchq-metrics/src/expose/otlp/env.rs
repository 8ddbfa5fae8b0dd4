//! What the environment says of an exporter.

use std::ffi::OsString;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::config::{Config, Endpoint, Protocol};
use super::error::ConfigError;

type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;
type Result<T> = std::result::Result<T, ConfigError>;

/// A variable that is set, and its value.
struct Variable {
    name: String,
    value: String,
}

impl Variable {
    fn error(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError::new(self.name.as_str(), problem)
    }

    /// A limit: zero is none.
    fn limit(&self) -> Result<Duration> {
        if self.value == "0" { Ok(Duration::MAX) } else { self.milliseconds() }
    }

    fn milliseconds(&self) -> Result<Duration> {
        match self.value.parse() {
            Ok(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds)),
            _ => Err(self.error(format!("`{}` is not a number of milliseconds above 0", self.value))),
        }
    }

    /// By the specification all but `true` is false, which hides a typing mistake.
    fn boolean(&self) -> Result<bool> {
        match self.value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.error(format!("`{}` is neither `true` nor `false`", self.value))),
        }
    }

    fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T> {
        let found = choices.iter().find(|(name, _)| *name == self.value).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.error(format!("`{}` is not among {}", self.value, names.join(", ")))
        })
    }

    /// The exporters of a list; a mistyped one would silently switch the others off.
    fn exporters(&self) -> Result<Vec<&str>> {
        const KNOWN: [&str; 5] = ["otlp", "prometheus", "console", "logging", "none"];
        let exporters: Vec<_> = self.value.split(',').map(str::trim).collect();
        match exporters.iter().find(|exporter| !KNOWN.contains(exporter)) {
            Some(other) => {
                Err(self.error(format!("`{other}` is not among {}", KNOWN.map(|name| format!("`{name}`")).join(", "))))
            }
            None => Ok(exporters),
        }
    }

    /// `key=value,key=value`, the values percent-encoded. What is wrong is told without a value, which may be secret.
    fn pairs(&self) -> Result<Vec<(String, String)>> {
        let pair = |pair: &str| {
            let wrong =
                || self.error("a part is not `key=value`; parts are parted by `,`, and a `,` within a value is `%2C`");
            let (key, value) = pair.split_once('=').ok_or_else(wrong)?;
            if key.trim().is_empty() {
                return Err(wrong());
            }
            let value = percent_decode_str(value.trim()).decode_utf8();
            let value = value.map_err(|_| self.error("a value is not UTF-8"))?;
            let key = percent_decode_str(key.trim()).decode_utf8().map_err(|_| wrong())?;
            Ok((key.into_owned(), value.into_owned()))
        };
        self.value.split(',').filter(|part| !part.trim().is_empty()).map(pair).collect()
    }

    fn file(&self) -> Result<Vec<u8>> {
        std::fs::read(&self.value).map_err(|error| self.error(format!("cannot read `{}`: {error}", self.value)))
    }
}

fn variable(name: &str, lookup: Lookup<'_>) -> Result<Option<Variable>> {
    let Some(value) = lookup(name) else { return Ok(None) };
    let value = value.into_string().map_err(|_| ConfigError::new(name, "the value is not UTF-8"))?;
    let value = value.trim();
    Ok((!value.is_empty()).then(|| Variable { name: name.to_owned(), value: value.to_owned() }))
}

/// The variable for metrics, else the one for all signals.
fn for_metrics(name: &str, lookup: Lookup<'_>) -> Result<Option<Variable>> {
    match variable(&format!("OTEL_EXPORTER_OTLP_METRICS_{name}"), lookup)? {
        None => variable(&format!("OTEL_EXPORTER_OTLP_{name}"), lookup),
        found => Ok(found),
    }
}

pub(super) fn apply(mut config: Config, lookup: Lookup<'_>) -> Result<Config> {
    if let Some(disabled) = variable("OTEL_SDK_DISABLED", lookup)? {
        config.enabled &= !disabled.boolean()?;
    }
    if let Some(exporters) = variable("OTEL_METRICS_EXPORTER", lookup)? {
        config.enabled &= exporters.exporters()?.contains(&"otlp");
    }
    // Whoever switches it off need not get the rest right.
    if !config.enabled {
        return Ok(config);
    }
    if let Some(protocol) = for_metrics("PROTOCOL", lookup)? {
        config.protocol = protocol.one_of(&[("http/protobuf", Protocol::HttpProtobuf), ("grpc", Protocol::Grpc)])?;
    }
    if let Some(endpoint) = variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", lookup)? {
        config.endpoint = Endpoint::Metrics(endpoint.value);
    } else if let Some(endpoint) = variable("OTEL_EXPORTER_OTLP_ENDPOINT", lookup)? {
        config.endpoint = Endpoint::Collector(endpoint.value);
    }
    if let Some(insecure) = for_metrics("INSECURE", lookup)? {
        config.insecure = insecure.boolean()?;
    }
    if let Some(headers) = for_metrics("HEADERS", lookup)? {
        for (name, value) in headers.pairs()? {
            config.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            config.headers.push((name, value));
        }
    }
    if let Some(compression) = for_metrics("COMPRESSION", lookup)? {
        config.gzip = compression.one_of(&[("gzip", true), ("none", false)])?;
    }
    if let Some(timeout) = for_metrics("TIMEOUT", lookup)? {
        config.timeout = timeout.limit()?;
    }
    if let Some(certificate) = for_metrics("CERTIFICATE", lookup)? {
        config.tls.roots = Some(certificate.file()?);
    }
    match (for_metrics("CLIENT_CERTIFICATE", lookup)?, for_metrics("CLIENT_KEY", lookup)?) {
        (Some(certificate), Some(key)) => config.tls.client = Some((certificate.file()?, key.file()?)),
        (Some(one), None) => return Err(one.error("there is no _CLIENT_KEY for it; set both or none")),
        (None, Some(one)) => return Err(one.error("there is no _CLIENT_CERTIFICATE for it; set both or none")),
        (None, None) => {}
    }
    if let Some(preference) = variable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", lookup)?
        && !preference.value.eq_ignore_ascii_case("cumulative")
    {
        let value = &preference.value;
        return Err(preference.error(format!("`{value}` is not to be had; metrics are pushed as `cumulative` alone")));
    }
    if let Some(interval) = variable("OTEL_METRIC_EXPORT_INTERVAL", lookup)? {
        config.interval = interval.milliseconds()?;
    }
    if let Some(timeout) = variable("OTEL_METRIC_EXPORT_TIMEOUT", lookup)? {
        config.export_timeout = timeout.limit()?;
    }
    if let Some(attributes) = variable("OTEL_RESOURCE_ATTRIBUTES", lookup)? {
        config.resource.extend(attributes.pairs()?);
    }
    if let Some(name) = variable("OTEL_SERVICE_NAME", lookup)? {
        config.resource.insert("service.name".to_owned(), name.value);
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Config> {
        let lookup = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        apply(Config::new("program"), &lookup)
    }

    #[test]
    fn what_is_not_set_or_empty_leaves_the_program_s_settings() {
        let config = from(&[("OTEL_EXPORTER_OTLP_TIMEOUT", ""), ("OTEL_SERVICE_NAME", " ")]).unwrap();
        assert_eq!(config.timeout, Duration::from_secs(10));
        assert_eq!(config.resource["service.name"], "program");
        assert_eq!(config.endpoint, Endpoint::Default);
        assert!(config.enabled);
    }

    #[test]
    fn a_variable_for_metrics_comes_first() {
        let config = from(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://metrics/push"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1500"),
            ("OTEL_METRIC_EXPORT_TIMEOUT", "900"),
            ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20a%3D,x-tenant = ops"),
        ])
        .unwrap();
        assert_eq!(config.endpoint, Endpoint::Metrics("http://metrics/push".to_owned()));
        assert_eq!(config.protocol, Protocol::Grpc);
        assert_eq!(config.timeout, Duration::from_millis(2500));
        assert_eq!(config.interval, Duration::from_millis(1500));
        assert_eq!(config.export_timeout, Duration::from_millis(900));
        assert!(config.gzip);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(config.headers, [header("Authorization", "Bearer a="), header("x-tenant", "ops")]);
        assert!(!format!("{config:?}").contains("Bearer"));
        let unlimited = from(&[("OTEL_EXPORTER_OTLP_TIMEOUT", "0"), ("OTEL_METRIC_EXPORT_TIMEOUT", "0")]).unwrap();
        assert_eq!((unlimited.timeout, unlimited.export_timeout), (Duration::MAX, Duration::MAX));
        assert!(from(&[("OTEL_EXPORTER_OTLP_INSECURE", "TRUE")]).unwrap().insecure);
        let general = from(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318")]).unwrap();
        assert_eq!(general.endpoint, Endpoint::Collector("http://all:4318".to_owned()));
        assert!(from(&[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Cumulative")]).is_ok());
    }

    #[test]
    fn the_service_is_named_by_its_own_variable_first() {
        let config = from(&[
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=by-attribute,service.namespace=night%2Cshift,my%2Ckey=v"),
            ("OTEL_SERVICE_NAME", "by-name"),
        ])
        .unwrap();
        assert_eq!(config.resource["service.name"], "by-name");
        assert_eq!(config.resource["service.namespace"], "night,shift");
        assert_eq!(config.resource["my,key"], "v");
    }

    #[test]
    fn nothing_is_pushed_where_the_environment_forbids_it() {
        assert!(!from(&[("OTEL_SDK_DISABLED", "TRUE")]).unwrap().enabled);
        assert!(!from(&[("OTEL_METRICS_EXPORTER", "none")]).unwrap().enabled);
        assert!(!from(&[("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_SDK_DISABLED", "true")]).unwrap().enabled);
        // What is wrong beside it is nobody's concern then.
        let disabled = [("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")];
        assert!(!from(&disabled).unwrap().enabled);
        assert!(from(&[("OTEL_METRICS_EXPORTER", "prometheus, otlp")]).unwrap().enabled);
    }

    #[test]
    fn what_cannot_be_understood_is_an_error_that_names_the_variable_and_no_secret() {
        let cases: [(&str, &str, &str); 11] = [
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "`10s` is not a number of milliseconds above 0"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0", "`0` is not a number of milliseconds above 0"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "`http/json` is not among `http/protobuf`, `grpc`"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "`zstd` is not among `gzip`, `none`"),
            ("OTEL_METRICS_EXPORTER", "oltp", "`oltp` is not among `otlp`, `prometheus`, `console`, `logging`, `none`"),
            ("OTEL_SDK_DISABLED", "yes", "`yes` is neither `true` nor `false`"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "s3cret",
                "a part is not `key=value`; parts are parted by `,`, and a `,` within a value is `%2C`",
            ),
            ("OTEL_EXPORTER_OTLP_HEADERS", "token=%ff", "a value is not UTF-8"),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "key.pem", "there is no _CLIENT_CERTIFICATE for it; set both or none"),
            (
                "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
                "delta",
                "`delta` is not to be had; metrics are pushed as `cumulative` alone",
            ),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "=x",
                "a part is not `key=value`; parts are parted by `,`, and a `,` within a value is `%2C`",
            ),
        ];
        for (name, value, problem) in cases {
            let error = from(&[(name, value)]).unwrap_err();
            assert_eq!(error.to_string(), format!("{name}: {problem}"));
        }
        let error = from(&[("OTEL_EXPORTER_OTLP_CERTIFICATE", "no/such.pem")]).unwrap_err().to_string();
        assert!(error.starts_with("OTEL_EXPORTER_OTLP_CERTIFICATE: cannot read `no/such.pem`: "), "{error}");
    }
}
