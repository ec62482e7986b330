//! Runs the crash rig by hand: `crash BIN [KILLS [SEED]]`.

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let bin = arguments.next().unwrap_or_else(|| "target/debug/chatroom".into());
    let mut options = chatroom_testkit::crash::Options::new(bin);
    if let Some(kills) = arguments.next() {
        options.kills = kills.parse()?;
    }
    if let Some(seed) = arguments.next() {
        options.seed = seed.parse()?;
    }
    eprintln!("{}", chatroom_testkit::crash::crash_rig(&options)?);
    Ok(())
}
