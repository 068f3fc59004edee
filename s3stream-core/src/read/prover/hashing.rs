//! Digests beside the read: slow ones run on a thread of their own, not in its way.
//!
//! MD5 takes seven times the CPU of the read itself. The thread starts with the first piece
//! and ends when none has come for a second: a paused reader has no thread, and a reader
//! that is read again gets another. Pieces that wait for it are bounded; when it cannot keep
//! up, the read waits for it, which is what hashing in the read would have done all along.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::thread;

/// Pieces that may wait to be hashed; each is at most the connection's read buffer.
const MOST_WAITING: usize = 8;

/// How long a thread waits for the next piece before it ends.
const IDLE: Duration = Duration::from_secs(1);

/// Something that takes bytes in, in order.
pub(crate) trait Hasher: Send + 'static {
    fn update(&mut self, piece: &[u8]);
}

/// A hasher, and where it runs.
pub(super) enum Hashing<H: Hasher> {
    Here(H),
    Beside(Handle<H>),
}

impl<H: Hasher> Hashing<H> {
    pub(super) fn here(hasher: H) -> Self {
        Hashing::Here(hasher)
    }

    /// On a thread, where there is a second core for it.
    pub(super) fn beside(hasher: H) -> Self {
        if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
            return Hashing::Here(hasher);
        }
        let queue = Queue { pieces: VecDeque::new(), hasher: Some(hasher), stage: Stage::Resting };
        let beside = Beside { queue: Mutex::new(queue), changed: Condvar::new() };
        Hashing::Beside(Handle(Arc::new(beside)))
    }

    pub(super) fn update(&mut self, piece: &Bytes) {
        match self {
            Hashing::Here(hasher) => hasher.update(piece),
            Hashing::Beside(handle) => handle.0.push(piece.clone()),
        }
    }

    /// Takes in bytes that are the caller's: where they are hashed later, they are copied.
    pub(super) fn update_slice(&mut self, bytes: &[u8]) {
        match self {
            Hashing::Here(hasher) => hasher.update(bytes),
            Hashing::Beside(handle) => handle.0.push(Bytes::copy_from_slice(bytes)),
        }
    }

    /// The hasher after all pieces; `None` only if its thread panicked.
    pub(super) fn finish(self) -> Option<H> {
        match self {
            Hashing::Here(hasher) => Some(hasher),
            Hashing::Beside(handle) => handle.0.finish(),
        }
    }
}

/// The reader's end of a hasher beside it; its thread ends when this is dropped.
pub(super) struct Handle<H: Hasher>(Arc<Beside<H>>);

impl<H: Hasher> Drop for Handle<H> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// A hasher that a thread comes and goes for.
pub(super) struct Beside<H> {
    queue: Mutex<Queue<H>>,
    changed: Condvar,
}

struct Queue<H> {
    pieces: VecDeque<Bytes>,
    /// `None` while the thread has it.
    hasher: Option<H>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// No thread runs.
    Resting,
    Running,
    /// No further pieces come: the thread ends when the last is hashed.
    Closing,
}

impl<H: Hasher> Beside<H> {
    fn push(self: &Arc<Self>, piece: Bytes) {
        let mut queue = self.lock();
        // Full, or about to end: a second thread must not start while there is one.
        while queue.stage == Stage::Closing
            || (queue.pieces.len() >= MOST_WAITING && queue.stage == Stage::Running)
        {
            queue = self.wait(queue);
        }
        if queue.stage == Stage::Resting && queue.hasher.is_none() {
            // Its thread panicked: `finish` will tell.
            return;
        }
        queue.pieces.push_back(piece);
        if queue.stage == Stage::Running {
            self.changed.notify_all();
            return;
        }
        queue.stage = Stage::Running;
        let worker = Arc::clone(self);
        if thread::spawn("s3stream-digest", move || worker.work()).is_err() {
            // No thread to be had: then in the way of the read after all.
            queue.stage = Stage::Resting;
            queue.hash_all();
        }
    }

    fn finish(&self) -> Option<H> {
        let mut queue = self.lock();
        if queue.stage == Stage::Running {
            queue.stage = Stage::Closing;
            self.changed.notify_all();
        }
        while queue.stage != Stage::Resting {
            queue = self.wait(queue);
        }
        queue.hash_all();
        queue.hasher.take()
    }

    /// The reader is gone: nobody wants the digest.
    fn abandon(&self) {
        let mut queue = self.lock();
        queue.pieces.clear();
        if queue.stage == Stage::Running {
            queue.stage = Stage::Closing;
        }
        self.changed.notify_all();
    }

    fn work(&self) {
        let _at_rest = AtRest(self);
        let Some(mut hasher) = self.lock().hasher.take() else { return };
        while let Some(piece) = self.next() {
            hasher.update(&piece);
        }
        self.lock().hasher = Some(hasher);
    }

    /// The next piece; `None` when the thread is to end.
    fn next(&self) -> Option<Bytes> {
        let mut queue = self.lock();
        loop {
            if let Some(piece) = queue.pieces.pop_front() {
                self.changed.notify_all();
                return Some(piece);
            }
            if queue.stage == Stage::Closing {
                return None;
            }
            let waited = self.changed.wait_timeout(queue, IDLE);
            let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            queue = after;
            if timeout.timed_out() && queue.pieces.is_empty() {
                // From here on a new piece waits until this thread is at rest.
                queue.stage = Stage::Closing;
            }
        }
    }

    fn wait<'a>(&self, queue: MutexGuard<'a, Queue<H>>) -> MutexGuard<'a, Queue<H>> {
        self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Queue<H>> {
        // A panic in a hasher leaves the queue whole; the missing hasher tells of it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: Hasher> Queue<H> {
    fn hash_all(&mut self) {
        let Some(hasher) = &mut self.hasher else { return };
        for piece in self.pieces.drain(..) {
            hasher.update(&piece);
        }
    }
}

/// Says that the thread is gone, however it went.
struct AtRest<'a, H: Hasher>(&'a Beside<H>);

impl<H: Hasher> Drop for AtRest<'_, H> {
    fn drop(&mut self) {
        self.0.lock().stage = Stage::Resting;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Collected(Vec<u8>);

    impl Hasher for Collected {
        fn update(&mut self, piece: &[u8]) {
            self.0.extend_from_slice(piece);
        }
    }

    fn piece(n: usize) -> Bytes {
        Bytes::from(n.to_le_bytes().to_vec())
    }

    #[test]
    fn pieces_arrive_all_and_in_order() {
        let mut hashing = Hashing::beside(Collected::default());
        let mut expected = Vec::new();
        for n in 0..10_000 {
            hashing.update(&piece(n));
            expected.extend_from_slice(&piece(n));
        }
        assert_eq!(hashing.finish().unwrap().0, expected);
    }

    #[test]
    fn a_thread_that_went_to_rest_is_followed_by_another() {
        let hashing = Hashing::beside(Collected::default());
        let Hashing::Beside(Handle(beside)) = &hashing else { return };
        for n in 0..3 {
            beside.push(piece(n));
            // As after a pause: the thread ends, and the next piece starts one.
            beside.lock().stage = Stage::Closing;
            beside.changed.notify_all();
            let mut queue = beside.lock();
            while queue.stage != Stage::Resting {
                queue = beside.wait(queue);
            }
        }
        let expected: Vec<u8> = (0..3_usize).flat_map(usize::to_le_bytes).collect();
        assert_eq!(hashing.finish().unwrap().0, expected);
    }

    #[test]
    fn an_abandoned_hasher_ends_its_thread() {
        let mut hashing = Hashing::beside(Collected::default());
        hashing.update(&piece(1));
        let Hashing::Beside(Handle(beside)) = &hashing else { return };
        let beside = Arc::clone(beside);
        drop(hashing);
        let mut queue = beside.lock();
        while queue.stage != Stage::Resting {
            queue = beside.wait(queue);
        }
    }

    #[test]
    fn a_hasher_that_panics_is_missed_at_the_end() {
        struct Panics;
        impl Hasher for Panics {
            fn update(&mut self, _: &[u8]) {
                panic!("as a test");
            }
        }
        let mut hashing = Hashing::beside(Panics);
        hashing.update(&piece(1));
        if matches!(hashing, Hashing::Beside(_)) {
            assert!(hashing.finish().is_none());
        }
    }
}
