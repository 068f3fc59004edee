//! A client's configuration: explicit settings over environment over profile files.
//!
//! [`Settings`] is what a caller said; [`resolve`] adds what the surroundings say and
//! checks that it all fits together. What comes out, a [`Config`], is valid.

mod resolve;
mod settings;

use std::path::PathBuf;
use std::time::Duration;

use crate::proto::retry::Policy;
use crate::proto::service::Service;
use crate::providers::Provider;
use crate::verdict::Integrity;

pub(crate) use resolve::resolve;
pub(crate) use settings::Settings;
pub use settings::{SETTINGS, Setting};

/// Everything that a client was told, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) service: Service,
    pub(crate) provider: Provider,
    pub(crate) trust: Trust,
    pub(crate) proxy: Proxy,
    pub(crate) connect_timeout: Duration,
    pub(crate) stall_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) retry: Policy,
    /// In bytes.
    pub(crate) memory_limit: u64,
    /// In bytes.
    pub(crate) window: u64,
    pub(crate) integrity: Integrity,
    pub(crate) user_agent: String,
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

/// Through which proxy requests go.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
    Environment,
    /// None, whatever the environment says.
    None,
    /// This one, for every request.
    Url(String),
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Proxy::Environment => f.write_str("Environment"),
            Proxy::None => f.write_str("None"),
            Proxy::Url(url) => f.write_str(&crate::proto::endpoint::without_userinfo(url)),
        }
    }
}
