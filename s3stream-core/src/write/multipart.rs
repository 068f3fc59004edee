//! The requests of an upload in parts.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::options::CreateOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Algorithm, Object};
use crate::proto::answer::{Done, Text};
use crate::proto::completion::{Completion, Known, Proof, Step};
use crate::proto::headers::Headers;
use crate::proto::payload::Payload;
use crate::proto::request::{Request, Verb};
use crate::proto::response::checksums;
use crate::proto::retry::Budget;
use crate::proto::upload::{Assembly, PartDigest, StoredPart, encoded};
use crate::proto::xml::{self, Made};
use crate::send::{Repeat, Session};

/// More has no reply but a listing.
const LONGEST: usize = 1 << 20;

/// Attempts to abort: what cannot be aborted is listed and removed later.
const ABORT_ATTEMPTS: u32 = 2;

/// An upload in progress, on the server.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) session: Arc<Session>,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) id: String,
    pub(super) digest: PartDigest,
}

/// What an upload has become.
pub(super) struct Assembled {
    pub(super) object: Object,
    pub(super) known: Known,
}

/// CreateMultipartUpload.
pub(super) async fn create(
    session: &Arc<Session>,
    (bucket, key): (&str, &str),
    options: &CreateOptions,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<Remote> {
    let plain = Request::of("create", Verb::Post, bucket, Some(key))
        .with_query("uploads", "")
        .with_headers(
            &options
                .headers(session)
                .map_err(|error| error.at("create", Some(bucket), Some(key)))?,
        );
    let with_checksum = plain
        .clone()
        .with_header("x-amz-checksum-algorithm", "CRC64NVME")
        .with_header("x-amz-checksum-type", "FULL_OBJECT");
    let answer = || {
        Text::new("reply to CreateMultipartUpload", LONGEST, |text: &str, headers: &Headers| {
            let echoed = headers.first("x-amz-checksum-algorithm").map(str::to_owned);
            Ok((xml::initiated(text)?, echoed))
        })
    };
    let refuses = &session.refuses_checksums;
    let created = if refuses.load(Ordering::Relaxed) {
        session.ask(&plain, answer, budget, cancel).await
    } else {
        match session.ask(&with_checksum, answer, budget, cancel).await {
            Err(error) if is_about_checksums(&error) => {
                let created = session.ask(&plain, answer, budget, cancel).await;
                refuses.store(created.is_ok(), Ordering::Relaxed);
                created
            }
            created => created,
        }
    };
    let (id, echoed) = created?;
    let is_encrypted = session.config.service.endpoint().is_encrypted();
    Ok(Remote {
        session: Arc::clone(session),
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        id,
        digest: PartDigest::of(echoed.as_deref(), is_encrypted),
    })
}

/// Backblaze and others refuse what they do not know by its name.
fn is_about_checksums(error: &Error) -> bool {
    let names_it = error.message().to_ascii_lowercase().contains("checksum");
    error.status() == Some(501) || (error.status() == Some(400) && names_it)
}

impl Remote {
    fn request(&self, operation: &'static str, verb: Verb) -> Request {
        Request::of(operation, verb, &self.bucket, Some(&self.key))
            .with_query("uploadId", self.id.as_str())
    }

    /// UploadPart.
    pub(super) async fn part(
        &self,
        number: u32,
        crc64: u64,
        payload: Payload,
        budget: &mut Budget,
        cancel: &CancellationToken,
    ) -> Result<StoredPart> {
        let size = payload.length();
        let request = self
            .request("write", Verb::Put)
            .with_query("partNumber", number.to_string())
            .with_payload(payload);
        let request = if self.digest.has_checksum() {
            request.with_header("x-amz-checksum-crc64nvme", encoded(crc64))
        } else if self.session.is_anonymous() {
            let md5 = request.payload.md5();
            request.with_header("content-md5", md5)
        } else {
            request
        };
        let headers = self.session.ask(&request, Done::default, budget, cancel).await?;
        let at = |error: Error| self.session.at(&request, error).with_attempts(1);
        let stated = checksums(&headers);
        let stated = stated.iter().find(|it| it.algorithm == Algorithm::Crc64Nvme);
        if stated.is_some_and(|stated| stated.value != encoded(crc64)) {
            let message = format!("the server's checksum of part {number} is another one");
            return Err(at(Error::new(ErrorKind::Integrity, message)));
        }
        let etag = headers.first("etag").map(str::trim).filter(|etag| !etag.is_empty());
        let Some(etag) = etag else {
            let message = "the reply has no ETag: it is not S3's";
            return Err(at(Error::new(ErrorKind::Protocol, message)));
        };
        Ok(StoredPart { etag: etag.to_owned(), crc64: Some(crc64), size })
    }

    /// UploadPartCopy, from a source that is still to be named.
    pub(super) fn copying(&self, number: u32) -> Request {
        self.request("copy", Verb::Put).with_query("partNumber", number.to_string())
    }

    /// AbortMultipartUpload; that there is none is what was wanted.
    pub(super) async fn abort(&self) -> Result<()> {
        // It goes out also where everything else has been cancelled.
        let (mut budget, cancel) = (
            Budget::new(self.session.config.retry.at_most(ABORT_ATTEMPTS)),
            CancellationToken::new(),
        );
        self.abort_within(&mut budget, &cancel).await
    }

    pub(super) async fn abort_within(
        &self,
        budget: &mut Budget,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = self.request("abort_upload", Verb::Delete);
        match self.session.ask(&request, Done::default, budget, cancel).await {
            Ok(_) => Ok(()),
            Err(error) if error.status() == Some(404) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// CompleteMultipartUpload, until it is known what has become of it.
    ///
    /// # Errors
    /// What the server says; [`Undecided`](super::unknown) where nobody knows, which the second
    /// value says: such an upload must not be aborted.
    pub(super) async fn complete(
        &self,
        assembly: &Assembly,
        options: &CreateOptions,
        budget: &mut Budget,
        cancel: &CancellationToken,
    ) -> Result<Assembled, Failed> {
        let mut completion = Completion::new(assembly.makes());
        let request = self.completing(&completion, assembly, options);
        let answer = || {
            Text::new(
                "reply to CompleteMultipartUpload",
                LONGEST,
                |text: &str, headers: &Headers| {
                    let version_id = headers.first("x-amz-version-id").map(str::to_owned);
                    Ok((xml::made(text)?, version_id))
                },
            )
        };
        let mut step = Step::Ask;
        let repeat = |failure, error: &Error| {
            step = completion.failed(failure, error.status(), error.code());
            if step == Step::Ask { Repeat::AsUsual } else { Repeat::Never }
        };
        let asked = self.session.ask_while(&request, answer, budget, cancel, repeat).await;
        let mut object = Object::new(self.key.clone());
        object.size = completion.ours().size;
        let last = match asked {
            Ok((made, version_id)) => {
                step = completion.answered(made.crc64.as_deref(), made.etag.as_ref());
                describe(&mut object, made, version_id);
                None
            }
            Err(error) => {
                // Patience has ended, or the caller's.
                let is_over = step == Step::Ask;
                if is_over {
                    step = if completion.is_undecided() { Step::Look } else { Step::Refused };
                }
                Some(error)
            }
        };
        if step == Step::Look {
            step = self.look(&completion, &mut object, budget, cancel).await;
        }
        let last = || last.unwrap_or_else(|| self.session.at(&request, damaged()));
        match step {
            // An ETag that nobody has said is none: RadosGW's first Complete says an empty one.
            Step::Stored(known) => Ok(Assembled { object, known }),
            Step::Refused => Err(Failed { error: last(), is_undecided: false }),
            Step::Damaged => {
                let error = self.session.at(&request, damaged()).with_attempts(1);
                Err(Failed { error, is_undecided: true })
            }
            Step::Ask | Step::Look | Step::Unknown => {
                Err(Failed { error: super::unknown(&last(), Some(&self.id)), is_undecided: true })
            }
        }
    }

    fn completing(
        &self,
        completion: &Completion,
        assembly: &Assembly,
        options: &CreateOptions,
    ) -> Request {
        let body = Bytes::from(assembly.body(self.digest));
        let mut request =
            self.request("finish", Verb::Post).with_payload(Payload::signed(vec![body]));
        request = request.with_long_work().with_header("content-type", "application/xml");
        if self.digest.has_checksum()
            && let Some(crc64) = &completion.ours().crc64
        {
            request = request
                .with_header("x-amz-checksum-crc64nvme", crc64.as_str())
                .with_header("x-amz-checksum-type", "FULL_OBJECT")
                .with_header("x-amz-mp-object-size", completion.ours().size.to_string());
        }
        options.condition.on(request)
    }

    async fn look(
        &self,
        completion: &Completion,
        object: &mut Object,
        budget: &mut Budget,
        cancel: &CancellationToken,
    ) -> Step {
        let place = (self.bucket.as_str(), self.key.as_str());
        let version = object.version_id.clone();
        let looking =
            super::read_back::describe(&self.session, place, version.as_deref(), budget, cancel);
        match looking.await {
            Ok((_, head)) => {
                let proof = completion.ours().proof(&head);
                if let Proof::Ours(_) | Proof::Unclear = proof {
                    object.etag = head.object.etag;
                    object.version_id = head.object.version_id;
                    object.checksums = head.object.checksums;
                }
                completion.looked(Some(proof))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => completion.looked(None),
            Err(_) => completion.blind(),
        }
    }
}

/// A Complete that has not led to an object, as far as is known.
pub(super) struct Failed {
    pub(super) error: Error,
    /// It may yet turn out to be there.
    pub(super) is_undecided: bool,
}

impl Failed {
    /// It has come to nothing for certain.
    pub(super) fn decided(error: Error) -> Self {
        Failed { error, is_undecided: false }
    }
}

fn damaged() -> Error {
    Error::new(
        ErrorKind::Integrity,
        "the server said that it has stored the object, and what is there is another one: it is \
         not what was written, or was overwritten meanwhile",
    )
}

fn describe(object: &mut Object, made: Made, version_id: Option<String>) {
    object.etag = made.etag;
    object.version_id = version_id;
    if let Some(value) = made.crc64 {
        object.checksums = vec![crate::object::Checksum { algorithm: Algorithm::Crc64Nvme, value }];
    }
}
