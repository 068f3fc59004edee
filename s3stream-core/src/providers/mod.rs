//! Credentials that are fetched: one file a way, one trait, one HTTP client.
//!
//! | module | where keys live |
//! |---|---|
//! | [`role`] | STS, for another identity that assumes a role |
//! | [`web_identity`] | STS, for a token in a file |
//! | [`sso`] | single sign-on, for a token that a login left |
//! | [`process`] | a program that prints them |
//! | [`container`] | a service beside a container or pod |
//! | [`instance`] | the metadata service of a virtual machine |
//! | [`http`] | the HTTP client of all of them |
//!
//! An error names the way, its address or file, and what to do; it never holds what was answered,
//! because that may be a secret.

mod container;
mod http;
mod instance;
mod process;
mod role;
mod sso;
mod sts;
mod web_identity;

use std::pin::Pin;

use serde::Deserialize;

pub(crate) use self::http::Http;
pub(crate) use self::sts::caller_identity;
use crate::config::way::Way;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::time::Timestamp;

/// Keys on their way.
pub(crate) type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Credentials>> + Send + 'a>>;

/// A way to credentials that can be gone.
pub(crate) trait Provider: Send + Sync {
    /// Fetches keys that are good now; `now` is the server's clock as far as it is known.
    ///
    /// # Errors
    /// `InvalidInput` for what somebody has to set right, `AccessDenied` where it is refused,
    /// `Connection` and `TimedOut` where nobody answers, `Protocol` for an answer that is none.
    fn fetch<'a>(&'a self, http: &'a Http, now: Timestamp) -> Fetching<'a>;

    /// Whether keys that have ended serve on while nobody answers: an instance's do.
    fn keeps_ended(&self) -> bool {
        false
    }
}

impl Way {
    /// Who fetches along this way.
    pub(crate) fn provider(&self) -> &dyn Provider {
        match self {
            Way::Keys(keys, _) => keys,
            Way::WebIdentity(it) => it,
            Way::Role(it) => &**it,
            Way::Sso(it) => it,
            Way::Process(it) => it,
            Way::Container(it) => it,
            Way::Instance(it) => it,
        }
    }
}

impl Provider for Credentials {
    fn fetch<'a>(&'a self, _: &'a Http, _: Timestamp) -> Fetching<'a> {
        Box::pin(async { Ok(self.clone()) })
    }
}

/// Keys as JSON: processes, containers and instances spell them alike.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: Option<serde_json::Value>,
    code: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<zeroize::Zeroizing<String>>,
    session_token: Option<zeroize::Zeroizing<String>>,
    token: Option<zeroize::Zeroizing<String>>,
    expiration: Option<String>,
}

impl Document {
    /// Why it holds no keys is told without what it holds.
    fn parse(text: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice(text).map_err(|_| "its answer is not JSON with keys in it")
    }

    fn into_keys(self) -> Result<Credentials, &'static str> {
        let present = |text: &String| !text.is_empty() && !text.chars().any(char::is_control);
        let id = self.access_key_id.filter(present).ok_or("its answer has no AccessKeyId")?;
        let secret = self.secret_access_key.filter(|it| present(it));
        let secret = secret.ok_or("its answer has no SecretAccessKey")?;
        let token = self.session_token.or(self.token).filter(|it| !it.is_empty());
        let mut keys =
            Credentials::new(id, secret.as_str(), token.map(|token| token.as_str().to_owned()));
        if let Some(text) = self.expiration.filter(|it| !it.is_empty()) {
            let expires = Timestamp::parse_iso8601(&text);
            keys.expires = Some(expires.ok_or("the Expiration in its answer is no time")?);
        }
        Ok(keys)
    }
}

/// An error of a way: who, why, and what to do.
fn failed(kind: ErrorKind, way: &str, why: &str, advice: &'static str) -> Error {
    Error::new(kind, format!("no credentials from {way}: {why}")).with_advice(Some(advice))
}

#[cfg(test)]
mod tests;
