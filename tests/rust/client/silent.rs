//! A server that answers nothing by itself, but what a test says when it says it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// Of a body, as long as one that is read straight from its socket.
pub(crate) const BEGINNING: &str = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 1000000\r\n\
    Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\nbytes";

pub(crate) struct Silent(TcpListener);

impl Silent {
    /// The server and its URL.
    pub(crate) fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (Silent(listener), url)
    }

    /// The connection of the next request, which has come: its client waits for the reply.
    pub(crate) fn request(&self) -> TcpStream {
        let (mut stream, _) = self.0.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream
    }
}

pub(crate) fn answer(mut stream: &TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}
