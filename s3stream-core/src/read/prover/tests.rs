use super::*;
use crate::object::Algorithm;
use crate::proto::checksum::Digest;
use crate::proto::headers::Headers;
use crate::proto::proof::FirstPart;
use crate::proto::response::object_head;
use crate::read::evidence::Reach;

fn evidence(size: u64, reach: Reach) -> Evidence {
    let mut headers = Headers::new();
    headers.push("etag", "e");
    headers.push("content-length", size.to_string());
    Evidence { head: object_head("k", &headers).unwrap(), reach, end: size }
}

fn crc(bytes: &[u8]) -> Vec<u8> {
    let mut digest = Digest::new(Algorithm::Crc64Nvme);
    digest.update(bytes);
    digest.finish()
}

fn content(size: u64) -> Bytes {
    (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect()
}

/// A prover of an object of that size, which claims nothing but its length or a digest.
fn opened(size: u64, algorithm: Option<Algorithm>) -> Prover {
    let mut prover = Prover::new(0);
    let claim = match algorithm {
        None => Claim::Length(Unproven::NoneOffered),
        Some(algorithm) => Claim::Whole { algorithm, expected: crc(&content(size)) },
    };
    prover.opened(&evidence(size, Reach::Whole(FirstPart::Unasked)), claim, Own::Wanted).unwrap();
    prover
}

fn piece(offset: u64, bytes: &Bytes) -> Piece {
    Piece::new(offset, bytes.clone())
}

const LARGE: u64 = 200_000;

#[test]
fn whatever_is_not_the_next_piece_is_refused() {
    let bytes = content(LARGE);
    let table = [
        ("lost", vec![(0, 0..100), (200, 200..300)]),
        ("repeated", vec![(0, 0..100), (0, 0..100)]),
        ("reordered", vec![(100, 100..200), (0, 0..100)]),
        ("overlapping", vec![(0, 0..100), (99, 99..200)]),
        ("beyond the end", vec![(0, 0..200_000), (200_000, 0..1)]),
    ];
    for (what, pieces) in table {
        for size_of_claim in [None, Some(Algorithm::Crc64Nvme), Some(Algorithm::Md5)] {
            let mut prover = opened(LARGE, size_of_claim);
            let mut outcomes = pieces
                .iter()
                .map(|(at, range)| prover.take(piece(*at, &bytes.slice(range.clone()))));
            let failed = outcomes.find_map(Result::err).unwrap_or_else(|| panic!("{what}"));
            assert_eq!(failed.kind(), ErrorKind::Internal, "{what}");
        }
    }
}

#[test]
fn what_is_filled_in_place_must_come_next_too() {
    let buffer = vec![0; 1_000];
    for (at, fits) in [(0..1_000, true), (1..1_000, false), (0..2_000, false)] {
        let mut prover = opened(LARGE, None);
        assert_eq!(prover.filled(&at, &buffer).is_ok(), fits, "{at:?}");
    }
    let mut prover = opened(500, None);
    assert!(prover.filled(&(0..501), &buffer).is_err(), "beyond the end");
}

#[test]
fn an_end_before_the_last_byte_is_no_end() {
    let bytes = content(LARGE);
    for taken in [0, 1, LARGE - 1] {
        let mut prover = opened(LARGE, Some(Algorithm::Crc64Nvme));
        if taken > 0 {
            let taken = usize::try_from(taken).unwrap();
            prover.take(piece(0, &bytes.slice(..taken))).map(drop).unwrap();
        }
        let failed = prover.finish().err().unwrap();
        assert_eq!(failed.kind(), ErrorKind::Internal, "{taken}");
    }
    // Before a reply nobody knows where the end is.
    assert!(Prover::new(0).finish().is_err());
}

#[test]
fn a_successor_goes_on_where_the_one_before_has_ended() {
    let mut prover = opened(LARGE, None);
    prover.take(piece(0, &content(100))).map(drop).unwrap();
    for (offset, follows) in [(0, false), (99, false), (100, true), (101, false)] {
        assert_eq!(prover.follows(offset).is_ok(), follows, "{offset}");
    }
}

#[test]
fn the_digest_is_of_what_was_taken_wherever_it_is_made() {
    let bytes = content(2 << 20);
    let size = bytes.len() as u64;
    let mut prover = opened(size, Some(Algorithm::Crc64Nvme));
    let (half, mut at) = (bytes.len() / 2, 0);
    for part in bytes.slice(..half).chunks(10_000) {
        let part = Bytes::copy_from_slice(part);
        let length = part.len() as u64;
        prover.take(piece(at, &part)).map(drop).unwrap();
        at += length;
    }
    prover.filled(&(at..size), &bytes[half..]).unwrap();
    let Ok((Claim::Whole { expected, .. }, Sums::Whole(got), own)) = prover.finish() else {
        panic!("it has a digest");
    };
    assert_eq!(got, expected);
    assert_eq!(own, Some(expected));
}

#[test]
fn our_own_digest_is_of_what_was_taken_where_nothing_is_stated() {
    for size in [0, 1_000, LARGE] {
        let bytes = content(size);
        let mut prover = opened(size, None);
        if size > 0 {
            prover.take(piece(0, &bytes)).map(drop).unwrap();
        }
        let (claim, sums, own) = prover.finish().unwrap();
        assert!(matches!((claim, sums), (Claim::Length(_), Sums::None)));
        assert_eq!(own, Some(crc(&bytes)), "{size}");
    }
}

#[test]
fn a_part_of_an_object_has_no_digest_of_our_own() {
    let mut prover = Prover::new(0);
    let claim = Claim::Length(Unproven::Range);
    prover.opened(&evidence(10, Reach::Part), claim, Own::Wanted).unwrap();
    prover.take(piece(0, &content(10))).map(drop).unwrap();
    assert_eq!(prover.finish().unwrap().2, None);
}

#[test]
fn a_digest_that_has_not_seen_every_byte_is_no_proof() {
    let bytes = content(LARGE);
    let mut prover = opened(LARGE, Some(Algorithm::Crc64Nvme));
    prover.take(piece(0, &bytes)).map(drop).unwrap();
    // As if a queue in front of it had lost a piece.
    prover.hashing = Some(Hashing::here(Digests::whole(Algorithm::Crc64Nvme, Own::Wanted)));
    assert_eq!(prover.finish().err().unwrap().kind(), ErrorKind::Internal);
}

#[test]
fn a_small_object_is_held_until_it_is_released_and_forgotten_when_it_is_read_again() {
    let bytes = content(1_000);
    let mut prover = opened(1_000, Some(Algorithm::Crc64Nvme));
    for (at, range) in [(0, 0..400), (400, 400..1_000)] {
        let delivery = prover.take(piece(at, &bytes.slice(range))).unwrap();
        assert!(matches!(delivery, Delivery::Held));
    }
    assert!(prover.is_held() && prover.is_complete() && prover.released(10).is_none());
    assert_eq!((prover.position(), prover.remaining(), prover.taken()), (0, Some(1_000), 1_000));
    prover.release();
    let mut got = Vec::new();
    while let Some(piece) = prover.released(300) {
        assert!(piece.len() <= 300);
        got.extend_from_slice(&piece);
        assert_eq!(prover.position(), got.len() as u64);
    }
    assert_eq!(got, bytes);

    let mut again = opened(1_000, None);
    again.take(piece(0, &bytes)).map(drop).unwrap();
    again.rewind();
    assert_eq!((again.position(), again.is_holding(), again.is_complete()), (0, false, false));
    assert!(again.follows(0).is_ok());
}

#[test]
fn only_a_whole_object_up_to_64_kib_is_held() {
    for (size, reach, is_held) in [
        (65_536, Reach::Whole(FirstPart::Unasked), true),
        (65_537, Reach::Whole(FirstPart::Unasked), false),
        (10, Reach::Part, false),
    ] {
        let mut prover = Prover::new(0);
        let claim = match reach {
            Reach::Whole(_) => Claim::Length(Unproven::NoneOffered),
            Reach::Part => Claim::Length(Unproven::Range),
        };
        prover.opened(&evidence(size, reach), claim, Own::Wanted).unwrap();
        assert_eq!(prover.is_held(), is_held, "{size} {reach:?}");
    }
}

#[test]
fn a_reply_is_not_described_behind_the_first_byte() {
    let mut prover = opened(LARGE, None);
    prover.take(piece(0, &content(1))).map(drop).unwrap();
    let evidence = evidence(LARGE, Reach::Whole(FirstPart::Unasked));
    assert!(prover.opened(&evidence, Claim::Length(Unproven::NoneOffered), Own::Wanted).is_err());
}

#[test]
fn a_buffer_is_filled_in_place_only_where_it_is_hashed_at_once_and_delivered_at_once() {
    let mut buffer = [0; 10];
    let mut into = |prover: &Prover| match prover.sink(10, Some(&mut buffer)) {
        Sink::Hold => "hold",
        Sink::Cut(_) => "cut",
        Sink::Fill(_) => "fill",
    };
    assert_eq!(into(&opened(1_000, None)), "hold");
    assert_eq!(into(&opened(LARGE, Some(Algorithm::Crc64Nvme))), "fill");
    // On a machine with one core it is hashed here.
    let slow = if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        "fill"
    } else {
        "cut"
    };
    assert_eq!(into(&opened(2 << 20, Some(Algorithm::Md5))), slow);
    assert_eq!(into(&opened(LARGE, Some(Algorithm::Md5))), "fill");
}

#[test]
fn a_piece_that_is_held_must_come_next_too() {
    let bytes = content(300);
    for (at, range) in [(0, 0..100), (99, 99..200), (200, 200..300), (100, 100..300)] {
        let mut prover = opened(300, Some(Algorithm::Crc64Nvme));
        assert!(matches!(prover.take(piece(0, &bytes.slice(0..100))), Ok(Delivery::Held)));
        let held = prover.take(piece(at, &bytes.slice(range))).map_err(|error| error.kind());
        let is_next = at == 100;
        assert_eq!(matches!(held, Ok(Delivery::Held)), is_next, "{at}");
        assert!(is_next || matches!(held, Err(ErrorKind::Internal)), "{at}");
    }
}
