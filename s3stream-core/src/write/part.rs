//! The bytes of one part, and their digests.

use bytes::{Bytes, BytesMut};

use crate::object::Algorithm;
use crate::proto::checksum::Digest;
use crate::proto::payload::Payload;
use crate::proto::upload::PartDigest;

/// Shorter pieces are put together: each piece costs more than its bytes.
const SHORT: usize = 16 << 10;

/// What they are put together in.
const BLOCK: usize = 64 << 10;

/// A part in the making. The bytes are the caller's, but for short ones.
pub(super) struct Part {
    pieces: Vec<Bytes>,
    /// Short pieces, behind all others.
    block: BytesMut,
    length: u64,
    crc64: Digest,
    /// `None` where the signature will not say it, or that is not known yet.
    sha256: Option<Digest>,
}

/// A part that is complete.
pub(super) struct Finished {
    pub(super) pieces: Vec<Bytes>,
    pub(super) length: u64,
    pub(super) crc64: u64,
    sha256: Option<Vec<u8>>,
}

impl Part {
    /// An empty one; `digest` as far as the server is known.
    pub(super) fn new(digest: Option<PartDigest>) -> Self {
        let is_signed = digest.is_none_or(PartDigest::is_signed);
        Part {
            pieces: Vec::new(),
            block: BytesMut::new(),
            length: 0,
            crc64: Digest::new(Algorithm::Crc64Nvme),
            sha256: is_signed.then(|| Digest::new(Algorithm::Sha256)),
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn push(&mut self, bytes: Bytes) {
        self.crc64.update(&bytes);
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(&bytes);
        }
        self.length += bytes.len() as u64;
        if bytes.len() < SHORT {
            if self.block.is_empty() {
                self.block.reserve(BLOCK);
            }
            self.block.extend_from_slice(&bytes);
            if self.block.len() + SHORT > BLOCK {
                self.close_block();
            }
            return;
        }
        self.close_block();
        self.pieces.push(bytes);
    }

    pub(super) fn finish(mut self) -> Finished {
        self.close_block();
        let crc64 = self.crc64.finish();
        let crc64 = crc64.try_into().map(u64::from_be_bytes).expect("a CRC64 has eight bytes");
        let sha256 = self.sha256.map(Digest::finish);
        Finished { pieces: self.pieces, length: self.length, crc64, sha256 }
    }

    fn close_block(&mut self) {
        if !self.block.is_empty() {
            self.pieces.push(self.block.split().freeze());
        }
    }
}

impl Finished {
    /// As a body, signed if that is what the server checks it by.
    pub(super) fn payload(self, digest: PartDigest) -> Payload {
        match self.sha256 {
            Some(sha256) if digest.is_signed() => Payload::hashed(self.pieces, &sha256),
            None if digest.is_signed() => Payload::signed(self.pieces),
            _ => Payload::unsigned(self.pieces),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_its_bytes_however_they_came() {
        let content: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let whole = Payload::signed(vec![Bytes::from(content.clone())]);
        for cut in [1, 7, 1_000, SHORT - 1, SHORT, SHORT + 1, 100_000] {
            let mut part = Part::new(None);
            content.chunks(cut).for_each(|piece| part.push(Bytes::copy_from_slice(piece)));
            assert_eq!(part.length(), 200_000);
            let finished = part.finish();
            let most = content.len() / (BLOCK - SHORT) + content.len() / SHORT.max(cut) + 2;
            assert!(finished.pieces.len() <= most, "{cut}: {} pieces", finished.pieces.len());
            assert!(finished.pieces.concat() == content, "{cut}");
            let payload = finished.payload(PartDigest::Signed);
            assert_eq!((payload.sha256(), payload.length()), (whole.sha256(), 200_000));
        }
    }

    #[test]
    fn what_is_not_signed_is_not_digested() {
        let part = || {
            let mut part = Part::new(Some(PartDigest::Checksum));
            part.push(Bytes::from_static(b"hello"));
            part.finish()
        };
        assert!(part().sha256.is_none());
        assert_eq!(part().payload(PartDigest::Checksum).sha256(), "UNSIGNED-PAYLOAD");
        assert_eq!(part().payload(PartDigest::Signed).sha256().len(), 64);
    }
}
