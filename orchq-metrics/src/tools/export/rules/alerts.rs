//! Alerts for a contract that is not kept: absent metrics, skew, and values that were lost.

use serde_json::{Map, Value, json};

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::expose::families::{INFO, OVERFLOWS, VIOLATIONS};
use crate::tools::export::queries::{own_info, own_metrics};

/// How far back a lost value is looked for.
const WINDOW: &str = "15m";

/// Two braces in a text that Prometheus takes for a template.
pub(super) const BRACES: &str = "{{ \"{{\" }}";

/// One alert.
pub(super) struct Alert {
    pub(super) name: String,
    pub(super) expr: String,
    pub(super) pending: &'static str,
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) summary: String,
    pub(super) description: String,
}

impl Alert {
    pub(super) fn to_value(&self) -> Value {
        let labels = self.labels.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
        json!({
            "alert": self.name,
            "expr": self.expr,
            "for": self.pending,
            "labels": labels.collect::<Map<_, _>>(),
            "annotations": { "summary": self.summary, "description": self.description },
        })
    }
}

/// The alerts of a contract: of itself first, and then of each metric.
pub(super) fn of(contract: &OwnedContract) -> Vec<Alert> {
    let mut alerts = vec![contract_absent(contract), skew(contract), violations(contract), overflow(contract)];
    alerts.extend(contract.metrics.iter().map(|metric| metric_absent(contract, metric)));
    alerts
}

fn contract_absent(contract: &OwnedContract) -> Alert {
    Alert {
        name: name(contract, "ContractAbsent"),
        expr: format!("absent({INFO}{})", own_info(contract)),
        pending: WINDOW,
        labels: labels(contract, "critical"),
        summary: format!("No process that serves the contract {} is scraped", contract.name),
        description: "Every series of the contract is missing: look at the targets of the scrape first.".to_owned(),
    }
}

fn skew(contract: &OwnedContract) -> Alert {
    Alert {
        name: name(contract, "ContractSkew"),
        expr: format!("count(count by (version, fingerprint) ({INFO}{})) > 1", own_info(contract)),
        // A rollout takes a while.
        pending: "1h",
        labels: labels(contract, "warning"),
        summary: format!("{{{{ $value }}}} versions of the contract {} are served", contract.name),
        description: format!(
            "Processes of one fleet promise different metrics; {INFO} tells which, and one of them is the old one."
        ),
    }
}

fn violations(contract: &OwnedContract) -> Alert {
    Alert {
        name: name(contract, "ValueViolation"),
        expr: grown(contract, VIOLATIONS, "kind"),
        pending: "0m",
        labels: labels(contract, "warning"),
        summary: "Values of {{ $labels.metric }} are not what its unit allows: {{ $labels.kind }}".to_owned(),
        description: "The code records a value that is not a number, or outside the range of the metric's unit."
            .to_owned(),
    }
}

fn overflow(contract: &OwnedContract) -> Alert {
    Alert {
        name: name(contract, "LabelOverflow"),
        expr: grown(contract, OVERFLOWS, "label"),
        pending: "0m",
        labels: labels(contract, "warning"),
        summary: "{{ $labels.metric }} has more values of {{ $labels.label }} than its budget".to_owned(),
        description: "What found no room is counted under __overflow__: raise the budget, or find out what fills it."
            .to_owned(),
    }
}

fn metric_absent(contract: &OwnedContract, metric: &OwnedMetric) -> Alert {
    let (own, series) = (own_info(contract), metric.main_series());
    let mut labels = labels(contract, "warning");
    labels.push(("metric", metric.name.clone()));
    Alert {
        name: name(contract, "MetricAbsent"),
        // Where nothing of the contract is scraped, one alert says so, and not one for each metric.
        expr: format!("absent({series}) and on () count({INFO}{own}) > 0"),
        pending: WINDOW,
        labels,
        summary: format!("{} is contracted, and no process serves it", metric.name),
        description: format!(
            "{} A metric whose labels are open has its first series with its first value, or with init().",
            metric.help.replace("{{", BRACES)
        ),
    }
}

/// What a counter of this crate's own counted of late. It has no series before its first count, of which
/// `increase` sees nothing.
fn grown(contract: &OwnedContract, counter: &str, label: &str) -> String {
    let series = format!("{counter}{{{}}}", own_metrics(contract));
    let increase = format!("sum by (metric, {label}) (increase({series}[{WINDOW}])) > 0");
    format!("{increase} or sum by (metric, {label}) ({series} unless {series} offset {WINDOW}) > 0")
}

fn labels(contract: &OwnedContract, severity: &str) -> Vec<(&'static str, String)> {
    vec![("severity", severity.to_owned()), ("contract", contract.name.clone())]
}

/// The alert's name, after the contract's.
pub(super) fn name(contract: &OwnedContract, what: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    let contract: String = contract.name.split(['-', '_']).map(word).collect();
    format!("{contract}{what}")
}
