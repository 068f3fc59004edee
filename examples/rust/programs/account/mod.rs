//! The account of a run: manifest, report, and what it came to.

mod ledger;
mod summary;

pub(crate) use ledger::{Closed, Ledger, at, write_page};
pub(crate) use summary::{Files, Unproven, print};
