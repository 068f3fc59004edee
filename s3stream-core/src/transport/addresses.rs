//! From a name to a TCP connection: by whichever of its addresses answers first.
//!
//! A name with two addresses, one of which is dead, must cost a moment and not the whole
//! `connect_timeout`: "Happy Eyeballs" (RFC 8305).

use std::error::Error as StdError;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};
use tower_service::Service;

/// What an address has for itself before the next one is tried beside it (RFC 8305, 5).
const HEAD_START: Duration = Duration::from_millis(250);

type Failed = Box<dyn StdError + Send + Sync>;
type Connecting = Pin<Box<dyn Future<Output = Result<TokioIo<TcpStream>, Failed>> + Send>>;

/// Connects to the host and port of a URL.
#[derive(Clone)]
pub(super) struct ByName {
    /// Asked for addresses only.
    tcp: HttpConnector,
}

impl ByName {
    pub(super) fn new() -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // An agent that pauses for hours wants to know that its server has gone.
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        ByName { tcp }
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, Failed> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port =
            uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        race(in_turn(addresses), |address| self.to(address)).await
    }

    fn to(&self, address: SocketAddr) -> Connecting {
        let mut tcp = self.tcp.clone();
        Box::pin(async move {
            let uri: Uri = format!("http://{address}/").parse()?;
            Ok(tcp.call(uri).await?)
        })
    }
}

impl Service<Uri> for ByName {
    type Response = TokioIo<TcpStream>;
    type Error = Failed;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Connecting {
        Box::pin(self.clone().connect(uri))
    }
}

/// The two families in turn, so that one that leads nowhere costs one head start.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut turns = Vec::new();
    loop {
        let before = turns.len();
        turns.extend(one.next());
        turns.extend(other.next());
        if turns.len() == before {
            return turns;
        }
    }
}

/// The first connection that is made; the next address is tried when the one before has failed
/// or has had its head start. The last failure, if all fail.
async fn race<T>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> Pin<Box<dyn Future<Output = Result<T, Failed>> + Send>>,
) -> Result<T, Failed> {
    let mut waiting = addresses.into_iter();
    let mut running = Vec::new();
    let mut failed: Failed = "the name has no address".into();
    let mut head_start = pin!(sleep(Duration::ZERO));
    poll_fn(|cx| {
        loop {
            let before = running.len();
            let mut index = 0;
            while let Some(connecting) = running.get_mut(index) {
                let connecting: &mut Pin<Box<dyn Future<Output = _> + Send>> = connecting;
                match connecting.as_mut().poll(cx) {
                    Poll::Ready(Ok(connected)) => return Poll::Ready(Ok(connected)),
                    Poll::Ready(Err(error)) => {
                        failed = error;
                        drop(running.swap_remove(index));
                    }
                    Poll::Pending => index += 1,
                }
            }
            let is_due = running.is_empty()
                || running.len() < before
                || head_start.as_mut().poll(cx).is_ready();
            match if is_due { waiting.next() } else { None } {
                Some(address) => {
                    running.push(connect(address));
                    head_start.as_mut().reset(Instant::now() + HEAD_START);
                }
                None if running.is_empty() => {
                    return Poll::Ready(Err(std::mem::replace(&mut failed, "".into())));
                }
                None => return Poll::Pending,
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, last], 1))
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn an_address_that_never_answers_costs_its_head_start() {
        let connected = wait(race(vec![address(1), address(2)], |address| {
            Box::pin(async move {
                if address == self::address(1) {
                    std::future::pending::<()>().await;
                }
                Ok(address)
            })
        }));
        assert_eq!(connected.unwrap(), address(2));
    }

    #[test]
    fn an_address_that_refuses_gives_way_and_the_last_failure_is_told() {
        let refused = wait(race::<()>(vec![address(1), address(2), address(3)], |address| {
            Box::pin(async move { Err(address.to_string().into()) })
        }));
        assert_eq!(refused.unwrap_err().to_string(), address(3).to_string());
        let nowhere = wait(race::<()>(Vec::new(), |_| unreachable!("no address")));
        assert!(nowhere.is_err());
    }

    #[test]
    fn families_take_turns() {
        let six = |last: u16| SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, last], 1));
        let sorted = in_turn(vec![six(1), six(2), six(3), address(1)]);
        assert_eq!(sorted, [six(1), address(1), six(2), six(3)]);
        assert_eq!(in_turn(vec![address(1), six(1), address(2)]), [address(1), six(1), address(2)]);
        assert!(in_turn(Vec::new()).is_empty());
    }
}
