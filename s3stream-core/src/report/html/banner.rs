//! The verdict on top of the page: complete? intact?

use std::io::{self, Write};

use super::text::Text;
use crate::error::ErrorKind;
use crate::report::human::{bytes, count, counted};
use crate::report::{Assessment, Listing, Report, Run};

/// One question that the banner answers.
struct Answer {
    question: &'static str,
    answer: &'static str,
    why: String,
}

pub(super) fn write(report: &Report, run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let assessment = report.assess(run);
    let (class, sign) = look(report, assessment);
    writeln!(out, "<section class=\"banner {class}\" role=\"status\">")?;
    writeln!(
        out,
        "<svg class=\"sign\" viewBox=\"0 0 48 48\" aria-hidden=\"true\"><circle cx=\"24\" cy=\"24\" r=\"23\"/><path d=\"{sign}\"/></svg>"
    )?;
    writeln!(out, "<div><h2>{}</h2>\n<dl>", headline(report, run, assessment))?;
    for Answer { question, answer, why } in [complete(report, run), intact(report)] {
        // Escaped where it is made: it holds the texts of others.
        writeln!(out, "<dt>{question}</dt><dd><b>{answer}</b> {why}</dd>")?;
    }
    writeln!(out, "</dl></div></section>")
}

/// The class of an assessment and the path of its sign: a tick, an exclamation mark, a cross.
fn look(report: &Report, assessment: Assessment) -> (&'static str, &'static str) {
    match assessment {
        Assessment::Complete if report.probably_damaged > 0 => ("doubt", "M24 12v15M24 34v1"),
        Assessment::Complete => ("good", "M14 25l7 7 14-15"),
        Assessment::Empty | Assessment::Unknown => ("doubt", "M24 12v15M24 34v1"),
        Assessment::Incomplete => ("bad", "M16 16l16 16M32 16l-16 16"),
    }
}

fn headline(report: &Report, run: &Run, assessment: Assessment) -> String {
    let failed = report.failed.count;
    match assessment {
        Assessment::Complete if report.unproven().is_empty() => "Complete and intact".to_owned(),
        Assessment::Complete => "Complete, but not all of it is proven".to_owned(),
        Assessment::Empty => "There was nothing to back up".to_owned(),
        Assessment::Unknown => "Nothing failed".to_owned(),
        Assessment::Incomplete if failed > 0 => match run.listing {
            Listing::Incomplete(_) => {
                format!("Not complete: {} failed, and the run broke off", counted(failed, "object"))
            }
            _ => format!("Not complete: {} failed", counted(failed, "object")),
        },
        Assessment::Incomplete if !report.is_balanced(run) => {
            "The numbers do not add up".to_owned()
        }
        Assessment::Incomplete => "Not complete: the run broke off".to_owned(),
    }
}

fn complete(report: &Report, run: &Run) -> Answer {
    let answer = |answer, why| Answer { question: "Complete?", answer, why };
    let failed = report.failed.count;
    let left_out = match report.skipped.count {
        0 => String::new(),
        skipped => format!(" {} left out on purpose, as below.", were(skipped)),
    };
    if !report.is_balanced(run) {
        let listed = count(run.listed.unwrap_or_default());
        let recorded = count(report.recorded());
        let why = format!("{listed} were listed, but {recorded} are accounted for: report this.");
        return answer("No.", why);
    }
    let missing = match failed {
        0 => String::new(),
        1 => " 1 object is missing.".to_owned(),
        _ => format!(" {} objects are missing.", count(failed)),
    };
    match &run.listing {
        Listing::Incomplete(why) => {
            let why = Text(why).to_string();
            answer(
                "No.",
                format!("Keys were not seen, for the listing did not end: {why}.{missing}"),
            )
        }
        _ if failed > 0 => answer("No.", format!("{}{left_out}", missing.trim_start())),
        Listing::Unknown => answer(
            "Not known.",
            format!("A manifest does not say whether the listing came to its end.{left_out}"),
        ),
        Listing::Complete if report.recorded() == 0 => answer(
            "Yes.",
            "The listing came to its end, without a single key. Is it the right bucket and prefix?"
                .to_owned(),
        ),
        Listing::Complete => {
            let all = counted(report.recorded(), "object");
            let why =
                format!("The listing came to its end; it held {all}, and each is accounted for.");
            answer("Yes.", format!("{why}{left_out}"))
        }
    }
}

fn were(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "was" } else { "were" })
}

/// What is known to be damaged, on the server or in the archive; `None` if nothing is.
fn damage(report: &Report) -> Option<String> {
    let mut why = Vec::new();
    match report.kinds.get(ErrorKind::Integrity.name()).count {
        0 => {}
        1 => why.push("1 object is not what the server says it is.".to_owned()),
        number => {
            why.push(format!("{} objects are not what the server says they are.", count(number)))
        }
    }
    match report.broken_members {
        0 => {}
        1 => why.push("1 failed object has a member in the archive: do not restore it.".to_owned()),
        number => why.push(format!(
            "{} failed objects have a member in the archive: do not restore those.",
            count(number)
        )),
    }
    if why.is_empty() {
        return None;
    }
    if report.streamed.count > 0 {
        why.push(match report.unproven_line() {
            None => "What counts as streamed was proven.".to_owned(),
            Some(line) => format!("Of what counts as streamed, {line}."),
        });
    }
    Some(why.join(" "))
}

fn intact(report: &Report) -> Answer {
    let answer = |answer, why| Answer { question: "Intact?", answer, why };
    let streamed = report.streamed;
    if let Some(why) = damage(report) {
        return answer("Not all of it.", why);
    }
    if streamed.count == 0 {
        return answer("Nothing to say.", "No object was streamed.".to_owned());
    }
    let what = format!("{} ({})", counted(streamed.count, "object"), bytes(streamed.bytes));
    let by_length: u64 = report.unproven().iter().map(|(_, count)| count).sum();
    let checked = streamed.count - by_length;
    let read = format!("What was streamed, {what}, was read to its end");
    if by_length == 0 {
        return answer("Yes.", format!("{read}, all of it proven by checksum."));
    }
    let proven = format!(
        "{read}: {} proven by checksum, {} by length only; why stands below.",
        count(checked),
        count(by_length)
    );
    match report.probably_damaged {
        0 if checked == 0 => answer("As far as the server tells.", proven),
        0 => answer("Not all of it is proven.", proven),
        1 => answer("Perhaps not.", format!("1 object is probably damaged. {proven}")),
        number => {
            let number = count(number);
            answer("Perhaps not.", format!("{number} objects are probably damaged. {proven}"))
        }
    }
}
