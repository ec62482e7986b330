//! What can be counted, as Prometheus reads it. One registry a server, so that several can live in one process.

use crate::sequencer::Sequencer;
use crate::shard::Shared;
use axum::http::{Method, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Upper bounds of the time a request takes, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// What is counted as it happens.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Family<Asked, Counter>,
    seconds: Histogram,
    hooks: Family<Sent, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { requests: Family::default(), seconds: Histogram::new(SECONDS), hooks: Family::default() }
    }
}

/// A request, as far as it is counted: what strangers choose is none of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Asked {
    method: &'static str,
    route: String,
    code: u16,
}

impl Asked {
    /// `route` is one of ours.
    pub(super) fn new(method: &Method, route: String, code: StatusCode) -> Self {
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.iter().find(|known| **known == method.as_str()).copied().unwrap_or("other");
        Self { method, route, code: code.as_u16() }
    }
}

/// What became of something that was sent by a hook: `delivered`, `failed`, `gone`, `skipped`, `ended` or `ping`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    result: &'static str,
}

impl Metrics {
    /// Something became of what a hook sends.
    pub(crate) fn hook(&self, result: &'static str) {
        self.hooks.get_or_create(&Sent { result }).inc();
    }

    /// A request was answered.
    pub(super) fn answered(&self, asked: &Asked, took: Duration) {
        self.requests.get_or_create(asked).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// All that there is to read of a server.
pub(super) fn registry<S: Sequencer>(shared: &Arc<Shared<S>>) -> Registry {
    let mut registry = Registry::with_prefix("chatroom");
    let metrics = &shared.metrics;
    registry.register("http_requests", "Requests answered", metrics.requests.clone());
    registry.register("http_request_seconds", "How long a request took to answer", metrics.seconds.clone());
    registry.register("webhooks", "What became of deliveries to webhooks", metrics.hooks.clone());
    registry.register_collector(Box::new(Now(Arc::downgrade(shared))));
    registry
}

/// What is looked at when somebody asks.
struct Now<S>(Weak<Shared<S>>);

impl<S> std::fmt::Debug for Now<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Now")
    }
}

impl<S: Sequencer> Collector for Now<S> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(shared) = self.0.upgrade() else { return Ok(()) };
        let mut gauge = |name: &str, about: &str, value: u64| {
            let gauge = ConstGauge::new(value as f64);
            gauge.encode(encoder.encode_descriptor(name, about, None, gauge.metric_type())?)
        };
        let connections = shared.connections.iter().map(|shard| shard.load(Ordering::Relaxed) as u64).sum();
        gauge("connections", "Connections of clients that are open", connections)?;
        gauge("uptime_seconds", "Seconds since the server started", shared.started.elapsed().as_secs())?;
        let published = shared.published.load(Ordering::Relaxed);
        gauge("log_position", "The last position of the log that is published", published)?;
        gauge(
            "log_stores",
            "Whether what is said can be stored",
            shared.stores.load(Ordering::Relaxed).into(),
        )?;
        let fill = u64::from(shared.sequencer.fill());
        gauge("queue_thousandths", "How full the queue of requests is, in thousandths", fill)?;
        let mut counter = |name: &str, about: &str, value: u64| {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, about, None, counter.metric_type())?)
        };
        counter("requests", "Requests handed in to be decided", shared.sequencer.handed_in())?;
        counter("shed", "Requests refused because the server was busy", shared.limits.shed())?;
        let about = "Requests refused by each limit";
        let counter = ConstCounter::new(0u64);
        let mut family = encoder.encode_descriptor("limited", about, None, counter.metric_type())?;
        for (limit, refused) in shared.limits.refused() {
            ConstCounter::new(refused)
                .encode(family.encode_family(&[("limit", limit.key.trim_start_matches("limits."))])?)?;
        }
        Ok(())
    }
}
