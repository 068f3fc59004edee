//! XML that we send: elements with text, escaped so that every server reads it as it is.

/// A document in the making.
pub(crate) struct Writer(String);

impl Writer {
    /// A document with this root, in S3's namespace.
    pub(crate) fn new(root: &str) -> Self {
        Writer(format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"))
    }

    pub(crate) fn open(&mut self, name: &str) -> &mut Self {
        self.0.extend(["<", name, ">"]);
        self
    }

    pub(crate) fn close(&mut self, name: &str) -> &mut Self {
        self.0.extend(["</", name, ">"]);
        self
    }

    /// An element with a text that [`can_carry`] it.
    pub(crate) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name);
        push_escaped(&mut self.0, text);
        self.close(name)
    }

    /// The document, its root closed.
    pub(crate) fn finish(mut self, root: &str) -> String {
        self.close(root);
        self.0
    }
}

/// Whether a document can hold a text: XML 1.0 has no way to write most control characters,
/// not even as references (2.2, "Characters").
pub(crate) fn can_carry(text: &str) -> bool {
    let is_char = |c: char| match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => c >= ' ',
    };
    text.chars().all(is_char)
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // As they are, a parser makes blanks and line feeds of them (2.11, 3.3.3); what lies
            // beyond ASCII's printable characters some take for white space.
            '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}' | '\u{2028}' => {
                out.push_str(&format!("&#x{:X};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_as_it_was() {
        let texts = [
            "a<b>&\"c'",
            " blank ",
            "tab\tline\nreturn\r\n",
            "ü🎈",
            "\u{85}\u{2028}\u{7f}",
            "]]>",
            "",
        ];
        for text in texts {
            let mut writer = Writer::new("Error");
            writer.element("Code", text);
            let written = writer.finish("Error");
            let read = super::super::error(&written).unwrap();
            assert_eq!(read.code.unwrap_or_default(), text, "{written}");
            assert!(can_carry(text));
        }
    }

    #[test]
    fn what_xml_has_no_way_to_write_is_known() {
        for text in ["\u{1}", "a\u{0}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
            assert!(!can_carry(text), "{text:?}");
        }
    }
}
