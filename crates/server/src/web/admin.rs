//! The listener for whoever runs the server: what is counted, and how the server is.

use super::begun::Begun;
use super::guard::Gate;
use super::metrics::registry;
use super::problem::Problem;
use super::{Connection, Peer, Version, health};
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Connections at once; the next waits.
const CONNECTIONS: usize = 16;
/// The format that Prometheus asks for (OpenMetrics 1.0).
const TEXT: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Serves it until the server stops.
pub(crate) async fn serve<S: Sequencer>(listener: TcpListener, shared: Arc<Shared<S>>, tasks: TaskTracker) {
    let registry = Arc::new(registry(&shared));
    let metrics = move || {
        let mut text = String::new();
        let encoded = encode(&mut text, &registry);
        async move {
            match encoded {
                Ok(()) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
                Err(_) => {
                    let why = "What is counted could not be written down";
                    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", why).into_response()
                }
            }
        }
    };
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready::<S>))
        .with_state(Arc::clone(&shared));
    let router = Gate::new(&shared.settings.web, Arc::clone(&shared.metrics)).around(routes);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.stop.cancelled() => return,
        };
        let Ok((socket, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await; // No descriptor is free.
            continue;
        };
        let connection = Connection::new(&shared, Peer(peer.ip()));
        let router = router.clone();
        tasks.spawn(async move {
            connection.converse(Begun::new(socket, Vec::new()), Version::Http1, router).await;
            drop(place);
        });
    }
}
