//! Many small rooms: there is little to gather for one write, so this is what delivery costs at the least favourable.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::args::Rooms as Asked;
use super::super::crowd::Crowd;
use super::super::figure::Figure;
use super::super::line::Names;
use super::super::process;
use super::super::rooms::{Plan, Rooms};
use super::super::target::Target;
use super::{JOIN_AT_ONCE, figure, micros};

pub(super) fn rooms(asked: &Asked, target: &Target, names: Names) -> Result<Vec<Figure>> {
    let plan = Plan {
        rooms: asked.rooms as usize,
        members: asked.members as usize,
        visitors: asked.visitors as usize,
        window: asked.window,
        body: asked.body as usize,
    };
    let names = names.in_rooms_of(plan.members);
    let mut crowd = Crowd::new(target.address, names.clone())?;
    crowd.join(plan.people(), JOIN_AT_ONCE)?;
    let (begun, server) = (Instant::now(), target.cpu()?);
    let mut rooms = Rooms::start(crowd, &names, plan)?;
    let (entered_in, entering) = (begun.elapsed(), target.cpu()? - server);
    let (begun, server, generator) = (Instant::now(), target.cpu()?, process::cpu(std::process::id())?);
    rooms.go_on(Duration::from_secs(asked.seconds.into()), asked.messages)?;
    rooms.finish()?;
    let (seconds, spent) = (begun.elapsed().as_secs_f64(), target.cpu()? - server);
    let generator = process::cpu(std::process::id())? - generator;
    let (messages, deliveries) = (rooms.sent() as f64, rooms.deliveries() as f64);
    let times = rooms.take_times();
    let ms = |quantile| times.value_at_quantile(quantile) as f64 / 1e6;
    Ok(vec![
        figure("deliveries", "/s", deliveries / seconds),
        figure("server CPU a delivery", "µs", micros(spent) / deliveries),
        figure("acknowledged messages", "/s", messages / seconds),
        figure("comings and goings", "/s", rooms.comings() as f64 / seconds),
        figure("acknowledged p50", "ms", ms(0.5)),
        figure("acknowledged p99", "ms", ms(0.99)),
        figure("server CPU to enter a room", "µs", micros(entering) / plan.people() as f64),
        figure("all rooms entered in", "ms", entered_in.as_secs_f64() * 1e3),
        figure("server CPU", "cores", spent.as_secs_f64() / seconds),
        figure("generator CPU", "cores", generator.as_secs_f64() / seconds),
        figure("server memory", "MiB", target.resident()? as f64 / f64::from(1 << 20)),
        figure("deliveries checked", "", deliveries),
    ])
}
