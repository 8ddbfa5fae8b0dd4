//! Generated code means what it says whatever the user's names are.

use orchq_metrics::{LabelError, text};

/// Everything that generated code could mistake for its own, without the prelude, and with names that shadow.
#[allow(dead_code, non_camel_case_types, non_snake_case, unused_imports, unused_macros, clippy::upper_case_acronyms)]
mod hostile {
    #![no_implicit_prelude]

    use ::orchq_metrics as metrics;

    pub mod std {}
    pub mod core {}
    pub mod linkme {}
    pub mod orchq_metrics {}
    pub type Result = ();
    pub enum Option {}
    pub struct String;
    pub struct Symbol;
    pub struct LabelError;
    pub struct str;
    pub struct usize;
    pub struct u8;
    pub struct u32;
    pub struct u64;
    pub struct bool;
    pub trait Label {
        const VALUES: () = ();
        const CHOICES: () = ();
        fn symbol(&self) {}
        fn as_str(&self) {}
        fn write(&self) {}
        fn index(&self) {}
        fn as_ref(&self) {}
    }
    impl<T> Label for T {}
    /// A method that takes the receiver by value is found before one that borrows it.
    pub trait ByValue: ::core::marker::Sized {
        fn intern(self, _: ()) {}
        fn try_intern(self, _: ()) {}
        fn text(self, _: ()) {}
        fn len(self) {}
        fn record(self) {}
        fn pad(self) {}
        fn at(self) {}
    }
    impl<T> ByValue for T {}
    pub mod diagnostic {}
    pub trait Labels {}
    pub trait Metric {}
    pub trait Copy {}
    pub trait Clone {}
    pub trait FromStr {}
    pub const VALUES: () = ();
    pub const ALL: () = ();
    pub const DESC: () = ();
    pub fn Some() {}
    pub fn Ok() {}
    pub fn Err() {}
    pub fn None() {}
    macro_rules! concat {
        () => {};
    }
    macro_rules! line {
        () => {};
    }
    macro_rules! panic {
        () => {};
    }
    pub(crate) use {concat, line, panic};

    #[derive(
        ::core::clone::Clone, ::core::marker::Copy, metrics::Label, ::core::fmt::Debug, ::core::cmp::PartialEq,
    )]
    pub enum Outcome {
        #[label("ok")]
        Ok,
        #[label("err")]
        Err,
        #[label("error")]
        Error,
        #[label("all")]
        ALL,
        #[label("some")]
        Some,
        #[label("none")]
        None,
        #[label("values")]
        VALUES,
        #[label("choices")]
        CHOICES,
        #[label("conditional")]
        CONDITIONAL,
        #[label("self")]
        r#static,
        #[label("target")]
        Target,
        #[label("item")]
        Item,
        #[label("output")]
        Output,
        #[label("sealed")]
        Sealed,
        #[label("this")]
        This,
        #[label("new")]
        new,
        #[label("as_str")]
        as_str,
    }

    #[derive(::core::clone::Clone, ::core::marker::Copy, metrics::Label)]
    #[label(budget = 2)]
    pub struct Value(metrics::Symbol);

    #[derive(::core::clone::Clone, ::core::marker::Copy, metrics::Labels)]
    pub struct Group {
        pub out: Outcome,
        pub index: Outcome,
        #[when(out = "err")]
        pub r#type: ::core::option::Option<Value>,
    }

    #[metrics::contract(name = "hostile", version = "1.0.0")]
    pub mod contract {
        use super::*;

        /// Number of calls.
        #[counter(unit = "1")]
        pub struct hostile_calls_total {
            #[labels]
            labels: Group,
            value: Value,
        }

        /// Time of a call.
        #[histogram(unit = "seconds", buckets = [1, 2])]
        pub struct hostile_call_seconds {
            outcome: Outcome,
        }
    }

    #[metrics::emits(contract::hostile_calls_total, contract::hostile_call_seconds)]
    pub fn call(out: Outcome) {
        let value = Value::new("v");
        contract::hostile_calls_total { labels: Group { out, index: Outcome::ALL, r#type: None }, value }.inc();
        contract::hostile_call_seconds { outcome: out }.observe(::core::time::Duration::from_secs(1));
        use ::core::option::Option::None;
    }
}

#[test]
fn names_of_the_user_do_not_reach_generated_code() {
    use hostile::Outcome;
    hostile::call(Outcome::Err);
    let text = text::encode(&hostile::contract::CONTRACT);
    let series = r#"hostile_calls_total{out="err",index="all",value="v"} 1"#;
    assert!(text.lines().any(|line| line == series), "{text}");
    assert_eq!(Outcome::Err.as_str(), "err");
    assert_eq!("err".parse(), Ok(Outcome::Err));
    assert_eq!(Outcome::r#static.to_string(), "self");
    let unknown = "Err".parse::<Outcome>().unwrap_err();
    assert!(matches!(unknown, LabelError::Unknown { value, allowed } if value == "Err" && allowed.len() == 17));
}

#[test]
fn a_contract_is_named_by_constants() {
    let contract = &fixtures::contracts::configured::CONTRACT;
    assert_eq!((contract.name(), contract.version()), ("configured", env!("CARGO_PKG_VERSION")));
}
