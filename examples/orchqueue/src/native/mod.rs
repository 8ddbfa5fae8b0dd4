//! The engines' own metrics: fetched, read, and recorded as those of the contract.
//!
//! A [`Scraper`] gets the page of one engine, its [`Sources`] say what of it is which metric, and a [`Recorder`]
//! keeps what has to be remembered between two pages. Native labels end here: none is passed on, but for the name of
//! a GPU, which is the contract's `device`.

mod page;
mod reading;
mod recorder;
mod sources;
mod table;
mod tracker;

pub use page::{ScrapeError, Scraper};
pub use reading::Reading;
pub use recorder::Recorder;
pub use sources::{Counter, Devices, Ratio, RatioOf, Selector, Source, Sources, Tokens};
pub use table::table;
