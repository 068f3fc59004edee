//! One object behind a server that fails at random, all drawn from one seed.
//!
//! A client that reads the object through a [`CampaignScript`] must end with
//! the object's bytes or with an error, never with anything else. While no
//! fatal fault came ([`CampaignRecord::must_succeed`]) it must end with the
//! bytes: the script never fails so often in a row that the client's attempts
//! run out.

mod fault;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::content::{Algorithm, Content, EtagKind};
use super::honest::{Reply, answer_honestly};
use super::random::Random;
use super::request::ReceivedRequest;
use super::script::{Action, Script};
use fault::{Fault, Scene};

/// Twice the progress that resets a client's attempts: what it delivered is
/// not known exactly from outside.
const PROGRESS: u64 = 128 << 10;
/// Sets the draws for connections apart from those for requests.
const CONNECTION_DRAWS: u64 = 0x636f_6e6e_6563_7421;
/// Sets the draw of the server's manners apart.
const MANNERS_DRAW: u64 = 0x6d61_6e6e_6572_7321;

/// Whether faults may come that no client can read through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// Every fault can be survived.
    Never,
    /// The object may change or be corrupted, replies may be nonsense.
    Allowed,
}

/// What a campaign draws its faults from.
#[derive(Clone, Debug)]
pub struct CampaignOptions {
    /// The seed; the same seed gives the same campaign.
    pub seed: u64,
    /// The object.
    pub content: Content,
    /// How many replies in a thousand fail.
    pub fault_per_mille: u64,
    /// The client's `max_attempts`.
    pub max_attempts: u64,
    /// Whether fatal faults may come.
    pub fatal: Fatal,
}

impl CampaignOptions {
    /// Fails seven of ten replies for `content`, never fatally, for a client with
    /// eight attempts.
    pub fn new(seed: u64, content: Content) -> Self {
        Self { seed, content, fault_per_mille: 700, max_attempts: 8, fatal: Fatal::Never }
    }

    /// Draws the object from the seed, too: its size, its ETag, its checksums.
    ///
    /// It always has an ETag, as every object of S3 does: a client may refuse
    /// what has none.
    pub fn drawn(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let sizes = [1, 1000, 65_536, 100_000, 300_000, 1_000_000, 3_000_000];
        let size = match random.chance(20) {
            true => 0,
            false => random.pick(&sizes) + random.below(1000),
        };
        let kinds = [EtagKind::Md5, EtagKind::Multipart, EtagKind::Opaque];
        let mut content = Content::new(size, random.next_u64())
            .etag_kind(*random.pick(&kinds))
            .part_size(*random.pick(&[50_000, 65_536, 1 << 20]));
        content.checksums = Algorithm::ALL.into_iter().filter(|_| random.chance(250)).collect();
        content.composite = random.chance(250);
        Self::new(seed, content)
    }

    /// Sets whether fatal faults may come.
    #[must_use]
    pub fn fatal(mut self, fatal: Fatal) -> Self {
        self.fatal = fatal;
        self
    }
}

/// What a campaign has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignRecord {
    /// How often each fault came, by its name.
    pub faults: BTreeMap<&'static str, u64>,
    /// How many requests came.
    pub requests: u64,
    /// The fatal faults that came.
    pub fatal: Vec<&'static str>,
    /// The most failures without progress.
    pub longest_run: u64,
}

impl CampaignRecord {
    /// Tells whether a read must have ended with the object's bytes.
    pub fn must_succeed(&self) -> bool {
        self.fatal.is_empty()
    }
}

/// How the server treats what clients ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Manners {
    if_match: IfMatch,
    range: RangeReply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IfMatch {
    Obeyed,
    /// As rclone does.
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RangeReply {
    Partial,
    /// Partial content under 200, as rclone sends it.
    PartialAs200,
    /// The whole object.
    Whole,
}

/// The script of a campaign.
#[derive(Debug)]
pub struct CampaignScript {
    options: CampaignOptions,
    other: Content,
    manners: Manners,
    swapped: bool,
    failures: u64,
    /// Connections that were closed at once since the last request.
    refused: u64,
    /// Where the request before began.
    position: u64,
    /// Whether the client reads several ranges side by side.
    is_parallel: bool,
    record: Arc<Mutex<CampaignRecord>>,
}

impl CampaignScript {
    /// Makes the script that `options` describe.
    pub fn new(options: CampaignOptions) -> Self {
        let mut random = Random::new(options.seed ^ MANNERS_DRAW);
        let manners = Manners {
            if_match: match random.chance(250) {
                true => IfMatch::Ignored,
                false => IfMatch::Obeyed,
            },
            range: match random.below(10) {
                0 => RangeReply::Whole,
                1 => RangeReply::PartialAs200,
                _ => RangeReply::Partial,
            },
        };
        Self {
            other: other_than(&options.content, &mut random),
            options,
            manners,
            swapped: false,
            failures: 0,
            refused: 0,
            position: 0,
            is_parallel: false,
            record: Arc::default(),
        }
    }

    /// Returns the record, which goes on while the server runs.
    pub fn record(&self) -> Arc<Mutex<CampaignRecord>> {
        Arc::clone(&self.record)
    }

    fn lock(&self) -> MutexGuard<'_, CampaignRecord> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One attempt is kept back: the client may count one more failure than is
    /// seen from here.
    fn may_fail(&self) -> bool {
        self.failures + 2 < self.options.max_attempts
    }

    fn count(&mut self, name: &'static str, is_fatal: bool) {
        self.failures += 1;
        let failures = self.failures;
        let mut record = self.lock();
        *record.faults.entry(name).or_default() += 1;
        record.longest_run = record.longest_run.max(failures);
        if is_fatal {
            record.fatal.push(name);
        }
    }

    /// Forgives failures for progress since the request before: less, or in several steps, may
    /// lie before some of them, and the client would not forgive those. Nor does one range of
    /// several forgive another's, each of which has attempts of its own.
    fn see_progress(&mut self, position: u64) {
        if !self.is_parallel && position >= self.position + PROGRESS {
            // What ended the body with this progress came after it, and so did the connections
            // that were refused before this request.
            self.failures = 1 + self.refused;
        }
        self.position = position;
        self.refused = 0;
    }

    fn draw(&self, random: &mut Random, scene: &Scene<'_>) -> Option<Fault> {
        if !self.may_fail() || !random.chance(self.options.fault_per_mille) {
            return None;
        }
        let is_fatal = self.options.fatal == Fatal::Allowed && random.chance(150);
        let faults: Vec<Fault> = Fault::ALL
            .into_iter()
            .filter(|fault| fault.is_fatal() == is_fatal && fault.fits(scene))
            .collect();
        match faults.is_empty() {
            true => None,
            false => Some(*random.pick(&faults)),
        }
    }

    /// Answers as this server does when nothing fails.
    fn answer_with_manners(&self, request: &ReceivedRequest) -> Reply {
        let mut asked = request.clone();
        asked.headers.retain(|(name, _)| match &**name {
            "if-match" => self.manners.if_match == IfMatch::Obeyed,
            "range" => self.manners.range != RangeReply::Whole,
            _ => true,
        });
        let mut reply = answer_honestly(self.content(), &asked);
        if reply.status == 206 && self.manners.range == RangeReply::PartialAs200 {
            reply.status = 200;
        }
        reply
    }

    fn content(&self) -> &Content {
        match self.swapped {
            true => &self.other,
            false => &self.options.content,
        }
    }
}

impl Script for CampaignScript {
    fn accept(&mut self, connection: u64) -> Vec<Action> {
        let mut random = Random::for_event(self.options.seed ^ CONNECTION_DRAWS, connection);
        if !self.may_fail() || !random.chance(self.options.fault_per_mille / 10) {
            return Vec::new();
        }
        let (name, action) = match random.chance(500) {
            true => ("close_at_accept", Action::CloseFin),
            false => ("rst_at_accept", Action::CloseRst),
        };
        self.count(name, false);
        self.refused += 1;
        vec![action]
    }

    fn answer(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        let number = {
            let mut record = self.lock();
            record.requests += 1;
            record.requests
        };
        let mut random = Random::for_event(self.options.seed, number);
        let range = request.range(self.options.content.size);
        if request.method == "GET" {
            let size = self.options.content.size;
            self.is_parallel |= range.is_some_and(|range| range.last.saturating_add(1) < size);
            self.see_progress(range.map_or(0, |range| range.first));
        }
        let reply = self.answer_with_manners(request);
        // What tells the part size stays honest: without it a corruption could
        // not be found, and the campaign could not be judged.
        if request.method != "GET" {
            return send(&reply, self.content());
        }
        let scene = Scene {
            content: self.content(),
            reply: &reply,
            resumes_at: range.map_or(0, |range| range.first),
        };
        let Some(fault) = self.draw(&mut random, &scene) else {
            return send(&reply, self.content());
        };
        let actions = match fault {
            Fault::OtherObject => {
                self.swapped = true;
                send(&self.answer_with_manners(request), &self.other)
            }
            fault => fault.actions(&scene, &mut random),
        };
        self.count(fault.name(), fault.is_fatal());
        actions
    }
}

/// Makes the object that takes the other's place; it can be told apart by its
/// ETag, or by its size where there is no ETag.
fn other_than(content: &Content, random: &mut Random) -> Content {
    let size = match content.etag_kind {
        EtagKind::Absent => content.size + 1,
        _ => content.size + random.below(2),
    };
    let mut other = Content::new(size, content.seed ^ 1)
        .etag_kind(content.etag_kind)
        .part_size(content.part_size)
        .checksums(&content.checksums);
    other.composite = content.composite;
    other
}

fn send(reply: &Reply, content: &Content) -> Vec<Action> {
    vec![Action::Send(reply.head()), Action::Send(body(reply, content))]
}

fn body(reply: &Reply, content: &Content) -> Vec<u8> {
    match reply.error.is_empty() {
        true => content.slice(reply.body.clone()).to_vec(),
        false => reply.error.clone(),
    }
}
