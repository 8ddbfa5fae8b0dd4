//! A server whose answers are the lines of one input. The fuzz target and the test that replays its corpus share it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use orchq_metrics::__unstable::fleet_answer as answer;
use orchq_metrics::fleet::{self, Endpoint};
use orchq_metrics::{OwnedContract, Report, v1};

/// The metadata of families, by their names.
pub type Families = BTreeMap<String, Vec<answer::Metadata>>;

/// Checks OrchQueue's contract on that server. A question gets the next line that answers such a question.
pub fn check(data: &[u8]) -> Option<Report> {
    let bodies: Vec<_> = data.split(|byte| *byte == b'\n').collect();
    let mut next = 0;
    let ask = |request: &fleet::Request| {
        let answers = |body: &&&[u8]| match request.endpoint {
            Endpoint::Query => answer::vector(body).is_ok(),
            Endpoint::Labels => answer::data::<Vec<String>>(body, "").is_ok(),
            Endpoint::Metadata => answer::data::<Families>(body, "").is_ok(),
            _ => answer::data::<Vec<answer::TargetMetadata>>(body, "").is_ok(),
        };
        let found = bodies.iter().cycle().skip(next).take(bodies.len()).position(|body| answers(&body));
        next = (next + found.map_or(0, |at| at + 1)) % bodies.len().max(1);
        let body = found.and_then(|_| bodies.get((next + bodies.len() - 1) % bodies.len().max(1)));
        Ok::<_, Infallible>(body.map(|body| body.to_vec()))
    };
    let contract = OwnedContract::from(&v1::CONTRACT);
    let report = fleet::check(&contract, &fleet::FleetOptions::default(), ask).ok()?;
    assert!(report.findings.iter().all(|finding| !finding.message.contains('\n')), "{report:?}");
    Some(report)
}
