//! Odd keys in listings: by prefix, delimiter and range, compared with a model.

use s3stream_core::{Entry, ListOptions};

use crate::facts::Facts;
use crate::model::{Question, answer};
use crate::{client, list, names};

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_every_odd_key_that_boto3_lists() {
    let facts = Facts::read();
    let client = client();
    let entries = list(&client, &facts.bucket, ListOptions::new());
    let expected: Vec<_> = facts.listed().into_iter().map(Ok).collect();
    assert_eq!(names(&entries), expected, "on {}", facts.server);
    println!(
        "{}: {} odd keys listed, {} requests",
        facts.server,
        entries.len(),
        client.stats().requests
    );
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_the_same_in_parallel_ranges() {
    let facts = Facts::read();
    let client = client();
    let alone = list(&client, &facts.bucket, ListOptions::new());
    let before = client.stats().requests;
    for parallel in [2, 8] {
        let options = ListOptions::new().parallel(parallel);
        assert!(list(&client, &facts.bucket, options) == alone, "{parallel} on {}", facts.server);
    }
    println!("{}: {} requests for two lists", facts.server, client.stats().requests - before);
    if facts.versions.is_some() {
        let versions = |parallel| ListOptions::new().versions(true).parallel(parallel);
        let alone = list(&client, &facts.versions_bucket, versions(1));
        let parallel = list(&client, &facts.versions_bucket, versions(8));
        assert!(parallel == alone, "versions on {}", facts.server);
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_size_etag_and_time_of_every_object() {
    let facts = Facts::read();
    let entries = list(&client(), &facts.bucket, ListOptions::new());
    for put in facts.objects.iter().filter(|put| put.stored && put.listed) {
        let object = entries
            .iter()
            .find_map(|entry| match entry {
                Entry::Object(object) if object.key == put.content.key => Some(object),
                _ => None,
            })
            .expect("it is listed");
        assert_eq!(object.size, put.content.size, "{:?}", object.key);
        assert!(object.etag.is_some(), "{:?}", object.key);
        assert!(object.last_modified.is_some(), "{:?}", object.key);
        assert!(!object.is_delete_marker, "{:?}", object.key);
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_any_prefix_as_the_model_does() {
    let facts = Facts::read();
    let keys = facts.listed();
    // Every key is a prefix of itself; its first half is one of more.
    let halves = keys.iter().map(|key| {
        let middle =
            (key.len() / 2..).find(|&at| key.is_char_boundary(at)).expect("the end is one");
        &key[..middle]
    });
    for prefix in keys.iter().copied().chain(halves).chain(["none such"]) {
        // Swift 2.30 looks for the end of the prefix one character further: a lone surrogate.
        if facts.server == "swift" && prefix.ends_with('\u{d7ff}') {
            continue;
        }
        check(&facts, &Question { prefix, ..Question::default() });
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn groups_by_any_delimiter_as_the_model_does() {
    let facts = Facts::read();
    for delimiter in ["/", "//", " ", "-", "%", "+", "..", "\u{e9}", "none such"] {
        for prefix in ["", "/", "//", "dots/", "order", "ascii/", "d/d/", "a "] {
            // rclone takes any delimiter for a slash, and the prefix `/` for none.
            let is_path = delimiter == "/" && !prefix.starts_with('/');
            if facts.server == "rclone" && !is_path {
                continue;
            }
            check(&facts, &Question { prefix, delimiter: Some(delimiter), ..Question::default() });
        }
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_any_range_as_the_model_does() {
    let facts = Facts::read();
    let keys = facts.listed();
    for (index, key) in keys.iter().copied().enumerate().step_by(3) {
        let end = keys[(index + 40).min(keys.len() - 1)];
        for (start_after, end_at) in [(Some(key), None), (None, Some(key)), (Some(key), Some(end))]
        {
            let all = Question { start_after, end_at, ..Question::default() };
            check(&facts, &all);
        }
    }
    // Ends that are no keys themselves.
    for (start, end) in [("b", "o"), ("order", "order0"), ("", "\u{10ffff}")] {
        let between =
            Question { start_after: Some(start), end_at: Some(end), ..Question::default() };
        check(&facts, &between);
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn cuts_groups_by_a_range_as_the_model_does() {
    let facts = Facts::read();
    for (start_after, end_at) in [
        (Some("ascii"), Some("order/")),
        (Some("b"), None),
        (None, Some("dots")),
        (Some("order"), Some("order/a")),
        (Some("ascii/064"), None),
    ] {
        let grouped = Question { delimiter: Some("/"), start_after, end_at, ..Question::default() };
        check(&facts, &grouped);
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn a_missing_bucket_is_not_an_empty_one() {
    let error = client()
        .list("no-such-bucket-here", ListOptions::new())
        .next()
        .expect("an item")
        .expect_err("no listing");
    assert_eq!(error.kind(), s3stream_core::ErrorKind::NotFound, "{error}");
    assert_eq!(error.code(), Some("NoSuchBucket"), "{error}");
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_the_buckets() {
    let facts = Facts::read();
    let buckets = client().list_buckets().expect("a list of buckets");
    let found = |name: &str| buckets.iter().any(|bucket| bucket.name == name);
    for name in [&facts.bucket, &facts.versions_bucket, &facts.multipart_bucket] {
        assert!(found(name), "{name} among {buckets:?}");
    }
}

fn check(facts: &Facts, question: &Question<'_>) {
    let mut options = ListOptions::new().prefix(question.prefix);
    if let Some(delimiter) = question.delimiter {
        options = options.delimiter(delimiter);
    }
    if let Some(start) = question.start_after {
        options = options.start_after(start);
    }
    if let Some(end) = question.end_at {
        options = options.end_at(end);
    }
    let entries = list(&client(), &facts.bucket, options);
    let keys = facts.listed();
    // AWS lists a group that `start_after` lies in if more of it comes behind; RadosGW goes
    // on behind the whole group.
    let is_decided = |name: &Result<&str, &str>| match (name, question.start_after) {
        (Err(group), Some(start)) => !start.starts_with(group),
        _ => true,
    };
    let found: Vec<_> = names(&entries).into_iter().filter(is_decided).collect();
    let expected: Vec<_> = answer(&keys, question).into_iter().filter(is_decided).collect();
    if let Some(at) =
        (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at))
    {
        let (found, expected) = (found.get(at), expected.get(at));
        panic!("on {}, {question:?}, item {at}: {found:?} instead of {expected:?}", facts.server);
    }
}
