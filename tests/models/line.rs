//! A stream's line: every job goes once or is forgotten, the oldest goes when it is waited for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};

use super::{Orders, Sleep, play};
use crate::send::memory::Memory;
use crate::stream::turns::{Bulk, Counted, Needs, Ready, Turns};

const NEEDS: Needs = Needs { memory: 100, bulk: Bulk::Small };

/// A runtime of workers, which do one job after another.
struct Runtime {
    turns: Turns<usize>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    spawned: VecDeque<Ready<usize>>,
    /// In the order in which they were spawned.
    begun: Vec<usize>,
    done: usize,
    is_over: bool,
    consumer: Option<Waker>,
}

impl Runtime {
    fn new(memory: u64, concurrency: usize) -> Arc<Self> {
        let memory = Arc::new(Memory::new(memory));
        let turns = Turns::new(memory, concurrency, Counted::default());
        Arc::new(Runtime { turns, state: Mutex::default(), changed: Condvar::new() })
    }

    fn spawn(&self, ready: Vec<Ready<usize>>, most: usize) {
        let mut state = self.state.lock().expect("nobody panics with it");
        for ready in ready {
            assert!(!state.begun.contains(&ready.job), "{} goes once", ready.job);
            state.begun.push(ready.job);
            state.spawned.push_back(ready);
        }
        assert!(state.begun.len() - state.done <= most, "too many in flight");
        self.changed.notify_all();
    }

    fn worker(self: &Arc<Self>, most: usize) -> JoinHandle<()> {
        let runtime = Arc::clone(self);
        thread::spawn(move || {
            while let Some(Ready { job: _, credit }) = runtime.next() {
                drop(credit);
                let consumer = {
                    let mut state = runtime.state.lock().expect("nobody panics with it");
                    state.done += 1;
                    state.consumer.take()
                };
                consumer.into_iter().for_each(Waker::wake);
                let ready = runtime.turns.completed(Duration::ZERO, Counted::default());
                runtime.spawn(ready, most);
            }
        })
    }

    fn next(&self) -> Option<Ready<usize>> {
        let mut state = self.state.lock().expect("nobody panics with it");
        loop {
            match state.spawned.pop_front() {
                None if state.is_over => return None,
                None => state = self.changed.wait(state).expect("nobody panics with it"),
                ready => return ready,
            }
        }
    }

    /// Waits for the job as a stream's consumer does for its oldest.
    fn take(&self, job: usize, me: &Sleep, most: usize) {
        me.until(|cx| {
            self.spawn(self.turns.press(), most);
            let mut state = self.state.lock().expect("nobody panics with it");
            state.consumer = Some(cx.waker().clone());
            if state.done > job { Poll::Ready(()) } else { Poll::Pending }
        });
        self.spawn(self.turns.handed_out(Bulk::Small), most);
    }

    fn end(&self) -> Vec<usize> {
        let mut state = self.state.lock().expect("nobody panics with it");
        state.is_over = true;
        self.changed.notify_all();
        state.begun.clone()
    }
}

#[test]
fn every_job_goes_once_in_order_and_no_more_than_allowed_at_once() {
    play("line: each once, in order, no more than allowed", Orders::Switches(3), || {
        let runtime = Runtime::new(1_000, 1);
        let worker = runtime.worker(1);
        for job in 0..3 {
            runtime.spawn(runtime.turns.push(job, NEEDS), 1);
        }
        let me = Sleep::new();
        (0..3).for_each(|job| runtime.take(job, &me, 2));
        assert_eq!(runtime.end(), [0, 1, 2]);
        worker.join().expect("it ends");
    });
}

#[test]
fn the_oldest_goes_when_it_is_waited_for_whether_it_fits_or_not() {
    play("line: who is waited for goes without any memory", Orders::Switches(3), || {
        let runtime = Runtime::new(0, 2);
        let worker = runtime.worker(2);
        for job in 0..2 {
            runtime.spawn(runtime.turns.push(job, NEEDS), 2);
        }
        let me = Sleep::new();
        (0..2).for_each(|job| runtime.take(job, &me, 2));
        assert_eq!(runtime.end(), [0, 1]);
        worker.join().expect("it ends");
    });
}

#[test]
fn what_is_forgotten_does_not_go_and_what_went_is_not_forgotten() {
    play("line: each goes or is forgotten, never both", Orders::Switches(2), || {
        let runtime = Runtime::new(1_000, 2);
        let workers = [runtime.worker(2), runtime.worker(2)];
        for job in 0..4 {
            runtime.spawn(runtime.turns.push(job, NEEDS), 2);
        }
        let forgotten = runtime.turns.clear();
        let begun = {
            runtime.end();
            for worker in workers {
                worker.join().expect("it ends");
            }
            runtime.end()
        };
        let mut all: Vec<_> = begun.into_iter().chain(forgotten).collect();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
    });
}

#[test]
fn a_refusal_counts_once_however_late_it_is_told() {
    play("line: a refusal counts once", Orders::All, || {
        let memory = Arc::new(Memory::new(1_000));
        let turns = Arc::new(Turns::<usize>::new(memory, 16, Counted::default()));
        let throttles = Arc::new(AtomicU64::new(0));
        let complete = {
            let (turns, throttles) = (Arc::clone(&turns), Arc::clone(&throttles));
            move || {
                let throttles = throttles.load(Ordering::Relaxed);
                let counted = Counted { throttles, received: 0 };
                assert!(turns.completed(Duration::ZERO, counted).is_empty());
            }
        };
        // One that looked before the refusal, and tells of it at any time later.
        let late = thread::spawn(complete.clone());
        throttles.fetch_add(1, Ordering::Relaxed);
        // Eight at once become four; an epoch of four are twelve.
        (0..14).for_each(|_| complete());
        late.join().expect("it ends");
        complete();
        let needs = Needs { memory: 1, bulk: Bulk::Small };
        let begun = (0..8).map(|job| turns.push(job, needs).len()).sum::<usize>();
        assert_eq!(begun, 4, "halved once");
    });
}
