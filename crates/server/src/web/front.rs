//! What somebody sees who opens the address in a browser.

use super::assets::{ASSETS, packed, sent};
use super::guard::{Means, PAGE_POLICY};
use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use std::sync::LazyLock;

/// What the page asks for, where it cannot be known before: stands in the file.
const BUILD: &str = "BUILD";

/// The page, as every host has it.
static PAGE: LazyLock<String> = LazyLock::new(|| ASSETS.text("index.html").replace(BUILD, &ASSETS.build));

/// The page to talk in.
pub(super) async fn page(Extension(Means(host)): Extension<Means>, asked: HeaderMap) -> Response {
    // The gate lets in names and addresses only.
    let named = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let (name, port) = named.unwrap_or((&host, "80"));
    let html = PAGE.replace("HOST", name.trim_matches(['[', ']'])).replace("PORT", port);
    let html = bytes::Bytes::from(html);
    let mut page = sent("text/html; charset=utf-8", &html, packed(&html).as_ref(), None, &asked);
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    page
}
