//! Listings are complete, ordered, and narrowed as asked.

use s3stream_core::{Entry, ErrorKind, ListOptions, blocking::Client};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, blocking_client, server, started};

fn names(client: &Client, options: ListOptions) -> Vec<String> {
    client.list(BUCKET, options).map(|entry| entry.unwrap().name().to_owned()).collect()
}

fn filled(keys: &[&str]) -> EmbeddedServer {
    // Small pages, so that a few keys make many of them.
    let server = started(EmbeddedServer::builder().page_size(3));
    for key in keys {
        server.store().put(BUCKET, key, key.as_bytes().to_vec());
    }
    server
}

#[test]
fn a_listing_of_many_pages_is_complete_and_ordered() {
    let keys: Vec<String> = (0..1_000).map(|n| format!("key/{:04}", n * 7919 % 10_000)).collect();
    let server = filled(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let client = blocking_client(&server);
    let mut sorted = keys;
    sorted.sort();
    assert_eq!(names(&client, ListOptions::new()), sorted);
    assert_eq!(client.stats().retries, 0);
}

#[test]
fn a_listing_is_narrowed_by_prefix_and_range_of_keys() {
    let server = filled(&["a", "b", "b/", "b/1", "b/2", "b/2/x", "b0", "c"]);
    let client = blocking_client(&server);
    let options = ListOptions::new;
    assert_eq!(names(&client, options().prefix("b/")), ["b/", "b/1", "b/2", "b/2/x"]);
    assert_eq!(names(&client, options().start_after("b/1")), ["b/2", "b/2/x", "b0", "c"]);
    assert_eq!(names(&client, options().end_at("b/2")), ["a", "b", "b/", "b/1", "b/2"]);
    assert_eq!(names(&client, options().start_after("a").end_at("b/1")), ["b", "b/", "b/1"]);
    assert!(names(&client, options().prefix("zzz")).is_empty());
}

#[test]
fn common_prefixes_come_in_order_and_once() {
    let keys: Vec<String> =
        ["a", "b", "d"].iter().flat_map(|d| (0..10).map(move |n| format!("{d}/{n}"))).collect();
    let mut all: Vec<&str> = keys.iter().map(String::as_str).collect();
    all.extend(["a.txt", "c", "zz"]);
    let server = filled(&all);
    let client = blocking_client(&server);
    let got = names(&client, ListOptions::new().delimiter("/"));
    assert_eq!(got, ["a.txt", "a/", "b/", "c", "d/", "zz"]);
    let got = names(&client, ListOptions::new().delimiter("/").start_after("a/5").end_at("c"));
    assert_eq!(got, ["a/", "b/", "c"]);
}

#[test]
fn versions_and_delete_markers_are_all_listed() {
    let server = filled(&[]);
    let store = server.store();
    store.enable_versioning(BUCKET);
    for key in ["a", "b", "c"] {
        for size in 1..=4 {
            store.put(BUCKET, key, vec![0; size]);
        }
    }
    store.delete(BUCKET, "b");
    let client = blocking_client(&server);
    let listed: Vec<_> = client
        .list(BUCKET, ListOptions::new().versions(true))
        .map(|entry| match entry.unwrap() {
            Entry::Object(o) => (o.key, o.size, o.is_latest, o.is_delete_marker),
            Entry::CommonPrefix(group) => panic!("{group:?}"),
        })
        .collect();
    let mut expected = Vec::new();
    for key in ["a", "b", "c"] {
        if key == "b" {
            expected.push(("b".to_owned(), 0, true, true));
        }
        expected.extend((1..=4).rev().map(|s| (key.to_owned(), s, s == 4 && key != "b", false)));
    }
    assert_eq!(listed, expected);
}

#[test]
fn a_listing_that_failed_stays_failed() {
    let server = server();
    let client = blocking_client(&server);
    let mut list = client.list("nobody", ListOptions::new());
    for _ in 0..3 {
        let error = list.next_entry().unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NoSuchBucket")));
    }
    for wrong in ["", "..", "a/b", "a?b"] {
        let error = client.list(wrong, ListOptions::new()).next().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong}");
    }
}

#[test]
fn buckets_are_listed() {
    let server = server();
    server.store().create_bucket("another");
    let names: Vec<_> =
        blocking_client(&server).list_buckets().unwrap().into_iter().map(|b| b.name).collect();
    assert_eq!(names, ["another", BUCKET]);
}
