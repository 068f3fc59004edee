//! Whether one object is read over several connections, and over how many.
//!
//! It pays where one connection cannot fill the way: far away, with a window or a limit per
//! connection in between. Nearby it costs requests and wins nothing. So it is tried only
//! where a reply takes its time and the consumer waits for the network, and every step must
//! be paid with a quarter more bytes a second of waiting; the first that is not paid is
//! taken back and is the last. Time is passed in.

use std::time::Duration;

/// A reply that comes sooner is from so near that one connection fills the way.
const FAR: Duration = Duration::from_millis(4);

/// More connections than this are for other readers.
const MOST: usize = 8;

/// A step is kept for so much more.
const WORTH: f64 = 1.25;

/// A range shorter than this is not worth a request.
const SHORTEST: u64 = 256 * 1024;

/// The first step: two would take as long to judge and show less.
const FIRST: usize = 4;

/// Of each connection's work so much is looked at, at least, and for so long.
const EPOCH_BYTES: u64 = 1024 * 1024;
const EPOCH: Duration = Duration::from_millis(200);

/// What was found out about a server, for the next reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Known {
    #[default]
    Nothing,
    /// So many connections pay; one if more do not.
    Pays(usize),
}

/// The connections of one reader.
#[derive(Clone, Debug)]
pub(crate) struct Parallel {
    window: u64,
    most: usize,
    connections: usize,
    stage: Stage,
    /// Bytes that come before a step can show: they were sent for before it.
    unchanged: u64,
    bytes: u64,
    waited: Duration,
    passed: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// One connection is being measured.
    Single,
    /// A step is being tried; with so many before it, at that rate.
    Trying { before: usize, rate: f64 },
    /// It stays as it is.
    Settled,
}

impl Parallel {
    /// For a reader that may hold `window` bytes ahead, whose first reply took `latency`.
    pub(crate) fn new(window: u64, latency: Duration, known: Known) -> Self {
        let fitting = usize::try_from(window / SHORTEST).unwrap_or(MOST);
        let most = if latency < FAR { 1 } else { MOST.min(fitting).max(1) };
        let (connections, stage) = match known {
            Known::Pays(connections) => (connections.min(most), Stage::Settled),
            Known::Nothing if most < 2 => (1, Stage::Settled),
            Known::Nothing => (1, Stage::Single),
        };
        let (waited, passed) = (Duration::ZERO, Duration::ZERO);
        Parallel { window, most, connections, stage, unchanged: 0, bytes: 0, waited, passed }
    }

    /// Never more than one connection.
    pub(crate) fn off() -> Self {
        Parallel::new(0, Duration::ZERO, Known::Nothing)
    }

    /// Connections to read over.
    pub(crate) fn connections(&self) -> usize {
        self.connections
    }

    /// Whether there is still something to find out.
    pub(crate) fn is_settled(&self) -> bool {
        self.stage == Stage::Settled
    }

    /// Bytes of one range: together they fit into the window.
    pub(crate) fn range(&self) -> u64 {
        (self.window / self.connections as u64).max(SHORTEST)
    }

    /// So many bytes were taken after waiting for them for so long, so much time after the
    /// ones before. Returns what was found out, once that is so.
    pub(crate) fn delivered(
        &mut self,
        bytes: u64,
        waited: Duration,
        passed: Duration,
    ) -> Option<Known> {
        if self.unchanged > 0 {
            self.unchanged = self.unchanged.saturating_sub(bytes);
            return None;
        }
        self.bytes += bytes;
        self.waited += waited;
        self.passed += passed;
        if self.bytes < EPOCH_BYTES * self.connections as u64 || self.passed < EPOCH {
            return None;
        }
        let waits = self.waited * 2 >= self.passed;
        #[expect(clippy::cast_precision_loss, reason = "a rate, not a count")]
        let rate = self.bytes as f64 / self.waited.as_secs_f64().max(1e-9);
        (self.bytes, self.waited, self.passed) = (0, Duration::ZERO, Duration::ZERO);
        self.judge(rate, waits)
    }

    fn judge(&mut self, rate: f64, waits: bool) -> Option<Known> {
        match self.stage {
            Stage::Settled => return None,
            Stage::Trying { before, rate: lower } if rate < lower * WORTH => {
                self.connections = before;
                self.stage = Stage::Settled;
            }
            // The consumer is what is slow: no more is needed.
            Stage::Single | Stage::Trying { .. } if !waits => {
                if self.stage == Stage::Single {
                    return None;
                }
                self.stage = Stage::Settled;
            }
            Stage::Single | Stage::Trying { .. } if self.connections == self.most => {
                self.stage = Stage::Settled;
            }
            Stage::Single | Stage::Trying { .. } => {
                self.stage = Stage::Trying { before: self.connections, rate };
                self.connections = (self.connections * 2).clamp(FIRST.min(self.most), self.most);
                self.unchanged = self.window;
                return None;
            }
        }
        Some(Known::Pays(self.connections))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: u64 = 8 << 20;
    const NEAR: Duration = Duration::from_millis(1);
    const DISTANT: Duration = Duration::from_millis(20);

    /// Reads for a while over a way of so many bytes a second for each connection and in all;
    /// the consumer takes `pause` for each piece of 64 KiB.
    fn play(parallel: &mut Parallel, each: f64, all: f64, pause: Duration) -> Option<Known> {
        let mut found = None;
        for _ in 0..20_000 {
            let connections = u32::try_from(parallel.connections()).unwrap();
            let rate = (each * f64::from(connections)).min(all);
            let piece = Duration::from_secs_f64(65_536.0 / rate);
            let waited = piece.saturating_sub(pause);
            found = found.or(parallel.delivered(65_536, waited, waited + pause));
        }
        found
    }

    #[test]
    fn a_distant_server_that_limits_each_connection_gets_several() {
        let mut parallel = Parallel::new(WINDOW, DISTANT, Known::Nothing);
        let found = play(&mut parallel, 10e6, f64::INFINITY, Duration::ZERO);
        assert_eq!((found, parallel.connections()), (Some(Known::Pays(8)), 8));
        assert_eq!(parallel.range(), 1 << 20);
    }

    #[test]
    fn a_way_that_one_connection_fills_keeps_one() {
        let mut parallel = Parallel::new(WINDOW, DISTANT, Known::Nothing);
        let found = play(&mut parallel, 10e6, 10e6, Duration::ZERO);
        assert_eq!((found, parallel.connections()), (Some(Known::Pays(1)), 1));
    }

    #[test]
    fn a_way_that_four_fill_keeps_four() {
        let mut parallel = Parallel::new(WINDOW, DISTANT, Known::Nothing);
        play(&mut parallel, 10e6, 40e6, Duration::ZERO);
        assert_eq!(parallel.connections(), 4);
    }

    #[test]
    fn nearby_and_with_a_slow_consumer_nothing_is_tried() {
        let mut near = Parallel::new(WINDOW, NEAR, Known::Nothing);
        assert!(near.is_settled());
        assert_eq!(play(&mut near, 10e6, f64::INFINITY, Duration::ZERO), None);
        let mut slow = Parallel::new(WINDOW, DISTANT, Known::Nothing);
        assert_eq!(play(&mut slow, 10e6, f64::INFINITY, Duration::from_secs(1)), None);
        assert_eq!((near.connections(), slow.connections()), (1, 1));
    }

    #[test]
    fn what_is_known_is_used_as_far_as_it_fits() {
        let known = Known::Pays(8);
        assert_eq!(Parallel::new(WINDOW, DISTANT, known).connections(), 8);
        assert_eq!(Parallel::new(512 << 10, DISTANT, known).connections(), 2);
        assert_eq!(Parallel::new(256 << 10, DISTANT, known).connections(), 1);
        assert_eq!(Parallel::new(WINDOW, NEAR, known).connections(), 1);
        assert_eq!(Parallel::off().connections(), 1);
    }
}
