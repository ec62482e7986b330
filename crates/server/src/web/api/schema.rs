//! What the API's document says of words, and of what is made elsewhere. Describes; nothing here is ever made.
#![allow(dead_code, reason = "a shape, read by whoever reads the document")]

use utoipa::ToSchema;

/// Who gets into a room, and who sees that it is there.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(super) enum AccessWord {
    Public,
    InviteOnly,
    Hidden,
    Private,
}

/// What somebody is in a room.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(super) enum RoleWord {
    Member,
    Voice,
    Moderator,
    Owner,
}

/// What a key is for.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(super) enum ScopeWord {
    Read,
    Write,
    Moderate,
    Manage,
}

/// What is laid on somebody.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(in crate::web) enum SanctionWord {
    Ban,
    Mute,
    Exempt,
    Welcome,
}

/// Whether somebody is typing.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(super) enum TypingWord {
    Active,
    Paused,
    Done,
}

/// As what something is said.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(super) enum SayingWord {
    Said,
    Action,
    Notice,
}

/// As what something was said.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
enum KindWord {
    Said,
    Action,
    Notice,
    Imported,
}

/// Who wrote something. Where only the number is kept there is no name, and the other way round.
#[derive(ToSchema)]
struct Author {
    id: Option<u64>,
    name: Option<String>,
    account: Option<String>,
    operator: Option<bool>,
    bot: Option<bool>,
}

/// A message as it stands now.
#[derive(ToSchema)]
pub(super) struct MessageView {
    room: u64,
    /// Counts 1, 2, 3 … in each room.
    seq: u64,
    position: u64,
    /// Milliseconds since 1970.
    time: i64,
    author: Author,
    kind: KindWord,
    /// Nothing where it was taken back.
    text: String,
    /// Where the text is more than words.
    spans: Option<Vec<Span>>,
    reply: Option<u64>,
    edited: Option<bool>,
    edited_at: Option<i64>,
    redacted: Option<bool>,
    /// Ids of people; 0 is everybody.
    mentions: Option<Vec<u64>>,
    reactions: Option<Vec<ReactionView>>,
    #[schema(format = "uuid")]
    client_id: Option<String>,
}

/// A reaction, as often as it was given.
#[derive(ToSchema)]
struct ReactionView {
    emoji: String,
    #[schema(minimum = 1)]
    count: u32,
    mine: Option<bool>,
}

/// Words, or what is more than that.
#[derive(ToSchema)]
#[serde(untagged)]
enum Span {
    Words(String),
    More {
        code: Option<String>,
        mention: Option<String>,
        room: Option<String>,
        link: Option<String>,
        #[schema(no_recursion)]
        shown: Option<Vec<Span>>,
        #[schema(no_recursion)]
        emphasis: Option<Vec<Span>>,
        #[schema(no_recursion)]
        strong: Option<Vec<Span>>,
        #[schema(no_recursion)]
        strike: Option<Vec<Span>>,
        #[schema(no_recursion)]
        quote: Option<Vec<Span>>,
    },
}
