//! An object that is written piece by piece, and comes into being whole or not at all.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::multipart::{self, Failed, Remote};
use super::options::{Condition, CreateOptions};
use super::part::Part;
use super::put::{Whole, put_whole};
use super::read_back;
use super::sending::{Abandoned, Sending};
use super::written::{WriteVerdict, Written};
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::checksum::Digest;
use crate::proto::retry::{Budget, PROGRESS};
use crate::proto::upload::{PartDigest, PartSizes, encoded};
use crate::send::Session;
use crate::send::lane::Lane;
use crate::send::memory::Reservation;

/// Parts that are sent at once, unless said otherwise.
const USUAL_CONCURRENCY: usize = 4;

/// An object being written. It comes into being by [`finish`](ObjectWriter::finish), and by
/// nothing else: a writer that is dropped, or has failed, leaves no object and no prefix of one.
///
/// What fits into one part is sent by one PutObject, at `finish`. More is sent in parts, as they
/// are full: no request waits for the caller, who may pause for as long as he likes. What has
/// been sent of a writer that is dropped is removed as far as that is possible then; what is
/// left, [`Client::uploads`](crate::Client::uploads) shows.
///
/// The first failure is final: every later call repeats it. A call whose future was dropped has
/// taken its bytes all the same.
pub struct ObjectWriter {
    session: Arc<Session>,
    starting: Starting,
    place: Place,
    options: CreateOptions,
    sizes: PartSizes,
    /// Taken from the caller, and not part of a part yet.
    pending: VecDeque<Bytes>,
    part: Part,
    /// Of the part that is being made, the first being 1.
    number: u32,
    taken: u64,
    expected: Option<Digest>,
    memory: Reservation,
    sending: Option<Sending>,
    budget: Budget,
    cancel: CancellationToken,
    failed: Option<Error>,
}

/// Where an object is to be.
struct Place {
    bucket: String,
    key: String,
}

/// Where parts are sent from: started with the first one.
pub(crate) type Starting = Box<dyn Fn() -> Result<Lane> + Send + Sync>;

impl ObjectWriter {
    pub(crate) fn new(
        session: &Arc<Session>,
        starting: Starting,
        bucket: &str,
        key: &str,
        options: CreateOptions,
    ) -> Result<Self> {
        super::check_place("create", bucket, key)?;
        let at = |error: Error| error.at("create", Some(bucket), Some(key));
        let known = options.size.or(options.expect.size);
        let sizes = PartSizes::new(known, options.part_size, options.max_parts);
        let sizes = sizes.map_err(|why| at(Error::invalid(why)))?;
        options.headers(session).map_err(at)?;
        Ok(ObjectWriter {
            session: Arc::clone(session),
            starting,
            place: Place { bucket: bucket.to_owned(), key: key.to_owned() },
            expected: options.expect.digest(),
            options,
            sizes,
            pending: VecDeque::new(),
            part: Part::new(None),
            number: 1,
            taken: 0,
            memory: session.memory.reserve(0),
            sending: None,
            budget: session.budget(),
            cancel: session.cancel.child_token(),
            failed: None,
        })
    }

    /// Adds bytes to the object, without a copy where there are many. Waits while there is
    /// no memory for them, which is when parts of this object are under way; what fits is
    /// taken at once.
    ///
    /// # Errors
    /// `NotFound` and `AccessDenied` for the bucket, `AlreadyExists` where the condition cannot
    /// hold, `InvalidInput` where the object becomes larger than parts can be: those of the
    /// first request or part that failed, and the same ever after.
    pub async fn write(&mut self, bytes: impl Into<Bytes>) -> Result<()> {
        self.check()?;
        let bytes: Bytes = bytes.into();
        if let Some(expected) = &mut self.expected {
            expected.update(&bytes);
        }
        self.taken += bytes.len() as u64;
        self.memory.resize(self.memory.bytes() + bytes.len() as u64);
        if !bytes.is_empty() {
            self.pending.push_back(bytes);
        }
        let progress = async {
            self.take_in().await?;
            self.make_room().await
        }
        .await;
        self.settle(progress).await
    }

    /// Bytes that were written so far.
    pub fn position(&self) -> u64 {
        self.taken
    }

    /// The id of the upload, once more than one part was written.
    pub fn upload_id(&self) -> Option<&str> {
        self.sending.as_ref().map(|sending| sending.remote().id.as_str())
    }

    /// Ends a wait in another task with `Cancelled`; the writer has failed then.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.cancel.clone())
    }

    /// Completes the object: all that was written, proven as far as the server allows.
    ///
    /// # Errors
    /// Those of `write`; `Integrity` where the bytes are not the expected ones (nothing is
    /// stored then) or not the stored ones; `AlreadyExists` and `Changed` where the condition
    /// does not hold; `Protocol` with the code `CompletionUnknown` where a reply was lost and
    /// nobody can tell what has become of it.
    pub async fn finish(mut self) -> Result<Written> {
        self.check()?;
        let finished = self.complete().await;
        if let Err(error) = &finished {
            self.failed.get_or_insert_with(|| error.clone());
            self.clean_up().await;
        }
        finished
    }

    /// Gives the object up, and removes what has been sent of it.
    ///
    /// # Errors
    /// Those of a failed request: parts are left then, which
    /// [`Client::uploads`](crate::Client::uploads) shows.
    pub async fn abort(mut self) -> Result<()> {
        match self.give_up() {
            Some(abandoned) => abandoned.abort(&self.session).await,
            None => Ok(()),
        }
    }

    fn at(&self, error: Error) -> Error {
        error.at("write", Some(&self.place.bucket), Some(&self.place.key))
    }

    fn check(&mut self) -> Result<()> {
        if self.failed.is_none() && self.cancel.is_cancelled() {
            self.failed = Some(self.at(Error::new(ErrorKind::Cancelled, "")));
        }
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Latches a failure, and removes what has been sent.
    async fn settle(&mut self, progress: Result<()>) -> Result<()> {
        if let Err(error) = &progress {
            self.failed = Some(error.clone());
            self.clean_up().await;
        }
        progress
    }

    /// Cuts what was taken into parts, and sends those that are full.
    async fn take_in(&mut self) -> Result<()> {
        while let Some(piece) = self.pending.front_mut() {
            let Some(size) = self.sizes.of(self.number) else {
                let message = "the object is larger than so many parts can be: say its size \
                               (size), or make parts larger (part_size)";
                return Err(self.at(Error::invalid(message)));
            };
            let room = size - self.part.length();
            if room == 0 {
                // More has come than one part holds: only now is it an object of several.
                self.send_part().await?;
                continue;
            }
            let take = usize::try_from(room).unwrap_or(usize::MAX).min(piece.len());
            let piece_of_it = piece.split_to(take);
            if piece.is_empty() {
                self.pending.pop_front();
            }
            self.part.push(piece_of_it);
        }
        // Behind the first one nothing is gained by waiting for the next byte.
        if self.sending.is_some() && Some(self.part.length()) == self.sizes.of(self.number) {
            self.send_part().await?;
        }
        Ok(())
    }

    /// Sends the part that is there, once there is room for one more under way.
    async fn send_part(&mut self) -> Result<()> {
        if self.sending.is_none() {
            let begun = self.begin().await?;
            self.sending = Some(begun);
        }
        let most = self.options.concurrency.unwrap_or(USUAL_CONCURRENCY);
        while self.under_way() >= most {
            self.part_done().await?;
        }
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let digest = sending.remote().digest;
        let part = std::mem::replace(&mut self.part, Part::new(Some(digest))).finish();
        let held = self.memory.split(part.length);
        sending.send(self.number, part, held, &self.cancel);
        self.number += 1;
        Ok(())
    }

    async fn begin(&mut self) -> Result<Sending> {
        let place = (self.place.bucket.as_str(), self.place.key.as_str());
        let (session, options) = (Arc::clone(&self.session), &self.options);
        if options.condition == Condition::Absent {
            self.check_absent().await?;
        }
        let lane = (self.starting)()?;
        let remote =
            multipart::create(&session, place, options, &mut self.budget, &self.cancel).await?;
        // What went before is forgiven: patience is of a request here.
        self.budget.delivered(PROGRESS);
        Ok(Sending::new(lane, remote))
    }

    /// RadosGW 16 does not know conditions of an assembly: what is there beforehand is seen.
    /// Whoever comes between this and the end is seen by servers that do.
    async fn check_absent(&self) -> Result<()> {
        let place = (self.place.bucket.as_str(), self.place.key.as_str());
        let mut budget = self.session.budget();
        let looked =
            read_back::describe(&self.session, place, None, &mut budget, &self.cancel).await;
        match looked {
            Ok(_) => {
                let error = Error::new(ErrorKind::AlreadyExists, "there is an object already");
                Err(self.at(error).with_attempts(1))
            }
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            // Nothing is there, or it is not for us to see.
            Err(_) => Ok(()),
        }
    }

    /// Waits until the memory of this client has room again, or nothing of this writer is under
    /// way that could make some.
    async fn make_room(&mut self) -> Result<()> {
        self.look_after()?;
        let memory = Arc::clone(&self.session.memory);
        while self.under_way() > 0 && memory.used() > memory.limit() {
            self.part_done().await?;
        }
        Ok(())
    }

    /// Takes in what has arrived, without waiting: a part that failed ends the writer now.
    fn look_after(&mut self) -> Result<()> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        match sending.poll_done(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => Ok(()),
        }
    }

    fn under_way(&self) -> usize {
        self.sending.as_ref().map_or(0, Sending::under_way)
    }

    /// Waits for the next part that arrives.
    async fn part_done(&mut self) -> Result<()> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let done = poll_fn(|cx| sending.poll_done(cx));
        match self.cancel.run_until_cancelled(done).await {
            Some(done) => done,
            None => Err(self.at(Error::new(ErrorKind::Cancelled, ""))),
        }
    }

    async fn complete(&mut self) -> Result<Written> {
        self.take_in().await?;
        self.check_size()?;
        match self.sending {
            Some(_) => self.complete_parts().await,
            None => self.complete_whole().await,
        }
    }

    fn check_size(&self) -> Result<()> {
        let expect = &self.options.expect;
        expect.check_size(self.taken).map_err(|error| self.at(error))?;
        if self.options.size.is_some_and(|size| size != self.taken) {
            let expect = super::options::Expect { size: self.options.size, ..expect.clone() };
            return expect.check_size(self.taken).map_err(|error| self.at(error));
        }
        Ok(())
    }

    async fn complete_whole(&mut self) -> Result<Written> {
        let part = std::mem::replace(&mut self.part, Part::new(None)).finish();
        let crc64 = encoded(part.crc64);
        let whole = Whole { payload: part.payload(PartDigest::Signed), crc64 };
        let place = (self.place.bucket.as_str(), self.place.key.as_str());
        put_whole(&self.session, place, &whole, &self.options, &mut self.budget, &self.cancel).await
    }

    async fn complete_parts(&mut self) -> Result<Written> {
        if self.part.length() > 0 {
            self.send_part().await?;
        }
        while self.under_way() > 0 {
            self.part_done().await?;
        }
        let Some(sending) = &mut self.sending else { return Err(missing(0)) };
        let parts = self.number - 1;
        let assembly = std::mem::take(&mut sending.upload).assemble(parts).map_err(missing)?;
        let expect = &self.options.expect;
        let at = |error: Error| error.at("finish", Some(&self.place.bucket), Some(&self.place.key));
        expect.check_digest(self.expected.take()).map_err(at)?;
        expect.check_etag(assembly.makes().etag.as_ref()).map_err(at)?;
        if self.options.condition == Condition::Absent {
            self.check_absent().await?;
        }
        // From here on nothing is aborted unless it is known that it came to nothing: what is
        // dropped in the middle of this may be stored.
        let Some(sending) = self.sending.take() else { return Err(missing(0)) };
        let remote = Remote { session: Arc::clone(&self.session), ..sending.remote().clone() };
        let completing =
            remote.complete(&assembly, &self.options, &mut self.budget, &self.cancel).await;
        let retries = sending.retries();
        let assembled = match completing {
            Ok(assembled) => assembled,
            Err(Failed { error, is_undecided }) => {
                if !is_undecided {
                    self.sending = Some(sending);
                }
                return Err(error);
            }
        };
        let written = Written {
            object: assembled.object,
            bytes: self.taken,
            parts,
            retries: retries + self.budget.retries(),
            verdict: assembled.known.by.map_or(WriteVerdict::PartsSigned, WriteVerdict::by),
            resolved_after_lost_reply: assembled.known.is_resolved,
            differences: Vec::new(),
        };
        let (bucket, options) = (&self.place.bucket, &self.options);
        read_back::look(&self.session, bucket, written, options, &mut self.budget, &self.cancel)
            .await
    }

    /// What is left to be removed of an object that does not come into being.
    fn give_up(&mut self) -> Option<Abandoned> {
        self.cancel.cancel();
        self.sending.take().map(Sending::abandon)
    }

    /// After a failure: at once, unless the caller is in a hurry.
    async fn clean_up(&mut self) {
        let is_hurried = self.cancel.is_cancelled();
        let Some(abandoned) = self.give_up() else { return };
        if is_hurried {
            abandoned.abort_later();
        } else {
            // What cannot be removed is listed, and the failure is what the caller has to know.
            let _ = abandoned.abort(&self.session).await;
        }
    }
}

fn missing(number: u32) -> Error {
    Error::new(ErrorKind::Internal, format!("part {number} is missing"))
}

impl Drop for ObjectWriter {
    fn drop(&mut self) {
        if let Some(abandoned) = self.give_up() {
            abandoned.abort_later();
        }
    }
}
