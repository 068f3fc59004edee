//! The loop: credentials, signature (each attempt anew), transport, reply, retry.
//!
//! Every request of this crate goes through [`Session::send`], and nowhere else is one
//! repeated, redirected or re-signed.

mod ask;
pub(crate) mod failure;
mod habits;
mod keys;
pub(crate) mod lane;
mod learned;
pub(crate) mod memory;
mod moving;
mod patience;
pub(crate) mod paused;
pub(crate) mod slots;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Identity, Payer, Trust, check_keys};
use crate::credentials::{Caller, Credentials};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::endpoint::Located;
use crate::proto::evidence::{Refused, check_document};
use crate::proto::headers::Headers;
use crate::proto::parallel::Known;
use crate::proto::request::{Request, Work};
use crate::proto::response::Refusal;
use crate::proto::retry::{Budget, Failure};
use crate::proto::service::Place;
use crate::proto::sign::{self, Unsigned};
use crate::proto::throttle::Throttle;
#[cfg(feature = "credentials")]
use crate::providers::Http;
use crate::stats::Counters;
use crate::sync::Mutex;
use crate::time::Timestamp;
use crate::transport::{Body, Broken, HyperTransport, Transport, WireReply, WireRequest};

pub(crate) use self::ask::Repeat;
pub(crate) use self::failure::from_broken;
use self::failure::from_refusal;
use self::habits::Habits;
use self::keys::{Keys, Source};
use self::learned::Learned;
use self::memory::Memory;
use self::moving::while_moving;
use self::patience::Patience;
use self::paused::Bodies;

/// An error body longer than this holds nothing that we read.
const LONGEST_ERROR: usize = 64 * 1024;

/// What takes a server long may take ten minutes, where a reply may take one.
const LONG_WORK: u32 = 10;

/// A client's means in one runtime: what all its calls share, and the connections that
/// live there and nowhere else.
pub(crate) struct Session {
    shared: Arc<Shared>,
    transport: HyperTransport,
    #[cfg(feature = "credentials")]
    http: Http,
}

/// What all calls of one client share, in whatever runtime they run.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) counters: Counters,
    pub(crate) cancel: CancellationToken,
    pub(crate) memory: Arc<Memory>,
    pub(crate) bodies: Bodies,
    /// Whether parallel ranges pay, as the last reader has found out.
    pub(crate) parallel: Mutex<Known>,
    /// What its objects have taught about ETags and part sizes.
    pub(crate) habits: Habits,
    /// Whether the endpoint refuses requests for naming a checksum that it does not know.
    pub(crate) refuses_checksums: AtomicBool,
    learned: Learned,
    keys: Keys,
    throttle: Mutex<Throttle>,
    endurance: Patience,
    epoch: Instant,
    /// Seconds that the server's clock is ahead of ours.
    skew: AtomicI64,
}

impl Deref for Session {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// A reply of status 200 to 299, its body still on the wire.
pub(crate) struct Reply {
    /// From the request to its head; what it took to connect is not in it.
    pub(crate) latency: Duration,
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Box<dyn Body>,
    /// What the request was signed with.
    used: Option<Arc<Credentials>>,
}

/// What one attempt came to, short of a reply that serves.
enum Failed {
    Broken(Broken),
    Stalled,
    Refused(Box<Refusal>),
    /// It came, and cannot be read.
    Unfit(Refused),
}

impl Session {
    pub(crate) fn new(config: Config) -> Result<Arc<Self>> {
        let transport = HyperTransport::new(&config)?;
        if config.trust == Trust::Anything {
            log::warn!(
                "verify=false: the certificate of {} is not checked, anybody in between can read \
                 and change what is transferred",
                config.service
            );
        }
        let memory = Arc::new(Memory::new(config.memory_limit));
        let identity = config.identity.clone();
        #[cfg(feature = "credentials")]
        let http = http_of(&config);
        let shared = Arc::new(Shared {
            bodies: Bodies::new(Arc::clone(&memory)),
            memory,
            parallel: Mutex::default(),
            habits: Habits::default(),
            refuses_checksums: AtomicBool::new(false),
            throttle: Mutex::default(),
            endurance: Patience::new(&config),
            epoch: Instant::now(),
            config,
            counters: Counters::default(),
            cancel: CancellationToken::new(),
            learned: Learned::default(),
            keys: keys_of(&identity),
            skew: AtomicI64::new(0),
        });
        Ok(Arc::new(Session {
            shared,
            transport,
            #[cfg(feature = "credentials")]
            http,
        }))
    }

    /// The same client in another runtime, which makes connections of its own: they only move
    /// while their runtime runs.
    pub(crate) fn twin(&self) -> Arc<Self> {
        let shared = Arc::clone(&self.shared);
        Arc::new(Session {
            #[cfg(feature = "credentials")]
            http: http_of(&shared.config),
            shared,
            transport: self.transport.twin(),
        })
    }

    /// A budget for one operation.
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.config.retry)
    }

    /// Sends a request until it has a reply that serves, or its failure is final.
    ///
    /// # Errors
    /// Those of the table in `error`; `Cancelled` as soon as `cancel` says so.
    pub(crate) async fn send(
        &self,
        request: &Request,
        budget: &mut Budget,
        cancel: &CancellationToken,
    ) -> Result<Reply> {
        match cancel.run_until_cancelled(self.attempts(request, budget)).await {
            Some(outcome) => outcome,
            None => Err(self.at(request, Error::new(ErrorKind::Cancelled, ""))),
        }
    }

    /// Reads a reply's body whole; for errors, which are bounded.
    async fn collect(&self, body: &mut dyn Body, longest: usize) -> Result<Bytes, Broken> {
        let mut bytes = BytesMut::new();
        while let Some(piece) = self.next_piece(body).await? {
            let room = longest - bytes.len();
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() > room {
                break;
            }
        }
        Ok(bytes.freeze())
    }

    /// The next piece of a reply's body; `None` at its end.
    pub(crate) async fn next_piece(&self, body: &mut dyn Body) -> Result<Option<Bytes>, Broken> {
        let next = std::future::poll_fn(|cx| body.poll_piece(cx));
        match tokio::time::timeout(self.config.stall_timeout, next).await {
            Ok(piece) => piece.transpose(),
            Err(_) => Err(failure::stalled(self.config.stall_timeout)),
        }
    }

    /// Whether requests go without a signature.
    pub(crate) fn is_anonymous(&self) -> bool {
        matches!(self.config.identity, Identity::Anonymous)
    }

    /// Where a failure of a request happened.
    pub(crate) fn at(&self, request: &Request, error: Error) -> Error {
        error.at(request.operation, request.bucket.as_deref(), request.key.as_deref())
    }

    /// What a refusal means that came under a status of success.
    fn refused(
        &self,
        request: &Request,
        refusal: &Refusal,
        used: Option<&Arc<Credentials>>,
    ) -> (Failure, Error) {
        let is_renewed = self.renew(refusal, used, self.time());
        let failure = if is_renewed { Failure::Renewed } else { refusal.failure() };
        (failure, from_refusal(refusal, request, used.map(Arc::as_ref)))
    }

    /// Whether a refusal is the keys' fault, and an attempt with others is worth while.
    fn renew(&self, refusal: &Refusal, used: Option<&Arc<Credentials>>, signed: Timestamp) -> bool {
        let expires = used.and_then(|keys| keys.expires);
        refusal.has_ended_keys(expires, signed) && self.keys.refused(used)
    }

    async fn attempts(&self, request: &Request, budget: &mut Budget) -> Result<Reply> {
        loop {
            let sent = self.now();
            match self.once(request).await {
                Ok(reply) => return Ok(reply),
                Err((failure, error)) => {
                    self.wait_since(sent, failure, budget, self.at(request, error)).await?;
                }
            }
        }
    }

    /// One attempt when its turn has come; a failure with what it means.
    async fn once(&self, request: &Request) -> Result<Reply, (Failure, Error)> {
        let place = self.learned.place(request, &self.config.service);
        let place = place.map_err(|why| (Failure::Final, Error::invalid(why)))?;
        let turn = self.pace(Throttle::admit);
        if !turn.is_zero() {
            tokio::time::sleep(turn).await;
        }
        self.admit().map_err(|error| (Failure::Final, error))?;
        let signed = self.time();
        let keys = self.signing_keys(signed).await.map_err(|error| (Failure::Final, error))?;
        match self.attempt(request, &place, signed, keys.as_ref()).await {
            Ok(reply) => {
                self.pace(|throttle, _| throttle.served());
                Ok(reply)
            }
            Err(failed) => Err(self.judge(request, &place, signed, keys.as_ref(), failed)),
        }
    }

    /// Sends a request once, and notes whether the endpoint has answered.
    async fn attempt(
        &self,
        request: &Request,
        place: &Place,
        time: Timestamp,
        keys: Option<&Arc<Credentials>>,
    ) -> Result<Reply, Failed> {
        let outcome = self.exchange(request, place, time, keys).await;
        self.note(&outcome);
        outcome
    }

    async fn exchange(
        &self,
        request: &Request,
        place: &Place,
        time: Timestamp,
        keys: Option<&Arc<Credentials>>,
    ) -> Result<Reply, Failed> {
        let wire = self.sign(request, place, time, keys.map(Arc::as_ref));
        self.counters.request();
        let (sent, length) = (Arc::clone(&wire.sent), wire.payload.length());
        let sending = self.transport.send(wire);
        let WireReply { latency, status, headers, mut body } =
            match while_moving(sending, self.patience(request), length, &sent).await {
                Some(reply) => reply.map_err(Failed::Broken)?,
                None => return Err(Failed::Stalled),
            };
        if (200..300).contains(&status) {
            if request.key.is_none() {
                check_document(status, &headers).map_err(Failed::Unfit)?;
            }
            return Ok(Reply { latency, status, headers, body, used: keys.cloned() });
        }
        // A refusal that breaks off is a refusal all the same: status and headers tell.
        let text = self.collect(&mut *body, LONGEST_ERROR).await.unwrap_or_default();
        Err(Failed::Refused(Box::new(Refusal::read(status, &headers, &text))))
    }

    /// How long a server may be silent.
    fn patience(&self, request: &Request) -> Duration {
        match request.work {
            Work::Usual => self.config.stall_timeout,
            Work::Long => self.config.stall_timeout.saturating_mul(LONG_WORK),
        }
    }

    /// What an attempt's failure means, after learning from it what can be learnt.
    fn judge(
        &self,
        request: &Request,
        place: &Place,
        signed: Timestamp,
        keys: Option<&Arc<Credentials>>,
        failed: Failed,
    ) -> (Failure, Error) {
        match failed {
            Failed::Broken(broken) => from_broken(&broken),
            Failed::Unfit(Refused { kind, message }) => (Failure::Final, Error::new(kind, message)),
            Failed::Stalled => from_broken(&failure::stalled(self.config.stall_timeout)),
            Failed::Refused(refusal) => {
                let corrected = self.learn_clock(&refusal, signed)
                    || self.learned.learn(request, place, &refusal, &self.config.service);
                let failure = if corrected {
                    Failure::Corrected
                } else if self.renew(&refusal, keys, signed) {
                    Failure::Renewed
                } else {
                    refusal.failure()
                };
                let error = from_refusal(&refusal, request, keys.map(Arc::as_ref));
                (failure, failure::misplaced(error, &refusal, request, &self.config.service))
            }
        }
    }

    /// Learns how far our clock is off; true if the attempt was refused for that.
    fn learn_clock(&self, refusal: &Refusal, signed: Timestamp) -> bool {
        let Some(server) = refusal.other_clock(signed) else { return false };
        let skew = server.unix_seconds() - Timestamp::from(SystemTime::now()).unix_seconds();
        self.skew.store(skew, Ordering::Relaxed);
        true
    }

    /// The time, as far as is known by the server's clock.
    fn time(&self) -> Timestamp {
        Timestamp::from(SystemTime::now()).shifted(self.skew.load(Ordering::Relaxed))
    }

    fn sign(
        &self,
        request: &Request,
        place: &Place,
        time: Timestamp,
        keys: Option<&Credentials>,
    ) -> WireRequest {
        let Located { origin, path } = place.locate(request.key.as_deref());
        let query = request.encoded_query();
        let mut headers = Headers::new();
        headers.push("host", origin.authority());
        for (name, value) in sign::fields(keys, time, request.payload.sha256()).iter() {
            headers.push(name, value);
        }
        if self.config.request_payer == Some(Payer::Requester) {
            headers.push("x-amz-request-payer", "requester");
        }
        if let Some(key) = &self.config.customer_key
            && request.takes_customer_key()
        {
            key.fields().into_iter().for_each(|(name, value)| headers.push(name, value));
        }
        let (signed, plain): (Vec<_>, Vec<_>) =
            request.headers.iter_bytes().partition(|(name, _)| is_signed(name));
        signed.into_iter().for_each(|(name, value)| headers.push_bytes(name, value));
        if let Some(credentials) = keys {
            let unsigned = Unsigned {
                method: request.verb.name(),
                path: &path,
                query: &query,
                headers: &headers,
                payload_sha256: request.payload.sha256(),
            };
            let key = self.learned.signing_key(credentials, time, &place.region);
            let value = sign::authorize(&unsigned, &key, time);
            headers.push("authorization", value);
        }
        plain.into_iter().for_each(|(name, value)| headers.push_bytes(name, value));
        if let Some(length) = request.content_length() {
            headers.push("content-length", length.to_string());
        }
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        let payload = request.payload.clone();
        let sent = Arc::new(AtomicU64::new(0));
        WireRequest { verb: request.verb, origin, target, headers, payload, sent }
    }

    fn pace<T>(&self, step: impl FnOnce(&mut Throttle, Duration) -> T) -> T {
        // A panic leaves a pace that is still one.
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        step(&mut throttle, self.epoch.elapsed())
    }

    /// Puts other keys into the place of those in use.
    ///
    /// # Errors
    /// `InvalidInput` for keys that cannot be sent, and for a client that signs nothing.
    pub(crate) fn replace_keys(&self, keys: Credentials) -> Result<()> {
        if matches!(self.config.identity, Identity::Anonymous) {
            return Err(Error::invalid("an anonymous client signs nothing: make another one"));
        }
        check_keys("access_key_id, secret_access_key or session_token", &keys)?;
        self.keys.replace(keys, self.time());
        Ok(())
    }

    /// Whether keys should be replaced now.
    pub(crate) fn wants_keys(&self) -> bool {
        self.keys.wanted(self.time())
    }

    /// Whose requests these are.
    ///
    /// # Errors
    /// Those of the way to credentials.
    pub(crate) async fn caller(&self) -> Result<Caller> {
        let now = self.time();
        let Some(keys) = self.signing_keys(now).await? else {
            return Ok(Caller { source: "nobody: anonymous".to_owned(), ..Caller::default() });
        };
        let source = match &self.config.identity {
            Identity::Static(_, from) => from.clone(),
            Identity::Fetched(way) => way.to_string(),
            Identity::Anonymous => "nobody".to_owned(),
        };
        #[cfg(feature = "credentials")]
        let said = match &self.config.sts {
            Some(sts) => Some(crate::providers::caller_identity(&self.http, sts, &keys, now).await),
            None => None,
        };
        #[cfg(not(feature = "credentials"))]
        let said: Option<Result<String>> = None;
        let (arn, unanswered) = match said {
            None => (None, None),
            Some(Ok(arn)) => (Some(arn), None),
            Some(Err(error)) => (None, Some(error.to_string())),
        };
        let access_key_id = Some(keys.access_key_id().to_owned());
        Ok(Caller { source, access_key_id, expires: keys.expires(), arn, unanswered })
    }

    /// The keys of the next attempt.
    #[cfg(feature = "credentials")]
    async fn signing_keys(&self, now: Timestamp) -> Result<Option<Arc<Credentials>>> {
        self.keys.current(&self.http, now).await
    }

    /// The keys of the next attempt.
    #[cfg(not(feature = "credentials"))]
    async fn signing_keys(&self, now: Timestamp) -> Result<Option<Arc<Credentials>>> {
        self.keys.current(now).await
    }
}

fn keys_of(identity: &Identity) -> Keys {
    match identity {
        Identity::Static(keys, _) => Keys::fixed(Some(keys.clone())),
        Identity::Anonymous => Keys::fixed(None),
        #[cfg(feature = "credentials")]
        Identity::Fetched(way) => Keys::new(None, Source::Way(Box::new(way.clone()))),
        #[cfg(not(feature = "credentials"))]
        Identity::Fetched(_) => Keys::new(None, Source::Nowhere),
    }
}

#[cfg(feature = "credentials")]
fn http_of(config: &Config) -> Http {
    let tls = crate::transport::tls_config(config).map_err(|error| error.message().to_owned());
    Http::new(tls, config.proxies.clone(), config.user_agent.clone())
}

/// Fields that a proxy may rewrite are sent unsigned; what is stored with an object, and the
/// conditions of a request, may not be.
fn is_signed(name: &str) -> bool {
    let conditions = ["range", "if-match", "if-none-match"];
    let stored = ["cache-control", "expires"];
    name.starts_with("x-amz-")
        || (name.starts_with("content-") && name != "content-length")
        || conditions.contains(&name)
        || stored.contains(&name)
}

/// A number from 0 to 1 that differs from call to call and from process to process.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(Duration::ZERO);
    #[expect(clippy::cast_precision_loss, reason = "53 of 64 random bits are plenty")]
    let fraction = random as f64 / u64::MAX as f64;
    fraction
}
