//! Waiting for the reply to a request whose body takes its time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often the progress of a body is looked at within the time that it may stand still.
const LOOKS: u32 = 8;

/// What the kernel may still have to send when it has taken the last byte, and the slowest way
/// on which that is waited for.
const MOST_BUFFERED: u64 = 4 << 20;
const SLOWEST_BYTES_A_SECOND: u64 = 32 << 10;

/// What comes of `reply` if it comes within `timeout`, or as long as bytes of a body of so many
/// go out. A body of any length may take any time; one that stands still may not.
pub(super) async fn while_moving<T>(
    reply: impl Future<Output = T>,
    timeout: Duration,
    length: u64,
    sent: &AtomicU64,
) -> Option<T> {
    if length == 0 {
        return tokio::time::timeout(timeout, reply).await.ok();
    }
    let mut reply = std::pin::pin!(reply);
    let slice = timeout / LOOKS;
    let (mut still, mut before) = (Duration::ZERO, 0);
    loop {
        if let Ok(reply) = tokio::time::timeout(slice, reply.as_mut()).await {
            return Some(reply);
        }
        let now = sent.load(Ordering::Relaxed);
        still = if now > before { Duration::ZERO } else { still + slice };
        before = now;
        let on_its_way = if now < length { Duration::ZERO } else { buffered(length) };
        if still >= timeout + on_its_way {
            return None;
        }
    }
}

fn buffered(length: u64) -> Duration {
    Duration::from_secs(length.min(MOST_BUFFERED) / SLOWEST_BYTES_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn a_body_that_stands_still_is_given_up_and_one_that_moves_is_not() {
        let timeout = Duration::from_millis(40);
        let sent = AtomicU64::new(0);
        assert_eq!(run(while_moving(pending::<()>(), timeout, 0, &sent)), None);
        assert_eq!(run(while_moving(pending::<()>(), timeout, 10, &sent)), None);
        // One byte in each third of the time that it may stand still, for four times as long.
        let moving = async {
            for _ in 0..12 {
                tokio::time::sleep(timeout / 3).await;
                sent.fetch_add(1, Ordering::Relaxed);
            }
            7
        };
        assert_eq!(run(while_moving(moving, timeout, 100, &sent)), Some(7));
    }

    #[test]
    fn what_the_kernel_has_taken_is_given_time_to_arrive() {
        assert_eq!(buffered(1_000), Duration::ZERO);
        assert_eq!(buffered(64 << 20), Duration::from_secs(128));
    }
}
