//! The settings of an exporter that the environment overrides.

use std::ffi::OsString;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::config::{Config, Endpoint, Protocol};
use super::error::StartError;

type Result<T> = std::result::Result<T, StartError>;

/// A variable that is set, and its value.
struct Variable {
    name: String,
    value: String,
}

impl Variable {
    fn error(&self, problem: impl Into<String>) -> StartError {
        StartError::config(self.name.as_str(), problem)
    }

    /// A limit; zero means no limit.
    fn limit(&self) -> Result<Duration> {
        if self.value == "0" { Ok(Duration::MAX) } else { self.milliseconds() }
    }

    fn milliseconds(&self) -> Result<Duration> {
        match self.value.parse() {
            Ok(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds)),
            _ => Err(self.error(format!("`{}` is not a number of milliseconds above 0", self.value))),
        }
    }

    /// The specification takes everything but `true` for false, which hides a typo.
    fn boolean(&self) -> Result<bool> {
        self.one_of(&[("true", true), ("false", false)])
    }

    fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T> {
        self.choose(&self.value, choices)
    }

    fn choose<T: Copy>(&self, value: &str, choices: &[(&str, T)]) -> Result<T> {
        let found = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let choices: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.error(format!("`{value}` is not one of {}", choices.join(", ")))
        })
    }

    /// Whether a list of exporters has the one for OTLP. An unknown exporter is an error, because a typo would silently
    /// switch pushing off.
    fn has_otlp(&self) -> Result<bool> {
        const KNOWN: [(&str, bool); 5] =
            [("otlp", true), ("prometheus", false), ("console", false), ("logging", false), ("none", false)];
        self.value.split(',').try_fold(false, |found, name| Ok(found | self.choose(name.trim(), &KNOWN)?))
    }

    /// `key=value,key=value`, percent-encoded. Errors do not show a value, which may be secret.
    fn pairs(&self) -> Result<Vec<(String, String)>> {
        let pair = |pair: &str| {
            let wrong = || self.error("an item is not `key=value`; write a `,` within a value as `%2C`");
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

/// The variables of a process.
struct Env<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Env<'_> {
    fn get(&self, name: &str) -> Result<Option<Variable>> {
        let Some(value) = (self.0)(name) else { return Ok(None) };
        let value = value.into_string().map_err(|_| StartError::config(name, "the value is not UTF-8"))?;
        let value = value.trim();
        Ok((!value.is_empty()).then(|| Variable { name: name.to_owned(), value: value.to_owned() }))
    }

    /// The variable for metrics, else the one for all signals.
    fn for_metrics(&self, name: &str) -> Result<Option<Variable>> {
        match self.get(&format!("OTEL_EXPORTER_OTLP_METRICS_{name}"))? {
            None => self.get(&format!("OTEL_EXPORTER_OTLP_{name}")),
            found => Ok(found),
        }
    }
}

/// Overrides a setting by a variable, if that is set.
fn set<T>(setting: &mut T, variable: Option<Variable>, read: impl Fn(&Variable) -> Result<T>) -> Result<()> {
    if let Some(variable) = variable {
        *setting = read(&variable)?;
    }
    Ok(())
}

impl Config {
    /// Overrides settings by the environment. An empty variable counts as not set, and one for metrics,
    /// `OTEL_EXPORTER_OTLP_METRICS_*`, overrides the one for all signals:
    ///
    /// | variable | meaning | default |
    /// | --- | --- | --- |
    /// | `OTEL_SDK_DISABLED` | `true`: nothing is pushed | `false` |
    /// | `OTEL_METRICS_EXPORTER` | without `otlp` in the list, nothing is pushed | `otlp` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_PROTOCOL` | `http/protobuf` or `grpc` | `http/protobuf` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_ENDPOINT` | a URL; over HTTP, `/v1/metrics` is appended to the one for all signals | see [`Protocol`] |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_INSECURE` | whether gRPC to an endpoint without a scheme uses no TLS | `false` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_HEADERS` | `key=value,key=value`, values percent-encoded | none |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_COMPRESSION` | `gzip` or `none` | `none` |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_TIMEOUT` | milliseconds for one request; 0 means no limit | 10000 |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_CERTIFICATE` | PEM file of the roots to trust, instead of Mozilla's | none |
    /// | `OTEL_EXPORTER_OTLP[_METRICS]_CLIENT_CERTIFICATE`, `_CLIENT_KEY` | PEM files of the client | none |
    /// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`; others are an error | `cumulative` |
    /// | `OTEL_METRIC_EXPORT_INTERVAL` | milliseconds from one push to the next | 60000 |
    /// | `OTEL_METRIC_EXPORT_TIMEOUT` | milliseconds for a push with its retries; 0 means no limit | 30000 |
    /// | `OTEL_SERVICE_NAME` | `service.name` | that of the program |
    /// | `OTEL_RESOURCE_ATTRIBUTES` | `key=value,key=value`, percent-encoded | none |
    ///
    /// Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/> and
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` apply
    /// to HTTP and not to gRPC.
    ///
    /// # Errors
    ///
    /// If a variable has an illegal value, or names a file that cannot be read, unless pushing is switched off. The
    /// specification asks for a warning and the default instead, but this library prints nothing.
    pub fn with_env(self) -> std::result::Result<Self, StartError> {
        apply(self, &|name| std::env::var_os(name))
    }
}

fn apply(mut config: Config, lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<Config> {
    let env = Env(lookup);
    if let Some(disabled) = env.get("OTEL_SDK_DISABLED")? {
        config.enabled &= !disabled.boolean()?;
    }
    if let Some(exporters) = env.get("OTEL_METRICS_EXPORTER")? {
        config.enabled &= exporters.has_otlp()?;
    }
    // When pushing is switched off, mistakes in the other variables do not matter.
    if !config.enabled {
        return Ok(config);
    }
    let protocols = [("http/protobuf", Protocol::HttpProtobuf), ("grpc", Protocol::Grpc)];
    set(&mut config.protocol, env.for_metrics("PROTOCOL")?, |variable| variable.one_of(&protocols))?;
    if let Some(endpoint) = env.get("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")? {
        config.endpoint = Endpoint::Metrics(endpoint.value);
    } else if let Some(endpoint) = env.get("OTEL_EXPORTER_OTLP_ENDPOINT")? {
        config.endpoint = Endpoint::Collector(endpoint.value);
    }
    set(&mut config.insecure, env.for_metrics("INSECURE")?, Variable::boolean)?;
    if let Some(headers) = env.for_metrics("HEADERS")? {
        config = headers.pairs()?.into_iter().fold(config, |config, (name, value)| config.header(name, value));
    }
    let compressions = [("gzip", true), ("none", false)];
    set(&mut config.gzip, env.for_metrics("COMPRESSION")?, |variable| variable.one_of(&compressions))?;
    set(&mut config.timeout, env.for_metrics("TIMEOUT")?, Variable::limit)?;
    set(&mut config.tls.roots, env.for_metrics("CERTIFICATE")?, |variable| variable.file().map(Some))?;
    match (env.for_metrics("CLIENT_CERTIFICATE")?, env.for_metrics("CLIENT_KEY")?) {
        (Some(certificate), Some(key)) => config.tls.client = Some((certificate.file()?, key.file()?)),
        (Some(one), None) => return Err(one.error("_CLIENT_KEY is not set; set both or neither")),
        (None, Some(one)) => return Err(one.error("_CLIENT_CERTIFICATE is not set; set both or neither")),
        (None, None) => {}
    }
    if let Some(preference) = env.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE")? {
        preference.one_of(&[("cumulative", ())])?;
    }
    set(&mut config.interval, env.get("OTEL_METRIC_EXPORT_INTERVAL")?, Variable::milliseconds)?;
    set(&mut config.export_timeout, env.get("OTEL_METRIC_EXPORT_TIMEOUT")?, Variable::limit)?;
    if let Some(attributes) = env.get("OTEL_RESOURCE_ATTRIBUTES")? {
        config.resource.extend(attributes.pairs()?);
    }
    if let Some(name) = env.get("OTEL_SERVICE_NAME")? {
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
    fn an_unset_or_empty_variable_keeps_the_program_s_setting() {
        let config = from(&[("OTEL_EXPORTER_OTLP_TIMEOUT", ""), ("OTEL_SERVICE_NAME", " ")]).unwrap();
        assert_eq!(config.timeout, Duration::from_secs(10));
        assert_eq!(config.resource["service.name"], "program");
        assert_eq!(config.endpoint, Endpoint::Default);
        assert!(config.enabled);
    }

    #[test]
    fn a_variable_for_metrics_overrides_the_one_for_all_signals() {
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
    fn the_environment_can_switch_pushing_off() {
        assert!(!from(&[("OTEL_SDK_DISABLED", "TRUE")]).unwrap().enabled);
        assert!(!from(&[("OTEL_METRICS_EXPORTER", "none")]).unwrap().enabled);
        assert!(!from(&[("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_SDK_DISABLED", "true")]).unwrap().enabled);
        // Mistakes in other variables do not matter then.
        let disabled = [("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")];
        assert!(!from(&disabled).unwrap().enabled);
        assert!(from(&[("OTEL_METRICS_EXPORTER", "prometheus, otlp")]).unwrap().enabled);
    }

    #[test]
    fn an_illegal_value_is_an_error_that_names_the_variable_and_no_secret() {
        let cases: [(&str, &str, &str); 11] = [
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "`10s` is not a number of milliseconds above 0"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0", "`0` is not a number of milliseconds above 0"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "`http/json` is not one of `http/protobuf`, `grpc`"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "`zstd` is not one of `gzip`, `none`"),
            (
                "OTEL_METRICS_EXPORTER",
                "oltp",
                "`oltp` is not one of `otlp`, `prometheus`, `console`, `logging`, `none`",
            ),
            ("OTEL_SDK_DISABLED", "yes", "`yes` is not one of `true`, `false`"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret", "an item is not `key=value`; write a `,` within a value as `%2C`"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "token=%ff", "a value is not UTF-8"),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "key.pem", "_CLIENT_CERTIFICATE is not set; set both or neither"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "`delta` is not one of `cumulative`"),
            ("OTEL_RESOURCE_ATTRIBUTES", "=x", "an item is not `key=value`; write a `,` within a value as `%2C`"),
        ];
        for (name, value, problem) in cases {
            let error = from(&[(name, value)]).unwrap_err();
            assert_eq!(error.to_string(), format!("metrics cannot be pushed: {name}: {problem}"));
        }
        let error = from(&[("OTEL_EXPORTER_OTLP_CERTIFICATE", "no/such.pem")]).unwrap_err().to_string();
        assert!(error.contains(": OTEL_EXPORTER_OTLP_CERTIFICATE: cannot read `no/such.pem`: "), "{error}");
    }
}
