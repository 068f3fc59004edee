//! The ledger: nobody holds what does not fit, and nobody sleeps beside free memory.

use std::sync::Arc;
use std::task::Poll;

use loom::thread;

use super::{Orders, Sleep, play};
use crate::send::memory::Memory;

#[test]
fn what_is_held_never_exceeds_the_limit_and_is_given_back() {
    play("memory: never over its limit, never kept", Orders::All, || {
        let memory = Arc::new(Memory::new(100));
        let holds = |first: u64, more: u64| {
            let memory = Arc::clone(&memory);
            move || {
                let Some(mut held) = memory.try_reserve(first) else { return };
                held.try_grow(more);
                assert!(memory.used() <= 100);
                held.shrink_to(first / 2);
                let part = held.split(5);
                drop(held);
                assert!(memory.used() >= part.bytes());
            }
        };
        let other = thread::spawn(holds(60, 30));
        holds(50, 10)();
        other.join().expect("it ends");
        assert_eq!(memory.used(), 0);
    });
}

#[test]
fn who_asks_before_he_looks_is_woken_when_something_is_given_back() {
    play("memory: nobody sleeps beside what is free", Orders::All, || {
        let memory = Arc::new(Memory::new(100));
        let all = memory.reserve(100);
        let waits = {
            let memory = Arc::clone(&memory);
            thread::spawn(move || {
                let me = Sleep::new();
                let held = me.until(|cx| {
                    memory.wake_when_freed(cx.waker());
                    memory.try_reserve(100).map_or(Poll::Pending, Poll::Ready)
                });
                drop(held);
            })
        };
        drop(all);
        waits.join().expect("it ends");
        assert_eq!(memory.used(), 0);
    });
}
