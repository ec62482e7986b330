//! Modes of rooms and users as IRC writes them, taken apart. Decides nothing, and knows no room.

/// Changes one MODE may ask for with a parameter; further ones are left alone.
pub const MODES_MAX: usize = 20;

/// What a letter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// A parameter, or none to be shown the list.
    List,
    /// Always a parameter.
    Always,
    /// A parameter when it is set.
    Set,
    /// None.
    Never,
}

/// The letters of rooms, in the classes of `CHANMODES` and the roles.
fn takes(letter: char) -> Option<Takes> {
    Some(match letter {
        'b' | 'e' | 'I' | 'q' => Takes::List,
        'k' | 'o' | 'v' | 'O' => Takes::Always,
        'l' | 'S' => Takes::Set,
        'C' | 'M' | 'R' | 'i' | 'm' | 'n' | 's' | 't' => Takes::Never,
        _ => return None,
    })
}

/// One change that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Whether it is set.
    pub on: bool,
    /// Which mode.
    pub letter: char,
    /// Its parameter.
    pub param: Option<&'a str>,
}

/// What becomes of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// A change.
    Change(Change<'a>),
    /// The list of a mode.
    List(char),
    /// A letter that is no mode.
    Unknown(char),
    /// A parameter is missing.
    Missing(char),
}

/// Takes the changes of a room's MODE apart.
#[must_use]
pub fn room<'a>(params: &[&'a str]) -> Vec<Asked<'a>> {
    let mut params = params.iter().copied();
    let mut asked = Vec::new();
    let mut with_param = 0;
    while let Some(letters) = params.next() {
        let mut on = true;
        for letter in letters.chars() {
            if asked.len() >= 4 * MODES_MAX {
                return asked;
            }
            if matches!(letter, '+' | '-') {
                on = letter == '+';
                continue;
            }
            let Some(takes) = takes(letter) else {
                asked.push(Asked::Unknown(letter));
                continue;
            };
            let wants = match takes {
                Takes::List | Takes::Always => true,
                Takes::Set => on,
                Takes::Never => false,
            };
            if wants && with_param == MODES_MAX {
                params.next();
                continue;
            }
            let param = if wants { params.next() } else { None };
            with_param += usize::from(wants);
            asked.push(match (takes, param) {
                (Takes::List, None) => Asked::List(letter),
                // A key is taken away by whoever may, known or not.
                (Takes::Always, None) if letter == 'k' && !on => {
                    Asked::Change(Change { on, letter, param: Some("*") })
                }
                (Takes::Always, None) | (Takes::Set, None) if wants => Asked::Missing(letter),
                (_, param) => Asked::Change(Change { on, letter, param }),
            });
        }
    }
    asked
}

/// The changes of a user's own modes: each with whether it is set.
#[must_use]
pub fn user(letters: &str) -> Vec<(bool, char)> {
    let mut on = true;
    let mut asked = Vec::new();
    for letter in letters.chars().take(4 * MODES_MAX) {
        match letter {
            '+' | '-' => on = letter == '+',
            letter => asked.push((on, letter)),
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_take_what_they_take() {
        let change = |on, letter, param| Asked::Change(Change { on, letter, param });
        assert_eq!(
            room(&["+ik-l+bX", "key", "a!*@*"]),
            [
                change(true, 'i', None),
                change(true, 'k', Some("key")),
                change(false, 'l', None),
                change(true, 'b', Some("a!*@*")),
                Asked::Unknown('X')
            ]
        );
        assert_eq!(room(&["b"]), [Asked::List('b')]);
        assert_eq!(room(&["+o"]), [Asked::Missing('o')]);
        assert_eq!(room(&["-k"]), [change(false, 'k', Some("*"))]);
        assert_eq!(
            room(&["+o", "ann", "-v", "bob"]),
            [change(true, 'o', Some("ann")), change(false, 'v', Some("bob"))]
        );
        assert_eq!(user("+i-wo"), [(true, 'i'), (false, 'w'), (false, 'o')]);
    }

    #[test]
    fn no_more_is_taken_than_may_be() {
        let names = vec!["ann"; MODES_MAX + 1];
        let letters = "o".repeat(MODES_MAX + 1);
        let params: Vec<_> = std::iter::once(letters.as_str()).chain(names).collect();
        assert_eq!(room(&params).iter().filter(|asked| matches!(asked, Asked::Change(_))).count(), MODES_MAX);
        assert!(room(&[&"i".repeat(10_000)]).len() <= 4 * MODES_MAX);
        assert!(room(&[&"Z".repeat(10_000)]).len() <= 4 * MODES_MAX);
        assert!(user(&"i".repeat(10_000)).len() <= 4 * MODES_MAX);
    }
}
