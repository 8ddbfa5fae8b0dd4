//! Metrics as plain data: descriptions, units, labels, and the rules that the compiler evaluates.

/// Does something with each element of a slice in a `const fn`, where `for` does not exist.
macro_rules! each {
    ($slice:expr, |$item:ident| $work:block) => {{
        let mut rest: &[_] = $slice;
        while let [$item, others @ ..] = rest {
            $work
            rest = others;
        }
    }};
}
pub(crate) use each;

pub(crate) mod argument;
pub(crate) mod assertions;
pub mod buckets;
pub(crate) mod desc;
pub(crate) mod fnv;
pub(crate) mod label;
pub(crate) mod lifecycle;
pub(crate) mod rules;
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) mod ucum;
pub(crate) mod unit;
