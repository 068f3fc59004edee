//! The page that an operator opens the next morning: one file, nothing to load, no script.
//!
//! What matters comes first: the verdict, then what failed and what to do about it.

mod advice;
mod banner;
mod chart;
mod failures;
mod newer;
mod sections;
mod table;
mod text;
mod unproven;

use std::io::{self, BufWriter, Write};

use super::accumulate::Place;
use super::human::{bytes, count, duration, rate};
use super::{Report, Run};
use crate::time::Timestamp;
use text::{Key, Text, Title};

const STYLE: &str = include_str!("style.css");

impl Report {
    /// Writes the report as one HTML page that stands alone, for screen and paper.
    ///
    /// Every text of others, such as a key or a message, is escaped, and what cannot be
    /// seen in it is shown.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_html(&self, run: &Run, out: &mut dyn Write) -> io::Result<()> {
        let mut out = BufWriter::new(out);
        let out = &mut out;
        head(self, run, out)?;
        banner::write(self, run, out)?;
        tiles(self, run, out)?;
        failures::write(self, out)?;
        unproven::write(self, out)?;
        sections::skipped(self, out)?;
        sections::methods(self, out)?;
        newer::write(self, out)?;
        sections::sizes(self, out)?;
        sections::slowest(self, out)?;
        sections::run(self, run, out)?;
        foot(run, out)?;
        out.flush()
    }
}

fn head(report: &Report, run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let place = place(report, run);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">"
    )?;
    writeln!(out, "<title>Backup of {}</title>", Title(&place))?;
    writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>\n<header>")?;
    writeln!(out, "<p class=\"kicker\">Backup report</p>\n<h1>{}</h1>", Key(&place))?;
    match (run.started, run.ended) {
        (Some(started), Some(ended)) => writeln!(
            out,
            "<p class=\"when\">{} to {}</p>",
            time(started),
            if same_day(started, ended) { clock(ended) } else { time(ended) }
        )?,
        (Some(time_), None) | (None, Some(time_)) => {
            writeln!(out, "<p class=\"when\">{}</p>", time(time_))?;
        }
        (None, None) => writeln!(out, "<p class=\"when\">from its manifest</p>")?,
    }
    writeln!(out, "</header>\n<main>")
}

fn foot(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n<footer><p>")?;
    if run.tool.is_empty() {
        writeln!(out, "Written by s3stream {}.", env!("CARGO_PKG_VERSION"))?;
    } else {
        writeln!(out, "Written by {} {}.", Text(&run.tool), Text(&run.version))?;
    }
    writeln!(out, "Times are UTC; 1 KiB is 1,024 bytes.</p></footer>\n</body>\n</html>")
}

impl Report {
    /// A key as the page shows it: with its bucket where there are several.
    fn shown(&self, place: &Place) -> String {
        match self.has_many_buckets {
            true => Key(&format!("s3://{}/{}", place.bucket, place.key)).to_string(),
            false => Key(&place.key).to_string(),
        }
    }
}

/// What was backed up, as a URL.
fn place(report: &Report, run: &Run) -> String {
    let bucket = if run.bucket.is_empty() { &report.bucket } else { &run.bucket };
    format!("s3://{bucket}/{}", run.prefix)
}

/// The numbers that one asks for first.
fn tiles(report: &Report, run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let elapsed = elapsed(report, run);
    let bad = if report.failed.count > 0 { "bad" } else { "" };
    let tile = |out: &mut dyn Write, class: &str, value: &str, name: &str, note: &str| {
        writeln!(
            out,
            "<div class=\"tile {class}\"><dt>{name}</dt><dd>{value}</dd><p>{note}</p></div>"
        )
    };
    let pace = match elapsed {
        Some(seconds) if seconds > 0.0 => objects_a_second(report.recorded(), seconds),
        _ => String::new(),
    };
    let speed = elapsed.map_or_else(|| "–".to_owned(), |seconds| rate(report.bytes(), seconds));
    let time = elapsed.map_or_else(|| "–".to_owned(), duration);
    let of_what = if run_seconds(run).is_some() { "start to end" } else { "spent on objects" };
    let share = |value: u64| super::human::percent(value, report.recorded());
    writeln!(out, "<dl class=\"tiles\">")?;
    let streamed = &report.streamed;
    tile(out, "", &count(streamed.count), "Streamed", &share(streamed.count))?;
    tile(out, "", &count(report.skipped.count), "Skipped", &share(report.skipped.count))?;
    tile(out, bad, &count(report.failed.count), "Failed", &share(report.failed.count))?;
    tile(out, "", &bytes(streamed.bytes), "Data", "streamed")?;
    tile(out, "", &time, "Time", of_what)?;
    tile(out, "", &speed, "Speed", &pace)?;
    writeln!(out, "</dl>")
}

fn objects_a_second(objects: u64, seconds: f64) -> String {
    let pace = objects as f64 / seconds;
    if pace < 10.0 {
        return format!("{pace:.1} objects/s");
    }
    // A float becomes the nearest integer that there is, never another.
    #[expect(clippy::cast_possible_truncation)]
    let pace = pace as u64;
    format!("{} objects/s", count(pace))
}

/// Seconds of the run, else of its objects; `None` where nothing was timed.
fn elapsed(report: &Report, run: &Run) -> Option<f64> {
    run_seconds(run).or((report.seconds > 0.0).then_some(report.seconds))
}

fn run_seconds(run: &Run) -> Option<f64> {
    Some(run.ended?.since(run.started?).as_secs_f64())
}

/// A time to the second, `2026-07-04 02:11:09`.
fn time(time: Timestamp) -> String {
    let text = time.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    whole.trim_end_matches('Z').replace('T', " ")
}

fn clock(time: Timestamp) -> String {
    let text = self::time(time);
    text.split_once(' ').map_or_else(|| text.clone(), |(_, clock)| clock.to_owned())
}

fn same_day(one: Timestamp, other: Timestamp) -> bool {
    const DAY: i64 = 86_400;
    one.unix_seconds().div_euclid(DAY) == other.unix_seconds().div_euclid(DAY)
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
