//! What the API is, as OpenAPI 3.1: made from the handlers themselves when the server starts, served to whoever asks.

mod finish;
mod page;
mod tidy;

use super::guard::PAGE_POLICY;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use std::sync::Arc;
use utoipa::openapi::OpenApi;

/// The document, as programs and as people read it.
struct Document {
    json: String,
    page: String,
}

/// Where it is served: without a key, for there is no secret in it.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(described: OpenApi) -> Router<S> {
    let described = finish::finish(described);
    let page = page::page(&described);
    let json = described.to_pretty_json().expect("a document is plain data");
    let document = Arc::new(Document { json: json + "\n", page });
    Router::new()
        .route("/api", get(read))
        .route("/api/openapi.json", get(document_itself))
        .with_state(document)
}

async fn document_itself(State(document): State<Arc<Document>>) -> impl IntoResponse {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], document.json.clone())
}

async fn read(State(document): State<Arc<Document>>) -> impl IntoResponse {
    let policy = HeaderValue::from_static(PAGE_POLICY);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(document.page.clone()))
}
