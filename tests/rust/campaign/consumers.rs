//! The ways in which a campaign reads an object: on a thread, or as a task of a runtime with
//! several threads, and what may come between: pauses, waits that are given up, a move to
//! another thread, a cancellation.

use std::io::Read;
use std::time::Duration;

use s3stream_core::{
    Client, Error, ObjectReader, OpenOptions, StreamOptions, Verdict, Wanted, blocking, internals,
};
use s3stream_tests::fault::Random;
use tokio::io::AsyncReadExt;

use super::IDLE;

/// What a read came to, and what it met.
pub(super) struct Played {
    pub(super) outcome: Result<Verdict, Error>,
    pub(super) met: Met,
}

/// What is to be met often enough.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    /// A reader changed hands while pieces lay in its queue.
    pub(super) handed_over: bool,
    /// The consumer was away for longer than a connection is kept.
    pub(super) paused: bool,
    pub(super) cancelled: bool,
    /// A wait was given up in the middle.
    pub(super) given_up: bool,
}

/// Reads on this thread: opened, streamed, through a pipe.
pub(super) fn on_a_thread(client: &blocking::Client, seed: u64, got: &mut Vec<u8>) -> Played {
    let mut random = Random::new(seed ^ 0x7265_6164_696e_6721);
    let mut met = Met::default();
    let outcome = read(client, &mut random, got, &mut met);
    Played { outcome, met }
}

fn read(
    client: &blocking::Client,
    random: &mut Random,
    got: &mut Vec<u8>,
    met: &mut Met,
) -> Result<Verdict, Error> {
    let way = random.below(3);
    let reader = if way == 0 {
        client.open("bucket", "key", OpenOptions::new())?
    } else {
        client.stream("bucket", ["key"], StreamOptions::new()).next().unwrap()?
    };
    if way == 2 { read_pipe(reader, got) } else { read_blocks(reader, random, got, met) }
}

fn read_pipe(mut reader: blocking::ObjectReader, got: &mut Vec<u8>) -> Result<Verdict, Error> {
    let mut pipe = std::fs::File::from(reader.open_pipe()?);
    pipe.read_to_end(got).unwrap();
    reader.finish()
}

/// Reads in random sizes with random pauses, some longer than the idle timeout.
fn read_blocks(
    mut reader: blocking::ObjectReader,
    random: &mut Random,
    got: &mut Vec<u8>,
    met: &mut Met,
) -> Result<Verdict, Error> {
    let mut pauses = 3;
    loop {
        let before = got.len();
        got.resize(before + size(random), 0);
        let n = match reader.read_full(&mut got[before..]) {
            Ok(n) => n,
            Err(error) => {
                got.truncate(before);
                return Err(error);
            }
        };
        got.truncate(before + n);
        if n == 0 {
            return Ok(reader.verdict().expect("an end has a verdict").clone());
        }
        if pauses > 0 && random.chance(50) {
            pauses -= 1;
            // A pause is what this is about, so there is nothing to wait for.
            std::thread::sleep(pause(random, met));
        }
    }
}

/// Reads as a task of a runtime that has several threads.
pub(super) async fn as_a_task(client: Client, seed: u64) -> (Vec<u8>, Played) {
    let mut random = Random::new(seed ^ 0x7461_736b_7461_736b);
    let mut met = Met::default();
    let mut got = Vec::new();
    let reader = begin(&client, &mut random, &mut met).await;
    let outcome = match reader {
        Ok(reader) => consume(reader, &mut random, &mut got, &mut met).await,
        Err(error) => Err(error),
    };
    met.handed_over = internals::hand_overs(&client) > 0;
    (got, Played { outcome, met })
}

async fn begin(client: &Client, random: &mut Random, met: &mut Met) -> Result<ObjectReader, Error> {
    if random.chance(200) {
        return client.open("bucket", "key", OpenOptions::new()).await;
    }
    let mut stream = client.object_stream("bucket", StreamOptions::new())?;
    stream.push(Wanted::new("key"));
    let reader = stream.next().await?.expect("one object was pushed");
    if random.chance(700) {
        // Something is to lie in the queue when the consumer comes.
        for _ in 0..200 {
            if client.stats().bytes >= 64 << 10 {
                break;
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    } else if random.chance(300) {
        tokio::time::sleep(pause(random, met)).await;
    }
    Ok(reader)
}

async fn consume(
    mut reader: ObjectReader,
    random: &mut Random,
    got: &mut Vec<u8>,
    met: &mut Met,
) -> Result<Verdict, Error> {
    let cancel_at = random.chance(190).then(|| random.below(400_000));
    let mut pauses = 3;
    loop {
        if cancel_at.is_some_and(|at| got.len() as u64 >= at) && !met.cancelled {
            met.cancelled = true;
            let canceller = reader.canceller();
            // From another task: while this one waits, before, or after.
            tokio::spawn(async move {
                tokio::task::yield_now().await;
                canceller.cancel();
            });
        }
        let before = got.len();
        let n = if random.chance(250) {
            let next = tokio::time::timeout(Duration::from_micros(300), reader.next_piece());
            match next.await {
                Err(_) => {
                    met.given_up = true;
                    continue;
                }
                Ok(piece) => match piece? {
                    Some(piece) => {
                        got.extend_from_slice(&piece);
                        piece.len()
                    }
                    None => 0,
                },
            }
        } else {
            got.resize(before + size(random), 0);
            let read = reader.read(&mut got[before..]).await;
            got.truncate(before + *read.as_ref().unwrap_or(&0));
            read.map_err(|error| error.downcast::<Error>().expect("a reader's errors are ours"))?
        };
        if n == 0 {
            return Ok(reader.verdict().expect("an end has a verdict").clone());
        }
        if pauses > 0 && random.chance(60) {
            pauses -= 1;
            tokio::time::sleep(pause(random, met)).await;
        } else if random.chance(100) {
            // It may go on in another thread.
            tokio::task::yield_now().await;
        }
    }
}

fn size(random: &mut Random) -> usize {
    let magnitude = 6 + random.below(15);
    usize::try_from(1 + random.below(1 << magnitude)).unwrap()
}

fn pause(random: &mut Random, met: &mut Met) -> Duration {
    let times = u8::try_from(random.below(3)).unwrap();
    met.paused |= times > 0;
    IDLE.mul_f64(f64::from(times))
}
