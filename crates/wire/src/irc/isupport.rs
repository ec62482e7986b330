//! What the server says of itself in RPL_ISUPPORT. True, or a test fails.

use super::message::PARAMS_MAX;
use super::mode::MODES_MAX;
use chatroom_model::{IDENT_REAL, IDENT_USER, LINE_MAX, MASKS_MAX, NAME_CHARS, ROOMS_MAX};

/// Rooms and people one command may name.
pub const TARGETS_MAX: usize = 20;
/// People one client may watch.
pub const MONITOR_MAX: usize = 100;
/// Messages that one CHATHISTORY shows.
pub const HISTORY_MAX: usize = 100;

/// The tokens, in so many lines as they need.
#[must_use]
pub fn lines(network: &str) -> Vec<Vec<String>> {
    let network: String =
        network.chars().map(|c| if c.is_whitespace() || c == '=' { '_' } else { c }).collect();
    let tokens = [
        "ACCOUNTEXTBAN=a".into(),
        format!("AWAYLEN={LINE_MAX}"),
        "BOT=B".into(),
        "CASEMAPPING=ascii".into(),
        format!("CHANLIMIT=#:{ROOMS_MAX}"),
        "CHANMODES=Ibeq,kO,lS,CMRimnst".into(),
        format!("CHANNELLEN={}", NAME_CHARS + 1),
        "CHANTYPES=#".into(),
        format!("CHATHISTORY={HISTORY_MAX}"),
        "ELIST=CMNTU".into(),
        "EXCEPTS=e".into(),
        "EXTBAN=,am".into(),
        format!("HOSTLEN={}", 24),
        format!("KICKLEN={LINE_MAX}"),
        "INVEX=I".into(),
        "KNOCK".into(),
        format!("MAXLIST=Ibeq:{MASKS_MAX}"),
        format!("MAXTARGETS={TARGETS_MAX}"),
        format!("MODES={MODES_MAX}"),
        format!("MONITOR={MONITOR_MAX}"),
        "MSGREFTYPES=msgid,timestamp".into(),
        format!("NAMELEN={IDENT_REAL}"),
        format!("NETWORK={network}"),
        format!("NICKLEN={NAME_CHARS}"),
        "PREFIX=(ov)@+".into(),
        "STATUSMSG=~&@%+".into(),
        format!(
            "TARGMAX=NAMES:{TARGETS_MAX},LIST:1,KICK:{TARGETS_MAX},WHOIS:1,PRIVMSG:{TARGETS_MAX},NOTICE:{TARGETS_MAX},MONITOR:{MONITOR_MAX},JOIN:,PART:"
        ),
        format!("TOPICLEN={LINE_MAX}"),
        format!("USERLEN={}", IDENT_USER + 1),
        "UTF8ONLY".into(),
        "WHOX".into(),
    ];
    tokens.chunks(PARAMS_MAX - 2).map(<[String]>::to_vec).collect()
}
