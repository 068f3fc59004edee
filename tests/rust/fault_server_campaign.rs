//! Campaigns replay from their seed and can be survived when they say so.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use s3stream_tests::fault::{
    CampaignOptions, CampaignRecord, CampaignScript, Content, Fatal, FaultServer,
};

/// What stalls are cut by.
const PATIENCE: Duration = Duration::from_millis(30);

struct Campaign {
    server: FaultServer,
    record: Arc<Mutex<CampaignRecord>>,
    content: Content,
}

fn start(options: CampaignOptions) -> Campaign {
    let content = options.content.clone();
    let script = CampaignScript::new(options);
    let record = script.record();
    let server = FaultServer::with_script(Box::new(script)).unwrap();
    Campaign { server, record, content }
}

impl Campaign {
    /// Reads what comes for one request until the connection ends or stalls.
    fn ask(&self, position: usize) -> std::io::Result<Vec<u8>> {
        let mut socket = TcpStream::connect(self.server.address())?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let range = match position {
            0 => String::new(),
            _ => format!("Range: bytes={position}-\r\n"),
        };
        let request = format!("GET /bucket/key HTTP/1.1\r\n{range}\r\n");
        socket.write_all(request.as_bytes())?;
        let mut reply = Vec::new();
        match socket.read_to_end(&mut reply) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset && reply.is_empty() => {
                Err(error)
            }
            _ => Ok(reply),
        }
    }

    /// Reads the object in the simplest way that survives what can be survived.
    fn read(&self) -> Vec<u8> {
        let size = self.content.bytes().len();
        let mut got = Vec::new();
        for _ in 0..10_000 {
            if let Some((start, body)) = self.ask(got.len()).ok().and_then(|r| parse(&r)) {
                let body = body.get(got.len() - start..).unwrap_or_default();
                got.extend_from_slice(&body[..body.len().min(size - got.len())]);
                if got.len() == size {
                    return got;
                }
            }
        }
        panic!("the object never ended");
    }
}

/// Returns where a successful reply's body starts, and the body.
fn parse(reply: &[u8]) -> Option<(usize, Vec<u8>)> {
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&reply[..end]).into_owned();
    let body = reply[end + 4..].to_vec();
    if !head.starts_with("HTTP/1.1 20") || head.contains("chunked") {
        return None;
    }
    let start = head
        .split("Content-Range: bytes ")
        .nth(1)
        .and_then(|rest| rest.split('-').next()?.parse().ok());
    Some((start.unwrap_or(0), body))
}

#[test]
fn what_is_not_fatal_can_be_read_through() {
    for seed in 0..12 {
        let campaign = start(CampaignOptions::drawn(seed));
        assert!(campaign.read() == campaign.content.bytes(), "seed {seed}");
        let record = campaign.record.lock().unwrap().clone();
        assert!(record.must_succeed(), "seed {seed}: {record:?}");
        assert!(record.longest_run < 8, "seed {seed}: {record:?}");
        campaign.server.finish().unwrap();
    }
}

#[test]
fn a_seed_replays_exactly() {
    let record = |seed| {
        let campaign = start(CampaignOptions::drawn(seed).fatal(Fatal::Allowed));
        for position in [0, 0, 10, 10, 500, 500] {
            // What came back depends on the kernel after a RST; what the
            // server did does not.
            drop(campaign.ask(position));
        }
        campaign.record.lock().unwrap().clone()
    };
    for seed in 100..106 {
        assert_eq!(record(seed), record(seed), "seed {seed}");
    }
}

#[test]
fn every_kind_of_fault_comes() {
    let mut names = BTreeSet::new();
    for seed in 0..400 {
        let content = Content::new(1000, 1);
        let mut options = CampaignOptions::new(seed, content).fatal(Fatal::Allowed);
        options.fault_per_mille = 1000;
        let mut script = CampaignScript::new(options);
        let record = script.record();
        play(&mut script);
        names.extend(record.lock().unwrap().faults.keys().copied());
    }
    assert_eq!(names.len(), 24, "{names:?}");
}

/// Asks a script without a server for one connection and two ranges.
fn play(script: &mut CampaignScript) {
    use s3stream_tests::fault::{ReceivedRequest, Script};
    script.accept(1);
    for (number, range) in [(1, None), (2, Some("bytes=500-999"))] {
        let headers = range.map(|range| ("range".to_owned(), range.to_owned()));
        script.answer(&ReceivedRequest {
            connection: 1,
            number,
            at: Duration::ZERO,
            method: "GET".to_owned(),
            target: "/bucket/key".to_owned(),
            headers: headers.into_iter().collect(),
            body: Default::default(),
        });
    }
}
