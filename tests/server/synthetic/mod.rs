//! An S3 server without a store: every answer is made when it is asked for.
//!
//! A bucket of ten million objects costs nothing, and an object of many GiB is one block sent
//! over and over, so that in a benchmark the client is the limit and not the server. Requests
//! are not checked for a signature.
//!
//! ```
//! use s3stream_tests::synthetic::SyntheticServer;
//!
//! # fn main() -> std::io::Result<()> {
//! let server = SyntheticServer::builder().objects(10_000_000, 4096).start()?;
//! assert!(server.endpoint_url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! Only what a benchmark asks for is there: ListObjectsV2, GetObject and
//! HeadObject with ranges and `If-Match`, HeadBucket and GetBucketLocation.

mod body;
mod bucket;
mod listing;
mod reply;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::service::service_fn;

use crate::host::{Host, Place};
use body::Pace;
use bucket::Bucket;

pub use bucket::BIG;

/// A running server; dropping it closes the port and all connections.
pub struct SyntheticServer {
    host: Host,
}

/// Settings of a server, each with a default.
#[derive(Clone, Debug)]
pub struct Builder {
    objects: u64,
    size: usize,
    big: u64,
    connection_rate: Option<u64>,
    place: Place,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            objects: 1000,
            size: 4096,
            big: 1 << 30,
            connection_rate: None,
            place: Place::default(),
        }
    }
}

impl Builder {
    /// Sets how many small objects there are, `0000000000` and on, and their size in bytes.
    #[must_use]
    pub fn objects(mut self, count: u64, size: usize) -> Self {
        (self.objects, self.size) = (count, size);
        self
    }

    /// Sets the size in bytes of the one big object, [`BIG`], the last of all.
    #[must_use]
    pub fn big(mut self, bytes: u64) -> Self {
        self.big = bytes;
        self
    }

    /// Limits what one connection gets of bodies, in bytes a second.
    #[must_use]
    pub fn connection_rate(mut self, bytes: u64) -> Self {
        self.connection_rate = Some(bytes.max(1));
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

    /// Serves HTTPS, by a certificate of [`SyntheticServer::ca_pem`].
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.place.is_tls = true;
        self
    }

    /// Starts the server on threads of its own and returns when it listens.
    ///
    /// # Errors
    /// If the port is taken or threads or certificates cannot be made.
    pub fn start(self) -> io::Result<SyntheticServer> {
        let bucket = Arc::new(Bucket::new(self.objects, self.size, self.big));
        let rate = self.connection_rate;
        let host = Host::start("s3-synthetic", self.place, move || {
            let (bucket, pace) = (Arc::clone(&bucket), rate.map(Pace::new));
            service_fn(move |request| {
                let answer = reply::answer(&bucket, &request, pace.clone());
                std::future::ready(Ok::<_, std::convert::Infallible>(answer))
            })
        })?;
        Ok(SyntheticServer { host })
    }
}

impl SyntheticServer {
    /// A builder with the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://ADDRESS:PORT`, or `https://localhost:PORT` with TLS.
    pub fn endpoint_url(&self) -> String {
        self.host.endpoint_url()
    }

    /// The authority that signed the server's certificate, as PEM, with TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.host.ca_pem()
    }
}

impl fmt::Debug for SyntheticServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.host.address();
        f.debug_struct("SyntheticServer").field("address", &address).finish_non_exhaustive()
    }
}
