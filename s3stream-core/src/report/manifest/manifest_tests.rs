use std::collections::BTreeMap;

use super::*;
use crate::report::{Failure, Outcome, Record};
use crate::time::Timestamp;

fn records() -> Vec<Record> {
    let mut records = Vec::new();
    for number in 0..50_u64 {
        let outcome = match number % 3 {
            0 => Outcome::Streamed,
            1 => Outcome::Skipped,
            _ => Outcome::Failed,
        };
        let mut record = Record::new("b", &format!("key {number}\n"), outcome);
        record.size = Some(number * number);
        record.etag = Some(format!("{number:032x}"));
        record.bytes = Some(number);
        record.seconds = Some(0.5);
        record.reason = (outcome == Outcome::Skipped).then(|| "delete marker".to_owned());
        record.error = (outcome == Outcome::Failed).then(|| Failure::of_destination("full"));
        records.push(record);
    }
    records
}

fn run() -> Run {
    let mut run = Run::default();
    "s3stream".clone_into(&mut run.tool);
    "b".clone_into(&mut run.bucket);
    "key".clone_into(&mut run.prefix);
    run.start_after = Some("key \u{1}".to_owned());
    run.endpoint = Some("http://host".to_owned());
    run.rules = BTreeMap::from([("versions".to_owned(), "all".to_owned())]);
    run.started = Timestamp::from_unix_seconds(1_369_353_600);
    run.ended = Timestamp::from_unix_seconds(1_369_353_700);
    run.listing = Listing::Complete;
    run.listing_end = Some("proven".to_owned());
    run.listed = Some(50);
    run
}

fn written(records: &[Record], run: &Run) -> Vec<u8> {
    let (mut text, mut report) = (Vec::new(), Report::new());
    Head::of(run).write_line(&mut text).unwrap();
    for record in records {
        record.write_line(&mut text).unwrap();
        report.add(record);
    }
    Foot::of(&report, run).write_line(&mut text).unwrap();
    text
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

#[test]
fn a_report_from_a_manifest_is_the_report_of_its_records_and_its_run_is_the_run() {
    let (records, run) = (records(), run());
    let mut direct = Report::new();
    records.iter().for_each(|record| direct.add(record));
    let (report, read) = read_manifest(&written(&records, &run)[..]).unwrap();
    assert_eq!((report, read), (direct, run));
}

#[test]
fn a_run_that_broke_off_says_why_in_its_manifest() {
    let mut run = run();
    run.listing = Listing::Incomplete("the server hung up".to_owned());
    let text = written(&records(), &run);
    assert_eq!(read_manifest(&text[..]).unwrap().1, run);
    let last = String::from_utf8_lossy(lines(&text).pop().unwrap()).into_owned();
    assert!(last.starts_with("{\"end\":{\"assessment\":\"incomplete\",\"listing\":"), "{last}");
}

#[test]
fn a_manifest_that_is_cut_at_any_byte_of_its_last_lines_is_known_and_gives_only_whole_records() {
    let records = records();
    let text = written(&records, &run());
    let all = lines(&text);
    let whole = text.len() - all.iter().rev().take(2).map(|line| line.len()).sum::<usize>();
    for length in whole..text.len() {
        let (report, run) = read_manifest(&text[..length]).unwrap();
        assert!(matches!(&run.listing, Listing::Incomplete(why) if why == CUT), "{length}");
        let last = u64::from(length >= text.len() - all[51].len());
        assert_eq!(report.recorded(), 49 + last, "{length}");
        let mut manifest = Manifest::open(&text[..length]).unwrap();
        let read: Vec<_> = manifest.by_ref().map(Result::unwrap).collect();
        assert_eq!(read[..], records[..read.len()]);
        assert_eq!(manifest.ending(), Some(&Ending::Cut));
    }
}

#[test]
fn a_line_that_is_missing_doubled_or_swapped_for_another_is_found_at_the_foot() {
    let text = written(&records(), &run());
    let all = lines(&text);
    let without = |index: usize| [&all[..index], &all[index + 1..]].concat().concat();
    let error = |text: &[u8]| read_manifest(text).unwrap_err().to_string();
    assert_eq!(error(&without(7)), "line 51 is not a record: it counts 50 records, there are 49");
    let mut swapped = all.clone();
    swapped[7] = all[8];
    assert!(error(&swapped.concat()).contains("fingerprint is not that of the records"));
    let doubled = [all.concat(), all[7].to_vec()].concat();
    assert!(error(&doubled).contains("line 53") && error(&doubled).contains("closing line"));
    assert!(error(&[&text[..], &text].concat()).contains("closing line"));
}

#[test]
fn a_bit_that_flipped_anywhere_is_found() {
    let text = written(&records()[..2], &run());
    for index in 0..text.len() * 8 {
        let mut flipped = text.clone();
        flipped[index / 8] ^= 1 << (index % 8);
        let read = read_manifest(&flipped[..]);
        let is_told = read.is_err()
            || read.is_ok_and(|(_, run)| matches!(run.listing, Listing::Incomplete(_)));
        assert!(is_told, "bit {index} of {:?}", char::from(text[index / 8]));
    }
}

#[test]
fn manifests_of_earlier_versions_are_read_and_say_nothing_of_their_end() {
    let old = concat!(
        "{\"bucket\":\"b\",\"key\":\"k\",\"size\":3,\"outcome\":\"streamed\",\"bytes\":3}\n",
        "{\"bucket\":\"b\",\"key\":\"l\",\"outcome\":\"skipped\"}",
    );
    for text in [old.to_owned(), format!("{old}\n")] {
        let (report, run) = read_manifest(text.as_bytes()).unwrap();
        assert_eq!((report.streamed(), report.skipped(), report.bytes()), (1, 1, 3));
        assert_eq!(run, Run::default());
    }
    let mut nothing = Manifest::open(&b""[..]).unwrap();
    assert!(nothing.next().is_none());
    assert_eq!(nothing.ending(), Some(&Ending::Unsaid));
}

#[test]
fn a_format_of_a_later_version_is_refused() {
    let mut head = Head::of(&run());
    head.format = 3;
    let mut text = Vec::new();
    head.write_line(&mut text).unwrap();
    let error = Manifest::open(&text[..]).unwrap_err().to_string();
    assert!(error.contains("later version"), "{error}");
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let good = b"{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"streamed\"}\n";
    for (bad, part) in [
        ("\n", "EOF"),
        ("{}\n", "missing field `bucket`"),
        ("{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"eaten\"}\n", "eaten"),
        ("{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"fail", "EOF"),
        (
            "{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"failed\",\"last_modified\":\"x\"}\n",
            "'x' is not a time",
        ),
    ] {
        // What is cut short is the last line.
        let rest = if bad.ends_with('\n') { &good[..] } else { &[] };
        let manifest = [good, bad.as_bytes(), rest].concat();
        let error = Report::from_manifest(&manifest[..]).unwrap_err().to_string();
        assert!(error.starts_with("line 2 ") && error.contains(part), "{error}");
    }
}
