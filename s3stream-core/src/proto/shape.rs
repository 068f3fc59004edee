//! The shape of keys: what a page of a listing tells about where the next pages lie.
//!
//! Keys of a bucket are mostly numbers of some kind: counters, dates, hashes, names in a
//! directory. From the keys of one page, which characters stand at which place is read off,
//! and the page's first and last key become numbers to those bases; their difference is how
//! far a page reaches. Adding it to a key gives a key that is some pages further, if the keys
//! go on as they do. If not, nothing is wrong but the guess.

use std::collections::BTreeSet;

/// Places to the left of the first difference that a carry may reach.
const MOST_CARRIED: usize = 8;

/// More places than this tell nothing that a guess needs.
const MOST_PLACES: usize = 24;

/// How keys go on behind a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// What stands before the places that count.
    prefix: String,
    /// The characters of each place, in their order.
    places: Vec<Vec<char>>,
    /// One more than the greatest number that the places can hold.
    total: u128,
    /// How far the page reached.
    page: u128,
}

impl Shape {
    /// The shape of keys in ascending order, the first and the last of a page among them;
    /// `None` if they tell nothing.
    pub(crate) fn of(keys: &[&str]) -> Option<Self> {
        let (first, last) = (*keys.first()?, *keys.last()?);
        let common = first.chars().zip(last.chars()).take_while(|(a, b)| a == b).count();
        let shared: Vec<char> = last.chars().take(common).collect();
        let run = shared.iter().rev().take(MOST_CARRIED);
        let carried = run.take_while(|c| c.is_ascii_alphanumeric()).count();
        let prefix: String = shared[..common - carried].iter().collect();
        let behind: Vec<&str> = keys.iter().filter_map(|key| key.strip_prefix(&*prefix)).collect();
        let mut places = alphabets(&behind);
        let mut total: u128 = 1;
        let fit = places
            .iter()
            .take_while(|place| {
                total = total.saturating_mul(place.len() as u128);
                total < 1 << 100
            })
            .count();
        places.truncate(fit);
        let total = places.iter().map(|place| place.len() as u128).product();
        let mut shape = Shape { prefix, places, total, page: 0 };
        shape.page = shape.number(last)?.checked_sub(shape.number(first)?)?;
        (shape.page > 0).then_some(shape)
    }

    /// The key that should lie `percent` hundredths of a page behind `from`; `None` if there
    /// is no telling.
    ///
    /// Where the numbers end before that, it is the end of what shares the prefix.
    pub(crate) fn ahead(&self, from: &str, percent: u32) -> Option<String> {
        let step = self.page.checked_mul(u128::from(percent))? / 100;
        let target = self.number(from)?.checked_add(step)?;
        let ahead = if target < self.total { self.key(target) } else { successor(&self.prefix)? };
        (ahead.as_str() > from).then_some(ahead)
    }

    /// Whether so many hundredths of a page lie between two keys, as far as one can tell.
    pub(crate) fn is_apart(&self, from: &str, to: &str, percent: u32) -> bool {
        match (self.number(from), self.number(to)) {
            (Some(from), Some(to)) => {
                to.saturating_sub(from) >= self.page.saturating_mul(u128::from(percent)) / 100
            }
            _ => true,
        }
    }

    fn number(&self, key: &str) -> Option<u128> {
        let mut chars = key.strip_prefix(&*self.prefix)?.chars();
        let number = self.places.iter().fold(0, |number: u128, place| {
            let rank = chars.next().map_or(0, |c| place.partition_point(|own| *own < c));
            number * place.len() as u128 + rank.min(place.len() - 1) as u128
        });
        Some(number)
    }

    fn key(&self, mut number: u128) -> String {
        let mut chars = Vec::with_capacity(self.places.len());
        for place in self.places.iter().rev() {
            let base = place.len() as u128;
            let rank = usize::try_from(number % base).expect("below the length of a slice");
            chars.push(place[rank]);
            number /= base;
        }
        self.prefix.chars().chain(chars.into_iter().rev()).collect()
    }
}

/// The characters of each place. A place of a word or number may hold what the places to
/// the right of it hold: a page of hashes may begin with digits only.
fn alphabets(keys: &[&str]) -> Vec<Vec<char>> {
    let mut seen: Vec<BTreeSet<char>> = Vec::new();
    for key in keys {
        for (place, c) in key.chars().take(MOST_PLACES).enumerate() {
            if place == seen.len() {
                seen.push(BTreeSet::new());
            }
            seen[place].insert(c);
        }
    }
    let mut run = BTreeSet::new();
    let mut places: Vec<Vec<char>> = Vec::with_capacity(seen.len());
    for mut own in seen.into_iter().rev() {
        if own.iter().all(char::is_ascii_alphanumeric) {
            own.append(&mut run);
            run.clone_from(&own);
        } else {
            run.clear();
        }
        places.push(closed(own));
    }
    places.reverse();
    places
}

/// What else may stand where these were seen: the rest of the digits, or of the alphabet.
fn closed(mut chars: BTreeSet<char>) -> Vec<char> {
    let any = |is: fn(&char) -> bool| chars.iter().any(is);
    let digits = any(char::is_ascii_digit);
    let (lower, upper) = (any(char::is_ascii_lowercase), any(char::is_ascii_uppercase));
    let is_hex = digits
        && lower != upper
        && chars.iter().filter(|c| c.is_ascii_alphabetic()).all(char::is_ascii_hexdigit);
    if digits {
        chars.extend('0'..='9');
    }
    if lower {
        chars.extend('a'..=if is_hex { 'f' } else { 'z' });
    }
    if upper {
        chars.extend('A'..=if is_hex { 'F' } else { 'Z' });
    }
    chars.into_iter().collect()
}

/// The shortest text that is greater than all that begin with `prefix`, as far as adding to
/// the last character finds it.
fn successor(prefix: &str) -> Option<String> {
    let last = prefix.chars().next_back()?;
    let next = (last..=char::MAX).nth(1)?;
    Some(prefix.strip_suffix(last)?.chars().chain([next]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(keys: &[String], from: &str, percent: u32) -> Option<String> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        Shape::of(&keys)?.ahead(from, percent)
    }

    #[test]
    fn a_counter_goes_on_as_decimal_numbers_do() {
        let keys: Vec<_> = (12_000..=13_000).map(|n| format!("keys/{n:08}")).collect();
        let table = [
            ("keys/00013000", 100, Some("keys/00014000")),
            ("keys/00013000", 7000, Some("keys/00083000")),
            ("keys/00013000", 190, Some("keys/00014900")),
            // Beyond the last number lies the end of the directory.
            ("keys/99999900", 100, Some("keys0")),
            ("other/1", 100, None),
        ];
        for (from, percent, expected) in table {
            assert_eq!(ahead(&keys, from, percent).as_deref(), expected, "{from} {percent}");
        }
    }

    #[test]
    fn hashes_go_on_as_hexadecimal_numbers_do_though_a_page_begins_with_digits() {
        let keys: Vec<_> = (0x0300..=0x0400).map(|n: u32| format!("{:08x}", n << 16)).collect();
        assert_eq!(ahead(&keys, "04000000", 600).as_deref(), Some("0a000000"));
        let upper: Vec<_> = keys.iter().map(|key| key.to_uppercase()).collect();
        assert_eq!(ahead(&upper, "04000000", 600).as_deref(), Some("0A000000"));
    }

    #[test]
    fn dates_carry_over_the_hyphens_between_them() {
        let keys: Vec<_> = (10..=20).map(|day| format!("logs/2026-11-{day}/x")).collect();
        assert_eq!(ahead(&keys, "logs/2026-11-20/x", 50).as_deref(), Some("logs/2026-11-25/x"));
        assert_eq!(ahead(&keys, "logs/2026-11-20/x", 900).as_deref(), Some("logs/2026-11."));
    }

    #[test]
    fn characters_of_any_length_are_counted_by_those_that_were_seen() {
        let keys = ["ü/é", "ü/😀", "ü/😁", "ü/😂"].map(str::to_owned);
        let found = ahead(&keys[..3], "ü/é", 50).unwrap();
        assert!(found.as_str() > "ü/é" && found.as_str() <= "ü/😁", "{found}");
        assert_eq!(ahead(&keys[..3], "ü/😁", 50).as_deref(), Some("ü0"));
    }

    #[test]
    fn keys_that_tell_nothing_have_no_shape() {
        for keys in [vec![], vec!["a"], vec!["a", "a"]] {
            assert_eq!(Shape::of(&keys), None, "{keys:?}");
        }
    }

    #[test]
    fn what_is_guessed_always_lies_ahead() {
        let keys = ["", "\u{0}", "a", "a/", "a/\u{10ffff}", "a/b", "a0", "zz", "\u{10ffff}"];
        for (at, first) in keys.iter().enumerate() {
            for last in &keys[at..] {
                let Some(shape) = Shape::of(&[first, last]) else { continue };
                for from in keys {
                    for percent in [1, 100, 100_000] {
                        let ahead = shape.ahead(from, percent);
                        assert!(ahead.is_none_or(|ahead| ahead.as_str() > from));
                    }
                }
            }
        }
    }
}
