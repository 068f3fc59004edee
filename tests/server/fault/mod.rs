//! The fault server: a scripted S3 server on a raw socket, for everything that
//! a proper HTTP server refuses to do.
//!
//! A [`Script`] sees each request and says byte for byte what goes back and how
//! the connection ends. Two scripts come with it:
//!
//! * [`Transcript`]: one small text file for each fault, in `tests/faults`. It
//!   says what the client does, what it must send, what it gets, and how that
//!   must end. The grammar is in the documentation of [`transcript`].
//! * [`CampaignScript`]: one object behind a server that fails at random, all
//!   of it drawn from one seed.
//!
//! ```
//! use s3stream_tests::fault::{FaultServer, Transcript};
//! use std::io::{Read, Write};
//!
//! let transcript = Transcript::parse(
//!     "hello.fault",
//!     "# A server that hangs up in the middle of its greeting.\n\
//!      group: header\n\
//!      do: read\n\
//!      expect: error kind=connection\n\
//!      ---\n\
//!      request GET /bucket/key\n\
//!      \x20 anonymous\n\
//!      \x20 raw \"HTTP/1.1 2\"\n\
//!      \x20 fin\n\
//!      end\n",
//! )?;
//! let server = FaultServer::start(transcript)?;
//! let mut socket = std::net::TcpStream::connect(server.address())?;
//! socket.write_all(b"GET /bucket/key HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
//! let mut reply = String::new();
//! socket.read_to_string(&mut reply)?;
//! assert_eq!(reply, "HTTP/1.1 2");
//! server.finish().expect("the transcript was satisfied");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod campaign;
mod connection;
mod content;
mod honest;
mod honest_write;
mod random;
mod request;
mod script;
mod server;
mod signature;
mod tls;
pub mod transcript;
mod wire;

pub use campaign::{CampaignOptions, CampaignRecord, CampaignScript, Fatal};
pub use content::{Algorithm, Content, EtagKind};
pub use honest::{Reply, answer_honestly};
pub use random::Random;
pub use request::{ReceivedBody, ReceivedRequest};
pub use script::{Action, Reading, Script};
pub use server::{FaultServer, Mismatches};
pub use signature::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
pub use tls::Tls;
pub use transcript::Transcript;
