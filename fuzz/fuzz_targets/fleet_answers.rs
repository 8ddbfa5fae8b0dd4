//! Any bytes as the answers of a server: one to a line, each given to a question that it answers.

#![no_main]

use std::collections::BTreeMap;
use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use orchq_metrics::OwnedContract;
use orchq_metrics::__unstable::fleet_answer as answer;
use orchq_metrics::fleet;

/// The metadata of families, by their names.
type Families = BTreeMap<String, Vec<answer::Metadata>>;

fuzz_target!(|data: &[u8]| {
    let bodies: Vec<_> = data.split(|byte| *byte == b'\n').collect();
    for body in &bodies {
        let _ = (answer::vector(body), answer::data::<Vec<String>>(body, ""), answer::data::<Families>(body, ""));
        let _ = answer::data::<Vec<answer::TargetMetadata>>(body, "");
    }
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let mut next = 0;
    let ask = |request: &fleet::Request| {
        // The next line that answers such a question.
        let answers = |body: &&&[u8]| match request.endpoint {
            fleet::Endpoint::Query => answer::vector(body).is_ok(),
            fleet::Endpoint::Labels => answer::data::<Vec<String>>(body, "").is_ok(),
            fleet::Endpoint::Metadata => answer::data::<Families>(body, "").is_ok(),
            _ => answer::data::<Vec<answer::TargetMetadata>>(body, "").is_ok(),
        };
        let found = bodies.iter().cycle().skip(next).take(bodies.len()).position(|body| answers(&body));
        next = (next + found.map_or(0, |at| at + 1)) % bodies.len().max(1);
        let body = found.and_then(|_| bodies.get((next + bodies.len() - 1) % bodies.len().max(1)));
        Ok::<_, Infallible>(body.map(|body| body.to_vec()))
    };
    if let Ok(report) = fleet::check(&contract, &fleet::FleetOptions::default(), ask) {
        assert!(report.findings.iter().all(|finding| !finding.message.contains('\n')));
    }
});
