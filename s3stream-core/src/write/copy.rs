//! An object copied by the server.

use std::sync::Arc;

use super::multipart::{self, Failed, Remote};
use super::options::CreateOptions;
use super::read_back;
use super::written::{WriteVerdict, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Algorithm, ETag, Encryption, Object};
use crate::proto::answer::Text;
use crate::proto::encode;
use crate::proto::headers::Headers;
use crate::proto::request::{Request, Verb};
use crate::proto::response::ObjectHead;
use crate::proto::retry::{Budget, PROGRESS};
use crate::proto::upload::{PartSizes, StoredPart, Upload};
use crate::proto::xml::{self, Made};
use crate::send::Session;
use crate::write::delete_all::ObjectName;

/// S3 copies no more by one request.
const LARGEST: u64 = 5_000_000_000;

/// Bytes of a part that is copied: nothing of it comes here, so fewer and larger ones are better.
const PART: u64 = 512 << 20;

/// A reply says little.
const LONGEST: usize = 1 << 20;

/// What is copied, and what of it is kept.
///
/// The copy has the source's headers, user metadata, tags and storage class, unless others are
/// set; never its ACL, lock or encryption, which S3 does not copy either. See "CopyObject",
/// Amazon S3 API reference.
///
/// ```
/// use s3stream_core::{CopyOptions, CreateOptions, Metadata};
/// let options = CopyOptions::new()
///     .replace(CreateOptions::new().metadata(Metadata::new().with_content_type("text/plain")));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct CopyOptions {
    if_match: Option<ETag>,
    create: CreateOptions,
    replaces: bool,
    largest: Option<u64>,
}

impl CopyOptions {
    /// All that S3 copies, as it is.
    pub fn new() -> Self {
        CopyOptions::default()
    }

    /// Only if the source has this ETag; unless set, the one that it has when the copy begins.
    pub fn if_match(mut self, etag: ETag) -> Self {
        self.if_match = Some(etag);
        self
    }

    /// What the copy is made with: condition, ACL, encryption, lock; and metadata and storage
    /// class instead of the source's.
    pub fn replace(mut self, options: CreateOptions) -> Self {
        self.create = options;
        self.replaces = true;
        self
    }

    /// The same, with the source's metadata and storage class.
    pub fn with(mut self, options: CreateOptions) -> Self {
        self.create = options;
        self.replaces = false;
        self
    }

    /// Bytes that are copied by one request; more is copied in parts. 5 GB unless set, which is
    /// S3's limit.
    pub fn largest_request(mut self, bytes: u64) -> Self {
        self.largest = Some(bytes.clamp(1, LARGEST));
        self
    }
}

/// Copies an object within one service.
pub(crate) async fn copy(
    session: &Arc<Session>,
    (from_bucket, from): (&str, &ObjectName),
    (bucket, key): (&str, &str),
    options: &CopyOptions,
) -> Result<Written> {
    super::check_place("copy", from_bucket, &from.key)?;
    super::check_place("copy", bucket, key)?;
    let cancel = &session.cancel;
    let mut budget = session.budget();
    let place = (from_bucket, from.key.as_str());
    let described =
        read_back::describe(session, place, from.version_id.as_deref(), &mut budget, cancel).await;
    let (_, source) = described?;
    budget.delivered(PROGRESS);
    let copying = Copying {
        session,
        from: source_field(from_bucket, from),
        source_name: (from_bucket, from),
        to: (bucket, key),
        create: with_source(&options.create, &source.object, options.replaces),
        source,
        is_tagged: options.replaces && !options.create.attributes.tags.is_empty(),
    };
    copying.check(options.if_match.as_ref())?;
    let largest = options.largest.unwrap_or(LARGEST);
    let written = if copying.source.object.size <= largest {
        copying.whole(&mut budget).await?
    } else {
        copying.parts(&mut budget, largest).await?
    };
    read_back::look(session, bucket, written, &copying.create, &mut budget, cancel).await
}

/// `x-amz-copy-source`: percent-encoded, as a path is.
fn source_field(bucket: &str, from: &ObjectName) -> String {
    let path = format!("/{bucket}/{}", encode::path(&from.key));
    match &from.version_id {
        Some(version) => format!("{path}?versionId={}", encode::query(version)),
        None => path,
    }
}

/// The options with what is taken over from the source: stated, because S3 makes STANDARD of a
/// class that is not, and a copy in parts takes over nothing.
fn with_source(create: &CreateOptions, source: &Object, replaces: bool) -> CreateOptions {
    let mut create = create.clone();
    if replaces {
        return create;
    }
    create.attributes.metadata = source.metadata().clone();
    if create.attributes.storage_class.is_none() {
        create.attributes.storage_class = source.storage_class.as_deref().map(str::to_owned);
    }
    create
}

struct Copying<'a> {
    session: &'a Arc<Session>,
    from: String,
    source_name: (&'a str, &'a ObjectName),
    to: (&'a str, &'a str),
    create: CreateOptions,
    source: ObjectHead,
    is_tagged: bool,
}

impl Copying<'_> {
    fn at(&self, error: Error) -> Error {
        error.at("copy", Some(self.to.0), Some(self.to.1))
    }

    fn check(&self, if_match: Option<&ETag>) -> Result<()> {
        if if_match.is_some_and(|etag| self.source.object.etag.as_ref() != Some(etag)) {
            let error = Error::new(ErrorKind::Changed, "the source's ETag is another one");
            return Err(self.at(error).with_attempts(1));
        }
        let is_sealed = |encryption: &Encryption| matches!(encryption, Encryption::Customer { .. });
        let details = self.source.object.details.as_deref();
        if details.and_then(|it| it.encryption.as_ref()).is_some_and(is_sealed) {
            let message = "the source is encrypted with a key of the customer's, which is not \
                           sent for a copy: read it and write it";
            return Err(self.at(Error::new(ErrorKind::Unsupported, message)));
        }
        Ok(())
    }

    /// A request that copies from the source as it was described: RadosGW 16 ignores the first
    /// of the two conditions and knows the second, AWS the other way about.
    fn naming_source(&self, request: Request) -> Request {
        let request = request.with_header("x-amz-copy-source", self.from.as_str());
        match self.source.object.etag.as_ref().and_then(ETag::if_match) {
            Some(etag) => request
                .with_header("x-amz-copy-source-if-match", etag.as_str())
                .with_header("x-amz-copy-if-match", etag),
            None => request,
        }
    }

    /// CopyObject.
    async fn whole(&self, budget: &mut Budget) -> Result<Written> {
        let (bucket, key) = self.to;
        let request = Request::of("copy", Verb::Put, bucket, Some(key)).with_long_work();
        let headers = self.create.headers(self.session).map_err(|error| self.at(error))?;
        let mut request =
            request.with_headers(&headers).with_header("x-amz-metadata-directive", "REPLACE");
        if self.is_tagged {
            request = request.with_header("x-amz-tagging-directive", "REPLACE");
        }
        let request = self.create.condition.on(request);
        let copied = match self.ask(&self.naming_source(request.clone()), budget).await {
            Err(error)
                if error.kind() == ErrorKind::Changed && self.is_unchanged(budget).await? =>
            {
                self.unconditional(request, budget).await
            }
            copied => copied,
        };
        let (made, version_id) = copied?;
        Ok(self.written(made, version_id, 0, budget))
    }

    /// Swift compares an ETag of its own for what was written in parts, and finds the source
    /// changed that it describes as it was. What is copied without the condition is the source
    /// if that is the same behind it as before.
    async fn unconditional(
        &self,
        request: Request,
        budget: &mut Budget,
    ) -> Result<(Made, Option<String>)> {
        let request = request.with_header("x-amz-copy-source", self.from.as_str());
        let copied = self.ask(&request, budget).await?;
        if self.is_unchanged(budget).await? {
            return Ok(copied);
        }
        let message = "the source was overwritten while it was copied: the copy is of one or the \
                       other";
        Err(self.at(Error::new(ErrorKind::Changed, message)).with_attempts(1))
    }

    /// Whether the source is still the one that was described.
    async fn is_unchanged(&self, budget: &mut Budget) -> Result<bool> {
        let (bucket, from) = self.source_name;
        let (place, version) = ((bucket, from.key.as_str()), from.version_id.as_deref());
        let cancel = &self.session.cancel;
        let (_, head) = read_back::describe(self.session, place, version, budget, cancel).await?;
        let (now, then) = (&head.object, &self.source.object);
        Ok(now.etag.is_some() && now.etag == then.etag && now.size == then.size)
    }

    async fn ask(&self, request: &Request, budget: &mut Budget) -> Result<(Made, Option<String>)> {
        let answer = || {
            Text::new("reply to CopyObject", LONGEST, |text: &str, headers: &Headers| {
                let version_id = headers.first("x-amz-version-id").map(str::to_owned);
                Ok((xml::made(text)?, version_id))
            })
        };
        self.session.ask(request, answer, budget, &self.session.cancel).await
    }

    fn written(
        &self,
        made: Made,
        version_id: Option<String>,
        parts: u32,
        budget: &Budget,
    ) -> Written {
        let source = &self.source.object;
        let crc64 = |object: &Object| {
            let found = object.checksums.iter().find(|it| it.algorithm == Algorithm::Crc64Nvme);
            found.map(|it| it.value.clone())
        };
        let is_full = self.source.composite != Some(true);
        let verdict = match (&made.crc64, crc64(source).filter(|_| is_full)) {
            (Some(stated), Some(known)) if *stated == known => {
                WriteVerdict::FullChecksum(Algorithm::Crc64Nvme)
            }
            _ if made.etag.is_some() && made.etag == source.etag => WriteVerdict::ChecksumEtag,
            _ => WriteVerdict::ServerCopied,
        };
        let mut object = Object::new(self.to.1);
        object.size = source.size;
        object.etag = made.etag;
        object.last_modified = made.last_modified;
        object.version_id = version_id;
        Written {
            bytes: source.size,
            object,
            parts,
            retries: budget.retries(),
            verdict,
            resolved_after_lost_reply: false,
            differences: Vec::new(),
        }
    }

    /// UploadPartCopy, one after another: the server does the work.
    async fn parts(&self, budget: &mut Budget, largest: u64) -> Result<Written> {
        let cancel = &self.session.cancel;
        let size = self.source.object.size;
        let part_size = self.create.part_size.unwrap_or(PART).min(largest);
        let part_size = part_size.max(size.div_ceil(u64::from(crate::proto::upload::MOST_PARTS)));
        let sizes = PartSizes::new(Some(size), Some(part_size), self.create.max_parts);
        let sizes = sizes.map_err(|why| self.at(Error::invalid(why)))?;
        let remote = multipart::create(self.session, self.to, &self.create, budget, cancel).await?;
        budget.delivered(PROGRESS);
        match self.fill(&remote, sizes, budget).await {
            Ok(written) => Ok(written),
            Err(Failed { error, is_undecided }) => {
                if !is_undecided {
                    // What cannot be removed is listed.
                    let _ = remote.abort().await;
                }
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        remote: &Remote,
        sizes: PartSizes,
        budget: &mut Budget,
    ) -> Result<Written, Failed> {
        let size = self.source.object.size;
        let (mut at, mut number, mut upload) = (0, 0, Upload::default());
        while at < size {
            number += 1;
            let length = sizes.of(number).unwrap_or(size).min(size - at);
            let request = remote.copying(number).with_long_work();
            let request = self
                .naming_source(request)
                .with_header("x-amz-copy-source-range", format!("bytes={at}-{}", at + length - 1));
            let (made, _) = self.ask(&request, budget).await.map_err(Failed::decided)?;
            budget.delivered(PROGRESS);
            let etag = made.raw_etag;
            upload.stored(number, StoredPart { etag, crc64: None, size: length });
            at += length;
        }
        let missing = |number: u32| {
            let message = format!("part {number} is missing");
            Failed::decided(self.at(Error::new(ErrorKind::Internal, message)))
        };
        let assembly = upload.assemble(number).map_err(missing)?;
        let cancel = &self.session.cancel;
        let done = remote.complete(&assembly, &self.create, budget, cancel).await?;
        let made = Made { etag: done.object.etag.clone(), ..Made::default() };
        let mut written = self.written(made, done.object.version_id, number, budget);
        written.verdict = done.known.by.map_or(WriteVerdict::ServerCopied, WriteVerdict::by);
        written.resolved_after_lost_reply = done.known.is_resolved;
        Ok(written)
    }
}
