//! The evidence for the rules of `coverage`, from the records of binaries.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::contract::owned::OwnedContract;
use crate::coverage::evidence::{Declared, Emission, Evidence, Linkage, Program, indices};
use crate::report::nearest::did_you_mean;
use crate::tools::binary::RecordedEmission;
use crate::tools::sites::binary::Binary;

/// The part of a contract that these binaries hold.
pub(super) fn evidence<'a>(contract: &'a OwnedContract, binaries: &'a [Binary]) -> Evidence<'a> {
    let names = indices(contract);
    Evidence {
        contract: Cow::Borrowed(contract),
        programs: binaries.iter().map(|binary| program(binary, contract, &names)).collect(),
        exemptions: Vec::new(),
        exempted: HashMap::new(),
        adopted: None,
        suggest: |contract, name| did_you_mean(name, contract.metrics.iter().map(|metric| metric.name.as_str())),
    }
}

fn program<'a>(binary: &'a Binary, contract: &OwnedContract, names: &HashMap<&str, usize>) -> Program<'a> {
    let records = &binary.records;
    let of_contract = records.emissions().iter().filter(|emits| emits.metric.contract == contract.name);
    let emission = |emits: &RecordedEmission| {
        let index = names.get(emits.metric.name.as_str()).copied();
        Emission {
            metric: emits.metric.name.clone(),
            named: index,
            recorded: index,
            built_against: Some(emits.metric.contract_version.clone()),
            extern_labels: emits.extern_labels.clone(),
            site: emits.site.clone(),
        }
    };
    let declared = |held: &'a OwnedContract| Declared {
        contract: Cow::Borrowed(held),
        lines: Vec::new(),
        is_checked: held.name == contract.name,
    };
    let linkage = if !records.has_section() || records.damaged() > 0 {
        Linkage::ReadError
    } else if records.is_complete() {
        Linkage::Complete
    } else {
        Linkage::Lost
    };
    Program {
        name: Some(binary.name()),
        linkage,
        emissions: of_contract.map(emission).collect(),
        contracts: records.own_contracts().map(declared).collect(),
    }
}
