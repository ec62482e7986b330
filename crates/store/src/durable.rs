//! The proof that something is on stable storage. Only a commit makes one; an acknowledgement needs one.

/// A value that is on stable storage.
///
/// Nothing outside this crate can make one, so that acknowledging too early does not compile:
///
/// ```compile_fail,E0423
/// let early = chatroom_store::Durable(7);
/// ```
///
/// Reading one is free:
///
/// ```
/// fn acknowledge(stored: &chatroom_store::Durable<u64>) -> u64 {
///     **stored
/// }
/// ```
#[derive(Debug)]
pub struct Durable<T>(T);

impl<T> Durable<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, which no longer proves anything.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Durable<Vec<T>> {
    /// Nothing at all, which needs no storage.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone> Durable<Vec<T>> {
    /// One of them, by its place: it is as durable as all.
    #[must_use]
    pub fn one(&self, n: usize) -> Option<Durable<T>> {
        self.0.get(n).cloned().map(Durable)
    }
}

impl<T> std::ops::Deref for Durable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
