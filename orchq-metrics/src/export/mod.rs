//! A contract as files for others: people, consumers, Prometheus, Grafana, OpenTelemetry.

/// The JSON schema of the file that [`OwnedContract::to_json`](crate::OwnedContract::to_json) gives.
///
/// ```
/// assert!(orchq_metrics::export::json_schema().contains("\"$schema\": \"https://json-schema.org/draft/2020-12/schema\""));
/// ```
#[must_use]
pub fn json_schema() -> &'static str {
    include_str!("../../schema/contract-1.schema.json")
}
