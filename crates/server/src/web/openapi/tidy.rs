//! What a schema says beyond what its Rust type says: how great a number is at most, and that an answer leaves out what is not there.

use utoipa::Number;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayItems, KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type};

/// Bounds the numbers of a schema; `told` is whether it is of something told, where nothing is null.
pub(super) fn tidy(schema: &mut RefOr<Schema>, told: bool) {
    let RefOr::T(inner) = schema else { return };
    match inner {
        Schema::Object(object) => {
            bound(object);
            if told {
                without_null(&mut object.schema_type);
            }
            object.properties.values_mut().for_each(|property| tidy(property, told));
        }
        Schema::Array(array) => {
            if told {
                without_null(&mut array.schema_type);
            }
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                tidy(items, told);
            }
        }
        Schema::OneOf(one_of) => {
            if told {
                one_of.items.retain(|item| !is_null(item));
            }
            one_of.items.iter_mut().for_each(|item| tidy(item, told));
            if one_of.items.len() == 1 {
                *schema = one_of.items.remove(0);
            }
        }
        Schema::AllOf(all_of) => all_of.items.iter_mut().for_each(|item| tidy(item, told)),
        Schema::AnyOf(any_of) => any_of.items.iter_mut().for_each(|item| tidy(item, told)),
        _ => {}
    }
}

/// A number that cannot be less than nothing is as great as its bits make it.
fn bound(object: &mut Object) {
    if object.minimum.is_none() || object.maximum.is_some() {
        return;
    }
    object.maximum = match object.format {
        Some(SchemaFormat::KnownFormat(KnownFormat::Int32)) => Some(Number::UInt(u32::MAX as usize)),
        Some(SchemaFormat::KnownFormat(KnownFormat::Int64)) => Some(Number::UInt(usize::MAX)),
        _ => return,
    };
    // Those formats have a sign, and half of these numbers.
    object.format = None;
}

fn without_null(kind: &mut SchemaType) {
    if let SchemaType::Array(kinds) = kind {
        kinds.retain(|kind| *kind != Type::Null);
        if let [one] = kinds.as_slice() {
            *kind = SchemaType::Type(one.clone());
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if matches!(object.schema_type, SchemaType::Type(Type::Null)))
}
