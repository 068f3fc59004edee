//! Paused bodies: nobody waits on one that was taken away, and none is kept for ever.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::Mutex;
use loom::thread;

use super::{Orders, Sleep, play};
use crate::send::memory::Memory;
use crate::send::slots::{Limits, Slot, Slots};

const EACH: u64 = 100;

/// A connection's two ends: what the server has sent, and who waits for it.
#[derive(Default)]
struct Wire {
    is_sent: bool,
    waiting: Option<Waker>,
}

/// The reader's end: once it is dropped it wakes nobody.
struct Socket(Arc<Mutex<Wire>>);

impl Socket {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut wire = self.0.lock().expect("nobody panics with it");
        if wire.is_sent {
            return Poll::Ready(());
        }
        wire.waiting = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        drop(self.0.lock().expect("nobody panics with it").waiting.take());
    }
}

fn send(wire: &Mutex<Wire>) {
    let woken = {
        let mut wire = wire.lock().expect("nobody panics with it");
        wire.is_sent = true;
        wire.waiting.take()
    };
    woken.into_iter().for_each(Waker::wake);
}

fn slots<T>(memory: &Arc<Memory>) -> Arc<Slots<T>> {
    let limits = Limits { bytes: EACH, most_paused: 2, recent: 0 };
    Arc::new(Slots::new(Arc::clone(memory), limits))
}

fn open<T>(slots: &[&Arc<Slot<T>>]) -> u64 {
    slots.iter().filter(|slot| slot.held().is_some()).count() as u64
}

#[test]
fn a_reader_that_comes_back_never_waits_on_what_was_taken_away() {
    play("paused: nobody waits on a closed body", Orders::Switches(4), || {
        let memory = Arc::new(Memory::new(2 * EACH));
        let slots = slots(&memory);
        let wire = Arc::new(Mutex::new(Wire::default()));
        let slot = slots.admit(Some(Socket(Arc::clone(&wire))), 0);
        let other = slots.admit(None, 1);
        let reader = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || {
                let me = Sleep::new();
                me.until(|cx| match slot.come_back().as_ref() {
                    // It makes another connection.
                    None => Poll::Ready(()),
                    Some(held) => held.as_ref().map_or(Poll::Ready(()), |body| body.poll(cx)),
                });
                slot.go_away(2);
            })
        };
        let server = thread::spawn(move || send(&wire));
        let third = slots.admit(None, 3);
        reader.join().expect("it ends");
        server.join().expect("it ends");
        let open = open(&[&slot, &other, &third]);
        assert_eq!(memory.used(), open * EACH, "what is closed is counted no more");
        assert_eq!(open, 2, "just one of two that are paused makes room");
    });
}

#[test]
fn what_was_in_use_is_not_forgotten_and_few_stand_paused() {
    play("paused: one in use is closed later, few stay", Orders::Switches(3), || {
        let memory = Arc::new(Memory::new(100 * EACH));
        let slots = slots(&memory);
        let first = slots.admit((), 1);
        let second = slots.admit((), 2);
        let uses = |slot: &Arc<Slot<()>>, now| {
            let slot = Arc::clone(slot);
            thread::spawn(move || {
                drop(slot.come_back());
                slot.go_away(now);
            })
        };
        let readers = [uses(&first, 3), uses(&second, 4)];
        let third = slots.admit((), 5);
        for reader in readers {
            reader.join().expect("it ends");
        }
        let fourth = slots.admit((), 6);
        let fifth = slots.admit((), 7);
        let open = open(&[&first, &second, &third, &fourth, &fifth]);
        assert_eq!(memory.used(), open * EACH, "what is closed is counted no more");
        assert!(open <= 2, "{open} stand paused");
        assert!(fifth.held().is_some(), "the youngest stays");
    });
}

#[test]
fn two_that_are_taken_in_at_once_take_away_one_each() {
    play("paused: two at once take away one each", Orders::All, || {
        let memory = Arc::new(Memory::new(2 * EACH));
        let slots = slots(&memory);
        let old = [slots.admit((), 0), slots.admit((), 1)];
        let other = {
            let slots = Arc::clone(&slots);
            thread::spawn(move || slots.admit((), 2))
        };
        let mine = slots.admit((), 2);
        let other = other.join().expect("it ends");
        assert_eq!((open(&[&old[0], &old[1]]), open(&[&mine, &other])), (0, 2));
        drop((mine, other));
        assert_eq!(memory.used(), 0);
    });
}
