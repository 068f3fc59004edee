//! What a script can see and what it can order.

use std::time::Duration;

use super::ReceivedRequest;

/// One thing that the server does on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Sends these bytes as they are.
    Send(Vec<u8>),
    /// Does nothing for this long, then goes on.
    Wait(Duration),
    /// Does nothing until the client closes the connection, then ends it.
    Stall,
    /// Ends what the server sends with a FIN, and reads on until the client
    /// closes too, so that no unread byte turns the FIN into a RST.
    CloseFin,
    /// Ends the connection with a RST.
    CloseRst,
}

impl Action {
    /// Tells whether the connection is over after this action.
    pub fn ends_connection(&self) -> bool {
        matches!(self, Self::Stall | Self::CloseFin | Self::CloseRst)
    }
}

/// How much of a request's body is read before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All of it.
    Whole,
    /// So many bytes of it, whatever follows.
    First(u64),
}

impl Reading {
    pub(crate) fn most(self) -> u64 {
        match self {
            Self::Whole => u64::MAX,
            Self::First(bytes) => bytes,
        }
    }
}

/// Decides what a [`FaultServer`](super::FaultServer) does.
///
/// All connections share one script behind a mutex; requests reach it in the
/// order in which their last byte arrived.
pub trait Script: Send {
    /// Learns the URL of the server before the first connection.
    fn started(&mut self, _endpoint_url: &str) {}

    /// Returns what to do to a new connection before anything is read from it.
    ///
    /// When no action ends the connection, requests are read from it next.
    fn accept(&mut self, _connection: u64) -> Vec<Action> {
        Vec::new()
    }

    /// Returns how much is read of the body of a request of which only the head has come.
    fn reading(&mut self, _request: &ReceivedRequest) -> Reading {
        Reading::Whole
    }

    /// Returns what to do about a request.
    ///
    /// When no action ends the connection, it is kept alive.
    fn answer(&mut self, request: &ReceivedRequest) -> Vec<Action>;

    /// Tells whether everything that the script waits for has come.
    fn is_complete(&self) -> bool {
        true
    }

    /// Returns everything that was not as the script expects, including what
    /// never came.
    fn mismatches(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A function is a script that answers every request with what it returns.
impl<F: FnMut(&ReceivedRequest) -> Vec<Action> + Send> Script for F {
    fn answer(&mut self, request: &ReceivedRequest) -> Vec<Action> {
        self(request)
    }
}
