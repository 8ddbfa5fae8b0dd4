//! The engines' own metrics: fetched, read, and recorded as metrics of the contract.
//!
//! A [`Scraper`] gets the page of one engine, its [`Sources`] map native families to metrics, and a [`Recorder`] keeps
//! the state between two pages. Native labels are not passed on, except the name of a GPU, which is the contract's
//! `device`.

mod page;
mod reading;
mod recorder;
mod sources;
mod tracker;

pub use page::{ScrapeError, Scraper};
pub use reading::Reading;
pub use recorder::Recorder;
pub use sources::{Counter, Devices, Ratio, RatioOf, Selector, Source, Sources, Tokens};
