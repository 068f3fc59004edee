//! The server and its settings.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::service::service_fn;
use s3s::service::S3ServiceBuilder;

use super::access::{Anonymous, BucketNames, Counts, Credentials, Gate, Keyring, LocalHosts};
use super::front::Front;
use super::service::Operations;
use super::store::{Acls, ChecksumAlgorithm, Settings, Store};
use crate::host::{Host, Place};

/// A running server; dropping it closes the port and all connections.
pub struct EmbeddedServer {
    store: Store,
    counts: Counts,
    keyring: Keyring,
    host: Host,
}

/// Settings of a server, each with a default that suits most tests.
#[derive(Clone, Debug)]
pub struct Builder {
    credentials: Credentials,
    settings: Settings,
    region: String,
    checks_region: bool,
    anonymous: Anonymous,
    place: Place,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            credentials: Credentials {
                access_key_id: "test".to_owned(),
                secret_access_key: "testsecret".to_owned(),
                session_token: None,
            },
            settings: Settings::default(),
            region: "us-east-1".to_owned(),
            checks_region: false,
            anonymous: Anonymous::Refused,
            place: Place::default(),
        }
    }
}

impl Builder {
    /// Sets the keys; `test` and `testsecret` if not called.
    #[must_use]
    pub fn access_key(mut self, id: &str, secret: &str) -> Self {
        self.credentials.access_key_id = id.to_owned();
        self.credentials.secret_access_key = secret.to_owned();
        self
    }

    /// Requires this session token with every signed request: any other gets
    /// `ExpiredToken`.
    #[must_use]
    pub fn session_token(mut self, token: &str) -> Self {
        self.credentials.session_token = Some(token.to_owned());
        self
    }

    /// Sets the region that the server names, without checking requests for it.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = region.to_owned();
        self
    }

    /// Sets the region and refuses requests signed for another, with
    /// `AuthorizationHeaderMalformed`.
    #[must_use]
    pub fn checked_region(mut self, region: &str) -> Self {
        self.checks_region = true;
        self.region(region)
    }

    /// Limits pages of listings to that many entries, so that few keys make
    /// many pages.
    #[must_use]
    pub fn page_size(mut self, entries: usize) -> Self {
        self.settings.page_size = entries.max(1);
        self
    }

    /// Sets the smallest part of a multipart upload but the last; AWS wants
    /// 5 MiB, this server anything if not called.
    #[must_use]
    pub fn min_part_size(mut self, bytes: u64) -> Self {
        self.settings.min_part_size = bytes;
        self
    }

    /// Sets the checksum of objects whose client named none: CRC64NVME if not
    /// called, as on AWS; `None` as on servers that know no checksums.
    #[must_use]
    pub fn default_checksum(mut self, algorithm: Option<ChecksumAlgorithm>) -> Self {
        self.settings.default_checksum = algorithm;
        self
    }

    /// Refuses access control lists, as every bucket on AWS does since April 2023
    /// unless its owner wants them (BucketOwnerEnforced).
    #[must_use]
    pub fn bucket_owner_enforced(mut self) -> Self {
        self.settings.acls = Acls::Refused;
        self
    }

    /// Lets everybody read and list without a signature.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.anonymous = Anonymous::MayRead;
        self
    }

    /// Sets the address to listen on; 127.0.0.1 if not called.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.place.address = address;
        self
    }

    /// Sets the port; a free one if not called.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.place.port = port;
        self
    }

    /// Serves HTTPS, by a certificate of [`EmbeddedServer::ca_pem`].
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.place.is_tls = true;
        self
    }

    /// Starts the server on threads of its own and returns when it listens.
    ///
    /// # Errors
    /// If the port is taken or threads or certificates cannot be made.
    pub fn start(self) -> io::Result<EmbeddedServer> {
        let store = Store::new(self.settings.clone());
        let counts = Counts::default();
        let keyring = Keyring::new(self.credentials.clone());
        let place = self.place;
        let front = Arc::new(self.front(&store, &counts, &keyring));
        let host = Host::start("s3-embedded", place, move || {
            Counts::add(&front.counts.connections);
            let front = Arc::clone(&front);
            service_fn(move |request| {
                let front = Arc::clone(&front);
                async move { front.call(request).await }
            })
        })?;
        Ok(EmbeddedServer { store, counts, keyring, host })
    }

    fn front(self, store: &Store, counts: &Counts, keyring: &Keyring) -> Front {
        let mut service =
            S3ServiceBuilder::new(Operations { store: store.clone(), region: self.region.clone() });
        service.set_auth(keyring.clone());
        service.set_host(LocalHosts);
        service.set_validation(BucketNames);
        service.set_access(Gate { anonymous: self.anonymous, counts: counts.clone() });
        Front {
            service: service.build(),
            keyring: keyring.clone(),
            counts: counts.clone(),
            checked_region: self.checks_region.then_some(self.region),
            request_ids: AtomicU64::new(1),
        }
    }
}

impl EmbeddedServer {
    /// A builder with the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://ADDRESS:PORT`, or `https://localhost:PORT` with TLS.
    pub fn endpoint_url(&self) -> String {
        self.host.endpoint_url()
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// The access key id.
    pub fn access_key_id(&self) -> String {
        self.keyring.current().access_key_id
    }

    /// The secret access key.
    pub fn secret_access_key(&self) -> String {
        self.keyring.current().secret_access_key
    }

    /// Replaces keys and session token; requests signed with the old ones are
    /// refused from now on.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.keyring.replace(credentials);
    }

    /// The authority that signed the server's certificate, as PEM, with TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.host.ca_pem()
    }

    /// The store, for what needs no HTTP.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many requests came, refused ones included.
    pub fn request_count(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// How many requests of an operation (`GetObject`, `ListObjectsV2`, ...)
    /// passed the signature check.
    pub fn operation_count(&self, operation: &str) -> u64 {
        self.counts.operation(operation)
    }

    /// How many connections were accepted.
    pub fn connection_count(&self) -> u64 {
        self.counts.connections.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for EmbeddedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address();
        f.debug_struct("EmbeddedServer").field("address", &address).finish_non_exhaustive()
    }
}
