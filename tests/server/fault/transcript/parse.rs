//! Reads transcripts, line by line.

use std::time::Duration;

use crate::fault::content::Content;
use crate::fault::script::{Action, Reading};

use super::check::Check;
use super::options::{Count, seconds};
use super::piece::{Piece, Source};
use super::settings;
use super::template::Template;
use super::{Transcript, TranscriptError};

/// One step of a transcript.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) kind: StepKind,
}

#[derive(Clone, Debug)]
pub(crate) enum StepKind {
    Connection(Action),
    Request(RequestStep),
}

/// A request that is waited for, and what happens then.
#[derive(Clone, Debug)]
pub(crate) struct RequestStep {
    pub(crate) method: String,
    pub(crate) target: Template,
    pub(crate) times: Count,
    pub(crate) turn: Turn,
    /// How much of the body is read before anything is done.
    pub(crate) reading: Reading,
    pub(crate) checks: Vec<Check>,
    pub(crate) moves: Vec<Move>,
}

/// When a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Before those of the steps that follow.
    InOrder,
    /// Sent on another thread than those of the steps that follow, so among them.
    Beside,
}

/// Something that is done about a request.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    Reply(Head),
    Body(Piece),
    Chunk(Piece),
    LastChunk,
    Raw(Template),
    Wait(Duration),
    End(Action),
}

/// Status line and headers of a reply.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) base: Base,
    pub(crate) headers: Vec<(String, Template)>,
    pub(crate) without: Vec<String>,
}

/// What a reply starts from.
#[derive(Clone, Debug)]
pub(crate) enum Base {
    Honest { source: Source, status: Option<u16>, body: Honesty },
    Status(u16, Option<String>),
}

/// Whether the honest body goes with the honest head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Honesty {
    WithBody,
    HeadOnly,
}

/// The lines that are left, with their numbers.
struct Lines<'a> {
    rest: std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'a>>>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.lines().enumerate().peekable(), number: 0 }
    }

    /// Returns the next line, whatever it is.
    fn raw(&mut self) -> Option<&'a str> {
        let (index, line) = self.rest.next()?;
        self.number = index + 1;
        Some(line.trim())
    }

    /// Returns the next line that is neither blank nor a comment.
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let line = self.raw()?;
            if !line.is_empty() && !line.starts_with('#') {
                return Some(line);
            }
        }
    }
}

/// Reads a transcript.
pub(crate) fn parse(file: &str, text: &str) -> Result<Transcript, TranscriptError> {
    let mut lines = Lines::new(text);
    parse_lines(file, text, &mut lines).map_err(|message| TranscriptError {
        file: file.to_owned(),
        line: lines.number,
        message,
    })
}

fn parse_lines(file: &str, text: &str, lines: &mut Lines<'_>) -> Result<Transcript, String> {
    let story = story(text);
    if story.is_empty() {
        lines.number = 1;
        return Err("a transcript begins with a comment that tells its story".to_owned());
    }
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.strip_suffix(".fault").unwrap_or(name).to_owned();
    let mut raw: Vec<(usize, &str, &str)> = Vec::new();
    loop {
        let line = lines.next().ok_or("there is no --- after the settings")?;
        if line == "---" {
            break;
        }
        let (key, value) = line.split_once(':').ok_or_else(|| format!("{line:?} is no setting"))?;
        if !SETTINGS.contains(&key) {
            return Err(format!("{key:?} is none of {}", SETTINGS.join(", ")));
        }
        if raw.iter().any(|(_, other, _)| *other == key) {
            return Err(format!("{key} is set twice"));
        }
        raw.push((lines.number, key, value.trim()));
    }
    let separator = lines.number;
    // Errors in settings are reported in their own line, then the count goes on.
    let mut setting = |key: &str| match raw.iter().find(|(_, other, _)| *other == key) {
        Some((number, _, value)) => {
            lines.number = *number;
            Some(*value)
        }
        None => {
            lines.number = separator;
            None
        }
    };
    let missing = |key: &str| format!("the setting {key} is missing");
    let default = || Ok(Content::new(1000, 1));
    let object = setting("object").map_or_else(default, settings::content)?;
    let other = setting("other").map_or_else(default, settings::content)?;
    let task = |text| settings::task(text, &object, &other);
    let transcript = Transcript {
        name,
        story,
        group: settings::group(setting("group").ok_or_else(|| missing("group"))?)?,
        tls: setting("tls").map(settings::tls).transpose()?,
        before: setting("before").map(task).transpose()?,
        task: task(setting("do").ok_or_else(|| missing("do"))?)?,
        config: settings::config(setting("config").unwrap_or_default(), &object, &other)?,
        expect: settings::expectation(
            setting("expect").ok_or_else(|| missing("expect"))?,
            &object,
            &other,
        )?,
        connections: setting("connections").map(Count::parse).transpose()?,
        file: file.to_owned(),
        object,
        other,
        steps: Vec::new(),
    };
    lines.number = separator;
    Ok(Transcript { steps: steps(lines)?, ..transcript })
}

const SETTINGS: [&str; 9] =
    ["group", "object", "other", "tls", "before", "do", "config", "expect", "connections"];

/// Returns the comment that a transcript begins with.
fn story(text: &str) -> String {
    let lines: Vec<&str> =
        text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
    lines.join("\n").trim().to_owned()
}

fn steps(lines: &mut Lines<'_>) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    loop {
        let line = lines.next().ok_or("there is no end")?;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let kind = match word {
            "end" => break,
            "connection" => StepKind::Connection(match rest {
                "close" => Action::CloseFin,
                "rst" => Action::CloseRst,
                "stall" => Action::Stall,
                _ => return Err(format!("{rest:?} is none of close, rst, stall")),
            }),
            "request" => StepKind::Request(request(rest)?),
            _ => {
                match steps.last_mut().map(|step| &mut step.kind) {
                    Some(StepKind::Request(step)) => add_line(step, line, lines)?,
                    _ => return Err(format!("{line:?} belongs below a request")),
                }
                continue;
            }
        };
        steps.push(Step { line: lines.number, kind });
    }
    match lines.next() {
        None => Ok(steps),
        Some(line) => Err(format!("{line:?} stands after the end")),
    }
}

fn request(text: &str) -> Result<RequestStep, String> {
    let (method, target) = text
        .split_once(' ')
        .filter(|(_, target)| target.starts_with('/') || target.starts_with('*'))
        .ok_or("expected request METHOD TARGET")?;
    Ok(RequestStep {
        method: method.to_owned(),
        target: Template::parse(target)?,
        times: Count::ONCE,
        turn: Turn::InOrder,
        reading: Reading::Whole,
        checks: Vec::new(),
        moves: Vec::new(),
    })
}

fn add_line(step: &mut RequestStep, line: &str, lines: &mut Lines<'_>) -> Result<(), String> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    if word == "times" {
        step.times = Count::parse(rest)?;
        return Ok(());
    }
    if word == "beside" {
        step.turn = Turn::Beside;
        return if rest.is_empty() { Ok(()) } else { Err(format!("unexpected {rest:?}")) };
    }
    if word == "reads" {
        let bytes = rest.parse().map_err(|_| format!("{rest:?} is not a number of bytes"))?;
        step.reading = Reading::First(bytes);
        return Ok(());
    }
    if let Some(check) = Check::parse(word, rest)? {
        if !step.moves.is_empty() {
            return Err(format!("{word} is checked before anything is done"));
        }
        step.checks.push(check);
        return Ok(());
    }
    if let Some(Move::End(_)) = step.moves.last() {
        return Err(format!("{word}: the connection is over"));
    }
    if let Some(next) = parse_move(word, rest, lines)? {
        step.moves.push(next);
        return Ok(());
    }
    let Some(Move::Reply(head)) = step.moves.last_mut() else {
        return Err(format!("cannot read {line:?}"));
    };
    add_to_head(head, word, rest, line)
}

fn parse_move(word: &str, rest: &str, lines: &mut Lines<'_>) -> Result<Option<Move>, String> {
    let bare = |next: Move| match rest {
        "" => Ok(next),
        rest => Err(format!("unexpected {rest:?}")),
    };
    Ok(Some(match word {
        "reply" => Move::Reply(reply(rest)?),
        "serve" => Move::Reply(head(honest(rest, Honesty::WithBody)?)),
        "body" => Move::Body(piece(rest, lines)?),
        "chunk" => Move::Chunk(piece(rest, lines)?),
        "raw" => Move::Raw(Template::parse_quoted(rest)?),
        "wait" => Move::Wait(seconds(rest)?),
        "last-chunk" => bare(Move::LastChunk)?,
        "stall" => bare(Move::End(Action::Stall))?,
        "fin" => bare(Move::End(Action::CloseFin))?,
        "rst" => bare(Move::End(Action::CloseRst))?,
        _ => return Ok(None),
    }))
}

fn head(base: Base) -> Head {
    Head { base, headers: Vec::new(), without: Vec::new() }
}

fn reply(text: &str) -> Result<Head, String> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    if first == "honest" {
        return Ok(head(honest(rest, Honesty::HeadOnly)?));
    }
    let reason = match rest.trim() {
        "" => None,
        quoted => Some(
            quoted
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'))
                .ok_or_else(|| format!("the reason {quoted:?} is not in quotes"))?
                .to_owned(),
        ),
    };
    Ok(head(Base::Status(status(first)?, reason)))
}

fn honest(text: &str, body: Honesty) -> Result<Base, String> {
    let mut words = text.split_whitespace().peekable();
    let source = match words.next_if_eq(&"other") {
        Some(_) => Source::Other,
        None => Source::Object,
    };
    let status = match words.next() {
        None => None,
        Some("as") => Some(status(words.next().unwrap_or_default())?),
        Some(word) => return Err(format!("unexpected {word:?}")),
    };
    Ok(Base::Honest { source, status, body })
}

fn status(word: &str) -> Result<u16, String> {
    word.parse()
        .ok()
        .filter(|status| (100..1000).contains(status))
        .ok_or_else(|| format!("{word:?} is not a status"))
}

fn piece(text: &str, lines: &mut Lines<'_>) -> Result<Piece, String> {
    if text != "lines" {
        return Piece::parse(text);
    }
    let mut document = Vec::new();
    loop {
        match lines.raw().ok_or("body lines need a dot at their end")? {
            "." => return Ok(Piece::Text(Template::parse(&document.join("\n"))?)),
            line => document.push(line),
        }
    }
}

fn add_to_head(head: &mut Head, word: &str, rest: &str, line: &str) -> Result<(), String> {
    if word == "without" {
        head.without.push(rest.to_owned());
        return Ok(());
    }
    let (name, value) = line
        .split_once(':')
        .filter(|(name, _)| !name.contains(' '))
        .ok_or_else(|| format!("cannot read {line:?}"))?;
    let value = Template::parse(value.trim())?;
    head.headers.push((name.to_owned(), value));
    Ok(())
}
