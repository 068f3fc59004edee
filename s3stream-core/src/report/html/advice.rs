//! What the names in a manifest mean to an operator.

use crate::report::Failure;

/// What a kind of failure is called, what it means and what to do.
pub(super) struct Advice {
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) action: &'static str,
}

const fn advice(title: &'static str, meaning: &'static str, action: &'static str) -> Advice {
    Advice { title, meaning, action }
}

/// The advice for the name of an [`ErrorKind`](crate::ErrorKind).
pub(super) fn of_kind(kind: &str) -> Advice {
    match kind {
        "not_found" => advice(
            "Not found",
            "The object was listed, but was gone when it was to be read.",
            "Usually someone deleted it while the backup ran, and nothing is to be done. If nobody deletes here, ask who does.",
        ),
        "access_denied" => advice(
            "Access denied",
            "The server refused these credentials.",
            "Give the backup's user the permission s3:GetObject on these keys, and the right to decrypt where they are encrypted with a key of its own; check that the keys have not expired.",
        ),
        "changed" => advice(
            "Changed while it was read",
            "Another object took the key's place in the middle of the read. Mixing the two would have been a file that never existed.",
            "Run the backup again, when less is written. If it is the same objects each time, enable versioning on the bucket.",
        ),
        "throttled" => advice(
            "Throttled",
            "The server asked for fewer requests, again and again.",
            "Run at another time, or raise max_attempts and retry_max_delay.",
        ),
        "timed_out" => advice(
            "Timed out",
            "No byte came for as long as the settings allow, in every attempt.",
            "Look at the server's load and the network between; raise stall_timeout if the server is known to be this slow.",
        ),
        "connection" => advice(
            "Connection failed",
            "The connection could not be made, or broke, in every attempt.",
            "Check that the server runs, its name resolves, its certificate is trusted and no firewall drops idle connections; then run the backup again.",
        ),
        "service" => advice(
            "The server reported an error",
            "The server answered, but with an error of its own.",
            "Give the server's operator the codes and times below; run the backup again when it is mended.",
        ),
        "protocol" => advice(
            "Not a valid S3 reply",
            "What came back is not what an S3 server sends, such as the page of a proxy or a load balancer.",
            "Check that endpoint_url points to the S3 service itself, and what stands between.",
        ),
        "integrity" => advice(
            "Not the bytes that the server promised",
            "Length or checksum disagree with what the server says about the object. It is damaged on the server or was on its way.",
            "Take this seriously. Read the object again; if it fails again, restore it from an older backup, and have the server's disks checked.",
        ),
        "archived" => advice(
            "In an archive class",
            "The object lies in an archive storage class (GLACIER, DEEP_ARCHIVE) and cannot be read as it is.",
            "Restore it first (RestoreObject) and run the backup again, or leave archived keys out of this backup on purpose.",
        ),
        "cancelled" => advice(
            "Cancelled",
            "The run was ended from outside while this object was read.",
            "Run the backup again.",
        ),
        "unsupported" => advice(
            "Not supported by the server",
            "The server does not implement what reading this object takes.",
            "Ask the server's operator, and tell us which server it is.",
        ),
        "invalid_input" => advice(
            "Refused before it was sent",
            "The key or a setting cannot work, so that nothing was asked of the server.",
            "Correct the setting that is named below.",
        ),
        Failure::DESTINATION => advice(
            "The destination could not take the data",
            "Writing failed, not reading: a full disk, a closed pipe.",
            "Make room at the destination, or look at what reads the pipe; then run the backup again.",
        ),
        "" => advice("No reason given", "The record does not say why.", "See the tool's own log."),
        _ => advice(
            "Something else went wrong",
            "It is none of the ordinary failures.",
            "See the messages below; if it looks like a bug, report it with them.",
        ),
    }
}

/// How the method of a verdict proves the bytes, in a sentence.
pub(super) fn of_method(method: &str) -> &'static str {
    match method {
        "crc64nvme" => {
            "The CRC-64/NVME that the server keeps beside the object is that of the bytes that were read."
        }
        "crc32c" => {
            "The CRC-32C that the server keeps beside the object is that of the bytes that were read."
        }
        "crc32" => {
            "The CRC-32 that the server keeps beside the object is that of the bytes that were read."
        }
        "sha256" => {
            "The SHA-256 that the server keeps beside the object is that of the bytes that were read."
        }
        "sha1" => {
            "The SHA-1 that the server keeps beside the object is that of the bytes that were read."
        }
        "md5" => "The object's ETag is the MD5 of the bytes that were read.",
        "composite" => {
            "The object was uploaded in parts; the checksum of its parts' checksums is that of the bytes that were read."
        }
        "length" => {
            "As many bytes came as the server said. No digest proves them; why stands above."
        }
        "range" => {
            "As many bytes came as were asked for. No checksum speaks of a part of an object."
        }
        _ => "A method that this version does not know; nothing is claimed for it.",
    }
}

/// What it means that an object is not proven for this reason, and what to do.
pub(super) fn of_unproven(reason: &str) -> &'static str {
    match reason {
        "none offered" => {
            "The server keeps no checksum of it, and its ETag is none. Damage on the way would have to keep its length to go unseen. Objects that are stored with a checksum are proven."
        }
        "not checkable" => {
            "The server keeps a checksum of its parts' checksums, but does not tell how large the parts are, and no usual size fits for certain."
        }
        "read twice" => {
            "The checksum of its parts disagrees at a likely part size. It was read a second time, and both reads were the same: it was not damaged on the way. Whether it is damaged where it is stored, or was stored in parts of another size, nobody can say. Compare it with its source."
        }
        "not read twice" => {
            "The checksum of its parts disagrees at a likely part size, and it was not read again. With read_twice=yes, damage on the way would be found."
        }
        "not asked for" => {
            "The server offers a checksum that was left out. With integrity=full it would be compared."
        }
        "range" => "A part of it was read, and no checksum speaks of a part.",
        "not said" => "The record does not say why.",
        _ => "A reason that this version does not know.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, ErrorKind, Method, Unproven};

    #[test]
    fn every_kind_that_an_object_can_fail_with_has_advice() {
        // Not of a read: a panic, and a thing that is to be created.
        let others = [ErrorKind::Internal, ErrorKind::AlreadyExists];
        let unknown = of_kind("no such kind").title;
        for kind in ErrorKind::ALL.iter().filter(|kind| !others.contains(kind)) {
            assert_ne!(of_kind(kind.name()).title, unknown, "{kind:?}");
        }
    }

    #[test]
    fn every_method_is_explained() {
        use Algorithm::{Crc32, Crc32C, Crc64Nvme, Md5, Sha1, Sha256};
        let unknown = of_method("no such method");
        let algorithms = [Sha256, Sha1, Crc64Nvme, Crc32C, Crc32, Md5].map(Method::Checksum);
        let others = [Method::Composite, Method::Length, Method::Range];
        for method in algorithms.iter().chain(&others) {
            assert_ne!(of_method(method.name()), unknown, "{method}");
        }
    }

    #[test]
    fn every_reason_for_no_proof_is_explained() {
        let unknown = of_unproven("no such reason");
        for reason in Unproven::ALL {
            assert_ne!(of_unproven(reason.name()), unknown, "{reason}");
        }
    }
}
