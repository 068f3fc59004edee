//! The client: one endpoint, one set of credentials, one memory budget.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::cancel::Canceller;
use crate::config::kinds::{self, Check};
use crate::config::{Settings, Surroundings, resolve, with_settings};
use crate::credentials::{Caller, Credentials};
use crate::error::{Error, Result};
use crate::list::{ListOptions, ObjectList};
use crate::object::{Acl, Bucket, Object};
use crate::proto::service::AddressingStyle;
use crate::read::{ObjectReader, OpenOptions};
use crate::send::Session;
use crate::send::lane::Lane;
use crate::stats::Stats;
use crate::stream::{IntoWanted, ObjectStream, StreamOptions, Streaming};
use crate::verdict::{Integrity, RequireProof};
use crate::write::{
    self, CopyOptions, CreateOptions, DeleteOptions, Deleted, Deleting, ObjectName, ObjectSink,
    ObjectWriter, Of, PendingUpload, RestoreTier, SinkOptions, Starting, Whole, Written,
};

/// A client of one S3 service; cheap to clone, all clones share connections and counters.
///
/// ```no_run
/// use s3stream_core::{Client, OpenOptions};
/// # async fn example() -> s3stream_core::Result<()> {
/// let client = Client::from_env()?;
/// let mut reader = client.open("bucket", "key", OpenOptions::new()).await?;
/// while let Some(piece) = reader.next_piece().await? {
///     println!("{} bytes", piece.len());
/// }
/// println!("proven by {}", reader.verdict().expect("the end was reached").method);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    session: Arc<Session>,
}

impl Client {
    /// A client from the usual environment and profile files, as every S3 user expects.
    ///
    /// # Errors
    /// `InvalidInput` that names the variable, file or profile at fault.
    pub fn from_env() -> Result<Self> {
        Client::builder().build()
    }

    /// Settings that win over environment and profile files.
    pub fn builder() -> ClientBuilder {
        ClientBuilder { settings: Ok(Settings::default()) }
    }

    /// Lists objects; the request goes out at the first [`ObjectList::next`].
    pub fn list(&self, bucket: &str, options: ListOptions) -> ObjectList {
        ObjectList::new(Arc::clone(&self.session), bucket, options)
    }

    /// Puts other keys into the place of those in use: every later attempt is signed with them,
    /// also those of readers and listings that are under way.
    ///
    /// ```no_run
    /// # use s3stream_core::{Client, Credentials, Timestamp};
    /// # fn fetched() -> Credentials { unimplemented!() }
    /// # fn example(client: &Client) -> s3stream_core::Result<()> {
    /// if client.wants_credentials() {
    ///     client.set_credentials(fetched())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` for keys that cannot be sent, and for an anonymous client.
    pub fn set_credentials(&self, credentials: Credentials) -> Result<()> {
        self.session.replace_keys(credentials)
    }

    /// Whether the keys in use will end soon, have ended, or were refused as ended: for whoever
    /// replaces them.
    pub fn wants_credentials(&self) -> bool {
        self.session.wants_keys()
    }

    /// As whom this client signs: where its keys come from, when they end, and who that is, as
    /// STS says. See "GetCallerIdentity" in the AWS STS API reference.
    ///
    /// A server that is not AWS's is only asked where `AWS_ENDPOINT_URL_STS` or a profile names
    /// its STS: keys go to nobody else.
    ///
    /// # Errors
    /// Those of the way to credentials. That STS does not answer is none.
    pub async fn caller(&self) -> Result<Caller> {
        self.session.caller().await
    }

    /// Cuts a bucket into shards: ranges of keys that are backed up each for itself.
    ///
    /// Sends nothing yet. See [`plan`](crate::plan).
    #[cfg(feature = "plan")]
    pub fn plan(&self, bucket: &str, options: crate::plan::PlanOptions) -> crate::plan::Planning {
        crate::plan::planning(&self.session, bucket, options)
    }

    /// Lists the buckets of these credentials. See "ListBuckets", Amazon S3 API reference.
    ///
    /// # Errors
    /// `AccessDenied`, `Protocol`, or those of a failed request.
    pub async fn list_buckets(&self) -> Result<Vec<Bucket>> {
        crate::list::buckets(&self.session).await
    }

    /// Describes an object without reading it. See "HeadObject", Amazon S3 API reference.
    ///
    /// # Errors
    /// `NotFound`, `AccessDenied`, or those of a failed request. The reply to a HEAD has no
    /// body: [`code`](crate::Error::code) is `None`, and a missing bucket cannot be told from a missing key.
    pub async fn head(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Result<Object> {
        crate::read::head(&self.session, bucket, key, version_id).await
    }

    /// Asks for the tags of an object, as keys and values: one request. See "GetObjectTagging", Amazon S3 API
    /// reference; [`Details::tag_count`](crate::Details::tag_count) says whether there are any.
    ///
    /// # Errors
    /// `NotFound`, `AccessDenied` without the right to tags, `Unsupported` or `Protocol` where
    /// the server knows of none, or those of a failed request.
    ///
    /// ```no_run
    /// # async fn example() -> s3stream_core::Result<()> {
    /// let client = s3stream_core::Client::from_env()?;
    /// for (key, value) in client.tags("bucket", "key", None).await? {
    ///     println!("{key}={value}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn tags(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Vec<(String, String)>> {
        crate::read::rights::tags(&self.session, bucket, key, version_id).await
    }

    /// Asks who may do what with an object: one request. See "GetObjectAcl", Amazon S3 API
    /// reference.
    ///
    /// # Errors
    /// `NotFound`, `AccessDenied` without the right to it, `Unsupported` where the server knows
    /// of none, or those of a failed request.
    ///
    /// ```no_run
    /// # async fn example() -> s3stream_core::Result<()> {
    /// let client = s3stream_core::Client::from_env()?;
    /// for grant in client.acl("bucket", "key", None).await?.grants {
    ///     println!("{}: {}", grant.grantee.value(), grant.permission);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn acl(&self, bucket: &str, key: &str, version_id: Option<&str>) -> Result<Acl> {
        crate::read::rights::acl(&self.session, bucket, key, version_id).await
    }

    /// Opens an object for reading; the first bytes are on their way when it returns.
    ///
    /// # Errors
    /// `NotFound`, `AccessDenied`, `Archived`, `Changed` where `if_match` does not hold,
    /// `InvalidInput` for an offset beyond the end, or those of a failed request.
    pub async fn open(
        &self,
        bucket: &str,
        key: &str,
        options: OpenOptions,
    ) -> Result<ObjectReader> {
        ObjectReader::open(&self.session, bucket, key, options).await
    }

    /// Reads objects in the order in which a source names them, fetched ahead by tasks of
    /// the caller's Tokio runtime.
    ///
    /// # Errors
    /// `InvalidInput` outside of a Tokio runtime. Later ones: see [`Streaming`].
    pub fn stream<S>(
        &self,
        bucket: &str,
        objects: S,
        options: StreamOptions,
    ) -> Result<Streaming<S>>
    where
        S: futures_core::Stream<Item: IntoWanted> + Unpin,
    {
        Ok(Streaming::new(self.object_stream(bucket, options)?, objects))
    }

    /// A stream that is fed by hand.
    ///
    /// # Errors
    /// `InvalidInput` outside of a Tokio runtime.
    pub fn object_stream(&self, bucket: &str, options: StreamOptions) -> Result<ObjectStream> {
        Ok(self.stream_in(Lane::here(&self.session)?, bucket, &options))
    }

    pub(crate) fn stream_in(
        &self,
        lane: Lane,
        bucket: &str,
        options: &StreamOptions,
    ) -> ObjectStream {
        ObjectStream::new(&self.session, lane, bucket, options)
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Stores an object by one request. See "PutObject", Amazon S3 API reference.
    ///
    /// The reply proves that all bytes have arrived, or it is an error; how, the
    /// [`Written::verdict`] says. A reply that was lost is no error where the request can be
    /// repeated; under a condition what is stored is looked at.
    ///
    /// ```no_run
    /// # async fn example() -> s3stream_core::Result<()> {
    /// use s3stream_core::{Client, CreateOptions};
    /// let client = Client::from_env()?;
    /// let written = client.put("bucket", "key", "Hello", CreateOptions::new()).await?;
    /// println!("stored as {:?}", written.object.etag);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be sent, `AlreadyExists` or `Changed` where the condition
    /// does not hold, `Integrity` where the bytes are not the expected or not the stored ones,
    /// `Unsupported` for what the server does not know; `Protocol` with the code
    /// `CompletionUnknown` where nobody can tell; those of a failed request otherwise.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Result<Written> {
        let whole = Whole::of(bytes.into());
        write::put(&self.session, bucket, key, &whole, &options, &self.session.cancel).await
    }

    /// Begins an object that is written piece by piece; no request goes out yet. Its parts are
    /// sent by tasks of the caller's Tokio runtime.
    ///
    /// ```no_run
    /// # async fn example() -> s3stream_core::Result<()> {
    /// use s3stream_core::{Client, CreateOptions};
    /// let client = Client::from_env()?;
    /// let mut writer = client.create("bucket", "key", CreateOptions::new())?;
    /// writer.write("Hello, ").await?; // any number of bytes, any pause in between
    /// writer.write("world").await?;
    /// let written = writer.finish().await?; // nothing else makes it an object
    /// println!("{} bytes, proven by {}", written.bytes, written.verdict.name());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be sent, or outside of a Tokio runtime.
    pub fn create(&self, bucket: &str, key: &str, options: CreateOptions) -> Result<ObjectWriter> {
        let lane = Lane::here(&self.session)?;
        let starting = Box::new(move || Ok(lane.clone()));
        self.create_in(starting, bucket, key, options)
    }

    pub(crate) fn create_in(
        &self,
        starting: Starting,
        bucket: &str,
        key: &str,
        options: CreateOptions,
    ) -> Result<ObjectWriter> {
        ObjectWriter::new(&self.session, starting, bucket, key, options)
    }

    /// Stores many small objects, several at once, by tasks of the caller's Tokio runtime.
    ///
    /// ```no_run
    /// # async fn example() -> s3stream_core::Result<()> {
    /// use s3stream_core::{Client, CreateOptions, SinkOptions};
    /// let client = Client::from_env()?;
    /// let mut sink = client.sink(SinkOptions::new())?;
    /// for number in 0..1_000 {
    ///     sink.put("bucket", &format!("{number}"), "x", CreateOptions::new()).await?;
    /// }
    /// for put in sink.finish().await? {
    ///     put.result?; // its error names the key
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` outside of a Tokio runtime.
    pub fn sink(&self, options: SinkOptions) -> Result<ObjectSink> {
        Ok(self.sink_in(Lane::here(&self.session)?, options))
    }

    pub(crate) fn sink_in(&self, lane: Lane, options: SinkOptions) -> ObjectSink {
        ObjectSink::new(&self.session, lane, options)
    }

    /// Deletes what is under a key; in a bucket with versions it makes a delete marker, unless
    /// a version is named. That there is nothing is no error. See "DeleteObject", Amazon S3
    /// API reference.
    ///
    /// # Errors
    /// `AccessDenied` also where a lock forbids it, `Changed` where `if_match` does not hold, or
    /// those of a failed request.
    pub async fn delete(&self, bucket: &str, key: &str, options: DeleteOptions) -> Result<Deleted> {
        write::delete(&self.session, bucket, key, &options, &self.session.cancel).await
    }

    /// Copies an object within the service; none of its bytes come here. Above 5 GB it is copied
    /// in parts. See "CopyObject" and "UploadPartCopy", Amazon S3 API reference.
    ///
    /// # Errors
    /// `NotFound` and `AccessDenied` for either, `Changed` where the source does not match,
    /// `AlreadyExists` where the condition does not hold, `Unsupported` for what the server does
    /// not know, those of a failed request otherwise.
    pub async fn copy(
        &self,
        from_bucket: &str,
        from: impl Into<ObjectName>,
        bucket: &str,
        key: &str,
        options: CopyOptions,
    ) -> Result<Written> {
        write::copy(&self.session, (from_bucket, &from.into()), (bucket, key), &options).await
    }

    /// Replaces the tags of an object, or removes them where none are given. See
    /// "PutObjectTagging", Amazon S3 API reference.
    ///
    /// # Errors
    /// `InvalidInput` for more than 10 tags or one twice, `NotFound`, `AccessDenied`,
    /// `Unsupported`, or those of a failed request.
    pub async fn set_tags(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        tags: &[(String, String)],
    ) -> Result<()> {
        write::set_tags(&self.session, Of { bucket, key, version_id }, tags).await
    }

    /// Sets a canned access control list: `private`, `public-read`, `bucket-owner-full-control`,
    /// ... See "PutObjectAcl", Amazon S3 API reference.
    ///
    /// # Errors
    /// `Unsupported` also where the bucket's owner has all of its objects
    /// (`AccessControlListNotSupported`), `NotFound`, `AccessDenied`, or those of a failed
    /// request.
    pub async fn set_acl(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        canned: &str,
    ) -> Result<()> {
        write::set_acl(&self.session, Of { bucket, key, version_id }, canned).await
    }

    /// Asks for an archived object to be readable for so many days; that it was asked for before
    /// is no error. How that stands, [`Object::restore_status`] of a
    /// [`head`](Client::head) says. See "RestoreObject", Amazon S3 API reference.
    ///
    /// # Errors
    /// `NotFound`, `AccessDenied`, `Unsupported` where the server has no archive, or those of a
    /// failed request.
    pub async fn restore_archived(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        days: u32,
        tier: RestoreTier,
    ) -> Result<()> {
        write::restore_archived(&self.session, Of { bucket, key, version_id }, days, tier).await
    }

    /// Deletes many objects, a thousand by a request; each is told. See "DeleteObjects", Amazon
    /// S3 API reference.
    ///
    /// ```no_run
    /// # async fn example() -> s3stream_core::Result<()> {
    /// use s3stream_core::Client;
    /// let client = Client::from_env()?;
    /// let mut deleting = client.delete_all("bucket", ["a", "b"]);
    /// while let Some((name, outcome)) = deleting.next().await {
    ///     outcome?; // its error names the key
    ///     println!("{} is gone", name.key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_all<I>(&self, bucket: &str, names: I) -> Deleting<I::IntoIter>
    where
        I: IntoIterator<Item: Into<ObjectName>>,
    {
        Deleting::new(&self.session, bucket, names.into_iter())
    }

    /// The uploads in parts under a prefix that were neither completed nor aborted: what a
    /// process that died has left, and what others are sending at this moment.
    ///
    /// # Errors
    /// `AccessDenied`, `NotFound` for the bucket, `Protocol`, or those of a failed request.
    pub async fn uploads(&self, bucket: &str, prefix: &str) -> Result<Vec<PendingUpload>> {
        write::uploads(&self.session, bucket, prefix).await
    }

    /// Removes an upload and all its parts. That there is none is no error. Somebody may be
    /// sending it: look at [`PendingUpload::initiated`] first.
    ///
    /// # Errors
    /// `AccessDenied`, or those of a failed request.
    pub async fn abort_upload(&self, bucket: &str, key: &str, upload_id: &str) -> Result<()> {
        write::abort_upload(&self.session, bucket, key, upload_id).await
    }

    /// What this client and its clones have done so far.
    pub fn stats(&self) -> Stats {
        self.session.stats()
    }

    /// Cancels everything that this client and its clones are doing, for good.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.session.cancel.clone())
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("config", &self.session.config).finish()
    }
}

/// Settings of a client before they are checked against each other and the surroundings.
///
/// ```
/// use std::time::Duration;
/// use s3stream_core::Client;
/// let client = Client::builder()
///     .endpoint_url("http://127.0.0.1:7480")
///     .credentials("AKIDEXAMPLE", "secret")
///     .stall_timeout(Duration::from_secs(20))
///     .build()?;
/// # Ok::<(), s3stream_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    /// The first setting that could not be set is reported by `build`.
    settings: Result<Settings>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($typed:ty): $kind:ident = $default:literal,
        [$($variable:literal),*], [$($key:literal),*], $help:literal;)*) => {
        impl ClientBuilder {
            $($(#[$doc])*
            pub fn $name(self, $name: $typed) -> Self {
                let value = <kinds::$kind as Check<_>>::check($name);
                self.change(stringify!($name), value, |settings| &mut settings.$name)
            })*
        }
    };
}

with_settings!(setters);

impl ClientBuilder {
    /// Access key id and secret access key.
    pub fn credentials(self, access_key_id: &str, secret_access_key: &str) -> Self {
        self.access_key_id(access_key_id).secret_access_key(secret_access_key)
    }

    /// Sets one of [`SETTINGS`](crate::SETTINGS) by its name, from text; what is wrong with
    /// it is reported by [`build`](ClientBuilder::build).
    pub fn set(self, name: &str, value: &str) -> Self {
        let settings = self.settings.and_then(|mut settings| {
            settings.set(name, value)?;
            Ok(settings)
        });
        ClientBuilder { settings }
    }

    /// Like [`set`](ClientBuilder::set), but says at once what is wrong, for callers whose
    /// settings come one by one from elsewhere.
    ///
    /// # Errors
    /// `InvalidInput` that names the setting, or the one that is nearest to it.
    pub fn try_set(self, name: &str, value: &str) -> Result<Self> {
        let builder = self.set(name, value);
        builder.settings.as_ref().map_err(Clone::clone)?;
        Ok(builder)
    }

    /// Checks everything and makes the client; nothing is sent yet.
    ///
    /// # Errors
    /// `InvalidInput` that names the setting, variable, file or profile at fault.
    pub fn build(self) -> Result<Client> {
        let surroundings = Surroundings { variable: &variable, file: &file, home: &home };
        let config = resolve(self.settings?, &surroundings)?;
        Ok(Client { session: Session::new(config)? })
    }

    /// Sets a value as `set` does a text: what is wrong with it is reported by `build`.
    fn change<T>(
        self,
        name: &str,
        value: Result<T, String>,
        place: impl FnOnce(&mut Settings) -> &mut Option<T>,
    ) -> Self {
        let settings = self.settings.and_then(|mut settings| {
            let value = value.map_err(|why| Error::invalid(format!("{name}: {why}")))?;
            *place(&mut settings) = Some(value);
            Ok(settings)
        });
        ClientBuilder { settings }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn home() -> Option<PathBuf> {
    nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok().flatten().map(|user| user.dir)
}

fn file(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        // The home of a daemon may be unreadable to it: that is no file either.
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: ClientBuilder) -> String {
        builder.settings.unwrap_err().to_string()
    }

    #[test]
    fn typed_settings_are_checked_as_texts_are() {
        let zero = Duration::ZERO;
        let long = Duration::from_secs(31 * 86_400);
        for (builder, part) in [
            (Client::builder().stall_timeout(zero), "stall_timeout: must be above 0"),
            (Client::builder().connect_timeout(zero), "connect_timeout: must be above 0"),
            (Client::builder().idle_timeout(zero), "idle_timeout: must be above 0"),
            (Client::builder().stall_timeout(long), "stall_timeout: must be between"),
            (Client::builder().retry_max_delay(long), "retry_max_delay: must be between"),
            (Client::builder().retry_for(long), "retry_for: must be between"),
            (Client::builder().max_attempts(0), "max_attempts: 0 is no number from 1 to 1000"),
            (Client::builder().window(0), "window: must be a number of bytes"),
            (Client::builder().memory_limit(1), "memory_limit: must be a number of bytes"),
            (Client::builder().session_token("a\n"), "session_token: must not"),
            (Client::builder().session_token(""), "session_token: must not be empty"),
            (Client::builder().ca_bundle(""), "ca_bundle: must not be empty"),
            (Client::builder().proxy("socks5://p"), "proxy: 'socks5://p' is a SOCKS proxy"),
            (Client::builder().proxy("https://p"), "proxy: 'https://p' is a proxy behind TLS"),
            (Client::builder().endpoint_url("h"), "endpoint_url: 'h' does not start with http"),
        ] {
            let error = refused(builder);
            assert!(error.contains(part), "{error} lacks {part}");
        }
        assert!(Client::builder().proxy("").settings.is_ok(), "as the text: no proxy");
        assert!(Client::builder().retry_base_delay(zero).settings.is_ok());
    }

    #[test]
    fn no_password_in_a_url_is_shown() {
        for builder in [
            Client::builder().endpoint_url("http://user:hunter2@h"),
            Client::builder().endpoint_url("user:hunter2@h"),
            Client::builder().endpoint_url("http://h/?X-Amz-Signature=hunter2"),
            Client::builder().proxy("http://user:hunter2@h"),
            Client::builder().proxy("https://user:hunter2@h"),
            Client::builder().credentials("AKID", "hunter2").session_token("hunter2"),
        ] {
            let shown = format!("{builder:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
