//! The model behind a server that fails at random, all of it drawn from one seed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use s3stream_tests::fault::{Action, Random, Reading, ReceivedRequest, Script};

use crate::model::{Model, Reply, Stored, field};

/// Failures of one request in a row, so that its attempts suffice.
const MOST_FAILURES: u32 = 3;

/// What a run is to meet, beside what comes by chance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) lost_complete: Option<Lost>,
    /// The part whose first copy arrives after its second.
    pub(crate) late_part: Option<u32>,
    pub(crate) fault_per_mille: u64,
}

/// What there is when the reply to a Complete is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Ours,
    Nothing,
    Foreign,
    ForeignOfSameSize,
}

/// What has happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) requests: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// Uploads whose id the client never learnt.
    pub(crate) unknown_uploads: Vec<String>,
    pub(crate) failed_aborts: u64,
    pub(crate) undecided_completes: u64,
    pub(crate) undecided_puts: u64,
    pub(crate) late_parts: u64,
    pub(crate) lost_completes: u64,
}

/// What script and judge share.
pub(crate) struct Shared {
    pub(crate) model: Model,
    pub(crate) record: Record,
}

/// The script of a run.
pub(crate) struct WriteScript {
    pub(crate) seed: u64,
    pub(crate) plan: Plan,
    pub(crate) shared: Arc<Mutex<Shared>>,
    /// Failures in a row of each request.
    failures: BTreeMap<String, u32>,
    /// Arrives behind the next copy of itself.
    late: Option<ReceivedRequest>,
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nothing is done: the connection ends, or an error comes.
    FinBefore,
    RstBefore,
    InternalError,
    SlowDown,
    ErrorUnder200,
    /// It is done, and nobody is told.
    FinAfter,
    RstAfter,
    HalfAReply,
    InternalErrorAfter,
    /// It is done, and told slowly.
    Whitespace,
}

impl Fault {
    const ALL: [Self; 10] = [
        Self::FinBefore,
        Self::RstBefore,
        Self::InternalError,
        Self::SlowDown,
        Self::ErrorUnder200,
        Self::FinAfter,
        Self::RstAfter,
        Self::HalfAReply,
        Self::InternalErrorAfter,
        Self::Whitespace,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::FinBefore => "fin_before",
            Self::RstBefore => "rst_before",
            Self::InternalError => "internal_error",
            Self::SlowDown => "slow_down",
            Self::ErrorUnder200 => "error_under_200",
            Self::FinAfter => "fin_after",
            Self::RstAfter => "rst_after",
            Self::HalfAReply => "half_a_reply",
            Self::InternalErrorAfter => "internal_error_after",
            Self::Whitespace => "whitespace",
        }
    }

    fn fits(self, request: &ReceivedRequest) -> bool {
        match self {
            Self::ErrorUnder200 => request.method == "POST",
            Self::Whitespace => is_complete(request),
            _ => true,
        }
    }

    fn is_done(self) -> bool {
        matches!(
            self,
            Self::FinAfter
                | Self::RstAfter
                | Self::HalfAReply
                | Self::InternalErrorAfter
                | Self::Whitespace
        )
    }
}

impl WriteScript {
    pub(crate) fn new(seed: u64, plan: Plan, model: Model) -> Self {
        let shared = Shared { model, record: Record::default() };
        let shared = Arc::new(Mutex::new(shared));
        Self { seed, plan, shared, failures: BTreeMap::new(), late: None }
    }

    fn act(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        let shared = Arc::clone(&self.shared);
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Shared { model, record } = &mut *shared;
        record.requests += 1;
        let mut random = Random::for_event(self.seed, record.requests);
        if !request.body.is_whole() {
            *record.faults.entry("cut_body").or_default() += 1;
            return vec![Action::CloseRst];
        }
        if let Some(actions) = self.planned(request, model, record) {
            return actions;
        }
        let fault = self.draw(request, &mut random);
        let Some(fault) = fault else {
            let reply = model.apply(request);
            self.arrive_late(request, model);
            self.failures.remove(&name_of(request));
            return vec![Action::Send(reply.bytes(&request.method))];
        };
        *record.faults.entry(fault.name()).or_default() += 1;
        note(fault, request, record);
        if !fault.is_done() {
            return not_done(fault);
        }
        let reply = model.apply(request);
        self.arrive_late(request, model);
        if fault != Fault::Whitespace
            && request.query().contains("uploads")
            && let Some(id) = upload_id(&reply)
        {
            record.unknown_uploads.push(id);
        }
        done(fault, request, &reply)
    }

    fn draw(&mut self, request: &ReceivedRequest, random: &mut Random) -> Option<Fault> {
        let failures = self.failures.entry(name_of(request)).or_default();
        if *failures >= MOST_FAILURES || !random.chance(self.plan.fault_per_mille) {
            return None;
        }
        let faults: Vec<Fault> =
            Fault::ALL.into_iter().filter(|fault| fault.fits(request)).collect();
        let fault = *random.pick(&faults);
        if fault != Fault::Whitespace {
            *failures += 1;
        }
        Some(fault)
    }

    /// What the plan has for this request.
    fn planned(
        &mut self,
        request: &ReceivedRequest,
        model: &mut Model,
        record: &mut Record,
    ) -> Option<Vec<Action>> {
        let number = field(request, "partNumber").and_then(|number| number.parse().ok());
        if number.is_some() && number == self.plan.late_part {
            self.plan.late_part = None;
            record.late_parts += 1;
            self.late = Some(request.clone());
            return Some(vec![Action::CloseRst]);
        }
        if !is_complete(request) {
            return None;
        }
        let lost = self.plan.lost_complete.take()?;
        record.lost_completes += 1;
        record.undecided_completes += 1;
        if lost != Lost::Nothing {
            model.apply(request);
        }
        if let (Lost::Foreign | Lost::ForeignOfSameSize, Some(ours)) = (lost, &model.object) {
            let length = ours.bytes.len() + usize::from(lost == Lost::Foreign);
            let etag = "0123456789abcdef0123456789abcdef".to_owned();
            model.object = Some(Stored { bytes: vec![0xee; length], etag });
        }
        Some(vec![Action::CloseFin])
    }

    /// The first copy of a part comes out of the network behind the second.
    fn arrive_late(&mut self, request: &ReceivedRequest, model: &mut Model) {
        if self.late.as_ref().is_some_and(|late| late.target == request.target)
            && let Some(late) = self.late.take()
            && !model.manners.opaque
        {
            model.apply(&late);
        }
    }
}

impl Script for WriteScript {
    fn reading(&mut self, request: &ReceivedRequest) -> Reading {
        let announced = request.body.announced.unwrap_or(0);
        let name = name_of(request);
        let failures = self.failures.get(&name).copied().unwrap_or(0);
        let seed = self.seed ^ 0x6375_7462_6f64_7921;
        let mut random = Random::for_event(seed, request.connection * 1_000 + request.number);
        if announced < 2
            || failures >= MOST_FAILURES
            || is_complete(request)
            || !random.chance(self.plan.fault_per_mille / 6)
        {
            return Reading::Whole;
        }
        self.failures.insert(name, failures + 1);
        Reading::First(random.below(announced - 1))
    }

    fn answer(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        self.act(request)
    }
}

/// What the judge must know of a fault.
fn note(fault: Fault, request: &ReceivedRequest, record: &mut Record) {
    let is_undecided = fault != Fault::SlowDown && fault != Fault::Whitespace;
    if is_complete(request) {
        record.undecided_completes += u64::from(is_undecided);
    } else if request.method == "PUT" && field(request, "partNumber").is_none() {
        record.undecided_puts += u64::from(is_undecided);
    } else if request.method == "DELETE" {
        record.failed_aborts += 1;
    }
}

fn not_done(fault: Fault) -> Vec<Action> {
    let error = |status, code| vec![Action::Send(Reply::error(status, code).bytes("GET"))];
    match fault {
        Fault::RstBefore => vec![Action::CloseRst],
        Fault::InternalError => error(500, "InternalError"),
        Fault::SlowDown => error(503, "SlowDown"),
        Fault::ErrorUnder200 => error(200, "InternalError"),
        _ => vec![Action::CloseFin],
    }
}

fn done(fault: Fault, request: &ReceivedRequest, reply: &Reply) -> Vec<Action> {
    let bytes = reply.bytes(&request.method);
    match fault {
        Fault::RstAfter => vec![Action::CloseRst],
        Fault::HalfAReply => {
            vec![Action::Send(bytes[..bytes.len() / 3].to_vec()), Action::CloseFin]
        }
        Fault::InternalErrorAfter => {
            vec![Action::Send(Reply::error(500, "InternalError").bytes(&request.method))]
        }
        Fault::Whitespace if reply.status == 200 => slowly(reply),
        Fault::Whitespace => vec![Action::Send(bytes)],
        _ => vec![Action::CloseFin],
    }
}

/// Blanks, and then what there is to say.
fn slowly(reply: &Reply) -> Vec<Action> {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n";
    let rest = format!("{:x}\r\n{}\r\n0\r\n\r\n", reply.body.len(), reply.body);
    vec![
        Action::Send(head.as_bytes().to_vec()),
        Action::Wait(Duration::from_millis(2)),
        Action::Send(rest.into_bytes()),
    ]
}

fn is_complete(request: &ReceivedRequest) -> bool {
    request.method == "POST" && field(request, "uploadId").is_some()
}

fn upload_id(reply: &Reply) -> Option<String> {
    let (_, rest) = reply.body.split_once("<UploadId>")?;
    Some(rest.split_once("</UploadId>")?.0.to_owned())
}

/// What is the same of all attempts of a request.
fn name_of(request: &ReceivedRequest) -> String {
    format!("{} {}", request.method, request.target)
}
