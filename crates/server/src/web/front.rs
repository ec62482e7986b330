//! What somebody sees who opens the address in a browser.

use super::guard::{Means, PAGE_POLICY};
use axum::Extension;
use axum::http::{HeaderValue, header};
use axum::response::Html;

/// How to come in. There is no page to chat in yet, and it says so.
pub(super) async fn page(
    Extension(Means(host)): Extension<Means>,
) -> ([(header::HeaderName, HeaderValue); 1], Html<String>) {
    // The gate lets in names and addresses only.
    let named = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let (name, port) = named.unwrap_or((&host, "80"));
    let name = name.trim_matches(['[', ']']);
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY))];
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Chatroom</title>\n<main>\n<h1>Chatroom</h1>\n\
         <p>People talk here. This version has no page to talk in yet; come in from a terminal:</p>\n\
         <pre>nc {name} {port}</pre>\n<p>or with any IRC client:</p>\n<pre>/connect {name} {port}</pre>\n</main>\n</html>\n"
    );
    (policy, Html(html))
}
