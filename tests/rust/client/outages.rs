//! An endpoint that answers nothing is waited for, once for all; an object that fails is not.

use std::io::Read;
use std::time::{Duration, Instant};

use s3stream_core::{Error, ErrorKind, OpenOptions, StreamOptions, blocking};

use crate::support::BUCKET;
use crate::weather::{BODY, Sky, Weather};

fn open(client: &blocking::Client, key: &str) -> Result<String, Error> {
    let mut reader = client.open(BUCKET, key, OpenOptions::new())?;
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    Ok(text)
}

/// A server that has answered once, and its client.
fn known(
    settings: impl FnOnce(&Weather) -> s3stream_core::ClientBuilder,
) -> (Weather, blocking::Client) {
    let weather = Weather::clear();
    let client = settings(&weather).build_blocking().unwrap();
    assert_eq!(open(&client, "first").unwrap(), BODY);
    (weather, client)
}

#[test]
fn what_ends_within_patience_is_ridden_out() {
    for sky in [Sky::Down, Sky::Busy(None), Sky::Busy(Some(0)), Sky::Frozen] {
        let (weather, client) =
            known(|weather| weather.settings().stall_timeout(Duration::from_millis(20)));
        // Many times what attempts alone would bear.
        weather.turns_for(20, sky);
        assert_eq!(open(&client, "second").unwrap(), BODY, "{sky:?}");
        let stats = client.stats();
        assert_eq!((stats.outages, stats.outages_over), (1, 1), "{sky:?}");
        let (_, probes) = weather.requests();
        assert!((5..=15).contains(&probes), "{sky:?}: {probes} of 20 find out");
    }
}

#[test]
fn all_objects_of_a_stream_wait_for_one_outage() {
    let (weather, client) = known(Weather::settings);
    weather.turns_for(50, Sky::Down);
    let keys: Vec<String> = (0..200).map(|number| format!("key-{number}")).collect();
    for reader in client.stream(BUCKET, keys, StreamOptions::new()) {
        let mut text = String::new();
        reader.unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, BODY);
    }
    let stats = client.stats();
    assert_eq!((stats.outages, stats.outages_over), (1, 1));
}

#[test]
fn patience_is_spent_once_and_the_next_object_waits_no_more() {
    let (weather, client) = known(|weather| weather.settings().set("retry_for", "0.3"));
    weather.turns(|_| Sky::Down);
    let began = Instant::now();
    let error = open(&client, "second").unwrap_err();
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert!(error.is_outage(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains("nothing was answered for 0 s (retry_for)"), "{error}");
    let before = weather.requests();
    for _ in 0..100 {
        let error = open(&client, "third").unwrap_err();
        assert!(error.is_outage() && error.attempts() <= 1, "{error}");
        assert_eq!(error.key(), Some("third"));
    }
    assert_eq!(weather.requests().1, before.1, "nobody asks again whether it is an outage");
    let stats = client.stats();
    assert_eq!((stats.outages, stats.outages_over), (1, 0));
    weather.turns(|_| Sky::Clear);
    // It is looked for again, in a while.
    while open(&client, "fourth").is_err() {}
    assert_eq!(client.stats().outages_over, 1);
}

#[test]
fn once_patience_is_spent_most_objects_fail_without_a_request() {
    let (weather, client) =
        known(|weather| weather.settings().set("retry_for", "0.3").set("retry_max_delay", "60"));
    weather.turns(|_| Sky::Down);
    open(&client, "second").unwrap_err();
    let before = weather.requests();
    for _ in 0..100 {
        let error = open(&client, "third").unwrap_err();
        assert!(error.is_outage(), "{error}");
        assert_eq!(error.attempts(), 0, "{error}");
    }
    assert_eq!(weather.requests(), before);
}

#[test]
fn a_key_that_is_refused_for_ever_has_its_attempts_and_no_more() {
    for sky in [Sky::Busy(None), Sky::Down] {
        let (weather, client) = known(Weather::settings);
        weather
            .turns(move |request| if request.path().ends_with("bad") { sky } else { Sky::Clear });
        let before = weather.requests();
        let error = open(&client, "bad").unwrap_err();
        assert!(!error.is_outage(), "{error}");
        assert_eq!(error.attempts(), 3);
        let (objects, probes) = weather.requests();
        // One more of each where a pooled connection was gone.
        assert!((3..=4).contains(&(objects - before.0)), "{sky:?}: {objects}");
        assert_eq!(probes, 1, "{sky:?}: nothing else was under way, so the bucket is asked");
        assert_eq!(client.stats().outages, 0);
        assert_eq!(open(&client, "next").unwrap(), BODY);
    }
}

#[test]
fn a_long_pause_for_one_key_holds_nobody_up() {
    let (weather, client) = known(Weather::settings);
    weather.turns(|request| match request.path().ends_with("bad") {
        true => Sky::Busy(Some(600)),
        false => Sky::Clear,
    });
    let error = open(&client, "bad").unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 3), "{error}");
    assert!(!error.is_outage());
}

#[test]
fn a_long_pause_for_everything_is_waited_for_and_ends_by_a_cancel() {
    let (weather, client) = known(Weather::settings);
    weather.turns(|_| Sky::Busy(Some(500)));
    let canceller = client.canceller().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| open(&client, "second").unwrap_err());
        while client.stats().outages == 0 {
            std::thread::yield_now();
        }
        let known = weather.requests();
        let now = Instant::now();
        canceller.cancel();
        let error = waiting.join().unwrap();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        assert!(now.elapsed() < Duration::from_secs(5));
        assert_eq!(weather.requests(), known, "nobody asks before the time that was asked for");
    });
}

#[test]
fn what_breaks_a_body_off_is_waited_for_too() {
    let (weather, client) = known(Weather::settings);
    let mut reader = client.open(BUCKET, "second", OpenOptions::new()).unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, BODY);
    weather.turns_for(30, Sky::Down);
    std::io::Seek::seek(&mut reader, std::io::SeekFrom::Start(0)).unwrap();
    text.clear();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, BODY);
    assert_eq!(client.stats().outages_over, 1);
}

#[test]
fn an_endpoint_that_was_never_reached_is_not_waited_for() {
    let weather = Weather::of(|_| Sky::Down);
    let client = weather.settings().build_blocking().unwrap();
    let error = open(&client, "first").unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert!(!error.is_outage(), "{error}");
    assert_eq!(weather.requests(), (3, 0));
    let nowhere = weather.settings().endpoint_url("http://127.0.0.1:9").build_blocking().unwrap();
    let error = open(&nowhere, "first").unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, 3), "{error}");
}

#[test]
fn a_key_that_brings_the_server_down_is_given_up() {
    let (weather, client) = known(Weather::settings);
    // It takes the server away for the next ten requests, each time.
    let mut down = 0;
    weather.turns(move |request| {
        if request.path().ends_with("poison") {
            down = 10;
        }
        if down == 0 {
            return Sky::Clear;
        }
        down -= 1;
        Sky::Down
    });
    let error = open(&client, "poison").unwrap_err();
    assert!(!error.is_outage(), "{error}");
    assert_eq!(open(&client, "next").unwrap(), BODY);
}
