//! Contracts in registries of the `prometheus` crate.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};

use prometheus::core::{Collector, Desc};
use prometheus::{Error, Registry, Result, proto};

use crate::concurrent::sync::lock;
use crate::contract::Contract;
use crate::contract::linked::Contracts;
use crate::declare::desc::MetricDesc;
use crate::declare::rules::struct_name;
use crate::declare::unit::Violation;
use crate::emit::recorders::Recorders;
use crate::expose::own::OWN;
use crate::expose::text::Encoder;
use crate::expose::{adoption, collector, families};

impl Contract {
    /// Registers the whole contract as one collector, so that existing encoders, push gateways and the default
    /// registry serve it. Needs the feature `prometheus`, which is on by default.
    ///
    /// The families are those of [`text::encode`](crate::text::encode), for all contracts of the registry together: if
    /// two promise the same under one name, it is one family. A metric that another library emits
    /// (`#[emits(extern ..)]`) is left to the collector that the library registers. A registry with a prefix or with
    /// labels of its own changes the names or label sets that the contract promises.
    ///
    /// # Errors
    ///
    /// If the registry has a contract that defines one of the names differently, or another collector that has one of
    /// them; the error names it. `AlreadyReg`, if the registry already has this contract.
    ///
    /// ```
    /// let registry = prometheus::Registry::new();
    /// orchq_metrics::v1::CONTRACT.register(&registry)?;
    /// assert!(registry.gather().iter().any(|family| family.name() == "orchq_metrics_contract_info"));
    /// # Ok::<(), prometheus::Error>(())
    /// ```
    pub fn register(&'static self, registry: &Registry) -> Result<()> {
        if register(&[self], registry, &Encoder::new())? { Ok(()) } else { Err(Error::AlreadyReg) }
    }
}

impl Contracts {
    /// Registers every contract that the registry does not have yet, as [`Contract::register`] does: all of them, or
    /// none. Needs the feature `prometheus`, which is on by default.
    ///
    /// # Errors
    ///
    /// If two contracts define one name differently, or another collector has one of the names; the error names it.
    ///
    /// ```standalone_crate
    /// let registry = prometheus::Registry::new();
    /// orchq_metrics::contracts().register(&registry)?;
    /// # Ok::<(), prometheus::Error>(())
    /// ```
    pub fn register(&self, registry: &Registry) -> Result<()> {
        register(self, registry, &Encoder::new()).map(|_| ())
    }
}

impl Encoder {
    /// As [`Contracts::register`], with the constant labels: what the registry serves of these contracts has them.
    /// Needs the feature `prometheus`, which is on by default.
    ///
    /// # Errors
    ///
    /// Those of [`Contracts::register`]. Also if a metric has a constant label itself, and if the registry already
    /// serves contracts with other constant labels, or without; the error names the labels.
    ///
    /// ```
    /// use orchq_metrics::{text, v1};
    ///
    /// let registry = prometheus::Registry::new();
    /// let encoder = text::Encoder::new().constant_label("service", "queue")?;
    /// encoder.register(&[&v1::CONTRACT], &registry)?;
    /// assert!(registry.gather().iter().all(|family| family.get_metric()[0].get_label()[0].value() == "queue"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn register(&self, contracts: &[&'static Contract], registry: &Registry) -> Result<()> {
        register(contracts, registry, self).map(|_| ())
    }
}

/// The contracts of one registry. They are read together, so that a name is one family and each read is one moment.
#[derive(Debug)]
struct Group {
    /// A description that only this group has, by which its registry is found.
    mark: Desc,
    /// Has the constant labels.
    encoder: Encoder,
    contracts: Mutex<Vec<&'static Contract>>,
}

/// The groups of all registries. The lock is held while contracts are registered.
static GROUPS: Mutex<Vec<Weak<Group>>> = Mutex::new(Vec::new());

/// Registers those of these contracts that the registry does not have yet, all of them or none, and returns whether
/// there were any.
fn register(contracts: &[&'static Contract], registry: &Registry, encoder: &Encoder) -> Result<bool> {
    let mut groups = lock(&GROUPS);
    groups.retain(|group| group.strong_count() > 0);
    let known = groups.iter().filter_map(Weak::upgrade).find(|group| group.is_in(registry));
    if let Some(group) = &known {
        has_the_same_labels(&group.encoder, encoder)?;
    }
    let present = known.as_ref().map_or_else(Vec::new, |group| lock(&group.contracts).clone());
    let is_present = |contract: &&&Contract| present.iter().any(|known| std::ptr::eq(*known, **contract));
    let contracts: Vec<_> = contracts.iter().filter(|contract| !is_present(contract)).copied().collect();
    if contracts.is_empty() {
        return Ok(false);
    }
    no_metric_has(encoder, &contracts)?;
    let mut descs = new_descs(&present, &contracts, encoder)?;
    let leads = known.is_none();
    let group = known.map_or_else(|| Group::new(encoder), Ok)?;
    if leads {
        descs.push(group.mark.clone());
    }
    // Everything may be described already, by another copy of the same contract.
    if !descs.is_empty() {
        let taken = descs.iter().find(|desc| is_taken(registry, desc)).map(taken);
        let collector = ContractCollector { group: Arc::clone(&group), descs, leads };
        taken.map_or_else(|| registry.register(Box::new(collector)), Err)?;
    }
    lock(&group.contracts).extend(contracts);
    if leads {
        groups.push(Arc::downgrade(&group));
    }
    Ok(true)
}

/// The descriptions of what these contracts add to a registry that has others.
fn new_descs(present: &[&'static Contract], contracts: &[&'static Contract], encoder: &Encoder) -> Result<Vec<Desc>> {
    let constant: HashMap<_, _> =
        encoder.constant_labels().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut descs = Vec::new();
    let mut names: HashMap<&str, (&Contract, &MetricDesc)> = HashMap::new();
    let mut identities = Vec::new();
    for (contract, is_new) in present.iter().map(|known| (known, false)).chain(contracts.iter().map(|new| (new, true)))
    {
        // The constant labels identify the contract. The other families that all contracts have are collected without
        // being described.
        let identity = families::info_labels(contract);
        if is_new && !identities.contains(&identity) {
            let labels = identity.clone().map(|(name, value)| (name.to_owned(), value.into_owned()));
            let [.., info] = &OWN;
            let labels = constant.clone().into_iter().chain(labels).collect();
            descs.push(Desc::new(info.name.to_owned(), info.help.to_owned(), Vec::new(), labels)?);
        }
        identities.push(identity);
        for family in contract.families() {
            let desc = family.desc();
            let theirs = Recorders::linked().has_another_library(family) || adoption::has_collector(family);
            for (name, help) in desc.served_names() {
                match names.get(name) {
                    Some((_, known)) if known.promises_the_same(desc) => continue,
                    Some((other, known)) => {
                        let served = other.families().find(|family| std::ptr::eq(family.desc(), *known));
                        served.inspect(|family| family.count_violation(Violation::ConflictingContracts));
                        return Err(conflict(name, (contract, desc), (other, known)));
                    }
                    None => names.insert(name, (contract, desc)),
                };
                if is_new && !theirs {
                    let labels = desc.labels.iter().map(|label| label.name.to_owned()).collect();
                    descs.push(Desc::new(name.to_owned(), help.into_owned(), labels, constant.clone())?);
                }
            }
        }
    }
    Ok(descs)
}

/// One registry has one set of constant labels: families of several contracts may be one.
fn has_the_same_labels(present: &Encoder, new: &Encoder) -> Result<()> {
    let [present, new] = [present, new].map(|encoder| encoder.constant_labels().collect::<BTreeMap<_, _>>());
    let listed = |labels: &BTreeMap<&str, &str>| match labels.is_empty() {
        true => "without constant labels".to_owned(),
        false => format!("with the constant labels {labels:?}"),
    };
    if present == new {
        return Ok(());
    }
    Err(Error::Msg(format!(
        "cannot register a contract {}: the registry serves another one {}; register both through one `text::Encoder`",
        listed(&new),
        listed(&present),
    )))
}

/// A series has a label once.
fn no_metric_has(encoder: &Encoder, contracts: &[&'static Contract]) -> Result<()> {
    for (name, _) in encoder.constant_labels() {
        let mut metrics = contracts.iter().flat_map(|contract| contract.metrics());
        if let Some(desc) = metrics.find(|desc| desc.labels.iter().any(|label| label.name == name)) {
            return Err(Error::Msg(format!(
                "cannot register with the constant label `{name}`: the metric `{}` ({}:{}) has a label of this name; rename \
                 one of the two",
                desc.name, desc.file, desc.line
            )));
        }
    }
    Ok(())
}

fn conflict(name: &str, (contract, desc): (&Contract, &MetricDesc), (other, known): (&Contract, &MetricDesc)) -> Error {
    let stated = |contract: &Contract, desc: &MetricDesc| {
        format!("{} {} ({}:{})", contract.name(), contract.version(), desc.file, desc.line)
    };
    Error::Msg(format!(
        "cannot register the contract {}: it defines `{}` differently than {}, which the registry serves; give it \
         the same kind, unit, buckets and labels, in the same order, rename it in one of the two, or build every crate against one version of the contract",
        stated(contract, desc),
        name,
        stated(other, known),
    ))
}

fn taken(desc: &Desc) -> Error {
    Error::Msg(format!(
        "cannot register the contract: another collector of this registry has `{0}`; if the contract is to serve it, do not \
         register the other collector; if the other collector is, list it as `extern {1} {{ .. }}` in the `#[emits(..)]` of the \
         function that records it, with its labels, or call `adopt::<{1}>(&collector)` before `register`",
        desc.fq_name,
        struct_name(&desc.fq_name)
    ))
}

/// Whether the registry refuses what this describes.
fn is_taken(registry: &Registry, desc: &Desc) -> bool {
    let probe = || Box::new(Probe(desc.clone()));
    // It was registered right before, and nothing else removes it.
    registry.register(probe()).map(|()| registry.unregister(probe())).is_err()
}

impl Group {
    fn new(encoder: &Encoder) -> Result<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Relaxed).to_string();
        let labels = HashMap::from([("registry".to_owned(), number)]);
        let help = "Never collected.".to_owned();
        let mark = Desc::new("orchq_metrics_registry".to_owned(), help, Vec::new(), labels)?;
        Ok(Arc::new(Self { mark, encoder: encoder.clone(), contracts: Mutex::default() }))
    }

    /// Whether it is the group of this registry: then nothing else can be registered under its mark.
    fn is_in(&self, registry: &Registry) -> bool {
        is_taken(registry, &self.mark)
    }
}

/// Has a description and no metrics.
struct Probe(Desc);

impl Collector for Probe {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.0]
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        Vec::new()
    }
}

/// What a registry holds of a group: the names of some of its contracts. One of them collects for all.
struct ContractCollector {
    group: Arc<Group>,
    descs: Vec<Desc>,
    leads: bool,
}

impl Collector for ContractCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        if !self.leads {
            return Vec::new();
        }
        let contracts = lock(&self.group.contracts).clone();
        collector::collect(&contracts, &self.group.encoder.constant_labels())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::CONTRACT;

    #[test]
    fn a_group_ends_with_its_registry() {
        let groups = || lock(&GROUPS).iter().filter(|group| group.strong_count() > 0).count();
        let before = groups();
        let registries: Vec<_> = (0..3).map(|_| Registry::new()).collect();
        registries.iter().for_each(|registry| CONTRACT.register(registry).expect("an empty registry"));
        assert_eq!(groups(), before + 3);
        // A clone is the same registry.
        assert!(CONTRACT.register(&registries[1].clone()).is_err());
        drop(registries);
        assert_eq!(groups(), before);
    }
}
