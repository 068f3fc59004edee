//! The short documents that say what a request that writes has done.

use super::document::Sink;
use super::element::Element;
use super::page::filled;
use super::{ErrorDraft, NoPage, read};
use crate::object::ETag;
use crate::time::Timestamp;

/// What CompleteMultipartUpload, CopyObject and UploadPartCopy say of what they have made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Made {
    /// RadosGW leaves it empty.
    pub(crate) etag: Option<ETag>,
    /// As it stands there, quotes included: a part is named by it.
    pub(crate) raw_etag: String,
    pub(crate) crc64: Option<String>,
    pub(crate) last_modified: Option<Timestamp>,
}

/// The id of an upload that was begun.
pub(crate) fn initiated(text: &str) -> Result<String, NoPage> {
    let mut id = None;
    fields(text, &[Element::InitiateMultipartUploadResult], |path, text| {
        if let [_, Element::UploadId] = path {
            id = filled(text.trim());
        }
    })?;
    id.ok_or_else(|| NoPage::Malformed("it has no UploadId".to_owned()))
}

/// The outcome of an assembly or a copy.
pub(crate) fn made(text: &str) -> Result<Made, NoPage> {
    use Element::{CompleteMultipartUploadResult, CopyObjectResult, CopyPartResult};
    let mut made = Made::default();
    let roots = [CompleteMultipartUploadResult, CopyObjectResult, CopyPartResult];
    fields(text, &roots, |path, text| match path {
        [_, Element::ETag] => {
            made.etag = ETag::parse(text);
            text.trim().clone_into(&mut made.raw_etag);
        }
        [_, Element::ChecksumCrc64Nvme] => made.crc64 = filled(text.trim()),
        [_, Element::LastModified] => made.last_modified = Timestamp::parse_any(text),
        _ => {}
    })?;
    Ok(made)
}

/// Reads the elements of a document with one of those roots.
pub(super) fn fields(
    text: &str,
    roots: &[Element],
    visit: impl FnMut(&[Element], &str),
) -> Result<(), NoPage> {
    let mut fields = Fields { roots, refusal: None, visit };
    let done = read(text, &mut fields);
    match fields.refusal {
        Some(refusal) if refusal.body.code.is_some() => {
            Err(NoPage::Refused(Box::new(refusal.body)))
        }
        Some(_) => Err(NoPage::Malformed("its root element is <Error>, without a code".to_owned())),
        None => done.map_err(NoPage::Malformed),
    }
}

struct Fields<'a, V> {
    roots: &'a [Element],
    refusal: Option<Box<ErrorDraft>>,
    visit: V,
}

impl<V: FnMut(&[Element], &str)> Sink for Fields<'_, V> {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        let element = Element::of(name);
        if element == Element::Error {
            self.refusal = Some(Box::default());
            return Ok(());
        }
        if self.roots.contains(&element) {
            return Ok(());
        }
        Err(format!("its root element is <{name}>"))
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        match &mut self.refusal {
            Some(refusal) => refusal.end(path, text),
            None => {
                (self.visit)(path, text);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_has_an_id() {
        let text = "<?xml version=\"1.0\"?><InitiateMultipartUploadResult xmlns=\"x\"><Key>k</Key>\
                    <UploadId> 2~a/b+c= </UploadId></InitiateMultipartUploadResult>";
        assert_eq!(initiated(text).unwrap(), "2~a/b+c=");
        let of_rclone = "<InitiateMultipartUpload><UploadId>1</UploadId></InitiateMultipartUpload>";
        assert_eq!(initiated(of_rclone).unwrap(), "1");
        let without = "<InitiateMultipartUploadResult/>";
        assert!(
            matches!(initiated(without), Err(NoPage::Malformed(why)) if why.contains("UploadId"))
        );
        assert!(
            matches!(initiated("<html/>"), Err(NoPage::Malformed(why)) if why.contains("html"))
        );
    }

    #[test]
    fn an_assembly_tells_what_it_made_however_long_it_took() {
        let text = "<?xml version=\"1.0\"?>\n\n      \n<CompleteMultipartUploadResult>\
                    <ETag>&quot;a-2&quot;</ETag><ChecksumCRC64NVME>Y2Y=</ChecksumCRC64NVME>\
                    </CompleteMultipartUploadResult>";
        let told = made(text).unwrap();
        assert_eq!((told.etag.unwrap().as_str(), told.raw_etag.as_str()), ("a-2", "\"a-2\""));
        assert_eq!(told.crc64.as_deref(), Some("Y2Y="));
        // RadosGW's first.
        let empty =
            made("<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>");
        assert_eq!(empty.unwrap().etag, None);
        for cut in ["<CompleteMultipartUploadResult><ETag>", "      ", ""] {
            assert!(matches!(made(cut), Err(NoPage::Malformed(_))), "{cut}");
        }
        let error = "<?xml version=\"1.0\"?>   <Error><Code>InternalError</Code></Error>";
        assert!(
            matches!(made(error), Err(NoPage::Refused(body)) if body.code.as_deref() == Some("InternalError"))
        );
        let error = "<Error></Error>";
        assert!(matches!(made(error), Err(NoPage::Malformed(_))));
    }
}
