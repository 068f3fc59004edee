//! The text of one element of a short document, whatever surrounds it.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::document::{local_name, resolve};

/// The text of the first element of this name that holds no other; `None` where there is none, or
/// where the document breaks off before it.
pub(crate) fn text_of(document: &str, wanted: &str) -> Option<String> {
    let mut reader = Reader::from_str(document);
    let mut text: Option<String> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                text = (local_name(tag.name().into_inner()) == wanted).then(String::new);
            }
            Event::End(tag) if text.is_some() => {
                let is_its = local_name(tag.name().into_inner()) == wanted;
                return text.filter(|_| is_its);
            }
            Event::Text(part) => {
                if let Some(text) = &mut text {
                    text.push_str(&part);
                }
            }
            Event::CData(part) => {
                if let Some(text) = &mut text {
                    text.push_str(&part);
                }
            }
            Event::GeneralRef(reference) => {
                let c = resolve(&reference).ok()?;
                if let Some(text) = &mut text {
                    text.push(c);
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}
