//! What becomes of an object that no digest proves.

use crate::error::{Error, ErrorKind, Result};
use crate::verdict::{RequireProof, Unproven, Verdict};

/// Whether a read may end with this verdict.
///
/// # Errors
/// `Integrity`, where proof is required and there is none; it says why, and what to do.
pub(crate) fn demand(require: RequireProof, verdict: &Verdict) -> Result<()> {
    match verdict.unproven {
        Some(reason) if require == RequireProof::Yes => Err(refused(reason, verdict)),
        _ => Ok(()),
    }
}

fn refused(reason: Unproven, verdict: &Verdict) -> Error {
    let (why, advice) = match reason {
        Unproven::NoneOffered => (
            "the server offers no checksum of it, and no ETag that is one",
            "store it again with a checksum, or accept its length with require_proof=warn",
        ),
        Unproven::NotCheckable => (
            "its checksum is of its parts, and nobody tells how large they are",
            "store it again in parts of 8 MiB, or accept its length with require_proof=warn",
        ),
        Unproven::ReadTwice => (
            "its checksum disagrees at a likely part size, in two reads that were the same",
            "compare it with its source; if that is the same, accept it with require_proof=warn",
        ),
        Unproven::NotReadTwice => (
            "its checksum disagrees at a likely part size, and it was not read again",
            "let it be read again with read_twice=yes, and compare it with its source",
        ),
        Unproven::NotAsked => (
            "the server offers a checksum that the setting integrity leaves out",
            "read it with integrity=full, or without require_proof=yes",
        ),
        Unproven::Range => (
            "a part of it was read, and no checksum speaks of a part",
            "read it as a whole, or without require_proof=yes",
        ),
    };
    let suspicion = if verdict.is_probably_damaged { "; it is probably damaged" } else { "" };
    let message = format!("require_proof=yes, but it is not proven ({reason}): {why}{suspicion}");
    Error::new(ErrorKind::Integrity, message).with_advice(Some(advice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Algorithm;
    use crate::verdict::Method;

    fn verdict(unproven: Option<Unproven>) -> Verdict {
        Verdict {
            method: unproven.map_or(Method::Checksum(Algorithm::Md5), |_| Method::Length),
            unproven,
            is_probably_damaged: false,
            digest: None,
            own_digest: None,
            bytes: 1,
            reread: 0,
            resumes: 0,
            retries: 0,
        }
    }

    #[test]
    fn what_is_not_proven_fails_only_where_proof_is_required() {
        for reason in Unproven::ALL {
            let verdict = verdict(Some(*reason));
            assert!(demand(RequireProof::Warn, &verdict).is_ok());
            assert!(demand(RequireProof::No, &verdict).is_ok());
            let error = demand(RequireProof::Yes, &verdict).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Integrity);
            let line = error.to_string();
            assert!(line.contains(reason.name()) && line.contains("; "), "{line}");
            assert!(!line.contains("probably damaged"), "{line}");
        }
        assert!(demand(RequireProof::Yes, &verdict(None)).is_ok());
    }

    #[test]
    fn probable_damage_is_said() {
        let verdict = Verdict { is_probably_damaged: true, ..verdict(Some(Unproven::ReadTwice)) };
        let line = demand(RequireProof::Yes, &verdict).unwrap_err().to_string();
        assert!(line.contains("probably damaged"), "{line}");
    }
}
