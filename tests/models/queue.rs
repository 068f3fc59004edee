//! A feed's queue: no byte lost, repeated or out of order, nobody asleep for ever.

use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use loom::thread::{self, JoinHandle};

use super::{Orders, Sleep, play};
use crate::error::{Error, ErrorKind};
use crate::read::Effort;
use crate::read::piece::Piece;
use crate::read::source::queue::{FEED_MEMORY, Item, Moving, Queue, Room, Take};
use crate::send::memory::{Memory, Reservation};

const PIECE: u64 = 64 * 1024;
static ZEROS: [u8; PIECE as usize] = [0; PIECE as usize];

/// A queue whose source is a number: where it goes on.
type Feed = Queue<(), u64>;

/// What a feed's task does, short of the network.
struct Task {
    feed: Arc<Feed>,
    memory: Arc<Memory>,
    /// Pieces of its object.
    pieces: u64,
    /// So many of them come; then its server is silent for ever.
    come: u64,
    moving: Moving,
}

/// How a task ended: the pieces that it has pushed, and whether it gave its source away.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Whole(u64),
    Moved(u64),
    Unwanted(u64),
}

impl Task {
    fn of(feed: &Arc<Feed>, memory: &Arc<Memory>, pieces: u64, moving: Moving) -> Self {
        let (feed, memory) = (Arc::clone(feed), Arc::clone(memory));
        Task { feed, memory, pieces, come: pieces, moving }
    }

    fn spawn(self, credit: Reservation) -> JoinHandle<Ended> {
        thread::spawn(move || {
            self.feed.begin(credit);
            self.feed.open((), self.pieces * PIECE);
            let ended = self.fill(&Sleep::new());
            // As its `Drop` does.
            self.feed.abandon();
            ended
        })
    }

    fn fill(&self, me: &Sleep) -> Ended {
        let window = 2 * PIECE;
        let mut at = 0;
        loop {
            let remaining = (self.pieces - at) * PIECE;
            let room = me.until(|cx| match self.feed.room(cx, remaining, window, self.moving) {
                Room::Bytes(_) if at == self.come && remaining > 0 => {
                    self.feed.flush();
                    Poll::Pending
                }
                room => Poll::Ready(room),
            });
            match room {
                Room::Bytes(_) if remaining == 0 => {
                    self.feed.finish(Item::End(Ok(Effort::default())));
                    return Ended::Whole(at);
                }
                Room::Bytes(most) => {
                    assert!(most >= PIECE, "it is never sent for crumbs");
                    self.feed.push(piece(at));
                    at += 1;
                }
                Room::Rest => {
                    me.until(|cx| self.feed.poll_room(cx, remaining, window, &self.memory));
                }
                Room::HandOver => {
                    self.feed.finish(Item::Successor(at));
                    return Ended::Moved(at);
                }
                Room::Unwanted => return Ended::Unwanted(at),
            }
        }
    }
}

fn piece(at: u64) -> Piece {
    Piece::new(at * PIECE, Bytes::from_static(&ZEROS))
}

/// What a consumer comes to.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    /// Every byte up to here came, and the end.
    Whole(u64),
    /// Every byte up to here came, and the source that goes on.
    Moved(u64),
    Failed(ErrorKind),
}

/// Waits for the reply, as a stream does.
fn open(feed: &Feed, me: &Sleep) -> Result<(), Error> {
    me.until(|cx| {
        feed.await_reply();
        feed.poll_opened(cx)
    })
}

/// Reads to the end what begins at this byte.
fn read(feed: &Feed, me: &Sleep, mut at: u64) -> Read {
    loop {
        match me.until(|cx| feed.poll_next(cx, Take::Cut(usize::MAX))) {
            Item::Opened(()) => assert_eq!(at, 0, "a reply comes before the first byte"),
            Item::Piece(piece) => {
                let bytes = piece.into_bytes(at).expect("pieces come in order");
                at += bytes.len() as u64;
            }
            Item::Successor(from) => {
                assert_eq!(from * PIECE, at, "a source goes on behind what it has yielded");
                return Read::Moved(at);
            }
            Item::End(Ok(_)) => return Read::Whole(at),
            Item::End(Err(error)) => return Read::Failed(error.kind()),
        }
    }
}

/// Memory, of which something is reserved for a feed.
fn memory(limit: u64) -> (Arc<Memory>, Arc<Feed>) {
    (Arc::new(Memory::new(limit)), Arc::new(Feed::new()))
}

#[test]
fn every_byte_is_taken_once_and_in_order() {
    play("queue: every byte once and in order", Orders::Switches(4), || {
        let (memory, feed) = memory(8 * PIECE);
        let credit = memory.reserve(PIECE + FEED_MEMORY);
        let task = Task::of(&feed, &memory, 2, Moving::Stays).spawn(credit);
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        assert_eq!(read(&feed, &me, 0), Read::Whole(2 * PIECE));
        assert_eq!(task.join().expect("it ends"), Ended::Whole(2));
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn a_successor_is_reached_behind_every_piece_and_never_lost() {
    play("queue: a successor behind every piece", Orders::Switches(5), || {
        let (memory, feed) = memory(8 * PIECE);
        let credit = memory.reserve(2 * PIECE + FEED_MEMORY);
        let task = Task::of(&feed, &memory, 2, Moving::Pays).spawn(credit);
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        let read = read(&feed, &me, 0);
        match task.join().expect("it ends") {
            Ended::Whole(pieces) => assert_eq!(read, Read::Whole(pieces * PIECE)),
            Ended::Moved(pieces) => assert_eq!(read, Read::Moved(pieces * PIECE)),
            Ended::Unwanted(_) => panic!("somebody wants it"),
        }
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn the_source_of_a_silent_server_comes_to_the_consumer() {
    play("queue: a task in wait for its server hands over", Orders::Switches(4), || {
        let (memory, feed) = memory(8 * PIECE);
        let credit = memory.reserve(2 * PIECE + FEED_MEMORY);
        let task = Task { come: 1, ..Task::of(&feed, &memory, 2, Moving::Pays) }.spawn(credit);
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        let read = read(&feed, &me, 0);
        let Ended::Moved(pieces) = task.join().expect("it ends") else { panic!("it moves") };
        assert_eq!(read, Read::Moved(pieces * PIECE));
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn what_comes_of_a_slow_server_is_read_before_more_comes() {
    play("queue: what lies ready is told before a wait", Orders::Switches(4), || {
        let (memory, feed) = memory(8 * PIECE);
        let credit = memory.reserve(2 * PIECE + FEED_MEMORY);
        let task = Task { come: 1, ..Task::of(&feed, &memory, 2, Moving::Stays) }.spawn(credit);
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        let item = me.until(|cx| feed.poll_next(cx, Take::Whole));
        let Item::Piece(piece) = item else { panic!("there is one") };
        assert!(memory.used() >= PIECE, "a piece that is kept is counted");
        drop(piece);
        feed.leave();
        assert_eq!(task.join().expect("it ends"), Ended::Unwanted(1));
        assert_eq!(memory.used(), 0, "both ends are gone");
    });
}

#[test]
fn a_task_at_rest_goes_on_when_its_consumer_makes_room() {
    play("queue: room made by the consumer ends a rest", Orders::Switches(4), || {
        let (memory, feed) = memory(PIECE + FEED_MEMORY);
        let credit = memory.reserve(PIECE + FEED_MEMORY);
        let task = Task::of(&feed, &memory, 3, Moving::Stays).spawn(credit);
        let me = Sleep::new();
        assert_eq!(read(&feed, &me, 0), Read::Whole(3 * PIECE));
        assert_eq!(task.join().expect("it ends"), Ended::Whole(3));
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn who_is_waited_for_goes_on_without_any_memory() {
    play("queue: the one that is read needs no memory", Orders::Switches(4), || {
        let (memory, feed) = memory(0);
        let task = Task::of(&feed, &memory, 2, Moving::Stays).spawn(memory.reserve(FEED_MEMORY));
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        assert_eq!(read(&feed, &me, 0), Read::Whole(2 * PIECE));
        task.join().expect("it ends");
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn a_task_at_rest_goes_on_when_others_give_back() {
    play("queue: memory freed elsewhere ends a rest", Orders::All, || {
        let (memory, feed) = memory(2 * PIECE + FEED_MEMORY);
        let others = memory.reserve(2 * PIECE);
        let task = Task::of(&feed, &memory, 2, Moving::Stays).spawn(memory.reserve(FEED_MEMORY));
        // The consumer is elsewhere: nothing but this makes room.
        drop(others);
        assert_eq!(task.join().expect("it ends"), Ended::Whole(2));
        assert_eq!(memory.used(), 2 * PIECE + FEED_MEMORY, "what lies there is counted");
        assert_eq!(read(&feed, &Sleep::new(), 0), Read::Whole(2 * PIECE));
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn two_feeds_share_what_is_enough_for_one() {
    play("queue: two feeds share the memory of one", Orders::Switches(2), || {
        let (memory, first) = memory(PIECE + 2 * FEED_MEMORY);
        let second = Arc::new(Feed::new());
        let begun = [&first, &second].map(|feed| {
            let credit = memory.reserve(FEED_MEMORY);
            Task::of(feed, &memory, 1, Moving::Stays).spawn(credit)
        });
        let me = Sleep::new();
        for feed in [first, second] {
            open(&feed, &me).expect("a reply comes");
            assert_eq!(read(&feed, &me, 0), Read::Whole(PIECE));
        }
        for task in begun {
            task.join().expect("it ends");
        }
        assert_eq!(memory.used(), 0, "all are done");
    });
}

#[test]
fn a_piece_keeps_its_memory_while_it_lies_there() {
    play("queue: what is queued is counted, also when moved", Orders::All, || {
        let (memory, feed) = memory(8 * PIECE);
        let credit = memory.reserve(2 * PIECE + FEED_MEMORY);
        let task = Task::of(&feed, &memory, 2, Moving::Pays).spawn(credit);
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        let first = me.until(|cx| feed.poll_next(cx, Take::Cut(usize::MAX)));
        let taken = u64::from(matches!(first, Item::Piece(_)));
        let (Ended::Whole(pushed) | Ended::Moved(pushed) | Ended::Unwanted(pushed)) =
            task.join().expect("it ends");
        assert!(memory.used() >= (pushed - taken) * PIECE, "what is queued is counted");
        drop(first);
        feed.leave();
        assert_eq!(memory.used(), 0, "both ends are gone");
    });
}

#[test]
fn memory_is_given_back_whoever_leaves_first() {
    play("queue: both ends gone, nothing is kept", Orders::All, || {
        let (memory, feed) = memory(PIECE + FEED_MEMORY);
        let credit = memory.reserve(PIECE + FEED_MEMORY);
        let task = Task::of(&feed, &memory, 2, Moving::Pays).spawn(credit);
        // Whether it was begun, has pieces, rests, or has ended.
        feed.leave();
        task.join().expect("a task ends when nobody wants more");
        assert_eq!(memory.used(), 0, "both ends are gone");
    });
}

#[test]
fn a_task_at_rest_ends_when_its_consumer_leaves() {
    play("queue: a consumer that leaves ends a rest", Orders::Switches(4), || {
        let (memory, feed) = memory(PIECE + FEED_MEMORY);
        let credit = memory.reserve(PIECE + FEED_MEMORY);
        let task = Task::of(&feed, &memory, 3, Moving::Stays).spawn(credit);
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        drop(me.until(|cx| feed.poll_next(cx, Take::Cut(usize::MAX))));
        feed.leave();
        assert!(matches!(task.join().expect("it ends"), Ended::Unwanted(1 | 2)));
        assert_eq!(memory.used(), 0, "both ends are gone");
    });
}

#[test]
fn nobody_waits_for_a_task_that_is_gone() {
    play("queue: a task that is gone leaves no waiter", Orders::All, || {
        let (memory, feed) = memory(8 * PIECE);
        let task = {
            let (feed, credit) = (Arc::clone(&feed), memory.reserve(PIECE + FEED_MEMORY));
            thread::spawn(move || {
                feed.begin(credit);
                feed.open((), 2 * PIECE);
                feed.push(piece(0));
                feed.abandon();
            })
        };
        let me = Sleep::new();
        open(&feed, &me).expect("a reply comes");
        assert_eq!(read(&feed, &me, 0), Read::Failed(ErrorKind::Cancelled));
        task.join().expect("it ends");
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}

#[test]
fn nobody_waits_for_a_task_that_never_began() {
    play("queue: a task that never began leaves no waiter", Orders::All, || {
        let (memory, feed) = memory(8 * PIECE);
        let credit = memory.reserve(FEED_MEMORY);
        let task = {
            let feed = Arc::clone(&feed);
            thread::spawn(move || {
                feed.abandon();
                // One that was cleared from the line as it was about to go.
                feed.begin(credit);
            })
        };
        let opened = open(&feed, &Sleep::new());
        assert_eq!(opened.expect_err("none comes").kind(), ErrorKind::Cancelled);
        task.join().expect("it ends");
        assert_eq!(memory.used(), 0, "both ends are done");
    });
}
