//! The protocols that two threads agree upon by hand, in every interleaving.
//!
//! `.ci/steps/models.sh` builds the core with `--cfg model`, under which its locks and atomics
//! are loom's (`src/sync.rs`), and runs what lies here: one model a claim. A model is a small
//! cast of threads, played in each order in which they can take their steps; one that panics,
//! or in which everybody sleeps, fails. Unless it says otherwise a model is complete; one with
//! a limit is played in all orders with so many switches from a thread that could have gone on.

mod line;
mod memory;
mod queue;
mod slots;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use loom::sync::{Condvar, Mutex};

/// How many of the orders are played.
#[derive(Clone, Copy)]
pub(crate) enum Orders {
    All,
    /// Those in which a thread that could go on is interrupted so often at most.
    Switches(usize),
}

/// Plays a model in so many orders, and says how many there were.
fn play(name: &str, orders: Orders, model: impl Fn() + Send + Sync + 'static) {
    let played = Arc::new(AtomicUsize::new(0));
    let told = Told { name: name.to_owned(), orders, played: Arc::clone(&played) };
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 10_000;
    builder.preemption_bound = match orders {
        Orders::All => None,
        Orders::Switches(most) => Some(most),
    };
    builder.check(move || {
        played.fetch_add(1, Ordering::Relaxed);
        model();
    });
    drop(told);
}

/// Says how many orders were played, also of a model that fails.
struct Told {
    name: String,
    orders: Orders,
    played: Arc<AtomicUsize>,
}

impl Drop for Told {
    fn drop(&mut self) {
        let played = self.played.load(Ordering::Relaxed);
        let orders = match self.orders {
            Orders::All => "all of them".to_owned(),
            Orders::Switches(most) => format!("up to {most} switches"),
        };
        let outcome = if std::thread::panicking() { "FAILED in" } else { "held in" };
        #[expect(clippy::print_stdout, reason = "a step of CI shows it")]
        {
            println!("model {:<60} {outcome} {played:>8} orders, {orders}", self.name);
        }
    }
}

/// A thread as a runtime's task is one: it has one waker, and sleeps until that is woken.
/// (loom's own prints a line each time.)
#[derive(Default)]
struct Sleeper {
    is_woken: Mutex<bool>,
    woken: Condvar,
}

/// One thread's own.
struct Sleep(Arc<Sleeper>);

impl Sleep {
    fn new() -> Self {
        Sleep(Arc::default())
    }

    /// Polls until something comes.
    fn until<T>(&self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        let waker = Arc::clone(&self.0).into();
        let mut cx = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(value) = poll(&mut cx) {
                return value;
            }
            let mut is_woken = self.0.is_woken.lock().expect("nobody panics with it");
            while !*is_woken {
                is_woken = self.0.woken.wait(is_woken).expect("nobody panics with it");
            }
            *is_woken = false;
        }
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        *self.is_woken.lock().expect("nobody panics with it") = true;
        self.woken.notify_one();
    }
}
