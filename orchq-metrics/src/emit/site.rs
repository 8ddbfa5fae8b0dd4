//! Emission sites: the functions that record metrics.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use linkme::distributed_slice;

use crate::emit::fields::Fields;
use crate::emit::metric_ref::{Emits, MetricRef};
use crate::emit::record::{Record, site};
use crate::emit::site_record::{EntryRecord, HEAD, Origin, SiteRecord, VERSION};
use crate::store::{AnyFamily, MetricId};

/// The families of every contract that is linked into this binary.
#[distributed_slice]
pub static ORCHQ_METRICS_FAMILIES: [&'static [fn() -> &'static dyn AnyFamily]];

/// The records of every annotated function of every crate that is linked into this binary, as one text.
///
/// The name is long because linkme derives a link section from nothing else. Its elements are [`Record`]s, put there
/// by [`__site`](crate::__site).
#[distributed_slice]
pub static ORCHQ_METRICS_EMISSION_SITES: [AtomicU8];

/// The text of the record that this crate itself registers: if it is missing, the linker has dropped the section, and
/// the absence of other sites proves nothing.
const CANARY_TEXT: &str = concat!(
    "\norchq-metrics 1 site\0",
    env!("CARGO_PKG_NAME"),
    "\0",
    env!("CARGO_PKG_VERSION"),
    "\0",
    module_path!(),
    "\0\0",
    file!(),
    "\0false\00\0"
);

ORCHQ_METRICS_EMISSION_SITES! {
    #![linkme_macro = ORCHQ_METRICS_EMISSION_SITES]
    #[orchq_metrics_macros::__foreign]
    static CANARY: Record<{ CANARY_TEXT.len() }, 0> = site(CANARY_TEXT, []);
}

/// One function annotated with [`emits`](macro@crate::emits).
pub(crate) struct Site {
    /// Where it is.
    pub(crate) origin: Origin<'static>,
    emissions: Vec<Emits>,
}

impl Site {
    pub(crate) fn new(origin: Origin<'static>, emissions: Vec<Emits>) -> Self {
        Self { origin, emissions }
    }

    /// The site of a record, whose flags are the first of `hits`; `None` if one of its metrics is unknown.
    fn from_record(
        record: SiteRecord<'static>,
        hits: &'static [AtomicU8],
        metrics: &HashMap<&'static str, MetricRef>,
    ) -> Option<Self> {
        let SiteRecord { origin, entries } = record;
        let emits = |(entry, hit): (EntryRecord<'static>, &'static AtomicU8)| {
            Some(Emits::new(*metrics.get(entry.metric)?, entry.lines, entry.extern_labels, hit))
        };
        let emissions = entries.into_iter().zip(hits).map(emits).collect::<Option<_>>()?;
        Some(Self::new(origin, emissions))
    }

    /// What the function emits in this build.
    pub(crate) fn emissions(&self) -> impl Iterator<Item = &Emits> {
        // An emission under a `cfg` that is off has no line.
        self.emissions.iter().filter(|emits| !emits.lines.is_empty())
    }
}

/// The sites in this binary, or `None` when the linker lost them.
pub(crate) fn linked() -> Option<Vec<&'static Site>> {
    // Their records are read once.
    static LINKED: LazyLock<Option<Vec<Site>>> =
        LazyLock::new(|| read(&ORCHQ_METRICS_EMISSION_SITES, ORCHQ_METRICS_FAMILIES.iter().copied().flatten()));
    LINKED.as_ref().map(|sites| sites.iter().collect())
}

/// Reads the records. Without the canary, or with a site whose metric is in no contract, the linker has dropped some.
fn read<'a>(
    records: &'static [AtomicU8],
    families: impl Iterator<Item = &'a fn() -> &'static dyn AnyFamily>,
) -> Option<Vec<Site>> {
    let by_id: HashMap<_, _> =
        families.filter_map(|family| Some((id_text(family().id())?, MetricRef::new(*family)))).collect();
    // Kept like the records themselves; what is read refers to it.
    let text: &'static [u8] = records.iter().map(|byte| byte.load(Relaxed)).collect::<Vec<_>>().leak();
    let (mut rest, mut sites, mut has_canary) = (text, Vec::new(), false);
    // Anything may be between the records, as where a linker aligns them.
    while let Some(start) = rest.windows(HEAD.len()).position(|bytes| bytes == HEAD) {
        let mut fields = Fields::new(rest.get(start + HEAD.len()..)?);
        if fields.text()?.split_once(' ') != Some((VERSION, "site")) {
            return None;
        }
        let record = SiteRecord::read(&mut fields)?;
        rest = fields.rest();
        let hits = records.get(records.len() - rest.len()..)?;
        if record.is_canary() {
            has_canary = true;
        } else {
            sites.push(Site::from_record(record, hits, &by_id)?);
        }
    }
    has_canary.then_some(sites)
}

fn id_text(id: &'static MetricId) -> Option<&'static str> {
    std::str::from_utf8(id).ok()?.strip_suffix('\0')
}

/// A site, for tests of what reads sites.
#[cfg(test)]
pub(crate) fn made_by_hand(function: &'static str, family: fn() -> &'static dyn AnyFamily) -> &'static Site {
    made_of(function, Emits::made_by_hand(MetricRef::new(family), &[7], None))
}

/// A site with this emission.
#[cfg(test)]
pub(crate) fn made_of(function: &'static str, emits: Emits) -> &'static Site {
    let (krate, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let origin = Origin { krate, version, module: "shop::till", function, file: "src/till.rs", in_test: false };
    Box::leak(Box::new(Site::new(origin, vec![emits])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::CONTRACT;

    fn bytes(text: &str) -> &'static [AtomicU8] {
        text.bytes().map(AtomicU8::new).collect::<Vec<_>>().leak()
    }

    fn read_text(text: &str) -> Option<Vec<Site>> {
        let families: Vec<_> = CONTRACT.family_pointers().collect();
        read(bytes(text), families.iter())
    }

    /// A site of a function that records the metric with this id on line 7, and its flag.
    fn site_text(function: &str, id: &str) -> String {
        format!("\norchq-metrics 1 site\0shop\01.0\0shop::till\0{function}\0src/till.rs\0false\01\0own\07 \0{id}\0\0")
    }

    #[test]
    fn sites_without_the_canary_are_a_lost_section() {
        let family = CONTRACT.families().next().expect("it has metrics");
        let id = id_text(family.id()).expect("an id is a field");
        let sell = site_text("sell", id);
        assert!(read_text(&sell).is_none());
        assert!(read_text("").is_none());
        let found = read_text(&[CANARY_TEXT, "\0\0", &sell].concat()).expect("the canary is there");
        assert_eq!(found.iter().map(|site| site.origin.path()).collect::<Vec<_>>(), ["shop::till::sell"]);
        // A metric of a contract that was dropped.
        assert!(read_text(&[CANARY_TEXT, &site_text("sell", "00000000000000a1")].concat()).is_none());
        // And this binary is linked as it should be.
        assert!(linked().is_some());
    }

    macro_rules! section_names {
        (
            #![linkme_linux_section = $linux:expr]
            #![linkme_macho_section = $macho:expr]
            #![linkme_windows_section = $windows:expr]
            #![linkme_illumos_section = $illumos:expr]
            #![linkme_bsd_section = $bsd:expr]
            $item:item
        ) => {
            const SECTION_NAMES: [&str; 5] = [$linux, $macho, $windows, $illumos, $bsd];
            $item
        };
    }

    ORCHQ_METRICS_EMISSION_SITES! {
        #![linkme_macro = section_names]
        const _: () = ();
    }

    /// What this crate relies on without linkme's documentation: the macro of a slice passes an item on with the name
    /// of its section on each platform, among those that `tools::binary` reads.
    #[test]
    fn linkme_names_the_sections_that_are_read() {
        let [linux, macho, windows, illumos, bsd] = SECTION_NAMES;
        let slice = "ORCHQ_METRICS_EMISSION_SITES";
        assert_eq!([linux, bsd, illumos].map(|name| name.replace(slice, "")), ["linkme_", "linkme_", "set_linkme_"]);
        let (segment, section) = macho.split_once(',').expect("a segment, a section and its attributes");
        let hash = section.strip_prefix("__linkme").and_then(|rest| rest.strip_suffix(",regular,no_dead_strip"));
        assert_eq!((segment, hash.map(str::len)), ("__DATA", Some(8)));
        assert_eq!(windows, [".linkme_", slice, "$b"].concat());
    }

    #[test]
    fn a_flag_is_the_byte_of_its_own_entry() {
        let family = CONTRACT.families().next().expect("it has metrics");
        let id = id_text(family.id()).expect("an id is a field");
        let two = site_text("two", id).replace("\x001\0own\x007 \0", "\x002\0own\x007 \0own\x008true \0");
        let two = two.replace(&format!("{id}\0\0"), &format!("{id}\0{id}\0\0\u{1}"));
        let found = read_text(&[CANARY_TEXT, &two, &site_text("one", id)].concat()).expect("complete");
        let hits = found.iter().flat_map(Site::emissions).map(|emits| (emits.lines.clone(), emits.is_hit()));
        assert_eq!(hits.collect::<Vec<_>>(), [(vec![7], false), (vec![8], true), (vec![7], false)]);
    }
}
