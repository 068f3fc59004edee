//! Whether the ETags of a server are digests at all.
//!
//! An ETag of 32 hexadecimal digits looks like an MD5. VAST and other gateways in front of
//! file systems make such tags of an inode and a time, and then every object seems damaged.

/// So many disagreements, and none that ever agreed: it is not the objects that are wrong.
/// A small object disagrees twice, because it is read again.
const ENOUGH: u32 = 5;

/// What the ETags of one server have turned out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Etags {
    has_agreed: bool,
    disagreements: u32,
}

impl Etags {
    /// The MD5 of an object's bytes is what its ETag says.
    pub(crate) fn agreed(&mut self) {
        *self = Etags { has_agreed: true, disagreements: 0 };
    }

    /// It is not, though length and everything else are as they should be.
    pub(crate) fn disagreed(&mut self) {
        self.disagreements = self.disagreements.saturating_add(1);
    }

    /// What to do about an object whose MD5 is not what its ETag says.
    pub(crate) fn advice(&self) -> &'static str {
        match (self.has_agreed, self.disagreements) {
            (true, _) => super::judge::READ_AGAIN,
            (false, 0..ENOUGH) => {
                "read it again; if it persists, the stored object is damaged, or this server's \
                 ETags are no MD5s: integrity=cheap leaves them out"
            }
            (false, _) => {
                "no ETag of this server has been an MD5 yet, so its ETags are probably made of \
                 something else: integrity=cheap leaves them out"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(agreements: &[bool]) -> &'static str {
        let mut etags = Etags::default();
        for agreed in agreements {
            if *agreed { etags.agreed() } else { etags.disagreed() }
        }
        etags.advice()
    }

    #[test]
    fn a_server_whose_etags_are_no_digests_is_told_from_a_damaged_object() {
        for (agreements, part) in [
            (&[false][..], "or this server's ETags are no MD5s: integrity=cheap"),
            (&[false; 4], "or this server's ETags are no MD5s: integrity=cheap"),
            (&[false; 5], "no ETag of this server has been an MD5 yet"),
            (&[true, false], "the stored object is damaged"),
            (&[true, false, false, false, false, false, false], "the stored object is damaged"),
            (&[false, false, false, false, false, true, false], "the stored object is damaged"),
        ] {
            assert!(after(agreements).contains(part), "{agreements:?}: {}", after(agreements));
        }
        assert!(!after(&[true, false]).contains("integrity="), "it has shown that they are");
    }
}
