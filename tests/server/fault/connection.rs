//! Serves one connection: reads requests, plays the script's actions.

use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::Arc;

use super::request::{ReceivedRequest, Unread, read_body, read_head, skip_body};
use super::script::Action;
use super::server::Shared;
use super::tls::Tls;
use super::wire::{Farewell, Socket, Wire};

/// What a web server says to a client that speaks TLS to its plain port.
const PLAIN_TO_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\
    Content-Length: 48\r\nConnection: close\r\n\r\n\
    Client sent an HTTP request to an HTTPS server.\n";

/// Whether the connection goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Serve,
    End,
}

/// Serves a connection to its end; `on_accept` comes before anything else.
///
/// Errors of the socket end it silently: the client may hang up at any time.
pub(crate) fn serve(shared: &Shared, number: u64, socket: Arc<TcpStream>, on_accept: &[Action]) {
    let mut plain = Wire::Plain(Socket(socket));
    if play(shared, &mut plain, on_accept) == Next::End {
        return;
    }
    if shared.tls_kind() == Some(Tls::Plaintext) {
        refuse_tls(&mut plain);
        return;
    }
    let Some(mut wire) = secure(shared, plain) else {
        return;
    };
    let mut unread = Unread::default();
    for count in 1.. {
        let (request, left) = match read_request(shared, &mut wire, &mut unread, (number, count)) {
            Ok(Some(read)) => read,
            Ok(None) => return,
            Err(error) => {
                if error.kind() == io::ErrorKind::InvalidData {
                    shared.add_problem(format!("connection {number}: {error}"));
                }
                return;
            }
        };
        let actions = shared.answer(request);
        let ended = play(shared, &mut wire, &actions) == Next::End;
        if ended || skip_body(&mut wire, &mut unread, left).is_err() {
            return;
        }
    }
}

/// Reads a request, and of its body what the script wants of it; the rest is counted.
///
/// A client that hangs up within a body has the right to: the request never came then.
fn read_request(
    shared: &Shared,
    wire: &mut Wire,
    unread: &mut Unread,
    (connection, number): (u64, u64),
) -> io::Result<Option<(ReceivedRequest, u64)>> {
    let Some(mut request) = read_head(wire, unread)? else {
        return Ok(None);
    };
    request.connection = connection;
    request.number = number;
    let most = shared.reading(&request).most();
    let left = read_body(wire, unread, &mut request, most)?;
    Ok(Some((request, left)))
}

fn secure(shared: &Shared, plain: Wire) -> Option<Wire> {
    let Some(config) = shared.tls_config() else {
        return Some(plain);
    };
    let Wire::Plain(socket) = plain else {
        return Some(plain);
    };
    let farewell = match shared.tls_kind() {
        Some(Tls::Truncate) => Farewell::Truncated,
        _ => Farewell::Proper,
    };
    // A client that refuses the certificate is what some scripts wait for.
    Wire::tls(socket, config, farewell).ok()
}

fn refuse_tls(wire: &mut Wire) {
    let mut hello = [0; 1024];
    if wire.read(&mut hello).is_ok_and(|count| count > 0) && wire.send(PLAIN_TO_TLS).is_ok() {
        // The client may be gone already; that is the end in any case.
        let _ = wire.close_fin();
    }
}

fn play(shared: &Shared, wire: &mut Wire, actions: &[Action]) -> Next {
    for action in actions {
        let done = match action {
            Action::Send(data) => wire.send(data),
            Action::Wait(duration) => {
                shared.wait(*duration);
                Ok(())
            }
            Action::Stall => {
                wire.read_until_closed();
                Ok(())
            }
            Action::CloseFin => wire.close_fin(),
            Action::CloseRst => wire.close_rst(),
        };
        if done.is_err() || action.ends_connection() {
            return Next::End;
        }
    }
    Next::Serve
}
