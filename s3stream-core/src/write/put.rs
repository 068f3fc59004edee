//! One object by one PutObject.

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::options::{Condition, CreateOptions};
use super::read_back;
use super::written::{WriteVerdict, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Algorithm, ETag, Object};
use crate::proto::answer::Done;
use crate::proto::checksum::Digest;
use crate::proto::completion::{Proof, Stored, is_undecided};
use crate::proto::headers::Headers;
use crate::proto::payload::{Payload, base64};
use crate::proto::request::{Request, Verb};
use crate::proto::response::checksums;
use crate::proto::retry::Budget;
use crate::send::{Repeat, Session};

/// All bytes of an object, with the digests that every one of them has.
pub(crate) struct Whole {
    pub(crate) payload: Payload,
    pub(crate) crc64: String,
}

impl Whole {
    pub(crate) fn of(bytes: Bytes) -> Self {
        let mut crc64 = Digest::new(Algorithm::Crc64Nvme);
        crc64.update(&bytes);
        Whole { payload: Payload::signed(vec![bytes]), crc64: base64(&crc64.finish()) }
    }

    pub(super) fn md5(&self) -> Option<ETag> {
        let mut md5 = Digest::new(Algorithm::Md5);
        self.payload.pieces().iter().for_each(|piece| md5.update(piece));
        ETag::parse(&crate::proto::encode::hex(&md5.finish()))
    }
}

/// Stores an object under a key. See "PutObject", Amazon S3 API reference.
///
/// # Errors
/// `InvalidInput` for what cannot be sent; `AlreadyExists` and `Changed` where the condition
/// does not hold; `Integrity` where the bytes are not the expected ones, or not what was stored.
pub(crate) async fn put(
    session: &Session,
    bucket: &str,
    key: &str,
    whole: &Whole,
    options: &CreateOptions,
    cancel: &CancellationToken,
) -> Result<Written> {
    super::check_place("put", bucket, key)?;
    put_whole(session, (bucket, key), whole, options, &mut session.budget(), cancel).await
}

/// The same under a key that has been looked at.
pub(super) async fn put_whole(
    session: &Session,
    (bucket, key): (&str, &str),
    whole: &Whole,
    options: &CreateOptions,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<Written> {
    let at = |error: Error| error.at("put", Some(bucket), Some(key));
    options.expect.check_whole(whole).map_err(at)?;
    let request = request(session, bucket, key, whole, options).map_err(at)?;
    let putting = Putting { session, request, whole, options, cancel };
    let (headers, is_resolved) = putting.send(budget).await?;
    let object = described(key, whole.payload.length(), &headers);
    let verdict = verdict(&object, whole).map_err(at)?;
    let written = Written {
        bytes: whole.payload.length(),
        parts: 0,
        retries: budget.retries(),
        verdict,
        resolved_after_lost_reply: is_resolved,
        differences: Vec::new(),
        object,
    };
    read_back::look(session, bucket, written, options, budget, cancel).await
}

fn request(
    session: &Session,
    bucket: &str,
    key: &str,
    whole: &Whole,
    options: &CreateOptions,
) -> Result<Request> {
    let mut request = Request::of("put", Verb::Put, bucket, Some(key));
    request = request.with_headers(&options.headers(session)?);
    request = request.with_payload(whole.payload.clone());
    // Where nothing is signed, this is what the server can check the bytes by.
    if options.attributes.demand_md5() || session.is_anonymous() {
        request = request.with_header("content-md5", whole.payload.md5());
    }
    Ok(options.condition.on(request))
}

/// A PutObject on its way.
struct Putting<'a> {
    session: &'a Session,
    request: Request,
    whole: &'a Whole,
    options: &'a CreateOptions,
    cancel: &'a CancellationToken,
}

impl Putting<'_> {
    /// The head of the reply that stored it; true where that reply was lost.
    async fn send(&self, budget: &mut Budget) -> Result<(Headers, bool)> {
        let mut is_undecided_before = false;
        match self.attempts(&self.request, budget, &mut is_undecided_before).await {
            Ok(headers) => Ok((headers, false)),
            Err(error) if demands_md5(&error) => {
                let md5 = self.whole.payload.md5();
                let request = self.request.clone().with_header("content-md5", md5);
                let headers = self.attempts(&request, budget, &mut is_undecided_before).await?;
                Ok((headers, false))
            }
            // The condition does not hold any more: because of ourselves, perhaps.
            Err(error) if error.status() == Some(412) && is_undecided_before => {
                self.resolve(error, budget).await
            }
            Err(error) => Err(error),
        }
    }

    async fn attempts(
        &self,
        request: &Request,
        budget: &mut Budget,
        is_undecided_before: &mut bool,
    ) -> Result<Headers> {
        let repeat = |failure, error: &Error| {
            *is_undecided_before |= is_undecided(failure, error.status());
            Repeat::AsUsual
        };
        self.session.ask_while(request, Done::default, budget, self.cancel, repeat).await
    }

    /// Whether what is there is what we have sent, in an attempt whose reply was lost.
    async fn resolve(&self, refused: Error, budget: &mut Budget) -> Result<(Headers, bool)> {
        if self.options.condition == Condition::None {
            return Err(refused);
        }
        let (bucket, key) = (&self.request.bucket, &self.request.key);
        let place = (bucket.as_deref().unwrap_or_default(), key.as_deref().unwrap_or_default());
        let described = read_back::describe(self.session, place, None, budget, self.cancel).await;
        let ours = Stored {
            size: self.whole.payload.length(),
            crc64: Some(self.whole.crc64.clone()),
            etag: self.whole.md5(),
        };
        match described {
            Ok((headers, head)) => match ours.proof(&head) {
                Proof::Ours(_) => Ok((headers, true)),
                // Somebody else's is there, which is what the condition was to prevent.
                Proof::Foreign => Err(refused),
                Proof::Unclear => Err(super::unknown(&refused, None)),
            },
            Err(_) => Err(super::unknown(&refused, None)),
        }
    }
}

/// S3 wants a digest of what goes into a bucket that locks what it gets.
fn demands_md5(error: &Error) -> bool {
    error.code() == Some("MissingContentMD5")
        || (error.status() == Some(400) && error.message().contains("Content-MD5"))
}

/// The object as the reply to its PutObject describes it.
fn described(key: &str, size: u64, headers: &Headers) -> Object {
    let mut object = Object::new(key);
    object.size = size;
    object.etag = headers.first("etag").and_then(ETag::parse);
    object.version_id = headers.first("x-amz-version-id").map(str::to_owned);
    object.checksums = checksums(headers);
    object
}

/// How the reply proves the object.
fn verdict(object: &Object, whole: &Whole) -> Result<WriteVerdict> {
    let crc64 = object.checksums.iter().find(|it| it.algorithm == Algorithm::Crc64Nvme);
    match crc64 {
        Some(stated) if stated.value == whole.crc64 => {
            Ok(WriteVerdict::FullChecksum(Algorithm::Crc64Nvme))
        }
        Some(_) => {
            let message = "the server's checksum of what it has stored is another one: the object \
                           is not what was written";
            Err(Error::new(ErrorKind::Integrity, message))
        }
        // A login page is no stored object, whatever its status.
        None if object.etag.is_none() => {
            Err(Error::new(ErrorKind::Protocol, "the reply has no ETag: it is not S3's"))
        }
        None => Ok(WriteVerdict::PartsSigned),
    }
}
