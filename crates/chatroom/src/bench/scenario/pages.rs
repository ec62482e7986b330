//! Programs read a long history, a page at a time, while everybody is talked to: neither may keep the other waiting. The floor
//! has no history and no part in this.

use anyhow::{Result, ensure};

use super::super::args::{Pages as Asked, Speech};
use super::super::figure::Figure;
use super::super::line::Names;
use super::super::pages::Pages;
use super::super::target::Target;
use super::{figure, recovery, talk};

pub(super) fn pages(asked: &Asked, target: &Target, names: Names) -> Result<Vec<Figure>> {
    ensure!(!target.shared, "the pages are known of a server of our own alone; leave out --connect");
    let before = Names::new(rand::random()).speaking(Speech::Line);
    recovery::fill(&mut recovery::filling(target, before, asked.talk.body)?, asked.messages)?;

    let (reader, mut times) = (Names::new(rand::random()).of(0), None);
    let mut figures = talk::steadily(&asked.talk, target, names, |send| {
        let pages = Pages::start(target.address, &reader, asked.pages, asked.messages)?;
        send()?;
        times = Some(pages.stop()?);
        Ok(())
    })?;
    let times = times.expect("it was sent while pages were asked for");
    let ms = |quantile| times.value_at_quantile(quantile) as f64 / 1e6;
    let own = [
        figure("page p50", "ms", ms(0.5)),
        figure("page p99", "ms", ms(0.99)),
        figure("page p99.9", "ms", ms(0.999)),
        figure("pages checked", "", times.len() as f64),
    ];
    figures.splice(0..0, own);
    Ok(figures)
}
