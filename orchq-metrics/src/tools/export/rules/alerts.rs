//! Alerts for a contract that is not kept: absent metrics, skew, and values that were lost.

use serde_json::{Map, Value, json};

use crate::contract::owned::OwnedContract;
use crate::expose::own::{INFO, OVERFLOWS, VIOLATIONS};
use crate::tools::export::queries::{own_info, own_metrics};

/// How far back a lost value is looked for.
const WINDOW: &str = "15m";

/// Two braces in a text that Prometheus takes for a template.
pub(super) const BRACES: &str = "{{ \"{{\" }}";

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
pub(super) fn from_contract(contract: &OwnedContract) -> Vec<Alert> {
    let info = format!("{INFO}{}", own_info(contract));
    let alert = |what, severity: &str, pending, expr, summary, description| {
        let labels = vec![("severity", severity.to_owned()), ("contract", contract.name.clone())];
        Alert { name: name(contract, what), expr, pending, labels, summary, description }
    };
    let mut alerts = vec![
        alert(
            "ContractAbsent",
            "critical",
            WINDOW,
            format!("absent({info})"),
            format!("No process that serves the contract {} is scraped", contract.name),
            "Every series of the contract is missing: look at the targets of the scrape first.".to_owned(),
        ),
        alert(
            "ContractSkew",
            "warning",
            // A rollout takes a while.
            "1h",
            format!("count(count by (version, fingerprint) ({info})) > 1"),
            format!("{{{{ $value }}}} versions of the contract {} are served", contract.name),
            format!("Processes of one fleet promise different metrics; {INFO} shows which versions run."),
        ),
        alert(
            "ValueViolation",
            "warning",
            "0m",
            grown(contract, VIOLATIONS, "kind"),
            "{{ $labels.metric }} violates the contract: {{ $labels.kind }}".to_owned(),
            "A value, a series of an adopted collector, or a second definition of the name breaks the contract."
                .to_owned(),
        ),
        alert(
            "LabelOverflow",
            "warning",
            "0m",
            grown(contract, OVERFLOWS, "label"),
            "{{ $labels.metric }} has more values of {{ $labels.label }} than its budget".to_owned(),
            "Values past the budget are recorded under __overflow__: raise the budget, or find out what fills it."
                .to_owned(),
        ),
    ];
    alerts.extend(contract.metrics.iter().map(|metric| {
        // If nothing of the contract is scraped, one alert fires, not one for each metric.
        let expr = format!("absent({}) and on () count({info}) > 0", metric.main_series());
        let summary = format!("No process serves {}, a metric of the contract", metric.name);
        let help = metric.help.replace("{{", BRACES);
        let first = "A metric whose labels are open has its first series with its first value, or with init().";
        let mut absent = alert("MetricAbsent", "warning", WINDOW, expr, summary, format!("{help} {first}"));
        absent.labels.push(("metric", metric.name.clone()));
        absent
    }));
    alerts
}

/// How much one of this crate's counters grew recently. `increase` misses a counter's first count, because the series
/// did not exist before.
fn grown(contract: &OwnedContract, counter: &str, label: &str) -> String {
    let series = format!("{counter}{{{}}}", own_metrics(contract));
    let increase = format!("sum by (metric, {label}) (increase({series}[{WINDOW}])) > 0");
    format!("{increase} or sum by (metric, {label}) ({series} unless {series} offset {WINDOW}) > 0")
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
