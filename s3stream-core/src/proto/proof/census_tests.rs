//! Which parts' lengths are asked for, and when it is known whether they are even.

use super::*;

const MIB: u64 = 1 << 20;
/// 13 parts of 8 MiB.
const SIZE: u64 = 100 * MIB;
const PARTS: u32 = 13;

#[test]
fn what_was_told_of_the_first_part_is_not_asked_for_again() {
    let mut habits = PartSizes::default();
    for (first_part, number) in [(FirstPart::Told(8 * MIB), 2), (FirstPart::Unasked, 1)] {
        let judge = Judge::new(vec![0; 16], SIZE, PARTS, first_part, &mut habits);
        let mut census = judge.census();
        assert_eq!(census.next(), Some(number), "{first_part:?}");
        // As long as the first, in words of this object: its parts are even, as far as asked.
        while let Some(number) = census.next() {
            census.answer(even_length(SIZE, PARTS, 8 * MIB, number));
        }
        assert_eq!(census.told(), Told::Even(8 * MIB));
    }
}

#[test]
fn the_only_part_is_as_long_as_the_object() {
    let mut census = Census::new(10, 1, None);
    census.answer(Some(10));
    assert_eq!(census.told(), Told::Even(10));
}

#[test]
fn parts_are_not_even_before_all_have_been_asked_for() {
    let mut census = Census::new(30, 3, Some(10));
    for told in [Told::Unknown, Told::Unknown, Told::Even(10)] {
        assert_eq!(census.told(), told);
        census.answer(Some(10));
    }
}
