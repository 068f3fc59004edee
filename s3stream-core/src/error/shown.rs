//! Text of others in a line of ours: nothing in it invisible, and nothing that moves what is beside it.

use std::borrow::Cow;

/// Text as one line that deceives nobody on a terminal or in a log: line breaks, controls, marks
/// of direction and all that cannot be seen are escaped as `\u{202e}`.
///
/// Keys and servers' messages may hold any character: one that turns the direction of writing
/// shows another key than there is.
///
/// ```
/// assert_eq!(s3stream_core::shown("invoice\u{202e}fdp.exe"), r"invoice\u{202e}fdp.exe");
/// assert_eq!(s3stream_core::shown("a\nb"), r"a\nb");
/// assert_eq!(s3stream_core::shown("été"), "été");
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_invisible(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    Cow::Owned(line)
}

/// Controls, marks of direction, fillers and characters of no width, and all that looks like a
/// space and is none; not the joiners and the emoji's selector, without which some scripts and
/// emoji fall apart.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{1680}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200b}'
            | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
            | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        // No character: a terminal or browser would show nothing.
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_deceives_is_left_in_a_line() {
        for (text, expected) in [
            ("plain", "plain"),
            ("\u{202e}cod.exe", r"\u{202e}cod.exe"),
            ("\u{2066}a\u{2069}", r"\u{2066}a\u{2069}"),
            ("\u{61c}\u{200f}", r"\u{61c}\u{200f}"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("\u{1b}[2J", r"\u{1b}[2J"),
            ("a\u{2028}b\u{85}c", r"a\u{2028}b\u{85}c"),
            ("\u{3164}\u{115f}\u{feff}", r"\u{3164}\u{115f}\u{feff}"),
            ("日本語 كتاب", "日本語 كتاب"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
