//! One delivery over the network: a name resolved once and every address of it checked, a connection to just that address, one
//! request, and as much of the answer as is needed. Follows nothing and keeps no connection.

use super::authorities::Authorities;
use super::guard::{BadTarget, Target, allowed};
use crate::limits::Range;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chatroom_model::{HookSecret, Millis};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Names that are looked up at once: a name server that is silent keeps no more threads than these.
const LOOKUPS: usize = 16;
/// Addresses of one name that are tried.
const ADDRESSES: usize = 4;
/// Bytes of an answer's body that are taken; the rest is of no interest.
const BODY_BYTES: usize = 1024;
/// Bytes of an answer's head; more is no answer.
const HEAD_BYTES: usize = 16 * 1024;
/// What a secret begins with (Standard Webhooks).
const MARK: &str = "whsec_";

/// What opens connections.
pub(super) struct Poster {
    tls: TlsConnector,
    lookups: Arc<Semaphore>,
}

/// What is sent, and by what it is signed.
pub(super) struct Letter {
    /// The same each time it is tried.
    pub(super) id: String,
    pub(super) at: Millis,
    pub(super) body: String,
    pub(super) secret: HookSecret,
}

/// Why there is no answer. Says nothing of what stands behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error(transparent)]
    Bad(#[from] BadTarget),
    #[error("its name could not be resolved")]
    Unresolved,
    #[error("it could not be reached")]
    Unreachable,
    #[error("TLS could not be agreed on: its certificate is not good for that name, or it speaks none")]
    Tls,
    #[error("it gave no answer of HTTP")]
    Broken,
    #[error("it gave no answer in time")]
    Late,
}

/// A secret as whoever receives is told it.
pub(super) fn shown(secret: &HookSecret) -> String {
    format!("{MARK}{}", STANDARD.encode(secret.0))
}

impl Letter {
    /// What proves that it is from us, and untouched (Standard Webhooks, version 1).
    fn signature(&self) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret.0).expect("a key may have any length");
        for part in [self.id.as_str(), ".", &self.seconds().to_string(), ".", &self.body] {
            mac.update(part.as_bytes());
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    fn seconds(&self) -> i64 {
        self.at.0 / 1000
    }

    fn request(&self, target: &Target) -> Result<Request<Full<Bytes>>, NoAnswer> {
        Request::builder()
            .method(Method::POST)
            .uri(target.path.as_str())
            .header(header::HOST, target.authority.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("chatroom/", env!("CARGO_PKG_VERSION")))
            .header(header::CONNECTION, HeaderValue::from_static("close"))
            .header("webhook-id", self.id.as_str())
            .header("webhook-timestamp", self.seconds())
            .header("webhook-signature", self.signature())
            .body(Full::new(Bytes::from(self.body.clone())))
            .map_err(|_| NoAnswer::Bad(BadTarget::Url))
    }
}

impl Poster {
    /// One that trusts Mozilla's list of authorities, and these.
    pub(super) fn new(own: &Authorities) -> Self {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.roots.extend(own.roots.iter().cloned());
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { tls: Arc::new(config).into(), lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }

    /// Sends something, and says what the answer's status is.
    pub(super) async fn post(
        &self,
        url: &str,
        to: &[Range],
        letter: &Letter,
        within: Duration,
    ) -> Result<StatusCode, NoAnswer> {
        let sent = async {
            let target = Target::parse(url, to)?;
            let request = letter.request(&target)?;
            let socket = connect(&self.resolve(&target, to).await?).await?;
            if !target.tls {
                return exchange(socket, request).await;
            }
            let name = ServerName::try_from(target.host).map_err(|_| NoAnswer::Bad(BadTarget::Url))?;
            let socket = self.tls.connect(name, socket).await.map_err(|_| NoAnswer::Tls)?;
            exchange(socket, request).await
        };
        tokio::time::timeout(within, Box::pin(sent)).await.unwrap_or(Err(NoAnswer::Late))
    }

    /// The addresses of a target, once and for all: what is connected to is what was checked.
    async fn resolve(&self, target: &Target, to: &[Range]) -> Result<Vec<SocketAddr>, NoAnswer> {
        let (host, port) = (target.host.clone(), target.port);
        let found = match target.literal() {
            Some(address) => vec![(address, port).into()],
            None => {
                let one =
                    Arc::clone(&self.lookups).acquire_owned().await.map_err(|_| NoAnswer::Unresolved)?;
                let look_up = move || {
                    let _one = one;
                    (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>)
                };
                let found = tokio::task::spawn_blocking(look_up).await;
                found.ok().and_then(Result::ok).ok_or(NoAnswer::Unresolved)?
            }
        };
        checked(found, to)
    }
}

/// The addresses of a name, if there are some and each of them may be sent to: one that may not beside one that may is no
/// accident.
fn checked(found: Vec<SocketAddr>, to: &[Range]) -> Result<Vec<SocketAddr>, NoAnswer> {
    match found.is_empty() {
        true => Err(NoAnswer::Unresolved),
        false if found.iter().all(|address| allowed(address.ip(), to)) => Ok(found),
        false => Err(NoAnswer::Bad(BadTarget::Address)),
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, NoAnswer> {
    for address in addresses.iter().take(ADDRESSES) {
        if let Ok(socket) = TcpStream::connect(address).await {
            return Ok(socket);
        }
    }
    Err(NoAnswer::Unreachable)
}

/// One request and its answer; the connection ends with it.
async fn exchange<T>(socket: T, request: Request<Full<Bytes>>) -> Result<StatusCode, NoAnswer>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.max_buf_size(HEAD_BYTES);
    let (mut asks, connection) = http.handshake(TokioIo::new(socket)).await.map_err(|_| NoAnswer::Broken)?;
    let answered = async {
        let mut response = asks.send_request(request).await.map_err(|_| NoAnswer::Broken)?;
        let status = response.status();
        let mut taken = 0;
        // Whoever answers at length is not cut off in the middle of a short answer, and not listened to for long.
        while taken < BODY_BYTES
            && let Some(Ok(frame)) = response.body_mut().frame().await
        {
            taken += frame.data_ref().map_or(0, Bytes::len);
        }
        Ok(status)
    };
    tokio::pin!(answered);
    tokio::pin!(connection);
    tokio::select! {
        biased;
        status = &mut answered => status,
        // What it has read by then is still to be taken.
        _ = &mut connection => answered.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_that_may_not_be_is_enough() {
        let found = |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let (public, private) = ("1.1.1.1:443", "[::ffff:10.0.0.1]:443");
        let bad = Err(NoAnswer::Bad(BadTarget::Address));
        assert_eq!(checked(found(&[public]), &[]), Ok(found(&[public])));
        assert_eq!(checked(found(&[public, private]), &[]), bad);
        assert_eq!(checked(found(&[private, public]), &[]), bad);
        assert_eq!(checked(found(&[]), &[]), Err(NoAnswer::Unresolved));
        let home = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(checked(found(&[public, private]), &home).unwrap().len(), 2);
    }

    #[test]
    fn a_letter_is_signed_as_the_convention_has_it() {
        // The example of the Standard Webhooks specification's own libraries.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}");
        let known = STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(known, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        // Ours is made the same way, by a longer secret.
        let letter = Letter {
            id: "msg_1_2_0".into(),
            at: Millis(1_614_265_330_999),
            body: "{\"a\":1}".into(),
            secret: HookSecret([7; 32]),
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(b"msg_1_2_0.1614265330.{\"a\":1}");
        assert_eq!(letter.signature(), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        assert_eq!(shown(&HookSecret([0; 32])), format!("whsec_{}=", "A".repeat(43)));
    }
}
