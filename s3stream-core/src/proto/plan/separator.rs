//! Where two keys are cut apart.

/// The shortest text that is not before `left` and before `right`: as a boundary, `left` is the
/// last key up to it and `right` the first behind it. It need not be a key.
///
/// Short boundaries stand in the names and files of jobs, so letters and digits are preferred
/// where several are as short. `left` must be before `right`.
pub(super) fn separator(left: &str, right: &str) -> String {
    let shared = shared(left, right);
    let (prefix, left_rest, right_rest) = (&left[..shared], &left[shared..], &right[shared..]);
    let Some(first) = left_rest.chars().next() else {
        // `left` begins `right`: nothing shorter than itself lies between.
        return left.to_owned();
    };
    let next = right_rest.chars().next().expect("`right` is behind `left`, so it goes on");
    let is_whole = left_rest.len() == first.len_utf8();
    let short = [
        (right_rest.len() > next.len_utf8()).then_some(next),
        between(first, next),
        is_whole.then_some(first),
    ];
    let shortest = short.into_iter().flatten().min_by_key(|last| last.len_utf8());
    match shortest {
        Some(last) => format!("{prefix}{last}"),
        None => format!("{prefix}{first}{}", not_before(&left_rest[first.len_utf8()..])),
    }
}

/// The bytes of the characters that both begin with.
fn shared(left: &str, right: &str) -> usize {
    let same = left.chars().zip(right.chars()).take_while(|(one, other)| one == other);
    same.map(|(one, _)| one.len_utf8()).sum()
}

/// A character between two, both excluded: a letter or digit if there is one.
fn between(low: char, high: char) -> Option<char> {
    let plain = ('0'..='9').chain('A'..='Z').chain('a'..='z').find(|c| low < *c && *c < high);
    plain.or_else(|| after(low).filter(|c| *c < high))
}

/// The next character that text may hold as it is; U+007F to U+009F control terminals.
fn after(low: char) -> Option<char> {
    let mut next = u32::from(low) + 1;
    if (0xD800..0xE000).contains(&next) {
        next = 0xE000;
    }
    if next < 0x20 {
        next = 0x20;
    }
    if (0x7F..0xA0).contains(&next) {
        next = 0xA0;
    }
    char::from_u32(next)
}

/// The shortest text that is not before `rest`, which is not empty.
fn not_before(rest: &str) -> String {
    let first = rest.chars().next().expect("it is not empty");
    if rest.len() == first.len_utf8() {
        return rest.to_owned();
    }
    let plain = ('0'..='9').chain('A'..='Z').chain('a'..='z').find(|c| first < *c);
    match plain.or_else(|| after(first)) {
        Some(next) => next.to_string(),
        // Behind the last character there is none: what follows it decides.
        None => format!("{first}{}", not_before(&rest[first.len_utf8()..])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_as_short_as_it_can_be() {
        let table = [
            ("a", "b", "a"),
            ("apple", "banana", "b"),
            ("logs/2025/x", "logs/2026/a", "logs/2026"),
            ("logs/2025", "logs/2026", "logs/2025"),
            ("logs/2025/x", "logs/2026", "logs/2025z"),
            ("a", "a/b", "a"),
            ("a/b", "a0", "a/c"),
            ("az", "c", "b"),
            ("photos/img_0999.jpg", "photos/img_1000.jpg", "photos/img_1"),
            ("\u{10FFFF}a", "\u{10FFFF}b", "\u{10FFFF}a"),
            ("a\u{10FFFF}xyz", "b", "a\u{10FFFF}y"),
            ("ä", "ö", "å"),
            ("\u{D7FF}x", "\u{E000}", "\u{D7FF}y"),
        ];
        for (left, right, boundary) in table {
            let found = separator(left, right);
            assert!(
                left <= found.as_str() && found.as_str() < right,
                "{left:?} {right:?}: {found:?}"
            );
            let length = |text: &str| text.chars().count();
            assert_eq!(length(&found), length(boundary), "{left:?} {right:?}: {found:?}");
        }
    }

    #[test]
    fn every_pair_of_keys_is_cut_and_by_nothing_longer_than_needed() {
        let letters = ['\u{1}', 'a', 'b', 'ü', '\u{10FFFF}'];
        let mut keys = Vec::new();
        for a in letters {
            keys.push(a.to_string());
            for b in letters {
                keys.push(format!("{a}{b}"));
                keys.extend(letters.iter().map(|c| format!("{a}{b}{c}")));
            }
        }
        keys.sort();
        for (index, left) in keys.iter().enumerate() {
            for right in &keys[index + 1..] {
                let found = separator(left, right);
                assert!(*left <= found && found < *right, "{left:?} {right:?}: {found:?}");
                // Of the texts of one character less, made of any characters, none fits: the
                // shortest candidate of each length is `left` cut there, raised by one.
                let shorter = found.chars().count() - 1;
                let cut: String = left.chars().take(shorter).collect();
                assert!(cut < *left, "{left:?} {right:?}: {cut:?} is shorter than {found:?}");
                let raised = raise(&cut);
                let fits = raised.as_ref().is_some_and(|text| left <= text && text < right);
                assert!(!fits, "{left:?} {right:?}: {raised:?} is shorter than {found:?}");
            }
        }
    }

    /// The next text of as many characters.
    fn raise(text: &str) -> Option<String> {
        let last = text.chars().next_back()?;
        let head = &text[..text.len() - last.len_utf8()];
        let next = u32::from(last) + 1;
        let next = if (0xD800..0xE000).contains(&next) { 0xE000 } else { next };
        char::from_u32(next).map(|next| format!("{head}{next}"))
    }
}
