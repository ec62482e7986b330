//! What every request passes: for whom it is meant, where it comes from, how long it may take; and what every response carries.

use super::metrics::{Asked, Metrics};
use super::problem::Problem;
use super::{Peer, Settings, not_so, nothing_here, quota};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a page of ours may do: what is ours, and no script that stands in it.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What every response carries that does not say otherwise.
pub(crate) const EVERYWHERE: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (header::CACHE_CONTROL, "no-store"),
];

/// For which host a request is: one the server answers to.
#[derive(Clone, Debug)]
pub(super) struct Means(pub(super) String);

/// What stands before the routes.
#[derive(Debug)]
pub(super) struct Gate {
    names: Vec<String>,
    request: Duration,
    metrics: Arc<Metrics>,
}

impl Gate {
    pub(super) fn new(settings: &Settings, metrics: Arc<Metrics>) -> Self {
        let mut names = settings.names.clone();
        // Whoever is on the machine's own network finds it by its name.
        if let Ok(own) = rustix::system::uname().nodename().to_str() {
            names.extend([own.to_owned(), format!("{own}.local")]);
        }
        Self { names, request: settings.request, metrics }
    }

    /// Puts itself around routes.
    pub(super) fn around(self, routes: Router) -> Router {
        routes
            .fallback(nothing_here)
            .method_not_allowed_fallback(not_so)
            .layer(axum::middleware::from_fn_with_state(Arc::new(self), pass))
    }

    /// For which host a request is; or why it is not for this server, or not from a page of it.
    fn admit(&self, request: &Request) -> Result<Means, Problem> {
        let Some(host) = host(request.uri(), request.headers()) else {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "no-host", "A request names its Host"));
        };
        // A page of somebody's who made a name of theirs mean this machine would be as near as one of ours.
        if !self.answers_to(host) {
            let why = "This server does not answer to that name; whoever runs it can add it to web.names";
            return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "unknown-host", why));
        }
        if changes(request) && !is_own(host, request.headers()) {
            let why = "Another site may not do this in somebody's name";
            return Err(Problem::new(StatusCode::FORBIDDEN, "cross-origin", why));
        }
        Ok(Means(host.to_owned()))
    }

    fn answers_to(&self, host: &str) -> bool {
        let name = without_port(host);
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        let proper = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_below =
            |name: &str| name.to_ascii_lowercase().ends_with(".localhost") && name.chars().all(proper);
        bare.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || is_below(name)
            || self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let peer = request.extensions().get::<Peer>().map(|peer| tracing::field::display(peer.0));
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = match gate.admit(&request) {
        Err(problem) => problem.into_response(),
        Ok(means) => {
            request.extensions_mut().insert(means);
            tokio::time::timeout(gate.request, quota::told(next.run(request))).await.unwrap_or_else(|_| {
                let why = "The request was not complete, or not answered, in time";
                Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", why).into_response()
            })
        }
    };
    for (name, value) in EVERYWHERE {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    let (route, took) = (route.unwrap_or_else(|| "none".into()), began.elapsed());
    // What strangers may put anything into, the address and its query, is not noted.
    let (code, took_us) = (response.status().as_u16(), took.as_micros() as u64);
    tracing::debug!(peer, %method, route, code, took_us, "answered by HTTP");
    gate.metrics.answered(&Asked::new(&method, route, response.status()), took);
    response
}

/// For which host a request is: what HTTP/2 says in the address, HTTP/1 in a field that stands there once.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    (hosts.next().is_none() && !host.is_empty()).then_some(host)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// Whether a request may change something: every method that is not only for reading, and the opening of a WebSocket.
fn changes(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || request.headers().contains_key(header::UPGRADE)
}

/// Whether a page that asks is one of ours; programs say nothing of any page.
fn is_own(host: &str, headers: &HeaderMap) -> bool {
    let origin = match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => origin
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")))
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host)),
    };
    let site = headers.get("sec-fetch-site");
    origin && site.is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_an_address_or_a_name_that_is_known() {
        let settings = Settings { names: vec!["chat.example.org".into()], ..Settings::default() };
        let gate = Gate::new(&settings, Arc::default());
        for host in [
            "127.0.0.1:9000",
            "127.0.0.1",
            "[::1]:9000",
            "[::1]",
            "192.0.2.7:80",
            "localhost",
            "LocalHost:9000",
            "a.localhost:1",
            "chat.example.org",
            "Chat.Example.Org:443",
        ] {
            assert!(gate.answers_to(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:9000",
            "localhost.evil.example",
            "chat.example.org.evil",
            "xlocalhost",
            "[::1",
            "::1]:9000",
            "127.0.0.1:80:80",
            "127.0.0.1:x",
            "user@localhost",
            "localhost:9000/",
            "<b>.localhost",
        ] {
            assert!(!gate.answers_to(host), "{host}");
        }
    }

    #[test]
    fn only_pages_of_the_same_host_change_anything() {
        let asked = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_own("localhost:9000", &headers.collect())
        };
        assert!(asked(&[]), "a program");
        assert!(asked(&[("origin", "http://localhost:9000")]));
        assert!(asked(&[("origin", "https://LOCALHOST:9000"), ("sec-fetch-site", "same-origin")]));
        for origin in [
            "http://localhost",
            "http://localhost:9001",
            "http://evil.example",
            "null",
            "file://",
            "localhost:9000",
        ] {
            assert!(!asked(&[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "anything"] {
            assert!(!asked(&[("sec-fetch-site", site)]), "{site}");
        }
    }
}
