//! STUB
use crate::Name;
pub struct Mentions {
    pub names: Vec<Name>,
    pub all: bool,
}
pub fn mentions(_: &str) -> Mentions {
    Mentions { names: vec![], all: false }
}
