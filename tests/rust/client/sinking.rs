//! Many small objects, stored behind whoever puts them.

use std::io::Read;

use s3stream_core::{
    Condition, CreateOptions, ErrorKind, ListOptions, OpenOptions, SinkOptions, StreamOptions,
};

use crate::support::{BUCKET, blocking_client, bytes, server, settings};

#[test]
fn results_come_in_the_order_of_the_puts_and_name_their_key() {
    let server = server();
    let client = blocking_client(&server);
    client.put(BUCKET, "00500", "before", CreateOptions::new()).unwrap();
    let mut sink = client.sink(SinkOptions::new()).unwrap();
    let mut results = Vec::new();
    for number in 0..1_000 {
        let options = CreateOptions::new().condition(Condition::Absent);
        sink.put(BUCKET, &format!("{number:05}"), bytes(number), options).unwrap();
        results.extend(sink.results());
    }
    sink.put("missing", "key", "x", CreateOptions::new()).unwrap();
    assert_eq!(
        sink.put("", "key", "x", CreateOptions::new()).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert!(sink.put(BUCKET, "", "x", CreateOptions::new()).is_err());
    results.extend(sink.next_result().unwrap());
    results.extend(sink.finish().unwrap());
    assert_eq!(results.len(), 1_001);
    for (number, outcome) in results.iter().take(1_000).enumerate() {
        assert_eq!(outcome.key, format!("{number:05}"));
        match &outcome.result {
            Ok(written) => assert_eq!((written.bytes, number == 500), (number as u64, false)),
            Err(error) => {
                assert_eq!((error.kind(), number), (ErrorKind::AlreadyExists, 500), "{error}");
                assert_eq!(error.key(), Some("00500"));
            }
        }
    }
    let error = results[1_000].result.as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.url().as_deref()),
        (ErrorKind::NotFound, Some("s3://missing/key"))
    );
    let listing = client.list(BUCKET, ListOptions::new());
    let stream = client.stream(BUCKET, listing, StreamOptions::new());
    for (number, reader) in stream.enumerate() {
        let mut content = Vec::new();
        reader.unwrap().read_to_end(&mut content).unwrap();
        assert!(content == bytes(number) || number == 500, "{number}");
    }
    assert!(sink.put(BUCKET, "late", "x", CreateOptions::new()).is_err(), "it has finished");
    assert!(sink.next_result().unwrap().is_none());
}

#[test]
fn whoever_takes_no_results_is_not_held_up() {
    let server = server();
    let client = blocking_client(&server);
    let mut sink = client.sink(SinkOptions::new().concurrency(2)).unwrap();
    for number in 0..500 {
        sink.put(BUCKET, &number.to_string(), "x", CreateOptions::new()).unwrap();
    }
    let results = sink.finish().unwrap();
    assert!(results.iter().all(|outcome| outcome.result.is_ok()));
    assert_eq!(results.len(), 500);
}

#[test]
fn objects_that_fill_the_memory_go_one_after_another() {
    let server = server();
    let client = settings(&server).memory_limit(256 << 10).build_blocking().unwrap();
    let mut sink = client.sink(SinkOptions::new()).unwrap();
    let content = bytes(1 << 20);
    for number in 0..12 {
        sink.put(BUCKET, &number.to_string(), content.clone(), CreateOptions::new()).unwrap();
    }
    assert!(sink.finish().unwrap().iter().all(|outcome| outcome.result.is_ok()));
    let mut read = Vec::new();
    client.open(BUCKET, "11", OpenOptions::new()).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == content);
}

#[test]
fn a_cancelled_sink_says_so_and_a_dropped_one_ends() {
    let server = server();
    let client = blocking_client(&server);
    let mut sink = client.sink(SinkOptions::new()).unwrap();
    sink.put(BUCKET, "key", "x", CreateOptions::new()).unwrap();
    sink.canceller().unwrap().cancel();
    let error = sink.put(BUCKET, "key", "x", CreateOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(sink.finish().unwrap_err().kind(), ErrorKind::Cancelled);
    let mut sink = client.sink(SinkOptions::new()).unwrap();
    sink.put(BUCKET, "key", "x", CreateOptions::new()).unwrap();
    drop(sink);
}
