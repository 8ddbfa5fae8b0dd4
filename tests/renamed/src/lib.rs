//! The library under another name, and through a re-export: `crate = path` on every macro.

/// What a crate of a company might hand to its services.
pub mod facade {
    pub use ::metrics as observability;

    /// A declaration for other crates, which knows the library through this one.
    #[macro_export]
    macro_rules! counted {
        ($module:ident, $metric:ident) => {
            #[$crate::facade::observability::contract(
                                        crate = $crate::facade::observability, name = "counted", version = "1.0.0"
                                    )]
            #[allow(missing_docs)]
            pub mod $module {
                /// Number of calls.
                #[counter(unit = "{call}")]
                pub struct $metric {}
            }
        };
    }
}

/// Through the name that `Cargo.toml` gives.
pub mod by_name {
    use metrics::{Label, Labels, Symbol, contract, emits};

    /// A closed label.
    #[derive(Clone, Copy, Label)]
    #[label(crate = metrics)]
    pub enum Color {
        /// Red.
        #[label("red")]
        Red,
    }

    /// An open one.
    #[derive(Clone, Copy, Label)]
    #[label(crate = metrics, budget = 8)]
    pub struct Route(Symbol);

    /// A group.
    #[derive(Clone, Copy, Labels)]
    #[labels(crate = metrics)]
    pub struct Place {
        /// Its color.
        pub color: Color,
        /// Its route.
        #[when(color = "red")]
        pub route: Option<Route>,
    }

    #[contract(crate = metrics, name = "by-name", version = "1.0.0")]
    mod contract {
        use super::Place;

        /// Number of calls.
        #[counter(unit = "{call}")]
        pub struct named_calls_total {
            #[labels]
            place: Place,
        }

        /// Time of the last call.
        #[gauge(unit = "seconds")]
        pub struct named_last_seconds {}
    }
    pub use contract::*;

    /// Records.
    #[emits(crate = metrics, named_calls_total)]
    pub fn call() {
        named_calls_total { place: Place { color: Color::Red, route: "/".parse().ok() } }.inc();
    }

    /// Leaves it to another library.
    #[emits(extern named_last_seconds {}, crate = metrics)]
    pub fn last(seconds: &mut f64) {
        *seconds = 1.0;
    }
}

/// Through a path.
pub mod by_path {
    use crate::facade::observability::{emits, text};

    crate::counted!(contract, path_calls_total);
    pub use contract::*;

    /// Records.
    #[emits(crate = crate::facade::observability, path_calls_total)]
    pub fn call() {
        path_calls_total {}.inc();
    }

    /// The page of both contracts.
    #[must_use]
    pub fn page() -> String {
        text::encode(&CONTRACT) + &text::encode(&super::by_name::CONTRACT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::Rung;

    #[test]
    fn every_macro_finds_the_library() {
        by_name::call();
        by_path::call();
        by_name::last(&mut 0.0);
        let rung = |contract: &metrics::Contract, name| contract.coverage().metric(name).expect("declared").rung;
        assert_eq!(rung(&by_name::CONTRACT, "named_calls_total"), Rung::Hit);
        assert_eq!(rung(&by_name::CONTRACT, "named_last_seconds"), Rung::Linked);
        assert_eq!(rung(&by_path::CONTRACT, "path_calls_total"), Rung::Hit);
        let page = by_path::page();
        for series in [r#"named_calls_total{color="red",route="/"} 1"#, "path_calls_total 1"] {
            assert!(page.lines().any(|line| line == series), "{page}");
        }
    }
}
