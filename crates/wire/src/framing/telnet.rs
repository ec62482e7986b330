//! Telnet commands inside a stream of text (RFC 854, 855): finds where they end. Never answers one.

/// The byte every telnet command begins with. Doubled it stands for itself.
pub(super) const IAC: u8 = 255;

/// Bytes a subnegotiation may have; past this it is an attack or no telnet, and its line is given up.
const MAX_SUBNEGOTIATION: u16 = 1024;

const SE: u8 = 240;
const SB: u8 = 250;
const WILL: u8 = 251;
const DONT: u8 = 254;
/// The lowest command byte, end of file (RFC 1184).
const EOF: u8 = 236;

/// Where in a command the stream stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telnet {
    /// Outside any command.
    #[default]
    Text,
    /// After IAC.
    Command,
    /// After IAC WILL, WONT, DO or DONT: the option comes.
    Option,
    /// Inside IAC SB …, so many bytes in.
    Sub(u16),
    /// Inside IAC SB …, after an IAC.
    SubCommand(u16),
}

/// What one byte inside a command means for the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The byte belongs to the command.
    Dropped,
    /// IAC IAC: one byte of 255.
    Literal,
    /// The IAC began no command: it was a byte of 255, and this byte, which may be a line end, follows it.
    NotACommand,
    /// A subnegotiation beyond its bound.
    Endless,
}

impl Telnet {
    /// Takes one byte of a command; not for [`Telnet::Text`].
    pub(super) fn step(&mut self, byte: u8) -> Step {
        let (next, step) = match (*self, byte) {
            (Self::Sub(MAX_SUBNEGOTIATION..) | Self::SubCommand(MAX_SUBNEGOTIATION..), _) => {
                (Self::Text, Step::Endless)
            }
            (Self::Sub(taken), IAC) => (Self::SubCommand(taken + 1), Step::Dropped),
            (Self::SubCommand(_), SE) => (Self::Text, Step::Dropped),
            (Self::Sub(taken) | Self::SubCommand(taken), _) => (Self::Sub(taken + 1), Step::Dropped),
            (Self::Command, IAC) => (Self::Text, Step::Literal),
            (Self::Command, SB) => (Self::Sub(0), Step::Dropped),
            (Self::Command, WILL..=DONT) => (Self::Option, Step::Dropped),
            (Self::Command, EOF..) => (Self::Text, Step::Dropped),
            (Self::Command, _) => (Self::Text, Step::NotACommand),
            (Self::Option | Self::Text, _) => (Self::Text, Step::Dropped),
        };
        *self = next;
        step
    }
}
