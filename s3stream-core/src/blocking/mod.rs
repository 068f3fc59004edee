//! The same client without async: calls that block.
//!
//! A client owns a runtime that is driven inside its caller's calls: when nobody calls,
//! nothing runs. Only what reads ahead ([`Client::stream`]) has a thread of its own, from its
//! first use on. Nothing is started before the first call, and after a `fork` the child
//! starts afresh; readers and listings from before the fork fail clearly there.
//!
//! ```no_run
//! use s3stream_core::{OpenOptions, blocking::Client};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let mut reader = client.open("bucket", "key", OpenOptions::new())?;
//! std::io::copy(&mut reader, &mut std::io::sink())?;
//! # Ok(())
//! # }
//! ```

mod io_thread;
mod list;
#[cfg(feature = "plan")]
mod plan;
mod process;
mod reader;
mod sink;
mod stream;
mod watch;
mod writer;

use std::sync::Arc;

use bytes::Bytes;

use crate::cancel::Canceller;
use crate::client::ClientBuilder;
use crate::error::Result;
use crate::list::ListOptions;
use crate::object::{Acl, Bucket, Object};
use crate::read::OpenOptions;
use crate::stats::Stats;
use crate::stream::{IntoWanted, StreamOptions};
use crate::write::{
    CopyOptions, CreateOptions, DeleteOptions, Deleted, ObjectName, PendingUpload, RestoreTier,
    SinkOptions, Written,
};

pub use list::ObjectList;
#[cfg(feature = "plan")]
pub use plan::Planning;
pub use reader::ObjectReader;
pub use sink::ObjectSink;
pub use stream::{ObjectStream, Streaming};
pub use watch::watched;
pub use writer::ObjectWriter;

use process::Processes;

/// A blocking [`Client`](crate::Client); clones share it, several threads may use it at once.
#[derive(Clone, Debug)]
pub struct Client {
    processes: Arc<Processes>,
}

impl ClientBuilder {
    /// Like [`build`](ClientBuilder::build), for a blocking client.
    ///
    /// # Errors
    /// As `build`.
    pub fn build_blocking(self) -> Result<Client> {
        Ok(Client { processes: Arc::new(Processes::start(self)?) })
    }
}

impl Client {
    /// A client from the usual environment and profile files.
    ///
    /// # Errors
    /// `InvalidInput` that names the variable, file or profile at fault.
    pub fn from_env() -> Result<Self> {
        crate::Client::builder().build_blocking()
    }

    /// Settings that win over environment and profile files; end with `build_blocking`.
    pub fn builder() -> ClientBuilder {
        crate::Client::builder()
    }

    /// Lists objects as an iterator; see [`ObjectList`].
    pub fn list(&self, bucket: &str, options: ListOptions) -> ObjectList {
        ObjectList::new(self.processes.current(), bucket, options)
    }

    /// Puts other keys into the place of those in use.
    ///
    /// # Errors
    /// As [`Client::set_credentials`](crate::Client::set_credentials).
    pub fn set_credentials(&self, credentials: crate::Credentials) -> Result<()> {
        self.processes.current()?.client()?.set_credentials(credentials)
    }

    /// Whether the keys in use will end soon, have ended, or were refused as ended.
    ///
    /// # Errors
    /// `InvalidInput` where the client cannot be used.
    pub fn wants_credentials(&self) -> Result<bool> {
        Ok(self.processes.current()?.client()?.wants_credentials())
    }

    /// As whom this client signs.
    ///
    /// # Errors
    /// As [`Client::caller`](crate::Client::caller).
    pub fn caller(&self) -> Result<crate::Caller> {
        let process = self.processes.current()?;
        process.run(process.client()?.caller())?
    }

    /// Cuts a bucket into shards: ranges of keys that are backed up each for itself.
    ///
    /// Sends nothing yet. See [`plan`](crate::plan).
    #[cfg(feature = "plan")]
    pub fn plan(&self, bucket: &str, options: crate::plan::PlanOptions) -> Planning {
        Planning::new(self.processes.current(), bucket, options)
    }

    /// Lists the buckets of these credentials.
    ///
    /// # Errors
    /// As [`Client::list_buckets`](crate::Client::list_buckets).
    pub fn list_buckets(&self) -> Result<Vec<Bucket>> {
        let process = self.processes.current()?;
        process.run(process.client()?.list_buckets())?
    }

    /// Describes an object without reading it.
    ///
    /// # Errors
    /// As [`Client::head`](crate::Client::head).
    pub fn head(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Result<Object> {
        let process = self.processes.current()?;
        process.run(process.client()?.head(bucket, key, version_id))?
    }

    /// Asks for the tags of an object: one request.
    ///
    /// # Errors
    /// As [`Client::tags`](crate::Client::tags).
    pub fn tags(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Vec<(String, String)>> {
        let process = self.processes.current()?;
        process.run(process.client()?.tags(bucket, key, version_id))?
    }

    /// Asks who may do what with an object: one request.
    ///
    /// # Errors
    /// As [`Client::acl`](crate::Client::acl).
    pub fn acl(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Result<Acl> {
        let process = self.processes.current()?;
        process.run(process.client()?.acl(bucket, key, version_id))?
    }

    /// Opens an object for reading; see [`ObjectReader`].
    ///
    /// # Errors
    /// As [`Client::open`](crate::Client::open).
    pub fn open(&self, bucket: &str, key: &str, options: OpenOptions) -> Result<ObjectReader> {
        let process = self.processes.current()?;
        let reader = process.run(process.client()?.open(bucket, key, options))??;
        Ok(ObjectReader::new(process, reader))
    }

    /// Reads objects in the order in which an iterator names them, fetched ahead.
    ///
    /// The iterator may be a listing, or give keys or objects of the caller's choice.
    ///
    /// ```no_run
    /// use s3stream_core::{ListOptions, StreamOptions, blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::from_env()?;
    /// let listing = client.list("bucket", ListOptions::new());
    /// for reader in client.stream("bucket", listing, StreamOptions::new()) {
    ///     let mut reader = reader?; // the listing's failure
    ///     std::io::copy(&mut reader, &mut std::io::sink())?; // the object's
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream<I>(
        &self,
        bucket: &str,
        objects: I,
        options: StreamOptions,
    ) -> Streaming<I::IntoIter>
    where
        I: IntoIterator<Item: IntoWanted>,
    {
        Streaming::new(self.object_stream(bucket, options), objects.into_iter())
    }

    /// A stream that is fed by hand, for callers whose source is no iterator.
    ///
    /// # Errors
    /// `InvalidInput` after a fork where the settings cannot be used any more; `Internal` if
    /// no thread can be started.
    pub fn object_stream(&self, bucket: &str, options: StreamOptions) -> Result<ObjectStream> {
        ObjectStream::start(self.processes.current()?, bucket, &options)
    }

    /// Stores an object by one request.
    ///
    /// # Errors
    /// As [`Client::put`](crate::Client::put).
    pub fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Result<Written> {
        let process = self.processes.current()?;
        process.run(process.client()?.put(bucket, key, bytes, options))?
    }

    /// Begins an object that is written piece by piece; see [`ObjectWriter`]. The thread that
    /// sends its parts starts with the first one.
    ///
    /// ```no_run
    /// use s3stream_core::{CreateOptions, blocking::Client};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::from_env()?;
    /// let mut writer = client.create("bucket", "key", CreateOptions::new())?;
    /// std::io::copy(&mut std::io::stdin(), &mut writer)?; // an error here publishes nothing
    /// let written = writer.finish()?;
    /// println!("{} bytes, proven by {}", written.bytes, written.verdict.name());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::create`](crate::Client::create).
    pub fn create(&self, bucket: &str, key: &str, options: CreateOptions) -> Result<ObjectWriter> {
        ObjectWriter::create(self.processes.current()?, bucket, key, options)
    }

    /// Stores many small objects, several at once; see [`ObjectSink`].
    ///
    /// # Errors
    /// `InvalidInput` after a fork where the settings cannot be used any more; `Internal` if
    /// no thread can be started.
    pub fn sink(&self, options: SinkOptions) -> Result<ObjectSink> {
        ObjectSink::start(self.processes.current()?, options)
    }

    /// Deletes what is under a key.
    ///
    /// # Errors
    /// As [`Client::delete`](crate::Client::delete).
    pub fn delete(&self, bucket: &str, key: &str, options: DeleteOptions) -> Result<Deleted> {
        let process = self.processes.current()?;
        process.run(process.client()?.delete(bucket, key, options))?
    }

    /// Copies an object within the service.
    ///
    /// # Errors
    /// As [`Client::copy`](crate::Client::copy).
    pub fn copy(
        &self,
        from_bucket: &str,
        from: impl Into<ObjectName>,
        bucket: &str,
        key: &str,
        options: CopyOptions,
    ) -> Result<Written> {
        let process = self.processes.current()?;
        process.run(process.client()?.copy(from_bucket, from, bucket, key, options))?
    }

    /// Replaces the tags of an object.
    ///
    /// # Errors
    /// As [`Client::set_tags`](crate::Client::set_tags).
    pub fn set_tags(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        tags: &[(String, String)],
    ) -> Result<()> {
        let process = self.processes.current()?;
        process.run(process.client()?.set_tags(bucket, key, version_id, tags))?
    }

    /// Sets a canned access control list.
    ///
    /// # Errors
    /// As [`Client::set_acl`](crate::Client::set_acl).
    pub fn set_acl(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        canned: &str,
    ) -> Result<()> {
        let process = self.processes.current()?;
        process.run(process.client()?.set_acl(bucket, key, version_id, canned))?
    }

    /// Asks for an archived object to be readable for so many days.
    ///
    /// # Errors
    /// As [`Client::restore_archived`](crate::Client::restore_archived).
    pub fn restore_archived(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        days: u32,
        tier: RestoreTier,
    ) -> Result<()> {
        let process = self.processes.current()?;
        process.run(process.client()?.restore_archived(bucket, key, version_id, days, tier))?
    }

    /// Deletes many objects, a thousand by a request, and tells of each.
    ///
    /// # Errors
    /// `InvalidInput` after a fork where the settings cannot be used any more.
    pub fn delete_all<I>(&self, bucket: &str, names: I) -> Result<Deleting<I::IntoIter>>
    where
        I: IntoIterator<Item: Into<ObjectName>>,
    {
        let process = self.processes.current()?;
        let inner = process.client()?.delete_all(bucket, names);
        Ok(Deleting { inner, process })
    }

    /// The uploads in parts that were neither completed nor aborted.
    ///
    /// # Errors
    /// As [`Client::uploads`](crate::Client::uploads).
    pub fn uploads(&self, bucket: &str, prefix: &str) -> Result<Vec<PendingUpload>> {
        let process = self.processes.current()?;
        process.run(process.client()?.uploads(bucket, prefix))?
    }

    /// Removes an upload and all its parts.
    ///
    /// # Errors
    /// As [`Client::abort_upload`](crate::Client::abort_upload).
    pub fn abort_upload(&self, bucket: &str, key: &str, upload_id: &str) -> Result<()> {
        let process = self.processes.current()?;
        process.run(process.client()?.abort_upload(bucket, key, upload_id))?
    }

    /// What this client and its clones have done so far in this process.
    pub fn stats(&self) -> Stats {
        let client = self.processes.current();
        client.and_then(|process| Ok(process.client()?.stats())).unwrap_or_default()
    }

    /// Cancels everything that this client and its clones are doing, for good.
    ///
    /// # Errors
    /// `InvalidInput` after a fork, where the settings cannot be used any more.
    pub fn canceller(&self) -> Result<Canceller> {
        Ok(self.processes.current()?.client()?.canceller())
    }
}

/// A deletion of many objects in progress, as an iterator. See [`Deleting`](crate::Deleting).
pub struct Deleting<I> {
    inner: crate::Deleting<I>,
    process: Arc<process::Process>,
}

impl<I> Deleting<I>
where
    I: Iterator<Item: Into<ObjectName>>,
{
    /// What became of the next one; `None` behind the last.
    ///
    /// # Errors
    /// `Cancelled` where the wait was given up: the next call goes on; `InvalidInput` after a
    /// fork. An object's own failure is beside its name.
    pub fn next_deleted(&mut self) -> Result<Option<(ObjectName, Result<Deleted>)>> {
        self.process.run(self.inner.next())
    }
}

impl<I> Iterator for Deleting<I>
where
    I: Iterator<Item: Into<ObjectName>>,
{
    type Item = Result<(ObjectName, Result<Deleted>)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_deleted().transpose()
    }
}
