use super::*;

const MIB: u64 = 1 << 20;
/// 8 MiB is the only usual size that gives 13 parts of it.
const SIZE: u64 = 100 * MIB;
const PARTS: u32 = 13;
const RIGHT: &[u8] = b"right";

/// What the digests of one read are.
#[derive(Clone, Copy, PartialEq)]
enum Read {
    Right,
    /// Damaged, in one way or another.
    Wrong(u8),
}

/// Digests at the sizes asked for: right only for parts of `true_size`.
fn sums(sizes: &[u64], read: Read, true_size: u64) -> Vec<Sum> {
    let value = |part_size: u64| match read {
        Read::Right if part_size == true_size => RIGHT.to_vec(),
        Read::Right => part_size.to_be_bytes().to_vec(),
        Read::Wrong(how) => [&part_size.to_be_bytes()[..], &[how]].concat(),
    };
    let sum =
        |part_size: &u64| Sum { part_size: *part_size, value: value(*part_size), parts: PARTS };
    sizes.iter().map(sum).collect()
}

/// A server, an object on it, and how it is read.
struct Case {
    first_part: FirstPart,
    /// What a census finds.
    census: Told,
    reads: [Read; 2],
    true_size: u64,
    read_twice: bool,
    habits: PartSizes,
}

impl Default for Case {
    /// RadosGW: nothing is told, everything is right.
    fn default() -> Self {
        Case {
            first_part: FirstPart::Untold,
            census: Told::Unknown,
            reads: [Read::Right; 2],
            true_size: 8 * MIB,
            read_twice: true,
            habits: PartSizes::default(),
        }
    }
}

/// Every step from the first read on, in one word each.
fn steps(mut case: Case) -> Vec<&'static str> {
    let habits = &mut case.habits;
    let mut judge = Judge::new(RIGHT.to_vec(), SIZE, PARTS, case.first_part, habits)
        .read_twice(case.read_twice);
    let first = sums(judge.sizes(), case.reads[0], case.true_size);
    let mut step = judge.first_read(first, habits);
    let mut said = Vec::new();
    loop {
        let word = match &step {
            Step::Proven(method) => method.name(),
            Step::Unproven { is_probably_damaged: true, .. } => "probably damaged",
            Step::Unproven { reason, .. } => reason.name(),
            Step::Damaged(_) => "damaged",
            Step::AskParts => "ask",
            Step::ReadAgain(_) => "again",
        };
        said.push(word);
        step = match step {
            Step::AskParts => judge.parts_told(case.census, habits),
            Step::ReadAgain(sizes) => {
                let is_same = case.reads[0] == case.reads[1];
                judge.second_read(is_same, &sums(&sizes, case.reads[1], case.true_size), habits)
            }
            _ => return said,
        };
    }
}

fn of_neighbours(part_size: u64) -> PartSizes {
    let mut habits = PartSizes::default();
    (0..5).for_each(|_| habits.agreed(part_size, PARTS));
    habits
}

#[test]
fn a_composite_is_judged_by_what_is_known_of_its_parts() {
    use Read::{Right, Wrong};
    let eight = 8 * MIB;
    let told = FirstPart::Told(eight);
    let even = Told::Even(eight);
    let same = [Wrong(1), Wrong(1)];
    let table: Vec<(&str, Case, &[&str])> = vec![
        ("a guess agrees", Case::default(), &["composite"]),
        ("the size told agrees", Case { first_part: told, ..Case::default() }, &["composite"]),
        (
            "nobody tells, and both reads are the same",
            Case { reads: same, ..Case::default() },
            &["again", "read twice"],
        ),
        (
            "nobody tells, and the second read is right",
            Case { reads: [Wrong(1), Right], ..Case::default() },
            &["again", "damaged"],
        ),
        (
            "nobody tells, and both reads are wrong in two ways",
            Case { reads: [Wrong(1), Wrong(2)], ..Case::default() },
            &["again", "damaged"],
        ),
        (
            "nobody tells, and it is not to be read again",
            Case { reads: same, read_twice: false, ..Case::default() },
            &["not read twice"],
        ),
        (
            "told, and the other parts are as long",
            Case { first_part: told, census: even, reads: same, ..Case::default() },
            &["ask", "damaged"],
        ),
        (
            "told, and the other parts are not",
            Case { first_part: told, census: Told::Uneven, reads: same, ..Case::default() },
            &["ask", "not checkable"],
        ),
        (
            "told, and the other parts cannot be asked for: no success comes of it",
            Case { first_part: told, reads: same, ..Case::default() },
            &["ask", "again", "read twice"],
        ),
        (
            "told, nothing can be asked for, and the reads differ",
            Case { first_part: told, reads: [Wrong(1), Right], ..Case::default() },
            &["ask", "again", "damaged"],
        ),
        (
            "told, nothing can be asked for, and it is not to be read again",
            Case { first_part: told, reads: same, read_twice: false, ..Case::default() },
            &["ask", "damaged"],
        ),
        (
            "the first part told fits no even division",
            Case { first_part: FirstPart::Told(MIB), reads: same, ..Case::default() },
            &["not checkable"],
        ),
        (
            "the server ignores partNumber",
            Case { first_part: FirstPart::Told(SIZE), reads: same, ..Case::default() },
            &["again", "read twice"],
        ),
        (
            "a bucket's habit agrees without a question",
            Case {
                first_part: FirstPart::Unasked,
                habits: of_neighbours(eight),
                ..Case::default()
            },
            &["composite"],
        ),
        (
            "a bucket's habit disagrees, and the server tells the same size",
            Case {
                first_part: FirstPart::Unasked,
                census: even,
                reads: same,
                habits: of_neighbours(eight),
                ..Case::default()
            },
            &["ask", "damaged"],
        ),
        (
            "a bucket's habit disagrees, and the server tells another size, which agrees",
            Case {
                first_part: FirstPart::Unasked,
                census: Told::Even(8 * MIB + 1),
                true_size: 8 * MIB + 1,
                habits: of_neighbours(eight),
                ..Case::default()
            },
            &["ask", "again", "composite"],
        ),
        (
            "a bucket's habit disagrees, and the server tells another size, which does too",
            Case {
                first_part: FirstPart::Unasked,
                census: Told::Even(8 * MIB + 1),
                reads: same,
                habits: of_neighbours(eight),
                ..Case::default()
            },
            &["ask", "again", "damaged"],
        ),
        (
            "a bucket's habit disagrees, and nobody tells",
            Case { reads: same, habits: of_neighbours(eight), ..Case::default() },
            &["again", "probably damaged"],
        ),
        (
            "a bucket's habit disagrees, nobody tells, and it is not to be read again",
            Case {
                reads: same,
                habits: of_neighbours(eight),
                read_twice: false,
                ..Case::default()
            },
            &["probably damaged"],
        ),
    ];
    for (what, case, expected) in table {
        assert_eq!(steps(case), expected, "{what}");
    }
}

#[test]
fn without_a_likely_part_size_nothing_is_read_again() {
    let mut habits = PartSizes::default();
    let mut judge = Judge::new(RIGHT.to_vec(), 1024, 4, FirstPart::Untold, &mut habits);
    assert!(judge.sizes().is_empty());
    let unproven = Step::Unproven { reason: Unproven::NotCheckable, is_probably_damaged: false };
    assert_eq!(judge.first_read(Vec::new(), &mut habits), unproven);
}

#[test]
fn a_second_read_may_find_the_part_size() {
    let mut habits = PartSizes::default();
    let (size, parts) = (20 * MIB, 3);
    let mut judge = Judge::new(RIGHT.to_vec(), size, parts, FirstPart::Untold, &mut habits);
    let of = |sizes: &[u64]| -> Vec<Sum> {
        let seven = sums(sizes, Read::Right, 7 * MIB).into_iter();
        seven.map(|sum| Sum { parts, ..sum }).collect()
    };
    let first = of(judge.sizes());
    let Step::ReadAgain(sizes) = judge.first_read(first, &mut habits) else {
        panic!("8 MiB is likely")
    };
    let second = judge.second_read(true, &of(&sizes), &mut habits);
    assert_eq!(second, Step::Proven(Method::Composite));
    assert_eq!(habits.guesses(size, parts).sizes[0], 7 * MIB, "it is remembered");
}

#[test]
fn a_second_read_that_agrees_proves_nothing_of_a_first_one_that_was_different() {
    let mut habits = PartSizes::default();
    // No size was hashed in the first read, so only our own digest tells that they differ.
    let mut judge = Judge::new(RIGHT.to_vec(), 3 * MIB + 1, 3, FirstPart::Unasked, &mut habits);
    assert_eq!(judge.first_read(Vec::new(), &mut habits), Step::AskParts);
    let told = judge.parts_told(Told::Even(MIB + 1), &mut habits);
    assert_eq!(told, Step::ReadAgain(vec![MIB + 1]));
    let right = vec![Sum { part_size: MIB + 1, value: RIGHT.to_vec(), parts: 3 }];
    let same = judge.clone().second_read(true, &right, &mut habits);
    assert_eq!(same, Step::Proven(Method::Composite));
    assert!(matches!(judge.second_read(false, &right, &mut habits), Step::Damaged(_)));
}

#[test]
fn the_sums_of_a_second_read_are_those_of_the_first() {
    let mut habits = PartSizes::default();
    let mut judge = Judge::new(RIGHT.to_vec(), SIZE, PARTS, FirstPart::Untold, &mut habits);
    let first = sums(judge.sizes(), Read::Wrong(1), 8 * MIB);
    let Step::ReadAgain(sizes) = judge.first_read(first, &mut habits) else {
        panic!("it is read again")
    };
    // Whatever our own digest says: one of the two reads was not of these bytes.
    for second in [Read::Right, Read::Wrong(2)] {
        let second = sums(&sizes, second, 8 * MIB);
        let step = judge.clone().second_read(true, &second, &mut habits);
        assert!(matches!(step, Step::Damaged(_)), "{step:?}");
    }
    let step = judge.clone().second_read(true, &[], &mut habits);
    assert!(matches!(step, Step::Damaged(_)), "{step:?}");
}

#[test]
fn a_second_read_that_fails_proves_nothing() {
    let mut habits = PartSizes::default();
    for (first_part, is_damaged) in [(FirstPart::Untold, false), (FirstPart::Told(8 * MIB), true)] {
        let mut judge = Judge::new(RIGHT.to_vec(), SIZE, PARTS, first_part, &mut habits);
        let first = sums(judge.sizes(), Read::Wrong(1), 8 * MIB);
        judge.first_read(first, &mut habits);
        judge.parts_told(Told::Unknown, &mut habits);
        let step = judge.no_second_read(&mut habits);
        assert_eq!(matches!(step, Step::Damaged(_)), is_damaged, "{step:?}");
        let reason = Unproven::NotReadTwice;
        assert!(is_damaged || step == Step::Unproven { reason, is_probably_damaged: false });
    }
}

#[test]
fn a_composite_of_another_number_of_parts_is_no_proof() {
    let mut habits = PartSizes::default();
    let mut judge = Judge::new(RIGHT.to_vec(), SIZE, PARTS, FirstPart::Untold, &mut habits);
    let first = sums(judge.sizes(), Read::Right, 8 * MIB);
    let first = first.into_iter().map(|sum| Sum { parts: PARTS + 1, ..sum }).collect();
    assert!(matches!(judge.first_read(first, &mut habits), Step::ReadAgain(_)));
}

#[test]
fn a_digest_of_all_bytes_agrees_or_the_bytes_are_damaged() {
    let mut etags = Etags::default();
    for (algorithm, got, proven) in [
        (Algorithm::Crc64Nvme, RIGHT, true),
        (Algorithm::Crc64Nvme, &b"wrong"[..], false),
        (Algorithm::Md5, RIGHT, true),
        (Algorithm::Md5, &b"wrong"[..], false),
    ] {
        let step = Step::of_whole(algorithm, RIGHT, got, &mut etags);
        match step {
            Step::Proven(method) => assert!(proven && method == Method::Checksum(algorithm)),
            Step::Damaged(damage) => {
                assert!(!proven && damage.message.contains(algorithm.name()), "{damage:?}");
                assert_eq!(damage.advice, READ_AGAIN, "an ETag has agreed");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn only_an_etag_is_suspected_to_be_no_digest() {
    let advice = |algorithm| match Step::of_whole(algorithm, b"a", b"b", &mut Etags::default()) {
        Step::Damaged(damage) => damage.advice,
        other => panic!("{other:?}"),
    };
    assert!(advice(Algorithm::Md5).contains("integrity=cheap"));
    assert_eq!(advice(Algorithm::Sha256), READ_AGAIN);
}

/// Asks until nothing is left to ask for, of a server with these part lengths.
fn asked(
    size: u64,
    parts: u32,
    first: Option<u64>,
    lengths: impl Fn(u32) -> Option<u64>,
) -> (Vec<u32>, Told) {
    let mut census = Census::new(size, parts, first);
    let mut numbers = Vec::new();
    while let Some(number) = census.next() {
        numbers.push(number);
        census.answer(lengths(number));
    }
    (numbers, census.told())
}

#[test]
fn parts_are_even_when_all_that_were_asked_for_are() {
    let even = |number| Some(if number < 4 { 3 } else { 1 });
    assert_eq!(asked(10, 4, None, even), (vec![1, 2, 4, 3], Told::Even(3)));
    assert_eq!(asked(10, 4, Some(3), even), (vec![2, 4, 3], Told::Even(3)));
    assert_eq!(asked(6, 2, None, |_| Some(3)), (vec![1, 2], Told::Even(3)));
    let uneven = |number| Some([3, 2, 4, 1][number as usize - 1]);
    assert_eq!(asked(10, 4, None, uneven), (vec![1, 2], Told::Uneven));
    assert_eq!(asked(10, 4, None, |_| Some(9)), (vec![1], Told::Uneven), "9 gives two parts");
    assert_eq!(asked(10, 4, None, |_| Some(10)), (vec![1], Told::Unknown), "the whole object");
    assert_eq!(asked(10, 4, None, |_| None), (vec![1], Told::Unknown));
    let refused = |number| (number < 4).then_some(3);
    assert_eq!(asked(10, 4, None, refused), (vec![1, 2, 4], Told::Unknown));
}

#[test]
fn of_many_parts_some_are_asked_for_each_once() {
    for parts in [2_u32, 3, 64, 65, 66, 200, 10_000] {
        let size = u64::from(parts) * 5;
        let (numbers, told) = asked(size, parts, None, |_| Some(5));
        assert_eq!(told, Told::Even(5));
        assert!(numbers.len() <= 65 && numbers.contains(&parts));
        let distinct: std::collections::BTreeSet<_> = numbers.iter().collect();
        assert_eq!(distinct.len(), numbers.len(), "{numbers:?}");
        assert!(numbers.iter().all(|number| (1..=parts).contains(number)));
    }
}
