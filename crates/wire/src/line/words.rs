//! The fixed sentences of the line protocol, one place for the side that says them and the side that hears them.
//!
//! They are the original's to the letter where it has one, without the line end; a `…` in a comment stands for
//! what follows on the same line.

/// The first line the server says; the original ends it with a space.
pub const PROMPT: &str = "Enter username (or 'reconnect:<username>:<token>' to reconnect): ";
/// … 32 hex digits: a new user's token.
pub const YOUR_TOKEN: &str = "Your reconnect token: ";
/// … 32 hex digits: what the original says to a user it has seen before.
pub const TIP_TOKEN: &str = "Tip: Save this reconnect token: ";
/// … the token line after [`YOUR_TOKEN`].
pub const SAVE_THIS: &str = "   Save this to reconnect: ";
/// … the token line after [`TIP_TOKEN`].
pub const TO_RECONNECT_LATER: &str = "   To reconnect later: ";
/// Begins `reconnect:<user>:<token>`.
pub const RECONNECT: &str = "reconnect:";
/// … the user and `!`, after a good token.
pub const WELCOME_BACK: &str = "Welcome back, ";
/// … the user and `!`.
pub const WELCOME: &str = "Welcome, ";
/// The name is registered: the next line is its password.
pub const PASSWORD: &str = "This name is registered. Its password, please:";
/// The list of commands follows.
pub const COMMANDS: &str = "Commands:";
/// The last messages follow; the original ends it with a space.
pub const RECENT: &str = "Recent messages: ";
/// What was missed follows, as live lines.
pub const MISSED: &str = "Missed messages:";
/// A wrong or expired token; the original ends it with a space.
pub const BAD_TOKEN: &str = "Invalid reconnect token or session expired. ";
/// The name is connected.
pub const NAME_IN_USE: &str = "Username already connected, Use reconnect if you lost connection";
/// The name's owner is away and may come back.
pub const NAME_HELD: &str =
    "Username held for its owner, Use reconnect with its token or choose another name";
/// Not `reconnect:<username>:<token>`; the original ends it with a space.
pub const MALFORMED_RECONNECT: &str = "Invalid reconnect format. Use: reconnect:<username>:<token> ";
/// … why the name cannot be taken.
pub const BAD_NAME: &str = "Invalid username: ";
/// Before and after the user in an announcement.
pub const STARS: &str = "***";
/// After the user, before the stars.
pub const JOINED: &str = " joined the chat ";
/// After the user, before the stars.
pub const LEFT: &str = " left the chat ";
/// After the bracket of a direct message … the sender and `]: `.
pub const FROM: &str = "From ";
/// … the receiver of a direct message, for its sender.
pub const SENT_TO: &str = "Message sent to ";
/// After the receiver who is not there.
pub const AWAY: &str = " (away, will be delivered)";
/// … the user and [`NOT_FOUND`].
pub const USER_QUOTE: &str = "User '";
/// After the user.
pub const NOT_FOUND: &str = "' not found";
/// A direct message to oneself.
pub const NOT_YOURSELF: &str = "Can't message yourself!";
/// … the word after the slash.
pub const UNKNOWN: &str = "Unknown: /";
/// … perhaps a space and the id, then `: ` and the reason. It never happened.
pub const NOT_SENT: &str = "Not sent";
/// … perhaps a space and the id, then `: ` and the reason. It may have happened; retry with the same id.
pub const NOT_CONFIRMED: &str = "Not confirmed";
/// The answer to a line beyond the limit.
pub const TOO_LONG: &str = "Line too long (at most 8192 bytes)";
/// … why this connection is being closed.
pub const CLOSING: &str = "Closing: ";
/// After [`CLOSING`]: the same user came back with the token.
pub const ELSEWHERE: &str = "you reconnected from elsewhere";
/// The server is going.
pub const SHUTTING_DOWN: &str = "Server is shutting down.";
/// The answer to `/quit`.
pub const GOODBYE: &str = "Goodbye!";
/// What stands for a message that was deleted.
pub const DELETED: &str = "*** deleted ***";
/// After the author, before the number of the message that is answered.
pub const RE: &str = " re ";
/// After the author, before the number of the message that says something else now.
pub const EDITED: &str = " edited ";
/// After the author of an edit whose words are gone.
pub const WAS_EDITED: &str = " was edited, and is deleted";
/// Where two people talk, in a sentence.
pub const BETWEEN_US: &str = "a direct conversation";
/// … why this client's lines are read no faster; none of them is lost.
pub const SLOWED: &str = "slowed down: ";
/// … why something was refused. It never happened.
pub const NO: &str = "No: ";
/// Something was done of which nothing else tells.
pub const DONE: &str = "Done.";
/// … the room in which plain lines are said from now on, and a full stop.
pub const NOW_IN: &str = "Now in ";
/// After a message that says something else than it did.
pub const EDITED_MARK: &str = " (edited)";
/// After the bracket of a direct message of one's own, recalled … the receiver and `]: `.
pub const TO: &str = "To ";
/// Stands where a line of a body of several ends.
pub const NEXT_LINE: &str = " \u{23ce} ";
