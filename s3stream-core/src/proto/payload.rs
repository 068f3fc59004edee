//! The body of a request: bytes that can be sent again, and how they are signed.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::checksum::Digest;
use super::encode::hex;
use super::sign::EMPTY_PAYLOAD;
use crate::object::Algorithm;

/// A list of bytes with their digest. Every attempt sends the same ones: it is cheap to clone,
/// and nothing of it is used up.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Payload {
    pieces: Arc<[Bytes]>,
    length: u64,
    hash: Hash,
}

/// What a signature says of a body.
///
/// See "x-amz-content-sha256" in "Authenticating requests", Amazon S3 API reference.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hash {
    /// Its SHA-256 in hexadecimal, which the server checks.
    Signed(String),
    /// Nothing: a checksum field of the request proves it, and TLS protects both.
    Unsigned,
}

impl Payload {
    /// No bytes: the body of every read.
    pub(crate) fn empty() -> Self {
        Payload { pieces: Arc::from([]), length: 0, hash: Hash::Signed(EMPTY_PAYLOAD.to_owned()) }
    }

    /// Bytes whose SHA-256 is signed.
    pub(crate) fn signed(pieces: Vec<Bytes>) -> Self {
        let mut digest = Digest::new(Algorithm::Sha256);
        pieces.iter().for_each(|piece| digest.update(piece));
        Payload::hashed(pieces, &digest.finish())
    }

    /// Bytes whose SHA-256 is known and is signed.
    pub(crate) fn hashed(pieces: Vec<Bytes>, sha256: &[u8]) -> Self {
        Payload::new(pieces, Hash::Signed(hex(sha256)))
    }

    /// Bytes that the signature does not cover.
    pub(crate) fn unsigned(pieces: Vec<Bytes>) -> Self {
        Payload::new(pieces, Hash::Unsigned)
    }

    fn new(mut pieces: Vec<Bytes>, hash: Hash) -> Self {
        pieces.retain(|piece| !piece.is_empty());
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Payload { pieces: pieces.into(), length, hash }
    }

    /// None of them is empty.
    pub(crate) fn pieces(&self) -> &Arc<[Bytes]> {
        &self.pieces
    }

    /// In bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The value of `x-amz-content-sha256`.
    pub(crate) fn sha256(&self) -> &str {
        match &self.hash {
            Hash::Signed(hex) => hex,
            Hash::Unsigned => "UNSIGNED-PAYLOAD",
        }
    }

    /// The value of `content-md5`, for the servers that demand it: it costs twice a SHA-256.
    pub(crate) fn md5(&self) -> String {
        let mut digest = Digest::new(Algorithm::Md5);
        self.pieces.iter().for_each(|piece| digest.update(piece));
        base64(&digest.finish())
    }
}

/// A digest as S3's fields hold it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes, {})", self.length, self.sha256())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_as_one_however_it_is_cut() {
        // "PutObject" of the worked examples in "Authenticating requests".
        const WELCOME: &str = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        let whole = Payload::signed(vec![Bytes::from_static(b"Welcome to Amazon S3.")]);
        let cut =
            ["Welcome", "", " to Amazon", " S3."].map(|piece| Bytes::from_static(piece.as_bytes()));
        let cut = Payload::signed(cut.to_vec());
        assert_eq!((whole.sha256(), whole.length()), (WELCOME, 21));
        assert_eq!((cut.sha256(), cut.length(), cut.pieces().len()), (WELCOME, 21, 3));
        assert_eq!(cut.md5(), whole.md5());
        assert_eq!(Payload::signed(Vec::new()), Payload::empty());
        let unsigned = Payload::unsigned(vec![Bytes::from_static(b"x")]);
        assert_eq!((unsigned.sha256(), unsigned.length()), ("UNSIGNED-PAYLOAD", 1));
    }

    #[test]
    fn nothing_of_a_body_is_shown() {
        let payload = Payload::signed(vec![Bytes::from_static(b"hunter2")]);
        assert!(!format!("{payload:?}").contains("hunter2"));
    }
}
