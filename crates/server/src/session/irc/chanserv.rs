//! What clients ask ChanServ: to register a room. Changes nothing, since rooms belong to whoever made them; says to whom.

use super::rooms::room_name;
use super::services::tell;
use super::{irc, people};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Act, Role, RoomName, Where};

/// Who answers for rooms.
pub(super) const CHANSERV: &str = "ChanServ";

/// Owners of a room that are named.
const NAMED_MAX: usize = 5;

/// Somebody speaks to ChanServ.
pub(super) async fn say<S: Sequencer>(talk: &mut Talk<'_, S>, text: &str) -> Result<(), End> {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let command = words.next().unwrap_or_default().to_ascii_uppercase();
    let answers = match (&*command, words.next()) {
        ("REGISTER", None) => vec!["Say REGISTER <#room>".into()],
        ("REGISTER", Some(room)) => register(talk, room).await?,
        ("HELP" | "", _) => vec![
            "Rooms belong to whoever made them, by JOIN of one that is not there, and last while somebody is in them.".into(),
            "REGISTER <#room> says whether one is yours for good. It is where you own it and your name is registered.".into(),
            "MODE <#room> +O <nick> makes somebody else an owner too.".into(),
        ],
        _ => vec!["I know REGISTER and HELP.".into()],
    };
    tell(talk, CHANSERV, &answers)
}

/// What there is to say of whose a room is.
async fn register<S: Sequencer>(talk: &mut Talk<'_, S>, room: &str) -> Result<Vec<String>, End> {
    super::sync(talk).await?;
    let user = talk.session.user.get();
    let found = match RoomName::parse(room) {
        Ok(name) => read(talk, move |reader| {
            let Ok(look) = reader.look(user, &Where::Name(name), Act::See)? else { return Ok(None) };
            // Who is there is told to those who may see it.
            let people = if look.may(Act::Members).is_ok() { reader.members(look.id)? } else { Vec::new() };
            Ok(Some((look, people)))
        })
        .await
        .flatten(),
        Err(_) => None,
    };
    let Some((look, people)) = found else {
        return Ok(vec![format!(
            "There is no {room} that you see. JOIN makes a room that is not there, and it is yours."
        )]);
    };
    let room = room_name(&look);
    if look.room.members.get(&user).is_none_or(|member| member.role < Role::Owner) {
        let owners = people.iter().filter(|person| person.role == Role::Owner).take(NAMED_MAX);
        let owners: Vec<&str> = owners.map(|person| person.name.as_str()).collect();
        return Ok(vec![match owners.is_empty() {
            true => format!("You may not register {room}: it is not yours."),
            false => format!("You may not register {room}: it belongs to {}.", owners.join(", ")),
        }]);
    }
    let nick = irc(talk).nick.borrow().to_string();
    let registered = people::profile(talk, &nick).await.is_some_and(|found| found.account.is_some());
    Ok(match registered {
        true => vec![
            format!("Channel {room} successfully registered"),
            "It was yours already, and stays yours while you are in it, also when you are not connected."
                .into(),
        ],
        false => vec![format!(
            "{room} is yours while you are connected. To keep it, register first: /msg NickServ REGISTER <password>"
        )],
    })
}
