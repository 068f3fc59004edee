//! A manifest against what is there today: the archive on disk, the bucket.

mod archive;
mod compare;
mod gate;
mod totals;

pub use archive::{ArchiveCheck, MemberError};
pub use compare::{Note, Verification, VerifyError};
pub use gate::{Breach, Gate};
pub use totals::{Finding, Totals};
