//! The page as a whole.

use super::*;
use crate::report::{Failure, Listing, Outcome, Record};

fn page(report: &Report, run: &Run) -> String {
    let mut page = Vec::new();
    report.write_html(run, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn streamed(key: &str, bytes: u64, method: &str) -> Record {
    let mut record = Record::new("bucket", key, Outcome::Streamed);
    record.bytes = Some(bytes);
    record.method = Some(method.to_owned());
    record.seconds = Some(0.5);
    record
}

fn failed(key: &str, kind: &str, message: &str) -> Record {
    let mut record = Record::new("bucket", key, Outcome::Failed);
    record.error = Some(Failure {
        kind: kind.to_owned(),
        status: Some(403),
        code: Some("A<b>".to_owned()),
        message: message.to_owned(),
    });
    record
}

fn complete(listed: u64) -> Run {
    Run { listed: Some(listed), listing: Listing::Complete, ..Run::default() }
}

fn report(records: &[Record]) -> Report {
    let mut report = Report::new();
    records.iter().for_each(|record| report.add(record));
    report
}

#[test]
fn a_clean_run_says_complete_and_intact_in_words() {
    let report = report(&[streamed("a", 100, "crc64nvme"), streamed("b", 5, "md5")]);
    let page = page(&report, &complete(2));
    assert!(page.contains("Complete and intact") && page.contains("<b>Yes.</b>"));
    assert!(page.contains("all of it proven by checksum") && !page.contains("not proven"));
    assert!(page.contains("2 listed = 2 streamed + 0 skipped + 0 failed"));
    assert!(!page.contains("What failed"));
}

#[test]
fn what_is_not_proven_is_said_with_its_reason_and_never_called_intact() {
    let unproven = |key: &str, reason: &str| {
        let mut record = streamed(key, 5, "length");
        record.unproven = Some(reason.to_owned());
        record
    };
    let offered = unproven("b", "none offered");
    let some = page(&report(&[streamed("a", 100, "md5"), offered.clone()]), &complete(2));
    assert!(some.contains("1 proven by checksum, 1 by length only"));
    assert!(some.contains("<b>Not all of it is proven.</b>") && !some.contains("intact</h2>"));
    assert!(some.contains("What is not proven, and why") && some.contains("none offered"));
    let none = page(&report(&[offered]), &complete(1));
    assert!(none.contains("<b>As far as the server tells.</b>"));

    let mut suspect = unproven("the/key", "read twice");
    suspect.is_probably_damaged = true;
    suspect.reread = Some(5 << 20);
    let suspected = page(&report(&[streamed("a", 100, "md5"), suspect]), &complete(2));
    for words in [
        "<b>Perhaps not.</b> 1 object is probably damaged",
        "the/key",
        "5 MiB were read a second time",
        "banner doubt",
    ] {
        assert!(suspected.contains(words), "{words}");
    }
}

#[test]
fn a_failure_is_said_first_and_explained() {
    let report = report(&[streamed("a", 1, "md5"), failed("b", "archived", "glacier")]);
    let page = page(&report, &complete(2));
    let verdict = page.find("Not complete: 1 object failed").unwrap();
    let failures = page.find("What failed, and what to do").unwrap();
    let action = page.find("Restore it first").unwrap();
    let methods = page.find("How the bytes were proven").unwrap();
    assert!(verdict < failures && failures < action && action < methods);
}

#[test]
fn damage_is_never_called_intact() {
    let mut padded = failed("b", "changed", "");
    padded.name = Some("b".to_owned());
    for (record, words) in [
        (failed("b", "integrity", "crc"), "1 object is not what the server says it is"),
        (padded, "1 failed object has a member in the archive"),
    ] {
        let report = report(&[streamed("a", 1, "md5"), record]);
        let page = page(&report, &complete(2));
        assert!(page.contains("<b>Not all of it.</b>") && page.contains(words), "{words}");
    }
}

#[test]
fn nothing_of_others_is_markup() {
    let attack = "</title><script>alert('1')</script>&\"\u{202e}\n";
    let mut skipped = Record::new("bucket", attack, Outcome::Skipped);
    skipped.reason = Some(attack.to_owned());
    let mut named = streamed(attack, 7, attack);
    named.seconds = Some(3.0);
    let report = report(&[named, failed(attack, attack, attack), skipped]);
    let text = || attack.to_owned();
    let run = Run {
        bucket: text(),
        prefix: text(),
        start_after: Some(text()),
        end_at: Some(text()),
        endpoint: Some(text()),
        destination: Some(text()),
        manifest: Some(text()),
        tool: text(),
        version: text(),
        listing: Listing::Incomplete(text()),
        ..complete(3)
    };
    let page = page(&report, &run);
    assert!(!page.contains("<script") && !page.contains('\u{202e}'));
    assert_eq!(page.matches("</title>").count(), 1 + chart_titles(&page));
    assert!(page.contains("A&lt;b&gt;"));
}

/// The chart's bars have titles of their own.
fn chart_titles(page: &str) -> usize {
    page.matches("</title></rect>").count()
}

#[test]
fn every_state_of_a_run_has_its_words() {
    let good = report(&[streamed("a", 1, "md5")]);
    let broken = Listing::Incomplete("the server hung up".to_owned());
    for (report, run, words) in [
        (Report::new(), complete(0), "There was nothing to back up"),
        (good.clone(), Run::default(), "Nothing failed"),
        (good.clone(), Run { listing: broken, ..complete(1) }, "the server hung up"),
        (good, complete(2), "2 were listed, but 1 are accounted for"),
    ] {
        let page = page(&report, &run);
        assert!(page.contains(words), "{words}");
        // A page is whole whatever it says.
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    }
}

#[test]
fn the_page_loads_nothing() {
    let page = page(&report(&[streamed("a", 1, "md5")]), &complete(1));
    for part in ["http:", "https:", "src=", "url(", "@import", "<script"] {
        assert!(!page.contains(part), "{part}");
    }
}

#[test]
fn objects_newer_than_listed_are_named_up_to_a_hundred() {
    let mut report = Report::new();
    for number in 0..120 {
        let mut record = streamed(&format!("k<{number}"), 1, "md5");
        record.is_newer_than_listed = true;
        report.add(&record);
    }
    let page = page(&report, &complete(120));
    assert!(page.contains("120 objects had another ETag"), "{page}");
    assert!(page.contains("k&lt;99<") && !page.contains("k&lt;100<"), "{page}");
    assert!(page.contains("20 more are in the manifest"), "{page}");
    let other = self::report(&[streamed("k", 1, "md5")]);
    assert!(!self::page(&other, &complete(1)).contains("Newer than listed"));
}

#[test]
fn where_there_are_several_buckets_each_key_says_its_own() {
    let mut other = failed("same/key", "not_found", "");
    "second".clone_into(&mut other.bucket);
    let one = page(&report(&[failed("same/key", "not_found", "")]), &complete(1));
    assert!(!one.contains("s3://bucket/same/key"));
    let two = page(&report(&[streamed("a", 1, "md5"), other]), &complete(2));
    assert!(two.contains("s3://second/same/key") && two.contains("s3://bucket/a"), "{two}");
}

#[test]
fn every_table_is_named_with_its_columns_and_print_hides_nothing() {
    let mut newer = streamed("n", 1, "length");
    newer.is_newer_than_listed = true;
    newer.unproven = Some("read twice".to_owned());
    let mut records = vec![newer, Record::new("bucket", "s", Outcome::Skipped)];
    records.extend((0..20).map(|number| failed(&format!("k{number}"), "timed_out", "")));
    records.extend((0..20).map(|number| failed(&format!("l{number}"), "a \"kind\"", "")));
    let page = page(&report(&records), &complete(42));
    let tables = page.matches("<table").count();
    assert_eq!(tables, page.matches("<caption>").count());
    assert_eq!(tables, 11, "all kinds of tables are on it");
    assert!(!page.contains("<th>") && !page.contains("<th class"));
    // A closed `details` is dropped by browsers when they print.
    assert!(!page.contains("<details"));
    let ids: Vec<_> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next()).collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (4, 4), "{ids:?}");
}
