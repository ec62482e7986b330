//! A whole number in a body, however it is written: 5 and 5.0 are the same number. Knows no field.

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A whole number that is not below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole<T>(pub(super) T);

impl<'de, T: TryFrom<u64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reads(PhantomData)).map(Self)
    }
}

struct Reads<T>(PhantomData<T>);

impl<T: TryFrom<u64>> Visitor<'_> for Reads<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number of at most {} bits", size_of::<T>() * 8)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        T::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        // Each one up to there is a number of its own, and so is meant.
        if number.fract() == 0.0 && (0.0..=super::MOST as f64).contains(&number) {
            self.visit_u64(number as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_wire::json;

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let read = |text: &str| json::read::<Whole<u32>>(text).ok().map(|whole| whole.0);
        for (text, number) in
            [("0", 0), ("5", 5), ("5.0", 5), ("5e1", 50), ("-0.0", 0), ("4294967295", u32::MAX)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for text in ["-1", "5.5", "4294967296", "1e300", "\"5\"", "null", "true", "[5]"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(json::read::<Whole<u64>>("18446744073709551615").ok(), Some(Whole(u64::MAX)));
    }
}
