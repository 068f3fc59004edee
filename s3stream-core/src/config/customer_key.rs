//! The key of objects that are encrypted with a key of the customer's: SSE-C.
//!
//! See "Using server-side encryption with customer-provided keys" in the Amazon S3 user guide.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use crate::credentials::Secret;

/// A key of AES-256, and what a server checks it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CustomerKey {
    /// In base64.
    key: Secret,
    md5: String,
}

impl CustomerKey {
    /// Parses the base64 of 32 bytes; the error does not repeat it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be the base64 of 32 bytes".to_owned();
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| wrong())?);
        if bytes.len() != 32 {
            return Err(wrong());
        }
        Ok(CustomerKey { key: Secret::new(text), md5: STANDARD.encode(Md5::digest(&*bytes)) })
    }

    /// The fields of a request for an object.
    pub(crate) fn fields(&self) -> [(&'static str, &str); 3] {
        [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
            ("x-amz-server-side-encryption-customer-key", self.key.expose()),
            ("x-amz-server-side-encryption-customer-key-md5", &self.md5),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_and_hidden() {
        // The bytes 0 to 31; the digest is what `openssl md5` says of them.
        let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let key = CustomerKey::parse(text).unwrap();
        let [_, (_, sent), (_, md5)] = key.fields();
        assert_eq!((sent, md5), (text, "tP/LI3N87DFaSk0aoqYgzg=="));
        assert!(!format!("{key:?}").contains(text));
        for wrong in ["", "AAEC", "hunter2", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "-"] {
            let error = CustomerKey::parse(wrong).unwrap_err();
            assert_eq!(error, "must be the base64 of 32 bytes");
        }
    }
}
