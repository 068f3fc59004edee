//! Text of others on a page: escaped, and nothing in it invisible.

use std::fmt::{self, Display, Formatter, Write};

use crate::error::shown::is_invisible;

/// Text in which markup is escaped and what cannot be seen is shown.
///
/// A key may hold any character: a line break would change how it looks, and a mark for
/// right-to-left writing would show another key than there is.
pub(super) struct Text<'a>(pub(super) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if is_invisible(c) {
                write!(f, "<span class=\"unseen\">{}</span>", c.escape_default())?;
            } else {
                escape(f, c)?;
            }
        }
        Ok(())
    }
}

/// Text as the title of a page, which can hold no markup: what cannot be seen is left out.
pub(super) struct Title<'a>(pub(super) &'a str);

impl Display for Title<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().filter(|c| !is_invisible(*c)).try_for_each(|c| escape(f, c))
    }
}

/// A key: as [`Text`], with the spaces at its ends shown too.
pub(super) struct Key<'a>(pub(super) &'a str);

impl Display for Key<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let middle = self.0.trim_matches(' ');
        let before = self.0.len() - self.0.trim_start_matches(' ').len();
        // A key of nothing but spaces has them all before.
        let after = if middle.is_empty() { 0 } else { self.0.len() - before - middle.len() };
        f.write_str("<code>")?;
        spaces(f, before)?;
        Text(middle).fmt(f)?;
        spaces(f, after)?;
        f.write_str("</code>")
    }
}

fn escape(f: &mut Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        c => f.write_char(c),
    }
}

fn spaces(f: &mut Formatter<'_>, count: usize) -> fmt::Result {
    if count > 0 {
        write!(f, "<span class=\"unseen\">{}</span>", "␣".repeat(count))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        let text = Text("<script>&\"'</script>").to_string();
        assert_eq!(text, "&lt;script&gt;&amp;&quot;&#39;&lt;/script&gt;");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        for (given, shown) in [
            ("a\nb", r"\n"),
            ("a\rb", r"\r"),
            ("\0", r"\u{0}"),
            ("\u{85}", r"\u{85}"),
            ("photo\u{202e}gpj.exe", r"\u{202e}"),
            ("\u{feff}", r"\u{feff}"),
            ("\u{ffff}", r"\u{ffff}"),
            ("a\u{115f}b", r"\u{115f}"),
            ("a\u{3164}", r"\u{3164}"),
            ("\u{ffa0}", r"\u{ffa0}"),
            ("a\u{a0}b", r"\u{a0}"),
            ("a\u{2800}b", r"\u{2800}"),
            ("a\u{e0101}", r"\u{e0101}"),
        ] {
            let text = Text(given).to_string();
            assert!(text.contains(&format!("<span class=\"unseen\">{shown}</span>")), "{text}");
            assert!(!text.chars().any(is_invisible), "{text}");
        }
        assert_eq!(Text("日本 é 🦀").to_string(), "日本 é 🦀");
    }

    #[test]
    fn spaces_at_the_ends_of_a_key_are_shown() {
        let unseen = |marks: &str| format!("<span class=\"unseen\">{marks}</span>");
        let key = Key("  a b ").to_string();
        assert_eq!(key, format!("<code>{}a b{}</code>", unseen("␣␣"), unseen("␣")));
        assert_eq!(Key(" ").to_string(), format!("<code>{}</code>", unseen("␣")));
    }
}
