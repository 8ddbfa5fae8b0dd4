//! Collects every error of one attribute, so that the user sees them at once.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The errors so far. Dropping it without [`finish`](Self::finish) is a bug.
pub(crate) struct Ctxt {
    errors: RefCell<Option<Vec<syn::Error>>>,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::new(Some(Vec::new())) }
    }

    /// An error that underlines all of `tokens`.
    pub(crate) fn error_on(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// An error that underlines all of `tokens`, if a rule has found one.
    pub(crate) fn error_if(&self, tokens: impl ToTokens, message: Option<String>) {
        message.into_iter().for_each(|message| self.error_on(&tokens, message));
    }

    /// An error at one span.
    pub(crate) fn error_at(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&self, error: syn::Error) {
        self.errors.borrow_mut().as_mut().expect("errors were not taken yet").push(error);
    }

    /// The value, or `None` after noting the error.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// As [`ok`](Self::ok), for arguments that have names. For one without, the error says what to write.
    pub(crate) fn ok_named<T>(&self, result: syn::Result<T>, cure: &str) -> Option<T> {
        self.ok(result.map_err(|error| {
            let has_no_name = error.to_string().starts_with("unexpected literal in nested attribute");
            if has_no_name { syn::Error::new(error.span(), cure) } else { error }
        }))
    }

    /// The errors as tokens that report each at its span; `None` if there are none.
    pub(crate) fn finish(self) -> Option<TokenStream> {
        let errors = self.errors.borrow_mut().take().expect("errors were not taken yet");
        if errors.is_empty() {
            return None;
        }
        Some(errors.iter().map(syn::Error::to_compile_error).collect())
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.errors.borrow().is_some() {
            panic!("forgot to check for errors");
        }
    }
}
