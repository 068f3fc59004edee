//! Who may do what, by which host name, and how often they did.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::validation::NameValidation;
use s3s::{S3Result, s3_error};

/// What a client signs with.
#[derive(Clone)]
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The credentials that count now; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Keyring(Arc<RwLock<Credentials>>);

impl Keyring {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self(Arc::new(RwLock::new(credentials)))
    }

    pub(crate) fn current(&self) -> Credentials {
        let credentials = self.0.read().unwrap_or_else(PoisonError::into_inner);
        credentials.clone()
    }

    pub(crate) fn replace(&self, credentials: Credentials) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = credentials;
    }
}

#[async_trait::async_trait]
impl S3Auth for Keyring {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let current = self.current();
        if current.access_key_id != access_key {
            return Err(s3_error!(
                InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records."
            ));
        }
        Ok(current.secret_access_key.into())
    }
}

/// How many requests came; clones share the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: Arc<AtomicU64>,
    pub(crate) connections: Arc<AtomicU64>,
    operations: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Counts {
    pub(crate) fn add(counter: &AtomicU64) -> u64 {
        counter.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn operation(&self, name: &str) -> u64 {
        let operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        operations.get(name).copied().unwrap_or_default()
    }

    fn add_operation(&self, name: &str) {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        match operations.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                operations.insert(name.to_owned(), 1);
            }
        }
    }
}

/// Whether requests without a signature are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anonymous {
    Refused,
    /// As on a public bucket: read and list, nothing else.
    MayRead,
}

/// Lets in who has a signature, and counts what they do.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) anonymous: Anonymous,
    pub(crate) counts: Counts,
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = context.s3_op().name();
        let is_reading = ["Get", "Head", "List"].iter().any(|verb| operation.starts_with(verb));
        let is_welcome = self.anonymous == Anonymous::MayRead && is_reading;
        if context.credentials().is_none() && !is_welcome {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        self.counts.add_operation(operation);
        Ok(())
    }
}

/// Finds the bucket in `bucket.s3.localhost` and `bucket.localhost`.
#[derive(Debug)]
pub(crate) struct LocalHosts;

impl S3Host for LocalHosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        for domain in ["s3.localhost", "localhost"] {
            if name == domain {
                return Ok(VirtualHost::new(domain));
            }
            let bucket = name.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
            if let Some(bucket) = bucket {
                return Ok(VirtualHost::new(domain).with_bucket(bucket));
            }
        }
        // Any other name is this server under a name of the tester's own.
        Ok(VirtualHost::new(host))
    }
}

/// AWS's bucket names, shorter ones too: tests like to say `b`.
#[derive(Debug)]
pub(crate) struct BucketNames;

impl NameValidation for BucketNames {
    fn validate_bucket_name(&self, name: &str) -> bool {
        let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ends = [name.bytes().next(), name.bytes().next_back()];
        name.len() <= 63
            && ends.into_iter().all(|end| end.is_some_and(is_alphanumeric))
            && name.bytes().all(|byte| is_alphanumeric(byte) || b".-".contains(&byte))
            && !name.contains("..")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_is_found_before_either_domain() {
        let bucket = |host: &str| {
            let parsed = LocalHosts.parse_host_header(host).expect("any host parses");
            parsed.bucket().map(str::to_owned)
        };
        assert_eq!(bucket("localhost:9000"), None);
        assert_eq!(bucket("s3.localhost"), None);
        assert_eq!(bucket("b.localhost:9000").as_deref(), Some("b"));
        assert_eq!(bucket("a.b.s3.localhost:1").as_deref(), Some("a.b"));
        assert_eq!(bucket("storage.example"), None);
    }
}
