//! `chatroom room set`: keys and values as the line protocol's /set has them. Asks that one parser.

use super::look;
use crate::exit::{self, coded};
use crate::given;
use crate::operator::act;
use crate::place::Place;
use chatroom_model::{Deed, RoomName, Where};
use chatroom_server::now;
use chatroom_store::Reader;
use chatroom_wire::line::ask::{Ask, Set};
use chatroom_wire::line::deed::{self, Not};
use chatroom_wire::line::input::Input;

/// Sets something about a room.
pub(super) fn set(room: &RoomName, key: &str, value: Option<String>, place: &Place) -> anyhow::Result<()> {
    let usage = |what: &str| coded(exit::USAGE, what);
    let value = match (key, value) {
        ("password", Some(value)) if value != "-" => {
            return Err(usage("a password is read from standard input: leave it out here"));
        }
        ("password", None) => given::secret(None)?,
        (_, Some(value)) if !value.contains(['\n', '\r']) => value,
        _ => return Err(usage("a value is needed, in one line")),
    };
    let line = if key == "topic" { format!("/topic {value}") } else { format!("/set {key} {value}") };
    let Input::Ask(ask @ (Ask::Set(_) | Ask::Topic(Some(_)))) = Input::parse(&line) else {
        return Err(usage(
            "topic TEXT|-, access public|invite-only|hidden|private, password [-], slow SECONDS|-, limit N|-, \
             moderated on|off, keep N|-, keep-for TIME|-, archived on|off, \
             outside on|off, open-topic on|off, registered-speak on|off, \
             registered-join on|off, ctcp on|off",
        ));
    };
    let folder = place.folder()?;
    let look = look(&Reader::open(&folder)?, room)?;
    let deed = match &ask {
        Ask::Set(set @ (Set::Keep(_) | Set::KeepFor(_))) => {
            Some(Deed::Set { room: Where::Id(look.id), setting: deed::retention(&look.room, set) })
        }
        ask => deed::deed(ask, look.id, now()).map_err(|not| match not {
            Not::Refused(refusal) => coded(exit::FAILED, refusal.to_string()),
            Not::Because(why) => coded(exit::USAGE, why),
        })?,
    };
    let Some(deed) = deed else { return Err(usage("that cannot be set")) };
    act(&folder, deed)
}
