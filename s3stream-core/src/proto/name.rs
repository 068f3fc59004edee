//! Keys as file names, both ways: for archives, plugins and restores.
//!
//! A key is any UTF-8 text of up to 1,024 bytes; a file name is not. [`file_name`] maps every
//! key to a relative path that cannot leave its directory and that every Linux file system
//! takes, and [`key`] maps it back. Ordinary keys map to themselves:
//!
//! | key | file name | rule |
//! |---|---|---|
//! | `photos/2024/a b.jpg` | `photos/2024/a b.jpg` | ordinary |
//! | `50%.txt` | `50%25.txt` | `%` is the escape, so it is escaped |
//! | `a\nb` | `a%0Ab` | control characters as `%XX` of their UTF-8 bytes |
//! | `.`, `..` | `%2E`, `%2E%2E` | never leaves the directory |
//! | `/a//b/` | `%_/a/%_/b/%_` | an empty segment is `%_` |
//! | a segment of 300 bytes | `first 200 bytes%~/rest` | `%~/` joins a segment that was too long |
//! | `a/b` where `a` is a key too | `a%+/b` | `%+` marks a directory beside a file of that name |
//!
//! A version has a path of its own, under a directory that no key's name begins with:
//! [`version_file_name`] gives `%versions/a/b/%=ID` for the version `ID` of `a/b`. There every
//! key is a directory and every version a file, so that none ever stands in the way of another.
//!
//! The last rule is the only one that looks beyond one key: no mapping of single keys can
//! leave both `a` and `a/b` as they are. [`Names`] applies it while it is fed keys in the
//! order of a listing, in which `a` always comes before `a/b`.

use super::encode::{hex_value, push_escape};
use crate::error::{Error, Result};

/// Longest piece of a segment, in bytes of the file name: room for marks within 255.
const LONGEST_PIECE: usize = 200;

const EMPTY: &str = "%_";
const CONTINUED: &str = "%~";
const BESIDE: &str = "%+";
/// No name of a key begins so: what follows a `%` there is two digits, or one of the marks.
const VERSIONS: &str = "%versions/";
/// What the name of a version begins with; no other piece of a name does.
const VERSION: &str = "%=";

/// The file name of one key on its own; see [`Names`] where `a` and `a/b` may both be keys.
///
/// ```
/// use s3stream_core::name::file_name;
/// assert_eq!(file_name("photos/2024/a b.jpg"), "photos/2024/a b.jpg");
/// assert_eq!(file_name("../etc/passwd"), "%2E%2E/etc/passwd");
/// ```
pub fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 8);
    for (index, segment) in key.split('/').enumerate() {
        if index > 0 {
            name.push('/');
        }
        push_segment(&mut name, segment);
    }
    name
}

/// The key of a file name that [`file_name`] or [`Names`] made.
///
/// # Errors
/// `InvalidInput` if they never make such a name.
///
/// ```
/// use s3stream_core::name::{file_name, key};
/// assert_eq!(key(&file_name("/odd//key\n/.."))?, "/odd//key\n/..");
/// assert!(key("../x").is_err());
/// # Ok::<(), s3stream_core::Error>(())
/// ```
pub fn key(file_name: &str) -> Result<String> {
    let key = decode(file_name).ok_or_else(|| {
        Error::invalid(format!("'{file_name}' is not a file name made from a key"))
    })?;
    let mut unmarked = String::with_capacity(file_name.len());
    for (index, piece) in file_name.split('/').enumerate() {
        if index > 0 {
            unmarked.push('/');
        }
        unmarked.push_str(piece.strip_suffix(BESIDE).unwrap_or(piece));
    }
    // One key, one name: anything that would decode to the same key is not a name of ours.
    if key.is_empty() || self::file_name(&key) != unmarked || file_name.ends_with(BESIDE) {
        return Err(Error::invalid(format!("'{file_name}' is not a file name made from a key")));
    }
    Ok(key)
}

/// The path of one version of a key: for all its life, whatever becomes of the key's others.
///
/// It never is the name of a key, nor a directory of one; the versions of a key, its delete
/// markers too, stand in one directory. Where a listing gives no version, its id is `null`.
///
/// ```
/// use s3stream_core::name::{version_file_name, version_of};
/// let name = version_file_name("photos/a.jpg", "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd");
/// assert_eq!(name, "%versions/photos/a.jpg/%=3HL4kqtJlcpXroDTDmjVBH40Nrjfkd");
/// let (key, version_id) = version_of(&name)?;
/// assert_eq!((key.as_str(), version_id.as_str()), ("photos/a.jpg", "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"));
/// # Ok::<(), s3stream_core::Error>(())
/// ```
pub fn version_file_name(key: &str, version_id: &str) -> String {
    let mut name = String::with_capacity(VERSIONS.len() + key.len() + version_id.len() + 8);
    name.push_str(VERSIONS);
    name.push_str(&file_name(key));
    name.push('/');
    name.push_str(VERSION);
    if !version_id.is_empty() {
        push_segment(&mut name, version_id);
    }
    name
}

/// The key and the version's id of a path that [`version_file_name`] made.
///
/// # Errors
/// `InvalidInput` if it never makes such a path.
pub fn version_of(file_name: &str) -> Result<(String, String)> {
    let found = file_name.strip_prefix(VERSIONS).and_then(|rest| {
        let (named, id) = rest.split_once(&format!("/{VERSION}"))?;
        Some((key(named).ok()?, if id.is_empty() { String::new() } else { decode(id)? }))
    });
    match found {
        Some((key, id)) if version_file_name(&key, &id) == file_name => Ok((key, id)),
        _ => Err(Error::invalid(format!("'{file_name}' is not a path made from a version"))),
    }
}

/// File names for the keys of one listing, in which both `a` and `a/b` may be keys.
///
/// ```
/// use s3stream_core::name::Names;
/// let mut names = Names::new();
/// assert_eq!(names.file_name("a"), "a");
/// assert_eq!(names.file_name("a/b"), "a%+/b");
/// assert_eq!(names.file_name("c/d"), "c/d");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Keys that may be a beginning of the next one, each a beginning of the one behind it.
    ancestors: Vec<String>,
}

impl Names {
    /// Starts a listing.
    pub fn new() -> Self {
        Names::default()
    }

    /// The file name of the next key; keys come in the ascending order of a listing.
    ///
    /// Several versions of one key have the same name here: see [`version_file_name`].
    pub fn file_name(&mut self, key: &str) -> String {
        while self.ancestors.last().is_some_and(|ancestor| !key.starts_with(ancestor.as_str())) {
            self.ancestors.pop();
        }
        let mut name = String::with_capacity(key.len() + 8);
        let mut end = 0;
        for (index, segment) in key.split('/').enumerate() {
            if index > 0 {
                let directory = &key[..end];
                if self.ancestors.iter().any(|ancestor| ancestor == directory) {
                    name.push_str(BESIDE);
                }
                name.push('/');
                end += 1;
            }
            push_segment(&mut name, segment);
            end += segment.len();
        }
        if self.ancestors.last().is_none_or(|last| last != key) {
            self.ancestors.push(key.to_owned());
        }
        name
    }
}

fn push_segment(name: &mut String, segment: &str) {
    if segment.is_empty() {
        name.push_str(EMPTY);
        return;
    }
    let mut piece = 0;
    let mut rest_is_dots = is_dots(segment);
    for (at, c) in segment.char_indices() {
        // A `/` is none of a key's segments': it is of a version's id.
        let is_escaped = matches!(c, '%' | '/') || c.is_control() || rest_is_dots;
        let length = if is_escaped { 3 * c.len_utf8() } else { c.len_utf8() };
        if piece + length > LONGEST_PIECE {
            name.push_str(CONTINUED);
            name.push('/');
            piece = 0;
            // What is left is a path component of its own: it must not be `..` either.
            rest_is_dots = is_dots(&segment[at..]);
        }
        if is_escaped || rest_is_dots {
            let mut utf8 = [0; 4];
            c.encode_utf8(&mut utf8).bytes().for_each(|byte| push_escape(name, byte));
        } else {
            name.push(c);
        }
        piece += length;
    }
}

fn is_dots(text: &str) -> bool {
    matches!(text, "." | "..")
}

fn decode(name: &str) -> Option<String> {
    let mut key = Vec::with_capacity(name.len());
    let mut joined = true;
    for piece in name.split('/') {
        if !joined {
            key.push(b'/');
        }
        let piece = piece.strip_suffix(BESIDE).unwrap_or(piece);
        let (piece, continues) = match piece.strip_suffix(CONTINUED) {
            Some(piece) => (piece, true),
            None => (piece, false),
        };
        if piece != EMPTY {
            decode_piece(piece, &mut key)?;
        }
        joined = continues;
    }
    String::from_utf8(key).ok()
}

fn decode_piece(piece: &str, key: &mut Vec<u8>) -> Option<()> {
    let mut rest = piece.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let [high, low, tail @ ..] = rest else { return None };
            key.push(hex_value(*high)? << 4 | hex_value(*low)?);
            rest = tail;
        } else {
            key.push(*first);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_table_holds_and_reverses() {
        let long = format!("{}x", "é".repeat(100));
        let table = [
            ("photos/2024/a b.jpg", "photos/2024/a b.jpg".to_owned()),
            ("50%.txt", "50%25.txt".to_owned()),
            ("a\n\u{0}\u{7f}\u{85}", "a%0A%00%7F%C2%85".to_owned()),
            (".", "%2E".to_owned()),
            ("..", "%2E%2E".to_owned()),
            ("a/../...", "a/%2E%2E/...".to_owned()),
            ("/a//b/", "%_/a/%_/b/%_".to_owned()),
            ("/", "%_/%_".to_owned()),
            ("%_", "%25_".to_owned()),
            (long.as_str(), format!("{}%~/x", "é".repeat(100))),
        ];
        for (given, name) in table {
            assert_eq!(file_name(given), name);
            assert_eq!(key(&name).unwrap(), given);
        }
    }

    #[test]
    fn a_directory_beside_a_file_is_marked_and_nothing_else_is() {
        let mut names = Names::new();
        // In the order of a listing: '!' and '-' come before '/'.
        for (given, name) in [
            ("a", "a"),
            ("a!", "a!"),
            ("a!/x", "a!%+/x"),
            ("a-b", "a-b"),
            ("a/", "a%+/%_"),
            ("a//b", "a%+/%_%+/b"),
            ("a/b", "a%+/b"),
            ("a/b/c", "a%+/b%+/c"),
            ("a0/b", "a0/b"),
            ("b/c", "b/c"),
        ] {
            assert_eq!(names.file_name(given), name);
            assert_eq!(key(name).unwrap(), given);
        }
    }

    #[test]
    fn no_piece_is_longer_than_a_file_system_takes() {
        for c in ["x", "é", "\u{1}", "%", "😀"] {
            let key_ = c.repeat(1024 / c.len());
            let mut names = Names::new();
            names.file_name(&key_);
            let beside = names.file_name(&format!("{key_}/x"));
            assert!(beside.split('/').all(|piece| piece.len() <= 255), "{beside}");
            assert_eq!(key(&file_name(&key_)).unwrap(), key_);
        }
    }

    #[test]
    fn what_is_left_of_a_long_segment_is_never_a_dot_component() {
        // Found by fuzzing: 200 letters and `..` came out as `.../..`, which leaves the directory.
        for length in 195..=205 {
            for dots in [".", "..", "..."] {
                let given = format!("{}{dots}", "x".repeat(length));
                let name = file_name(&given);
                assert!(name.split('/').all(|piece| !is_dots(piece)), "{name}");
                assert_eq!(key(&name).unwrap(), given);
            }
        }
    }

    #[test]
    fn names_that_are_never_made_are_refused() {
        for name in [
            "", "%_", ".", "..", "a/..", "/a", "a/", "a//b", "%41", "%", "%4", "a%~", "a%+", "%_x",
            "%2e", "x%~/y",
        ] {
            assert!(key(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_version_has_a_path_that_no_key_and_no_other_version_has() {
        let long = "x".repeat(1024);
        let keys = ["a", "a/b", "a/", "/", "%versions/a", "%=", "..", "a/%=1", long.as_str()];
        let ids = ["null", "1", "a/b", "..", ".", "%", "%2F", "", "é\n", long.as_str()];
        let mut seen = std::collections::HashSet::new();
        let mut directories = std::collections::HashSet::new();
        for given in keys {
            for id in ids {
                let name = version_file_name(given, id);
                assert_eq!(version_of(&name).unwrap(), (given.to_owned(), id.to_owned()), "{name}");
                assert!(key(&name).is_err(), "{name} is no key's");
                let pieces = || name.split('/');
                assert!(pieces().all(|piece| (1..=255).contains(&piece.len())), "{name}");
                assert!(pieces().all(|piece| !is_dots(piece)), "{name}");
                for (at, _) in name.match_indices('/') {
                    directories.insert(name[..at].to_owned());
                }
                assert!(seen.insert(name), "{given} {id}");
            }
        }
        // What is a file is never a directory too.
        assert!(seen.is_disjoint(&directories));
        let mut names = Names::new();
        assert!(keys.iter().all(|key| !names.file_name(key).starts_with(VERSIONS)));
    }

    #[test]
    fn paths_that_no_version_has_are_refused() {
        for name in [
            "",
            "a",
            "%versions",
            "%versions/",
            "%versions/a",
            "%versions/a/",
            "%versions/%=1",
            "%versions/a/%=%41",
            "%versions/a/%=1/b",
            "%versions/a/%=%_",
            "%versions/a%+/b/%=1",
            "%versions/a/%=x%~/y",
            "x/%versions/a/%=1",
        ] {
            assert!(version_of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn every_key_has_one_name_and_comes_back() {
        // All keys of up to five of the characters that the rules speak of.
        let alphabet = ["/", ".", "%", "_", "~", "+", "a", "\n", "2", "E"];
        let mut keys = vec![String::new()];
        let mut seen = std::collections::HashSet::new();
        for _ in 0..5 {
            keys =
                keys.iter().flat_map(|k| alphabet.iter().map(move |c| format!("{k}{c}"))).collect();
            for given in &keys {
                let name = file_name(given);
                assert!(name.split('/').all(|piece| !matches!(piece, "" | "." | "..")), "{name}");
                assert_eq!(&key(&name).unwrap(), given);
                assert!(seen.insert(name), "{given}");
            }
        }
    }
}
