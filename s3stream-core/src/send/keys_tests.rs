//! Keys that a program prints: how often it is run tells how often they were renewed.

use std::path::PathBuf;

use super::*;
use crate::config::Proxies;
use crate::config::way::{Process, words};

/// A program that prints keys which live so many seconds, and counts how often it ran.
struct Program {
    directory: PathBuf,
}

impl Program {
    fn new(name: &str, life: i64) -> Self {
        let directory =
            std::env::temp_dir().join(format!("s3stream-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let program = Program { directory };
        program.prints(life);
        program
    }

    fn prints(&self, life: i64) {
        let end = now().shifted(life);
        let text = format!(
            "{{\"Version\":1,\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"s\",\"Expiration\":\"{}\"}}",
            jiff::Timestamp::from_second(end.unix_seconds()).unwrap()
        );
        std::fs::write(self.directory.join("keys"), text).unwrap();
    }

    fn breaks(&self) {
        std::fs::remove_file(self.directory.join("keys")).unwrap();
    }

    fn runs(&self) -> usize {
        std::fs::read(self.directory.join("runs")).map_or(0, |runs| runs.len())
    }

    fn keys(&self) -> Keys {
        let there = self.directory.display();
        let line =
            format!("/bin/sh -c 'printf x >> {there}/runs && sleep 0.05 && cat {there}/keys'");
        let words = words(&line).unwrap();
        let process = Process { profile: "p".to_owned(), words };
        Keys::new(None, Source::Way(Box::new(Way::Process(process))))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}

fn http() -> Http {
    Http::new(Err("no roots".to_owned()), Proxies::default(), "test".to_owned())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Many that ask at once, as many runtimes do.
async fn crowd(keys: &Keys, http: &Http, at: Timestamp) -> Vec<Result<Option<Arc<Credentials>>>> {
    let mut asked: Vec<_> = (0..50).map(|_| Box::pin(keys.current(http, at))).collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|cx| {
        asked.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Pending => true,
            std::task::Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
        });
        if asked.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    answers
}

#[test]
fn keys_are_fetched_once_however_many_ask() {
    let program = Program::new("once", 3_600);
    let (keys, http) = (program.keys(), http());
    run(async {
        assert!(crowd(&keys, &http, now()).await.iter().all(Result::is_ok));
        assert_eq!(program.runs(), 1);
        assert!(crowd(&keys, &http, now()).await.iter().all(Result::is_ok));
        assert_eq!(program.runs(), 1, "they serve on");
        // Aging: one tries, nobody waits.
        assert!(crowd(&keys, &http, now().shifted(3_600 - 800)).await.iter().all(Result::is_ok));
        assert_eq!(program.runs(), 2);
    });
}

#[test]
fn refused_keys_are_renewed_once_a_set() {
    let program = Program::new("refused", 3_600);
    let (keys, http) = (program.keys(), http());
    run(async {
        let first = keys.current(&http, now()).await.unwrap();
        assert!(keys.refused(first.as_ref()) && keys.refused(first.as_ref()));
        let second = keys.current(&http, now()).await.unwrap();
        assert!(!Arc::ptr_eq(first.as_ref().unwrap(), second.as_ref().unwrap()));
        // One that was under way all the time is refused too: the others are there already.
        assert!(keys.refused(first.as_ref()));
        keys.current(&http, now()).await.unwrap();
        assert_eq!(program.runs(), 2);
    });
}

#[test]
fn old_keys_serve_on_while_they_can_and_a_failure_is_shared() {
    let program = Program::new("failing", 3_600);
    let (keys, http) = (program.keys(), http());
    run(async {
        keys.current(&http, now()).await.unwrap();
        program.breaks();
        let late = now().shifted(3_600 - 60);
        assert!(crowd(&keys, &http, late).await.iter().all(Result::is_ok));
        assert_eq!(program.runs(), 2, "one tried, the others took what there is");
        let over = now().shifted(3_600 + 60);
        let errors = crowd(&keys, &http, over).await;
        assert!(errors.iter().all(Result::is_err));
        assert_eq!(program.runs(), 3, "who waited has failed with it");
        let why = errors[0].as_ref().unwrap_err().to_string();
        assert!(why.contains("credential_process of profile 'p': it failed"), "{why}");
        program.prints(7_200);
        assert!(keys.current(&http, over).await.is_ok());
    });
}

#[test]
fn a_turn_that_is_dropped_passes_on() {
    let program = Program::new("dropped", 3_600);
    let (keys, http) = (program.keys(), http());
    run(async {
        let mut first = Box::pin(keys.current(&http, now()));
        std::future::poll_fn(|cx| {
            assert!(first.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        drop(first);
        assert!(keys.current(&http, now()).await.is_ok());
    });
}

#[test]
fn what_is_put_in_their_place_is_used_at_once() {
    let keys = Keys::fixed(Some(Credentials::new("OLD", "s", None)));
    assert!(!keys.wanted(now()));
    let old = keys.in_use();
    assert!(!keys.refused(old.as_ref()), "nobody has others");
    assert!(keys.wanted(now()), "they were refused");
    keys.replace(Credentials::new("NEW", "s", None).ending(now().shifted(60)), now());
    assert!(keys.refused(old.as_ref()), "others are there");
    assert_eq!(keys.in_use().unwrap().access_key_id(), "NEW");
    assert!(!keys.wanted(now()) && keys.wanted(now().shifted(59)));
}

/// What a way answers when nobody is there: it is kept in use for a while.
fn broken() -> Result<Credentials> {
    Err(Error::invalid("nobody is there"))
}

#[test]
fn ended_keys_of_an_instance_serve_all_who_ask_while_it_is_silent() {
    let keys = Keys::fixed(Some(Credentials::new("A", "s", None)));
    let began = Instant::now();
    let mut ended = Credentials::new("A", "s", None);
    ended.expires = Some(now());
    keys.replace(ended, now().shifted(-3_600));
    let late = now().shifted(60);
    let Look::Renew(number) = keys.look(late, began, true) else { panic!("they have ended") };
    assert!(matches!(keys.look(late, began, true), Look::Wait(_)), "another waits");
    assert_eq!(keys.renewed(number, broken(), late, true).unwrap().access_key_id(), "A");
    drop(Turn { keys: &keys, number });
    assert!(matches!(keys.look(late, began, true), Look::Use(Some(_))), "who waited has them too");
    assert!(matches!(keys.look(late, Instant::now(), true), Look::Use(Some(_))), "and who comes");
    let seen = keys.look(late, began, false);
    assert!(matches!(seen, Look::Fail(_)), "of no other way");
}

#[test]
fn keys_that_a_caller_gives_win_over_a_renewal_that_is_under_way() {
    let keys = Keys::fixed(None);
    let Look::Renew(number) = keys.look(now(), Instant::now(), false) else { panic!("none") };
    keys.replace(Credentials::new("GIVEN", "s", None), now());
    let fetched = Ok(Credentials::new("FETCHED", "s", None));
    assert_eq!(keys.renewed(number, fetched, now(), false).unwrap().access_key_id(), "GIVEN");
    assert_eq!(keys.in_use().unwrap().access_key_id(), "GIVEN");
}
