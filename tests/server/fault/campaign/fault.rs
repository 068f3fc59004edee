//! The faults of a campaign.

use std::time::Duration;

use super::{Content, EtagKind, Random, Reply, body};
use crate::fault::script::Action;

/// What a fault is put on.
pub(super) struct Scene<'a> {
    pub(super) content: &'a Content,
    /// The reply without the fault.
    pub(super) reply: &'a Reply,
    /// Where the request begins to read.
    pub(super) resumes_at: u64,
}

impl Scene<'_> {
    fn has_body(&self) -> bool {
        !self.reply.body.is_empty()
    }

    fn is_partial(&self) -> bool {
        self.reply.headers.iter().any(|(name, _)| name == "Content-Range")
            && self.reply.error.is_empty()
    }

    /// Tells whether a client can find out that a byte is wrong.
    fn is_verifiable(&self) -> bool {
        !self.content.checksums.is_empty()
            || matches!(self.content.etag_kind, EtagKind::Md5 | EtagKind::Multipart)
    }
}

/// Something that goes wrong with one reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    FinBeforeReply,
    RstBeforeReply,
    StallBeforeReply,
    FinInHead,
    RstInHead,
    FinInBody,
    RstInBody,
    StallInBody,
    Hiccup,
    ServerError,
    Throttle,
    RequestTimeout,
    BodyTooLong,
    CutChunks,
    WrongRangeStart,
    WrongTotal,
    CorruptByte,
    OtherObject,
    HtmlPage,
    TwoLengths,
    GarbageHead,
    NotFound,
}

impl Fault {
    pub(super) const ALL: [Self; 22] = [
        Self::FinBeforeReply,
        Self::RstBeforeReply,
        Self::StallBeforeReply,
        Self::FinInHead,
        Self::RstInHead,
        Self::FinInBody,
        Self::RstInBody,
        Self::StallInBody,
        Self::Hiccup,
        Self::ServerError,
        Self::Throttle,
        Self::RequestTimeout,
        Self::BodyTooLong,
        Self::CutChunks,
        Self::WrongRangeStart,
        Self::WrongTotal,
        Self::CorruptByte,
        Self::OtherObject,
        Self::HtmlPage,
        Self::TwoLengths,
        Self::GarbageHead,
        Self::NotFound,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FinBeforeReply => "fin_before_reply",
            Self::RstBeforeReply => "rst_before_reply",
            Self::StallBeforeReply => "stall_before_reply",
            Self::FinInHead => "fin_in_head",
            Self::RstInHead => "rst_in_head",
            Self::FinInBody => "fin_in_body",
            Self::RstInBody => "rst_in_body",
            Self::StallInBody => "stall_in_body",
            Self::Hiccup => "hiccup",
            Self::ServerError => "server_error",
            Self::Throttle => "throttle",
            Self::RequestTimeout => "request_timeout",
            Self::BodyTooLong => "body_too_long",
            Self::CutChunks => "cut_chunks",
            Self::WrongRangeStart => "wrong_range_start",
            Self::WrongTotal => "wrong_total",
            Self::CorruptByte => "corrupt_byte",
            Self::OtherObject => "other_object",
            Self::HtmlPage => "html_page",
            Self::TwoLengths => "two_lengths",
            Self::GarbageHead => "garbage_head",
            Self::NotFound => "not_found",
        }
    }

    /// Tells whether a client may end with an error because of this fault.
    pub(super) fn is_fatal(self) -> bool {
        matches!(
            self,
            Self::WrongRangeStart
                | Self::WrongTotal
                | Self::CorruptByte
                | Self::OtherObject
                | Self::HtmlPage
                | Self::TwoLengths
                | Self::GarbageHead
                | Self::NotFound
        )
    }

    /// Tells whether the fault means anything here, and can be found out.
    pub(super) fn fits(self, scene: &Scene<'_>) -> bool {
        match self {
            Self::FinInBody | Self::RstInBody | Self::StallInBody | Self::Hiccup => {
                scene.has_body()
            }
            Self::CutChunks | Self::WrongRangeStart | Self::WrongTotal => {
                scene.is_partial() && scene.reply.body.end - scene.reply.body.start > 1
            }
            Self::CorruptByte => scene.has_body() && scene.is_verifiable(),
            // Before anything was delivered, these would simply be the object.
            Self::OtherObject | Self::HtmlPage => scene.resumes_at > 0,
            _ => true,
        }
    }

    /// Returns what the server does instead of the scene's reply.
    pub(super) fn actions(self, scene: &Scene<'_>, random: &mut Random) -> Vec<Action> {
        match self {
            Self::FinBeforeReply => vec![Action::CloseFin],
            Self::RstBeforeReply => vec![Action::CloseRst],
            Self::StallBeforeReply => vec![Action::Stall],
            Self::FinInHead => cut_head(scene, random, Action::CloseFin),
            Self::RstInHead => cut_head(scene, random, Action::CloseRst),
            Self::FinInBody => cut_body(scene, random, Action::CloseFin),
            Self::RstInBody => cut_body(scene, random, Action::CloseRst),
            Self::StallInBody => cut_body(scene, random, Action::Stall),
            Self::Hiccup => hiccup(scene, random),
            Self::ServerError => failure(*random.pick(&[500, 502, 503, 504]), random),
            Self::Throttle => failure(*random.pick(&[429, 503]), random),
            Self::RequestTimeout => error(&Reply::error(400, "RequestTimeout")),
            Self::BodyTooLong => body_too_long(scene),
            Self::CutChunks => cut_chunks(scene, random),
            Self::WrongRangeStart => wrong_range_start(scene, random),
            Self::WrongTotal => wrong_total(scene),
            Self::CorruptByte => corrupt_byte(scene, random),
            // The script does it: the object stays changed.
            Self::OtherObject => Vec::new(),
            Self::HtmlPage => html_page(),
            Self::TwoLengths => two_lengths(scene),
            Self::GarbageHead => vec![
                Action::Send(b"\x16\x03\x01 not HTTP at all\r\n\r\n".to_vec()),
                Action::CloseFin,
            ],
            Self::NotFound => error(&Reply::error(404, "NoSuchKey")),
        }
    }
}

fn cut_head(scene: &Scene<'_>, random: &mut Random, end: Action) -> Vec<Action> {
    let mut head = scene.reply.head();
    head.truncate(1 + below(random, head.len() - 1));
    vec![Action::Send(head), end]
}

fn cut_body(scene: &Scene<'_>, random: &mut Random, end: Action) -> Vec<Action> {
    let mut bytes = body(scene.reply, scene.content);
    bytes.truncate(below(random, bytes.len()));
    vec![Action::Send(scene.reply.head()), Action::Send(bytes), end]
}

fn hiccup(scene: &Scene<'_>, random: &mut Random) -> Vec<Action> {
    let bytes = body(scene.reply, scene.content);
    let (before, after) = bytes.split_at(below(random, bytes.len()));
    vec![
        Action::Send(scene.reply.head()),
        Action::Send(before.to_vec()),
        Action::Wait(Duration::from_millis(5)),
        Action::Send(after.to_vec()),
    ]
}

fn failure(status: u16, random: &mut Random) -> Vec<Action> {
    let code = match status {
        503 | 429 => "SlowDown",
        _ => "InternalError",
    };
    let mut reply = Reply::error(status, code);
    match random.below(3) {
        0 => {}
        1 => {
            reply.error = b"<html><body><h1>Bad Gateway</h1></body></html>".to_vec();
            reply.set("Content-Type", "text/html");
        }
        _ => reply.error.clear(),
    }
    reply.set("Content-Length", &reply.error.len().to_string());
    if random.chance(500) {
        reply.set("Retry-After", "0");
    }
    error(&reply)
}

fn error(reply: &Reply) -> Vec<Action> {
    vec![Action::Send(reply.head()), Action::Send(reply.error.clone())]
}

fn body_too_long(scene: &Scene<'_>) -> Vec<Action> {
    let mut bytes = body(scene.reply, scene.content);
    bytes.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
    vec![Action::Send(scene.reply.head()), Action::Send(bytes), Action::CloseFin]
}

fn cut_chunks(scene: &Scene<'_>, random: &mut Random) -> Vec<Action> {
    let mut reply = scene.reply.clone();
    reply.remove("Content-Length");
    reply.set("Transfer-Encoding", "chunked");
    let bytes = body(&reply, scene.content);
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(&bytes[..below(random, bytes.len())]);
    vec![Action::Send(reply.head()), Action::Send(chunk), Action::CloseFin]
}

fn wrong_range_start(scene: &Scene<'_>, random: &mut Random) -> Vec<Action> {
    let length = scene.reply.body.end - scene.reply.body.start;
    let mut reply = scene.reply.clone();
    reply.body.start += 1 + random.below(length - 1);
    show_range(&mut reply, scene.content.size);
    let sent = reply.body.end - reply.body.start;
    reply.set("Content-Length", &sent.to_string());
    let bytes = body(&reply, scene.content);
    vec![Action::Send(reply.head()), Action::Send(bytes)]
}

fn wrong_total(scene: &Scene<'_>) -> Vec<Action> {
    let mut reply = scene.reply.clone();
    show_range(&mut reply, scene.content.size + 1);
    let bytes = body(&reply, scene.content);
    vec![Action::Send(reply.head()), Action::Send(bytes)]
}

fn show_range(reply: &mut Reply, total: u64) {
    let shown = format!("bytes {}-{}/{total}", reply.body.start, reply.body.end.saturating_sub(1));
    reply.set("Content-Range", &shown);
}

fn corrupt_byte(scene: &Scene<'_>, random: &mut Random) -> Vec<Action> {
    let mut bytes = body(scene.reply, scene.content);
    let index = below(random, bytes.len());
    if let Some(byte) = bytes.get_mut(index) {
        *byte ^= 1 << random.below(8);
    }
    vec![Action::Send(scene.reply.head()), Action::Send(bytes)]
}

fn html_page() -> Vec<Action> {
    let page = "<html><body>Please log in to the network.</body></html>";
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
        page.len()
    );
    vec![Action::Send(format!("{head}{page}").into_bytes())]
}

fn two_lengths(scene: &Scene<'_>) -> Vec<Action> {
    let mut reply = scene.reply.clone();
    reply.headers.push(("Content-Length".to_owned(), "3".to_owned()));
    let bytes = body(&reply, scene.content);
    vec![Action::Send(reply.head()), Action::Send(bytes), Action::CloseFin]
}

fn below(random: &mut Random, length: usize) -> usize {
    let drawn = random.below(length as u64);
    usize::try_from(drawn).expect("a draw below a length is a length")
}
