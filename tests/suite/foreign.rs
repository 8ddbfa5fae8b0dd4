//! Metrics of another system, under names that Rust cannot spell.

use fixtures::foreign::gateway::*;
use fixtures::foreign::pass_on;
use orchq_metrics::{OwnedContract, contract, document, text};

use crate::gathered;
use crate::lint::linted;

#[test]
fn the_given_name_is_served_and_reported() {
    pass_on(3, 4096);
    let registry = prometheus::Registry::new();
    CONTRACT.register(&registry).unwrap();
    for page in [text::encode(&CONTRACT), gathered(&registry)] {
        assert!(page.contains("# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 3\n"), "{page}");
        assert!(page.contains("Ray:spilled_bytes_total 4096\n"), "{page}");
        assert!(page.contains("DCGM_FI_DEV_GPU_UTIL 40\n"), "{page}");
        assert!(!page.contains("vllm_num") && !page.contains("ray_spilled"), "{page}");
        let report = linted(Some(&OwnedContract::from(&CONTRACT)), &page);
        let findings: Vec<_> =
            report.findings.iter().filter(|finding| !finding.rule.starts_with("promlint-")).collect();
        assert!(findings.is_empty(), "{findings:#?}");
    }
    let snapshot = CONTRACT.snapshot();
    assert_eq!(snapshot.value(vllm_num_requests_running {}), Some(3.0));
    assert!(format!("{snapshot:?}").contains("vllm:num_requests_running 3"));
    let coverage = CONTRACT.coverage();
    assert!(coverage.metric("vllm:num_requests_running").is_some());
    assert!(coverage.to_string().contains("vllm:num_requests_running"));
}

#[test]
fn the_file_and_the_document_have_it() {
    let contract = OwnedContract::from(&CONTRACT);
    assert_eq!(OwnedContract::from_json(&contract.to_json()), Ok(contract.clone()));
    assert_eq!(document::check(&contract, "gateway.md", &contract.to_markdown()).findings, []);
}

/// What the code has to say is the name of the struct.
#[test]
fn help_has_the_name_of_the_struct() {
    #[contract(name = "gateway-without-sites", version = "1.0.0")]
    mod unrecorded {
        /// Number of requests that the engine holds back.
        #[gauge(unit = "{request}", name = "vllm:num_requests_waiting")]
        pub struct vllm_num_requests_waiting {}
    }
    let findings = unrecorded::CONTRACT.coverage().findings;
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.subject, "vllm:num_requests_waiting");
    let help = &finding.help;
    assert!(help.contains("`#[emits(vllm_num_requests_waiting)]`"), "{help}");
    assert!(help.contains("expect_elsewhere::<vllm_num_requests_waiting>"), "{help}");
}
