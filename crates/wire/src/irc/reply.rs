//! Lines to an IRC client: never longer than they may be, and whatever is put into them is one parameter. Knows no socket.

use super::message::BODY_BYTES;
use std::fmt::Write;

/// Numerics, by the names of the specification.
#[allow(missing_docs, reason = "the names are the specification's")]
pub mod numeric {
    macro_rules! numerics {
        ($($name:ident = $code:literal),+ $(,)?) => { $(pub const $name: u16 = $code;)+ };
    }
    numerics! {
        RPL_WELCOME = 1, RPL_YOURHOST = 2, RPL_CREATED = 3, RPL_MYINFO = 4, RPL_ISUPPORT = 5,
        RPL_STATSUPTIME = 242, RPL_ENDOFSTATS = 219, RPL_UMODEIS = 221,
        RPL_LUSERCLIENT = 251, RPL_LUSEROP = 252, RPL_LUSERUNKNOWN = 253, RPL_LUSERCHANNELS = 254, RPL_LUSERME = 255,
        RPL_ADMINME = 256, RPL_ADMINLOC1 = 257, RPL_ADMINLOC2 = 258, RPL_ADMINEMAIL = 259,
        RPL_LOCALUSERS = 265, RPL_GLOBALUSERS = 266, RPL_WHOISCERTFP = 276,
        RPL_AWAY = 301, RPL_USERHOST = 302, RPL_ISON = 303, RPL_UNAWAY = 305, RPL_NOWAWAY = 306,
        RPL_WHOISREGNICK = 307, RPL_WHOISUSER = 311, RPL_WHOISSERVER = 312, RPL_WHOISOPERATOR = 313,
        RPL_WHOWASUSER = 314, RPL_ENDOFWHO = 315, RPL_WHOISIDLE = 317, RPL_ENDOFWHOIS = 318,
        RPL_WHOISCHANNELS = 319, RPL_WHOISSPECIAL = 320, RPL_LISTSTART = 321, RPL_LIST = 322, RPL_LISTEND = 323,
        RPL_CHANNELMODEIS = 324, RPL_CREATIONTIME = 329, RPL_WHOISACCOUNT = 330, RPL_NOTOPIC = 331, RPL_TOPIC = 332,
        RPL_TOPICWHOTIME = 333, RPL_WHOISBOT = 335, RPL_INVITELIST = 336, RPL_ENDOFINVITELIST = 337,
        RPL_WHOISACTUALLY = 338, RPL_INVITING = 341, RPL_INVEXLIST = 346, RPL_ENDOFINVEXLIST = 347,
        RPL_EXCEPTLIST = 348, RPL_ENDOFEXCEPTLIST = 349, RPL_VERSION = 351, RPL_WHOREPLY = 352, RPL_NAMREPLY = 353,
        RPL_WHOSPCRPL = 354, RPL_LINKS = 364, RPL_ENDOFLINKS = 365, RPL_ENDOFNAMES = 366, RPL_BANLIST = 367,
        RPL_ENDOFBANLIST = 368, RPL_ENDOFWHOWAS = 369, RPL_INFO = 371, RPL_MOTD = 372, RPL_ENDOFINFO = 374,
        RPL_MOTDSTART = 375, RPL_ENDOFMOTD = 376, RPL_WHOISHOST = 378, RPL_WHOISMODES = 379, RPL_YOUREOPER = 381,
        RPL_REHASHING = 382, RPL_TIME = 391,
        ERR_UNKNOWNERROR = 400, ERR_NOSUCHNICK = 401, ERR_NOSUCHSERVER = 402, ERR_NOSUCHCHANNEL = 403,
        ERR_CANNOTSENDTOCHAN = 404, ERR_TOOMANYCHANNELS = 405, ERR_WASNOSUCHNICK = 406, ERR_TOOMANYTARGETS = 407,
        ERR_NOORIGIN = 409, ERR_INVALIDCAPCMD = 410, ERR_NORECIPIENT = 411, ERR_NOTEXTTOSEND = 412,
        ERR_INPUTTOOLONG = 417, ERR_UNKNOWNCOMMAND = 421, ERR_NOMOTD = 422, ERR_NONICKNAMEGIVEN = 431,
        ERR_ERRONEUSNICKNAME = 432, ERR_NICKNAMEINUSE = 433, ERR_USERNOTINCHANNEL = 441, ERR_NOTONCHANNEL = 442,
        ERR_USERONCHANNEL = 443, ERR_NOTREGISTERED = 451, ERR_NEEDMOREPARAMS = 461, ERR_ALREADYREGISTERED = 462,
        ERR_PASSWDMISMATCH = 464, ERR_YOUREBANNEDCREEP = 465, ERR_CHANNELISFULL = 471, ERR_UNKNOWNMODE = 472,
        ERR_INVITEONLYCHAN = 473, ERR_BANNEDFROMCHAN = 474, ERR_BADCHANNELKEY = 475, ERR_BADCHANMASK = 476,
        ERR_BANLISTFULL = 478, ERR_NOPRIVILEGES = 481, ERR_CHANOPRIVSNEEDED = 482, ERR_CANTKILLSERVER = 483,
        ERR_NOOPERHOST = 491, ERR_UMODEUNKNOWNFLAG = 501, ERR_USERSDONTMATCH = 502, ERR_HELPNOTFOUND = 524,
        ERR_INVALIDKEY = 525, ERR_INVALIDMODEPARAM = 696,
        RPL_WHOISSECURE = 671, RPL_HELPSTART = 704, RPL_HELPTXT = 705, RPL_ENDOFHELP = 706,
        RPL_KNOCK = 710, RPL_KNOCKDLVR = 711, ERR_TOOMANYKNOCK = 712, ERR_CHANOPEN = 713, ERR_KNOCKONCHAN = 714,
        RPL_QUIETLIST = 728, RPL_ENDOFQUIETLIST = 729,
        RPL_MONONLINE = 730, RPL_MONOFFLINE = 731, RPL_MONLIST = 732, RPL_ENDOFMONLIST = 733, ERR_MONLISTFULL = 734,
        ERR_NEEDREGGEDNICK = 477, RPL_KEYVALUE = 761, RPL_KEYNOTSET = 766, RPL_METADATASUBOK = 770,
        RPL_METADATAUNSUBOK = 771, RPL_METADATASUBS = 772, RPL_LOGGEDIN = 900, RPL_LOGGEDOUT = 901, ERR_NICKLOCKED = 902, RPL_SASLSUCCESS = 903, ERR_SASLFAIL = 904,
        ERR_SASLTOOLONG = 905, ERR_SASLABORTED = 906, ERR_SASLALREADY = 907, RPL_SASLMECHS = 908,
    }
}

/// Adds a line: a source, a command and its parameters, the last of which may be anything.
///
/// A line end, a NUL or a space that would make two parameters of one is left out; what is too long is cut at a whole
/// character, so that a line is never more than 512 bytes with its end.
pub fn line(out: &mut String, source: &str, command: &str, params: &[&str]) {
    let begun = out.len();
    if !source.is_empty() {
        out.extend([":", source, " "]);
    }
    out.push_str(command);
    if let Some((last, middle)) = params.split_last() {
        for param in middle {
            out.push(' ');
            let clean = |c: &char| !matches!(c, '\r' | '\n' | '\0' | ' ');
            if param.is_empty() {
                out.push('*');
            }
            out.extend(param.strip_prefix(':').unwrap_or(param).chars().filter(clean));
        }
        out.push(' ');
        if last.is_empty() || last.starts_with(':') || last.contains(' ') {
            out.push(':');
        }
        out.extend(last.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')));
    }
    if out.len() - begun > BODY_BYTES {
        out.truncate(begun + whole(&out[begun..], BODY_BYTES));
    }
    out.push_str("\r\n");
}

/// The longest beginning of a text of at most so many bytes that ends between two characters.
#[must_use]
pub fn whole(text: &str, most: usize) -> usize {
    if text.len() <= most {
        return text.len();
    }
    (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Adds a numeric reply; `nick` is whom it is for, `*` while they have no name.
pub fn numeric(out: &mut String, server: &str, code: u16, nick: &str, params: &[&str]) {
    let mut command = String::with_capacity(3);
    let _ = write!(command, "{code:03}");
    let all: Vec<&str> = std::iter::once(nick).chain(params.iter().copied()).collect();
    line(out, server, &command, &all);
}

/// A text in pieces that fit into a line each, cut after a word where one ends near enough, else between two characters.
pub fn pieces(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let most = most.max(8);
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = whole(rest, most);
        if end < rest.len()
            && let Some(space) = rest[..end].rfind(' ').filter(|space| *space > end / 2)
        {
            end = space + 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(source: &str, command: &str, params: &[&str]) -> String {
        let mut out = String::new();
        line(&mut out, source, command, params);
        out
    }

    #[test]
    fn whatever_is_put_in_is_one_line_of_so_many_parameters() {
        assert_eq!(one("s", "X", &["a", "b c"]), ":s X a :b c\r\n");
        assert_eq!(one("", "X", &["a\r\nQUIT", ":b\0"]), "X aQUIT ::b\r\n");
        assert_eq!(one("", "X", &["", "b c", ""]), "X * bc :\r\n");
        assert_eq!(one("", "X", &[":a", "b"]), "X a b\r\n");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_none_is_two(a in ".{0,300}", b in ".{0,300}") {
            let out = one("server", "PRIVMSG", &[&a, &b]);
            prop_assert!(out.len() <= BODY_BYTES + 2);
            prop_assert_eq!(out.matches(['\r', '\n']).count(), 2);
        }

        #[test]
        fn pieces_are_the_text_and_fit(text in ".{0,300}", most in 8usize..60) {
            let all: Vec<_> = pieces(&text, most).collect();
            prop_assert!(all.iter().all(|piece| !piece.is_empty() && piece.len() <= most));
            prop_assert_eq!(all.concat(), text);
        }
    }
}
