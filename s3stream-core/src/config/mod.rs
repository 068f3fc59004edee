//! A client's configuration: explicit settings over environment over profile files.
//!
//! [`Settings`] is what a caller said; [`resolve`] adds what the surroundings say and
//! checks that it all fits together. What comes out, a [`Config`], is valid.

mod chain;
mod customer_key;
mod files;
mod identity;
pub(crate) mod kinds;
mod profile;
mod proxies;
mod resolve;
mod settings;
mod surroundings;
#[cfg_attr(
    not(feature = "credentials"),
    expect(dead_code, reason = "it is described, and fetched by nobody")
)]
pub(crate) mod way;

use std::path::PathBuf;
use std::time::Duration;

use crate::proto::retry::Policy;
use crate::proto::service::Service;
use crate::verdict::{Integrity, RequireProof};

pub(crate) use customer_key::CustomerKey;
#[cfg(feature = "credentials")]
pub(crate) use identity::NOWHERE;
pub(crate) use identity::{Identity, check_keys};
pub use kinds::SettingKind;
use profile::Profile;
pub(crate) use proxies::{Proxies, Proxy, ProxyUrl};
pub(crate) use resolve::resolve;
pub use settings::{SETTINGS, Setting};
pub(crate) use settings::{Settings, with_settings};

pub(crate) use surroundings::Surroundings;

/// Everything that a client was told, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) service: Service,
    pub(crate) identity: Identity,
    /// Who may be asked whose keys they are.
    #[cfg_attr(not(feature = "credentials"), expect(dead_code, reason = "nobody asks"))]
    pub(crate) sts: Option<way::Sts>,
    pub(crate) trust: Trust,
    pub(crate) proxies: Proxies,
    pub(crate) connect_timeout: Duration,
    pub(crate) stall_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) retry: Policy,
    /// In bytes.
    pub(crate) memory_limit: u64,
    /// In bytes.
    pub(crate) window: u64,
    pub(crate) integrity: Integrity,
    /// Whether an object is read again whose digest disagrees at a likely part size.
    pub(crate) read_twice: bool,
    pub(crate) own_digest: bool,
    pub(crate) require_proof: RequireProof,
    pub(crate) user_agent: String,
    pub(crate) request_payer: Option<Payer>,
    pub(crate) customer_key: Option<CustomerKey>,
}

/// Who pays for a request: "Using Requester Pays general purpose buckets", Amazon S3 user guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payer {
    /// Whoever asks, not the bucket's owner.
    Requester,
}

/// Whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The roots of the operating system.
    System,
    /// Those of a PEM file, and no others.
    Bundle(PathBuf),
    /// Anybody's: `verify = false`.
    Anything,
}

/// Parses both kinds of profile file, for fuzzing.
#[cfg(fuzzing)]
pub(crate) fn parse_profile_file(text: &str) {
    let _ = files::parse(files::Kind::Config, text);
    let _ = files::parse(files::Kind::Credentials, text);
}
