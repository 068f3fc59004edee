use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Wake, Waker};

use bytes::Bytes;

use super::*;

#[derive(Default)]
struct Woken(AtomicU32);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

type Feed = Queue<&'static str, &'static str>;

const WINDOW: u64 = 1 << 20;

fn feed(limit: u64) -> (Feed, Arc<Memory>) {
    let memory = Arc::new(Memory::new(limit));
    let queue = Feed::new();
    queue.begin(memory.reserve(FEED_MEMORY));
    (queue, memory)
}

fn piece(at: u64, length: usize) -> Piece {
    Piece::new(at, Bytes::from(vec![7; length]))
}

fn room(queue: &Feed, remaining: u64, moving: Moving) -> Room {
    queue.room(&mut Context::from_waker(Waker::noop()), remaining, WINDOW, moving)
}

/// The next item, in a word, its offset and length.
fn next(queue: &Feed, take: Take) -> (&'static str, usize) {
    match queue.poll_next(&mut Context::from_waker(Waker::noop()), take) {
        Poll::Pending => ("pending", 0),
        Poll::Ready(Item::Opened(_)) => ("opened", 0),
        Poll::Ready(Item::Piece(piece)) => ("piece", piece.len()),
        Poll::Ready(Item::Successor(_)) => ("successor", 0),
        Poll::Ready(Item::End(Ok(_))) => ("end", 0),
        Poll::Ready(Item::End(Err(_))) => ("error", 0),
    }
}

#[test]
fn a_successor_is_reached_behind_every_piece_before_it() {
    let (queue, memory) = feed(WINDOW);
    assert_eq!(next(&queue, Take::Cut(10)), ("pending", 0));
    assert_eq!(room(&queue, 100, Moving::Stays), Room::Bytes(65_536));
    queue.push(piece(0, 60));
    queue.push(piece(60, 40));
    assert_eq!(room(&queue, 1 << 30, Moving::Pays), Room::HandOver);
    queue.finish(Item::Successor("source"));
    let taken: Vec<_> = (0..4).map(|_| next(&queue, Take::Cut(50))).collect();
    assert_eq!(taken, [("piece", 50), ("piece", 10), ("piece", 40), ("successor", 0)]);
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_source_is_given_away_only_to_who_has_begun_to_read() {
    let (queue, _memory) = feed(2 * WINDOW);
    assert_ne!(room(&queue, 1 << 30, Moving::Pays), Room::HandOver);
    queue.await_reply();
    assert_ne!(room(&queue, 1 << 30, Moving::Pays), Room::HandOver);
    assert_eq!(next(&queue, Take::Cut(1)), ("pending", 0));
    assert_eq!(room(&queue, 1 << 30, Moving::Stays), Room::Bytes(WINDOW));
    assert_eq!(room(&queue, 1 << 30, Moving::Pays), Room::HandOver);
}

#[test]
fn pieces_keep_their_memory_when_the_source_goes() {
    let (queue, memory) = feed(WINDOW);
    let Room::Bytes(most) = room(&queue, WINDOW, Moving::Stays) else { panic!("there is room") };
    let length = usize::try_from(most).unwrap();
    queue.push(piece(0, length));
    assert_eq!(memory.used(), most + FEED_MEMORY);
    queue.finish(Item::Successor("source"));
    assert_eq!(memory.used(), most + FEED_MEMORY, "nothing that lies here was given back");
    assert_eq!(next(&queue, Take::Cut(1_000)), ("piece", 1_000));
    assert_eq!(memory.used(), most - 1_000 + FEED_MEMORY);
    assert_eq!(next(&queue, Take::Cut(length)).0, "piece");
    assert_eq!(next(&queue, Take::Cut(1)), ("successor", 0));
    assert_eq!(memory.used(), 0);
}

#[test]
fn what_is_taken_goes_back_to_the_feed_before_anybody_else_gets_it() {
    let (queue, memory) = feed(128 << 10);
    let Room::Bytes(most) = room(&queue, WINDOW, Moving::Stays) else { panic!("there is room") };
    let length = usize::try_from(most).unwrap();
    queue.push(piece(0, length));
    let before = memory.used();
    assert_eq!(next(&queue, Take::Cut(length)), ("piece", length));
    assert_eq!(memory.used(), before);
    queue.push(piece(most, length));
    // Who keeps a piece keeps its memory too.
    let Poll::Ready(Item::Piece(kept)) =
        queue.poll_next(&mut Context::from_waker(Waker::noop()), Take::Whole)
    else {
        panic!("there is a piece")
    };
    queue.leave();
    assert_eq!(memory.used(), most);
    drop(kept);
    assert_eq!(memory.used(), 0);
}

#[test]
fn who_reads_has_room_for_one_piece_whatever_the_memory() {
    let (queue, memory) = feed(FEED_MEMORY);
    assert_eq!(room(&queue, WINDOW, Moving::Stays), Room::Rest);
    queue.await_reply();
    assert_eq!(room(&queue, WINDOW, Moving::Stays), Room::Bytes(65_536));
    queue.push(piece(0, 65_536));
    assert_eq!(memory.used(), FEED_MEMORY, "it is not counted");
    assert_eq!(room(&queue, WINDOW, Moving::Stays), Room::Rest);
    assert_eq!(next(&queue, Take::Cut(65_536)).0, "piece");
    assert_eq!(room(&queue, WINDOW, Moving::Stays), Room::Bytes(65_536));
}

#[test]
fn a_task_at_rest_is_woken_by_who_takes_and_by_who_gives_back() {
    let (queue, memory) = feed(FEED_MEMORY + (64 << 10));
    let other = memory.reserve(0);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    assert_eq!(queue.room(&mut cx, WINDOW, WINDOW, Moving::Stays), Room::Bytes(65_536));
    queue.push(piece(0, 65_536));
    assert_eq!(queue.room(&mut cx, WINDOW, WINDOW, Moving::Stays), Room::Rest);
    assert!(queue.poll_room(&mut cx, WINDOW, WINDOW, &memory).is_pending());
    let held = memory.reserve(10);
    drop(held);
    assert_eq!(woken.0.load(Ordering::Relaxed), 1, "somebody gave back");
    assert!(queue.poll_room(&mut cx, WINDOW, WINDOW, &memory).is_pending());
    assert_eq!(next(&queue, Take::Cut(65_536)).0, "piece");
    assert!(woken.0.load(Ordering::Relaxed) >= 2, "the consumer took");
    assert!(queue.poll_room(&mut cx, WINDOW, WINDOW, &memory).is_ready());
    drop(other);
}

#[test]
fn an_end_comes_once_and_whatever_comes_later_is_dropped() {
    let (queue, memory) = feed(WINDOW);
    queue.open("reply", 10);
    queue.finish(Item::End(Ok(Effort::default())));
    queue.finish(Item::Successor("late"));
    queue.push(piece(0, 10));
    queue.abandon();
    assert!(queue.is_opened());
    assert_eq!(next(&queue, Take::Cut(1)), ("opened", 0));
    assert_eq!(next(&queue, Take::Cut(1)), ("end", 0));
    assert_eq!(next(&queue, Take::Cut(1)), ("error", 0));
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_consumer_that_leaves_takes_everything_with_it() {
    let (queue, memory) = feed(WINDOW);
    queue.push(piece(0, 10));
    queue.leave();
    assert_eq!(memory.used(), 0);
    assert_eq!(room(&queue, 10, Moving::Stays), Room::Unwanted);
    queue.push(piece(10, 10));
    queue.finish(Item::Successor("source"));
    assert_eq!(memory.used(), 0);
    // And one that begins after it was left holds nothing.
    let late = Feed::new();
    late.leave();
    late.begin(memory.reserve(100));
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_task_that_ends_without_a_word_leaves_no_waiter() {
    let queue = Feed::new();
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    assert!(queue.poll_opened(&mut Context::from_waker(&waker)).is_pending());
    queue.abandon();
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    let opened = queue.poll_opened(&mut Context::from_waker(&waker));
    assert!(matches!(opened, Poll::Ready(Err(error)) if error.kind() == ErrorKind::Cancelled));
}

#[test]
fn a_task_that_ends_without_a_word_is_no_end() {
    let (queue, _memory) = feed(WINDOW);
    queue.open("o", 6);
    queue.push(piece(0, 2));
    queue.abandon();
    let all: Vec<_> = (0..4).map(|_| next(&queue, Take::Whole).0).collect();
    assert_eq!(all, ["opened", "piece", "error", "error"]);
}

#[test]
fn a_piece_that_is_kept_keeps_its_memory() {
    let (queue, memory) = feed(WINDOW);
    assert_eq!(room(&queue, 4, Moving::Stays), Room::Bytes(4));
    queue.push(piece(0, 4));
    queue.finish(Item::Successor("source"));
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(kept) = queue.poll_next(&mut cx, Take::Whole) else { panic!("it lies there") };
    queue.leave();
    drop(queue);
    assert_eq!(memory.used(), 4);
    drop(kept);
    assert_eq!(memory.used(), 0);
}
