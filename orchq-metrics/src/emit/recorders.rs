//! Which metrics the sites of this binary record.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::emit::metric_ref::FamilyId;
use crate::emit::site::{self, Site};
use crate::store::AnyFamily;

/// The families that sites record, test code included.
#[derive(Default)]
pub(crate) struct Recorders {
    here: HashSet<FamilyId>,
    elsewhere: HashSet<FamilyId>,
    /// Whether the linker dropped the sites, so that the absence of one means nothing.
    lost: bool,
}

impl Recorders {
    /// Those of this process. A scrape asks for each family, so that the sites are read once.
    pub(crate) fn linked() -> &'static Self {
        static LINKED: LazyLock<Recorders> = LazyLock::new(|| Recorders::new(site::linked()));
        &LINKED
    }

    fn new(sites: Option<Vec<&'static Site>>) -> Self {
        let Some(sites) = sites else { return Self { lost: true, ..Self::default() } };
        let mut recorders = Self::default();
        for emits in sites.iter().flat_map(|site| site.emissions()) {
            let families = if emits.extern_labels.is_some() { &mut recorders.elsewhere } else { &mut recorders.here };
            families.insert(emits.metric.id());
        }
        recorders
    }

    /// Whether a site reports that another library records this family.
    pub(crate) fn has_another_library(&self, family: &dyn AnyFamily) -> bool {
        self.elsewhere.contains(&FamilyId::new(family))
    }

    /// Whether a zero of this family that nothing has recorded is true: a site of this library can raise it, and no
    /// other library counts it.
    ///
    /// If the sites are lost, it is taken as true. The functions are still there and record, a query sees their first
    /// event only as an increase from zero, and the self-check already reports the lost sites.
    pub(crate) fn can_raise(&self, family: &dyn AnyFamily) -> bool {
        self.lost || (self.here.contains(&FamilyId::new(family)) && !self.has_another_library(family))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::metric_ref::{Emits, MetricRef};
    use crate::v1::CONTRACT;

    #[test]
    fn a_zero_needs_a_site_of_this_library_alone() {
        let families: Vec<_> = CONTRACT.family_pointers().take(4).collect();
        let [here, elsewhere, both, nowhere] = families[..] else { panic!("it has metrics") };
        let own = |family| site::made_by_hand("sell", family);
        let foreign = |family| site::made_of("sell", Emits::made_by_hand(MetricRef::new(family), &[7], Some(&[])));
        let sites = vec![own(here), foreign(elsewhere), own(both), foreign(both)];
        let recorders = Recorders::new(Some(sites));
        let raised = [here, elsewhere, both, nowhere].map(|family| recorders.can_raise(family()));
        assert_eq!(raised, [true, false, false, false]);
        let foreign = [here, elsewhere, both, nowhere].map(|family| recorders.has_another_library(family()));
        assert_eq!(foreign, [false, true, true, false]);
        // Nothing is known.
        assert!(Recorders::new(None).can_raise(nowhere()));
    }
}
