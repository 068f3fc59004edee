//! The tar file, and how a file gets its name.

mod output;
mod pax;
mod tar;

pub(crate) use self::output::{Output, partial, resolved};
pub(crate) use self::tar::{Abandoned, Archive, Known};
