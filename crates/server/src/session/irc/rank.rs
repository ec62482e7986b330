//! Marks before a room: what is said to `@#tea` is for those alone who stand so high in it (STATUSMSG). Knows no room.

use chatroom_model::Role;

/// From which role on somebody hears what is said to a target, and the target without its mark; no role where all do.
pub(super) fn rank(target: &str) -> (Option<Role>, &str) {
    let mut chars = target.chars();
    let role = match chars.next() {
        Some('~') => Role::Owner,
        Some('&' | '@') => Role::Moderator,
        Some('%' | '+') => Role::Voice,
        _ => return (None, target),
    };
    match chars.as_str() {
        room if room.starts_with('#') => (Some(role), room),
        _ => (None, target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_before_a_room_and_nothing_else() {
        for (target, role) in [
            ("~#tea", Role::Owner),
            ("&#tea", Role::Moderator),
            ("@#tea", Role::Moderator),
            ("%#tea", Role::Voice),
            ("+#tea", Role::Voice),
        ] {
            assert_eq!(rank(target), (Some(role), "#tea"));
        }
        for target in ["#tea", "@tea", "@", "", "@+#tea", "é#tea"] {
            assert_eq!(rank(target), (None, target));
        }
    }
}
