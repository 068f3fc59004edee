use super::*;
use crate::object::ETag;
use crate::proto::headers::Headers;
use crate::proto::response::object_head;

fn guessed(size: u64, parts: u32) -> Vec<u64> {
    PartSizes::default().guesses(size, parts).sizes
}

#[test]
fn guesses_fit_size_and_count() {
    assert_eq!(guessed(20 * MIB, 3), [8 * MIB, 10 * MILLION]);
    assert_eq!(guessed(2048 * MIB, 137), [15 * MIB]);
    assert_eq!(guessed(100 * MIB, 13), [8 * MIB]);
    assert_eq!(guessed(9, 1), [9]);
    assert_eq!(guessed(0, 1), [1]);
    // 17 MiB parts: nobody's habit, but whole MiB.
    assert_eq!(guessed(17 * MIB * 1_000, 1_000), [17 * MIB]);
    assert_eq!(guessed(17 * MIB * 100, 100), [17 * MIB, 18 * MILLION]);
    assert!(guessed(1024, 4).is_empty());
    assert!(guessed(1024, 0).is_empty());
}

#[test]
fn whole_millions_of_bytes_are_guessed() {
    for part_size in [5, 8, 10, 50, 100, 500].map(|n| n * MILLION) {
        // So many parts that no whole MiB gives as many.
        let size = part_size * 99 + 1;
        assert_eq!(guessed(size, 100), [part_size]);
    }
    assert_eq!(guessed(37 * MILLION * 200, 200), [37 * MILLION]);
}

#[test]
fn a_usual_size_that_disagrees_is_worth_a_second_look() {
    let of = |size, parts| PartSizes::default().guesses(size, parts).weight;
    assert_eq!(of(100 * MILLION, 12), Weight::Likely, "8 MiB is the only whole MiB");
    assert_eq!(of(12 * MIB, 3), Weight::Likely, "5 MiB, or 5 million");
    assert_eq!(of(17 * MIB * 1_000, 1_000), Weight::Likely, "the only round size");
    assert_eq!(of(22 * MIB, 2), Weight::Likely, "two usual sizes fit");
    assert_eq!(of(9, 1), Weight::Likely, "there is but one part");
    // 11, 12, ... 21 MiB and as many millions: any is as likely as another.
    assert_eq!(of(9 * MIB / 2, 2), Weight::Open);
    assert_eq!(of(1024, 4), Weight::Open);
}

#[test]
fn the_size_that_agreed_is_tried_first() {
    let mut sizes = PartSizes::default();
    sizes.agreed(9 * MIB, 12);
    assert_eq!(sizes.guesses(20 * MIB, 3).sizes, [9 * MIB, 8 * MIB]);
    sizes.agreed(7 * MIB, 2);
    sizes.agreed(7 * MIB, 2);
    assert_eq!(sizes.guesses(20 * MIB, 3).sizes, [7 * MIB, 9 * MIB], "the commonest first");
    assert_eq!(sizes.guesses(100 * MIB, 13).sizes, [8 * MIB], "neither fits");
}

#[test]
fn a_size_at_which_all_agreed_is_the_only_guess() {
    let mut sizes = PartSizes::default();
    (0..SETTLED).for_each(|_| sizes.agreed(9 * MIB, 3));
    assert_eq!(sizes.guesses(20 * MIB, 3).sizes, [9 * MIB]);
    assert_eq!(sizes.asking(20 * MIB, 3), Asking::OnlyInDoubt);
    assert_eq!(sizes.asking(100 * MIB, 13), Asking::First, "it does not fit");
    sizes.unexplained();
    assert_eq!(sizes.guesses(20 * MIB, 3).sizes.len(), 2, "one did not agree");
}

#[test]
fn a_second_read_tries_what_the_first_did_not() {
    let sizes = PartSizes::default();
    let first = sizes.guesses(20 * MIB, 3).sizes;
    let second = sizes.further(20 * MIB, 3, &first);
    assert_eq!(second, [8 * MILLION, 7 * MIB, 7 * MILLION]);
    assert!(sizes.further(9, 1, &[9]).is_empty());
}

#[test]
fn a_server_that_never_tells_is_no_longer_asked() {
    let mut sizes = PartSizes::default();
    assert_eq!(sizes.asking(9, 1), Asking::Never, "one part is the whole");
    sizes.not_told();
    assert_eq!(sizes.asking(20 * MIB, 3), Asking::First);
    sizes.not_told();
    assert_eq!(sizes.asking(20 * MIB, 3), Asking::Never);
    sizes.told();
    assert_eq!(sizes.asking(20 * MIB, 3), Asking::First, "it did tell");
}

#[test]
fn an_object_is_suspect_where_its_neighbours_agree_at_one_size() {
    let mut sizes = PartSizes::default();
    assert!(!sizes.suspects(12, &[8 * MIB]), "it has no neighbours");
    sizes.agreed(8 * MIB, 12);
    assert!(sizes.suspects(12, &[8 * MIB]));
    assert!(!sizes.suspects(12, &[5 * MIB]), "it disagrees at another size");
    assert!(!sizes.suspects(1, &[9]), "nothing was learnt of objects of one part");
    sizes.unexplained();
    assert!(!sizes.suspects(12, &[8 * MIB]), "as many disagree");
    sizes.agreed(8 * MIB, 2);
    assert!(sizes.suspects(12, &[8 * MIB]));
    sizes.agreed(5 * MIB, 2);
    assert!(!sizes.suspects(12, &[8 * MIB]), "they agree at two");
    sizes.agreed(9, 1);
    sizes.agreed(10, 1);
    assert!(sizes.suspects(1, &[9]));
}

#[test]
fn a_bucket_of_odd_parts_is_not_read_twice_for_ever() {
    let mut sizes = PartSizes::default();
    (1..MOST_UNEXPLAINED).for_each(|_| sizes.unexplained());
    assert_eq!(sizes.guesses(100 * MIB, 13).weight, Weight::Likely);
    sizes.unexplained();
    assert_eq!(sizes.guesses(100 * MIB, 13).weight, Weight::Open);
    (0..MOST_UNEXPLAINED).for_each(|_| sizes.agreed(8 * MIB, 13));
    assert_eq!(sizes.guesses(100 * MIB, 13).weight, Weight::Likely, "others agreed");
}

#[test]
fn few_sizes_are_remembered_and_the_commonest_stay() {
    let mut sizes = PartSizes::default();
    sizes.agreed(9 * MIB, 2);
    for mib in 100..200 {
        sizes.agreed(9 * MIB, 2);
        sizes.agreed(mib * MIB, 2);
    }
    assert_eq!(sizes.agreed.len(), MOST_REMEMBERED);
    assert_eq!(sizes.agreed[0].0, 9 * MIB);
}

#[test]
fn parts_fit_only_their_size() {
    assert!(fits(10, 4, 3) && fits(9, 3, 3) && fits(0, 1, 8));
    assert!(!fits(10, 3, 3) && !fits(9, 4, 3) && !fits(9, 1, 0));
}

#[test]
fn the_last_part_is_what_is_left() {
    for (size, parts, first, number, length) in [
        (10, 4, 3, 1, Some(3)),
        (10, 4, 3, 3, Some(3)),
        (10, 4, 3, 4, Some(1)),
        (10, 1, 10, 1, Some(10)),
        (10, 4, 3, 5, None),
        (10, 4, 3, 0, None),
        // What servers may say, and what must not overflow.
        (10, 4, u64::MAX, 4, None),
        (10, 4, u64::MAX / 2, 2, None),
        (u64::MAX, 2, u64::MAX - 1, 2, Some(1)),
        (10, 4, 0, 4, None),
    ] {
        assert_eq!(even_length(size, parts, first, number), length, "{size} {parts} {first}");
    }
}

#[test]
fn another_objects_part_is_not_this_ones() {
    let mut object = Object::new("k");
    object.size = 10;
    object.etag = ETag::parse("\"a-4\"");
    let told = |fields: &[(&str, &str)]| {
        let headers: Headers = fields.iter().copied().collect();
        told_length(&object_head("k", &headers).unwrap(), &object)
    };
    let three = ("content-length", "3");
    assert_eq!(told(&[("etag", "\"a-4\""), three]), Some(3));
    assert_eq!(told(&[("etag", "\"a-4\""), three, ("content-range", "bytes 0-2/10")]), Some(3));
    assert_eq!(told(&[("etag", "\"a-4\""), three, ("content-range", "bytes 0-2/11")]), None);
    assert_eq!(told(&[("etag", "\"b-4\""), three]), None);
    assert_eq!(told(&[three]), None, "of no object");
    assert_eq!(told(&[("etag", "\"a-4\"")]), None);
}

#[test]
fn one_round_size_among_others_is_as_likely_as_they_are() {
    // 43 and 44 million both give 43 parts, and no whole MiB does.
    let (size, parts) = (43 * 43 * MILLION, 43);
    assert_eq!(guessed(size, parts), [43 * MILLION]);
    assert_eq!(PartSizes::default().guesses(size, parts).weight, Weight::Open);
    for (size, parts, is_only) in [
        (MILLION + 1, 2, true),
        (3 * MIB, 3, true),
        (size, parts, false),
        (2 * MIB, 2, false),
        // Two whole MiB and one whole million.
        (97_500_000, 8, false),
        (1024, 4, false),
    ] {
        assert_eq!(is_only_round(size, parts), is_only, "{size} {parts}");
    }
}

#[test]
fn the_part_size_of_each_tool_is_guessed() {
    let bytes: [u64; 31] = [
        8_388_608,
        5_242_880,
        16_777_216,
        15_728_640,
        67_108_864,
        100_000_000,
        10_485_760,
        5_000_000,
        33_554_432,
        104_857_600,
        134_217_728,
        52_428_800,
        26_214_400,
        20_971_520,
        10_000_000,
        50_000_000,
        8_000_000,
        268_435_456,
        536_870_912,
        1_073_741_824,
        20_000_000,
        25_000_000,
        16_000_000,
        32_000_000,
        64_000_000,
        6_291_456,
        7_340_032,
        200_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
    ];
    for part_size in bytes {
        // Of so many parts that no other usual size, and no other round one, gives as many.
        let (size, parts) = (part_size * 2_000, 2_000);
        assert_eq!(guessed(size, parts).first(), Some(&part_size));
        assert_eq!(PartSizes::default().guesses(size, parts).weight, Weight::Likely);
    }
    assert_eq!(USUAL, bytes, "in this order: what fits first is tried first");
}

#[test]
fn nothing_is_told_of_an_object_without_an_etag() {
    let object = Object::new("k");
    let headers: Headers = [("content-length", "3")].into_iter().collect();
    assert_eq!(told_length(&object_head("k", &headers).unwrap(), &object), None);
}

/// Numbers that are spread over all magnitudes, the extremes among them.
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let random = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> (state % 64)
    });
    [0, 1, MIB, MILLION, u64::MAX, u64::MAX - 1, u64::MAX / 2].into_iter().chain(random)
}

#[test]
fn whatever_a_server_says_guesses_fit_and_are_few() {
    for (size, n) in numbers().zip(numbers().skip(3)).take(50_000) {
        let parts = u32::try_from(n % 10_001).unwrap();
        let mut sizes = PartSizes::default();
        sizes.agreed(n.max(1), parts);
        let Guesses { sizes: first, .. } = sizes.guesses(size, parts);
        let second = sizes.further(size, parts, &first);
        assert!(first.len() <= MOST_GUESSES && second.len() <= MOST_AGAIN);
        for part_size in first.iter().chain(&second) {
            assert!(fits(size, parts, *part_size), "{size} {parts} {part_size}");
            let lengths = [1, parts].map(|number| even_length(size, parts, *part_size, number));
            assert!(lengths.iter().all(Option::is_some), "{size} {parts} {part_size}");
        }
        assert!(second.iter().all(|part_size| !first.contains(part_size)));
        even_length(size, parts, n, parts);
    }
}

#[test]
fn an_object_of_usual_parts_is_found_in_two_reads() {
    for part_size in USUAL {
        for parts in [2_u32, 3, 5, 12, 100, 10_000] {
            for last in [1, part_size / 2, part_size] {
                let size = part_size * u64::from(parts - 1) + last;
                let sizes = PartSizes::default();
                let first = sizes.guesses(size, parts);
                assert_eq!(first.weight, Weight::Likely, "{size} {parts}");
                let second = sizes.further(size, parts, &first.sizes);
                let rank = first.sizes.iter().chain(&second).position(|one| *one == part_size);
                // Of few parts, more sizes fit than are tried.
                assert!(rank.is_some() || parts <= 5, "{part_size} {parts} {last}");
            }
        }
    }
}
