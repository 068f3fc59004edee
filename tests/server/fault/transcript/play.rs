//! Plays a transcript.

use crate::fault::honest::{Reply, answer_honestly, head_bytes, reason};
use crate::fault::honest_write::answer_write;
use crate::fault::request::ReceivedRequest;
use crate::fault::script::{Action, Reading, Script};

use super::Transcript;
use super::check::{self, History};
use super::parse::{Base, Head, Honesty, Move, RequestStep, StepKind, Turn};
use super::template::Context;

/// The script that plays a [`Transcript`].
#[derive(Debug)]
pub struct TranscriptScript {
    transcript: Transcript,
    endpoint_url: String,
    /// The step that is waited for, and how often it has served already.
    step: usize,
    served: u64,
    accepted: u64,
    history: History,
    mismatches: Vec<String>,
}

impl TranscriptScript {
    pub(crate) fn new(transcript: Transcript) -> Self {
        Self {
            transcript,
            endpoint_url: String::new(),
            step: 0,
            served: 0,
            accepted: 0,
            history: History::default(),
            mismatches: Vec::new(),
        }
    }

    fn skip_step(&mut self) {
        self.step += 1;
        self.served = 0;
    }

    /// Returns the step for this request and counts it as served; steps that
    /// were served often enough are left behind.
    fn step_for(&mut self, request: &ReceivedRequest) -> Option<(usize, RequestStep)> {
        loop {
            let step = self.transcript.steps.get(self.step)?;
            let StepKind::Request(wanted) = &step.kind else {
                return None;
            };
            if self.fits(wanted, request) {
                let found = (step.line, wanted.clone());
                self.served += 1;
                if self.served == found.1.times.most {
                    self.skip_step();
                }
                return Some(found);
            }
            if self.served < wanted.times.least {
                let may_wait = wanted.turn == Turn::Beside && self.served == 0;
                if !may_wait || self.step + 1 >= self.transcript.steps.len() {
                    return None;
                }
                // It comes later; what follows may be what has come.
                self.transcript.steps.swap(self.step, self.step + 1);
                continue;
            }
            self.skip_step();
        }
    }

    fn fits(&self, step: &RequestStep, request: &ReceivedRequest) -> bool {
        let target = step.target.expand_text(&self.context(request, 0));
        step.method == request.method && check::fits(&target, &request.target)
    }

    fn context<'a>(&'a self, request: &'a ReceivedRequest, body_size: usize) -> Context<'a> {
        Context {
            object: &self.transcript.object,
            other: &self.transcript.other,
            request: Some(request),
            endpoint_url: &self.endpoint_url,
            body_size,
        }
    }

    fn mismatch(&mut self, line: usize, message: &str) {
        let file = &self.transcript.file;
        self.mismatches.push(format!("{file}:{line}: {message}"));
    }

    fn unexpected(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        let got = format!("{} {}", request.method, request.target);
        let (line, expected) = match self.transcript.steps.get(self.step) {
            Some(step) => (step.line, describe(&step.kind)),
            None => (0, "the end".to_owned()),
        };
        self.mismatch(line, &format!("expected {expected}, got {got}"));
        // No client tries a 400 again: the test ends at its first mismatch.
        let mut reply = Reply::error(400, "TranscriptMismatch");
        reply.set("Connection", "close");
        let mut bytes = reply.head();
        if request.method != "HEAD" {
            bytes.extend(reply.error);
        }
        vec![Action::Send(bytes), Action::CloseFin]
    }

    fn check(&mut self, line: usize, step: &RequestStep, request: &ReceivedRequest) {
        let region = match self.transcript.config.get("anonymous") {
            Some(_) => None,
            None => Some(self.transcript.config.get("region").unwrap_or("us-east-1")),
        };
        let checks = &step.checks;
        let context = self.context(request, 0);
        let failures = check::failures(checks, request, &self.history, &context, region);
        for failure in failures {
            let what = format!("{} {}: {failure}", request.method, request.target);
            self.mismatch(line, &what);
        }
    }
}

impl Script for TranscriptScript {
    fn started(&mut self, endpoint_url: &str) {
        endpoint_url.clone_into(&mut self.endpoint_url);
    }

    fn accept(&mut self, _connection: u64) -> Vec<Action> {
        self.accepted += 1;
        let steps = &self.transcript.steps;
        if let Some(StepKind::Request(step)) = steps.get(self.step).map(|step| &step.kind)
            && self.served >= step.times.least
            && let Some(StepKind::Connection(_)) = steps.get(self.step + 1).map(|step| &step.kind)
        {
            self.skip_step();
        }
        match self.transcript.steps.get(self.step).map(|step| &step.kind) {
            Some(StepKind::Connection(action)) => {
                let action = action.clone();
                self.skip_step();
                vec![action]
            }
            _ => Vec::new(),
        }
    }

    fn reading(&mut self, request: &ReceivedRequest) -> Reading {
        // Only a look: the step is served when the body is there.
        let (step, served) = (self.step, self.served);
        let steps = self.transcript.steps.clone();
        let found = self.step_for(request);
        (self.step, self.served, self.transcript.steps) = (step, served, steps);
        found.map_or(Reading::Whole, |(_, step)| step.reading)
    }

    fn answer(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        let Some((line, step)) = self.step_for(request) else {
            return self.unexpected(request);
        };
        self.check(line, &step, request);
        self.history.add(request);
        play(&step.moves, &self.context(request, 0))
    }

    fn is_complete(&self) -> bool {
        let mut served = self.served;
        self.transcript.steps[self.step.min(self.transcript.steps.len())..].iter().all(|step| {
            match &step.kind {
                StepKind::Connection(_) => false,
                StepKind::Request(step) => std::mem::take(&mut served) >= step.times.least,
            }
        })
    }

    fn mismatches(&self) -> Vec<String> {
        let mut mismatches = self.mismatches.clone();
        let file = &self.transcript.file;
        if !self.is_complete() {
            // Steps that need nothing are not what is missing.
            let mut served = self.served;
            let missing = self.transcript.steps[self.step..].iter().find(|step| {
                let served = std::mem::take(&mut served);
                !matches!(&step.kind, StepKind::Request(step) if served >= step.times.least)
            });
            mismatches.extend(
                missing.map(|step| {
                    format!("{file}:{}: {} never came", step.line, describe(&step.kind))
                }),
            );
        }
        if let Some(wanted) = self.transcript.connections
            && !wanted.allows(self.accepted)
        {
            let accepted = self.accepted;
            mismatches.push(format!("{file}: {accepted} connections came"));
        }
        mismatches
    }
}

fn describe(step: &StepKind) -> String {
    match step {
        StepKind::Connection(_) => "a new connection".to_owned(),
        StepKind::Request(step) => format!("{} {}", step.method, step.target),
    }
}

fn play(moves: &[Move], context: &Context<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    for (index, next) in moves.iter().enumerate() {
        match next {
            Move::Reply(head) => {
                let context =
                    Context { body_size: body_size(&moves[index + 1..], context), ..*context };
                actions.extend(reply(head, &context).into_iter().map(Action::Send));
            }
            Move::Body(piece) => actions.push(Action::Send(piece.bytes(context))),
            Move::Chunk(piece) => actions.push(Action::Send(chunk(&piece.bytes(context)))),
            Move::LastChunk => actions.push(Action::Send(b"0\r\n\r\n".to_vec())),
            Move::Raw(text) => actions.push(Action::Send(text.expand(context))),
            Move::Wait(duration) => actions.push(Action::Wait(*duration)),
            Move::End(action) => actions.push(action.clone()),
        }
    }
    actions
}

/// Counts the bytes of a body up to the next reply.
fn body_size(moves: &[Move], context: &Context<'_>) -> usize {
    moves
        .iter()
        .take_while(|next| !matches!(next, Move::Reply(_)))
        .map(|next| match next {
            Move::Body(piece) => piece.bytes(context).len(),
            _ => 0,
        })
        .sum()
}

fn chunk(data: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// Returns head and body of a reply as they are sent, one after the other.
fn reply(head: &Head, context: &Context<'_>) -> Vec<Vec<u8>> {
    let headers =
        head.headers.iter().map(|(name, value)| (name.clone(), value.expand_text(context)));
    match &head.base {
        Base::Status(status, words) => {
            let words = words.as_deref().unwrap_or(reason(*status));
            vec![head_bytes(*status, words, &headers.collect::<Vec<_>>())]
        }
        Base::Honest { source, status, body } => {
            let Some(request) = context.request else {
                return Vec::new();
            };
            let content = source.content(context);
            let mut reply = match request.method.as_str() {
                "GET" | "HEAD" => answer_honestly(content, request),
                _ => answer_write(content, request),
            };
            reply.status = status.unwrap_or(reply.status);
            for name in &head.without {
                reply.remove(name);
            }
            for (name, _) in &head.headers {
                reply.remove(name);
            }
            reply.headers.extend(headers);
            let mut sends = vec![reply.head()];
            if *body == Honesty::WithBody {
                sends.push(reply.error);
                sends.push(content.slice(reply.body).to_vec());
            }
            sends
        }
    }
}
