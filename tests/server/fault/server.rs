//! The server: a listener, a thread for each connection, one script for all.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::ServerConfig;

use super::connection;
use super::request::ReceivedRequest;
use super::script::{Action, Reading, Script};
use super::tls::{self, Tls};
use super::transcript::Transcript;

/// How long [`FaultServer::finish`] waits for what is still missing. The client
/// is done by then, so only a request on its way through the kernel can come.
const FINISH_WITHIN: Duration = Duration::from_secs(2);
/// A client that waits longer than this between two connections has left.
const CLIENT_LEFT_AFTER: Duration = Duration::from_secs(1);

/// Everything that was not as the script expects, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatches(pub Vec<String>);

impl fmt::Display for Mismatches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mismatches {}

/// A running fault server on a port of 127.0.0.1.
///
/// It stops when it is dropped; only [`FaultServer::finish`] tells whether the
/// script was satisfied.
pub struct FaultServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca_pem: Option<String>,
    listening: Option<JoinHandle<()>>,
}

/// What all threads of a server see.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    started: Instant,
    tls: Option<(Tls, Arc<ServerConfig>)>,
}

struct State {
    script: Box<dyn Script>,
    requests: Vec<ReceivedRequest>,
    problems: Vec<String>,
    sockets: HashMap<u64, Arc<TcpStream>>,
    threads: Vec<JoinHandle<()>>,
    accepted: u64,
    stopping: bool,
}

impl FaultServer {
    /// Starts a server that plays `transcript`.
    ///
    /// # Errors
    ///
    /// When there is no port or no certificate to be had.
    pub fn start(transcript: Transcript) -> io::Result<Self> {
        let tls = transcript.tls;
        Self::start_script(Box::new(transcript.into_script()), tls)
    }

    /// Starts a server without TLS that does what `script` says.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub fn with_script(script: Box<dyn Script>) -> io::Result<Self> {
        Self::start_script(script, None)
    }

    fn start_script(mut script: Box<dyn Script>, tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        script.started(&endpoint_url(address, tls));
        let identity = tls.map(tls::identity).transpose().map_err(io::Error::other)?;
        let (config, ca_pem) = match identity {
            Some(identity) => (Some(identity.config), Some(identity.ca_pem)),
            None => (None, None),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                script,
                requests: Vec::new(),
                problems: Vec::new(),
                sockets: HashMap::new(),
                threads: Vec::new(),
                accepted: 0,
                stopping: false,
            }),
            changed: Condvar::new(),
            started: Instant::now(),
            tls: tls.zip(config),
        });
        let listening = thread::Builder::new().name("fault-accept".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || accept_connections(&shared, &listener)
        })?;
        Ok(Self { shared, address, ca_pem, listening: Some(listening) })
    }

    /// Returns the URL to configure the client with.
    pub fn endpoint_url(&self) -> String {
        endpoint_url(self.address, self.shared.tls_kind())
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the certificate that a client should trust, when TLS is spoken.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Returns every request so far, in the order in which the script saw them.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.lock().requests.clone()
    }

    /// Returns how many connections were accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.lock().accepted
    }

    /// Waits until `condition` holds for the requests so far, and returns
    /// whether it does before `deadline` has passed.
    pub fn wait_for(
        &self,
        deadline: Duration,
        condition: impl Fn(&[ReceivedRequest]) -> bool,
    ) -> bool {
        self.shared.wait_until(deadline, |state| condition(&state.requests))
    }

    /// Waits until everything that the script expects has come, or until `deadline` has passed,
    /// and returns whether it has.
    pub fn wait_for_script(&self, deadline: Duration) -> bool {
        self.shared.wait_until(deadline, |state| state.script.is_complete())
    }

    /// Waits until everything that the script expects has come and the client
    /// has closed its connections for good, or until `deadline` has passed.
    pub fn wait_for_client_to_leave(&self, deadline: Duration) -> bool {
        let left = |state: &State| state.script.is_complete() && state.sockets.is_empty();
        let end = Instant::now() + deadline;
        loop {
            let rest = end.saturating_duration_since(Instant::now());
            if !self.shared.wait_until(rest, left) {
                return false;
            }
            if !self.shared.wait_until(CLIENT_LEFT_AFTER, |state| !left(state)) {
                return true;
            }
        }
    }

    /// Stops the server and tells whether all went as the script expects.
    ///
    /// Waits at most two seconds for requests that are still missing.
    ///
    /// # Errors
    ///
    /// Every mismatch: a request that differs, that never came, or that came
    /// though nothing was expected any more.
    pub fn finish(self) -> Result<(), Mismatches> {
        self.finish_within(FINISH_WITHIN)
    }

    /// Does what [`finish`](Self::finish) does, with a deadline of one's own.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_within(mut self, deadline: Duration) -> Result<(), Mismatches> {
        self.shared.wait_until(deadline, |state| state.script.is_complete());
        self.stop();
        let state = self.shared.lock();
        let mut mismatches = state.script.mismatches();
        mismatches.extend(state.problems.iter().cloned());
        match mismatches.is_empty() {
            true => Ok(()),
            false => Err(Mismatches(mismatches)),
        }
    }

    fn stop(&mut self) {
        let Some(listening) = self.listening.take() else {
            return;
        };
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
        // Wakes the thread that accepts; if that fails it has ended already.
        let _ = TcpStream::connect(self.address);
        let mut panicked = listening.join().is_err();
        let (sockets, threads) = {
            let mut state = self.shared.lock();
            let sockets: Vec<_> = state.sockets.values().cloned().collect();
            (sockets, std::mem::take(&mut state.threads))
        };
        for socket in sockets {
            // The client may have closed it in between.
            let _ = socket.shutdown(Shutdown::Both);
        }
        for thread in threads {
            panicked |= thread.join().is_err();
        }
        if panicked {
            self.shared.add_problem("a server thread panicked".to_owned());
        }
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    pub(crate) fn tls_kind(&self) -> Option<Tls> {
        self.tls.as_ref().map(|(kind, _)| *kind)
    }

    pub(crate) fn tls_config(&self) -> Option<Arc<ServerConfig>> {
        self.tls.as_ref().map(|(_, config)| Arc::clone(config))
    }

    pub(crate) fn reading(&self, request: &ReceivedRequest) -> Reading {
        self.lock().script.reading(request)
    }

    pub(crate) fn answer(&self, mut request: ReceivedRequest) -> Vec<Action> {
        request.at = self.started.elapsed();
        let mut state = self.lock();
        let actions = state.script.answer(&request);
        state.requests.push(request);
        drop(state);
        self.changed.notify_all();
        actions
    }

    pub(crate) fn add_problem(&self, problem: String) {
        self.lock().problems.push(problem);
        self.changed.notify_all();
    }

    /// Waits for `duration`, or until the server stops.
    pub(crate) fn wait(&self, duration: Duration) {
        self.wait_until(duration, |state| state.stopping);
    }

    fn wait_until(&self, deadline: Duration, condition: impl Fn(&State) -> bool) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), deadline, |state| !condition(state))
            .unwrap_or_else(PoisonError::into_inner);
        condition(&state)
    }

    /// A thread that panicked is reported at the end; until then the state is
    /// as good as before.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn endpoint_url(address: SocketAddr, tls: Option<Tls>) -> String {
    match tls {
        Some(_) => format!("https://{address}"),
        None => format!("http://{address}"),
    }
}

fn accept_connections(shared: &Arc<Shared>, listener: &TcpListener) {
    for socket in listener.incoming() {
        let mut state = shared.lock();
        if state.stopping {
            return;
        }
        match socket {
            Ok(socket) => start_connection(shared, &mut state, socket),
            Err(error) => state.problems.push(format!("accept: {error}")),
        }
        drop(state);
        shared.changed.notify_all();
    }
}

fn start_connection(shared: &Arc<Shared>, state: &mut State, socket: TcpStream) {
    state.accepted += 1;
    let number = state.accepted;
    // Each action is a packet of its own; losing that only blurs the fault.
    let _ = socket.set_nodelay(true);
    let socket = Arc::new(socket);
    state.sockets.insert(number, Arc::clone(&socket));
    let on_accept = state.script.accept(number);
    let thread = thread::Builder::new().name(format!("fault-{number}")).spawn({
        let shared = Arc::clone(shared);
        move || {
            // The socket closes when its last holder lets go: here for a RST
            // without anybody reading it, so the table goes first.
            let held = Arc::clone(&socket);
            connection::serve(&shared, number, socket, &on_accept);
            shared.lock().sockets.remove(&number);
            drop(held);
            shared.changed.notify_all();
        }
    });
    match thread {
        Ok(thread) => state.threads.push(thread),
        Err(error) => state.problems.push(format!("no thread: {error}")),
    }
}
