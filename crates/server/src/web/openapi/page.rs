//! The document as a page: what there is, what it takes and what it answers. No script.

use super::finish::operations;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{ArrayItems, Schema, SchemaType, Type};
use utoipa::openapi::{Content, OpenApi, RefOr};

/// Headings, in the order they are read.
const CHAPTERS: [&str; 5] = ["Keys", "People", "Rooms", "Messages", "Order"];

/// The page.
pub(super) fn page(described: &OpenApi) -> String {
    let mut described = described.clone();
    let mut chapters: BTreeMap<String, String> = BTreeMap::new();
    for (path, item) in &mut described.paths.paths {
        for (method, operation) in operations(item) {
            let chapter = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
            section(chapters.entry(chapter).or_default(), method, path, operation);
        }
    }
    let mut html = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Chatroom: the API</title>\n<main>\n\
         <h1>The API</h1>\n<p>All of it is under <code>/api/v1</code>; for programs it is written down in \
         <a href=\"/api/openapi.json\">OpenAPI 3.1</a>. <code>POST /sessions</code> gives a key, which goes into \
         <code>Authorization: Bearer …</code>.</p>\n<nav><ul>\n",
    );
    for chapter in CHAPTERS {
        let _ = writeln!(html, "<li><a href=\"#{}\">{chapter}</a></li>", chapter.to_ascii_lowercase());
    }
    html.push_str("<li><a href=\"#shapes\">Shapes</a></li>\n</ul></nav>\n");
    for chapter in CHAPTERS {
        let text = chapters.get(chapter).map_or("", String::as_str);
        let _ = writeln!(html, "<h2 id=\"{}\">{chapter}</h2>\n{text}", chapter.to_ascii_lowercase());
    }
    html.push_str("<h2 id=\"shapes\">Shapes</h2>\n");
    for (name, schema) in described.components.iter().flat_map(|all| &all.schemas) {
        let _ = writeln!(html, "<h3 id=\"{name}\">{name}</h3>");
        shape(&mut html, schema);
    }
    html.push_str("</main>\n</html>\n");
    html
}

/// One operation.
fn section(html: &mut String, method: &str, path: &str, operation: &Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let _ = writeln!(html, "<h3 id=\"{id}\"><code>{} {path}</code></h3>", method.to_ascii_uppercase());
    if let Some(summary) = &operation.summary {
        let _ = writeln!(html, "<p>{}</p>", escaped(summary));
    }
    html.push_str("<ul>\n");
    for parameter in operation.parameters.iter().flatten() {
        if let RefOr::T(Parameter { name, schema: Some(schema), .. }) = parameter {
            let _ = writeln!(html, "<li><code>{}</code>: {}</li>", escaped(name), called(schema));
        }
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        let _ = writeln!(html, "<li>takes {}</li>", contents(body.content.values()));
    }
    for (status, response) in &operation.responses.responses {
        if let RefOr::T(response) = response {
            let what = contents(response.content.values());
            let _ = writeln!(html, "<li>{status}: {} {what}</li>", escaped(&response.description));
        }
    }
    html.push_str("</ul>\n");
}

fn contents<'a>(all: impl Iterator<Item = &'a RefOr<Content>>) -> String {
    let schemas = all.filter_map(|content| match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    });
    schemas.map(called).collect::<Vec<_>>().join(", ")
}

/// What a schema describes, with its fields.
fn shape(html: &mut String, schema: &RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) if !object.properties.is_empty() => {
            if let Some(about) = &object.description {
                let _ = writeln!(html, "<p>{}</p>", escaped(about));
            }
            html.push_str("<ul>\n");
            for (name, property) in &object.properties {
                let may = if object.required.contains(name) { "" } else { "?" };
                let _ = writeln!(html, "<li><code>{}</code>{may}: {}</li>", escaped(name), called(property));
            }
            html.push_str("</ul>\n");
        }
        RefOr::T(Schema::AllOf(all)) => all.items.iter().for_each(|item| shape(html, item)),
        RefOr::T(Schema::OneOf(one)) => one.items.iter().for_each(|item| shape(html, item)),
        other => {
            let _ = writeln!(html, "<p>{}</p>", called(other));
        }
    }
}

/// What a schema is called.
fn called(schema: &RefOr<Schema>) -> String {
    match schema {
        RefOr::Ref(at) => {
            let name = at.ref_location.rsplit('/').next().unwrap_or_default();
            format!("<a href=\"#{name}\">{name}</a>")
        }
        RefOr::T(Schema::Object(object)) => {
            let words = object.enum_values.iter().flatten().map(|word| escaped(&word.to_string()));
            let words = words.collect::<Vec<_>>().join(" | ");
            if words.is_empty() { kind(&object.schema_type) } else { words }
        }
        RefOr::T(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(items) => format!("list of {}", called(items)),
            ArrayItems::False => "list".into(),
        },
        RefOr::T(Schema::OneOf(one)) => one.items.iter().map(called).collect::<Vec<_>>().join(" | "),
        RefOr::T(_) => "object".into(),
    }
}

fn kind(kind: &SchemaType) -> String {
    let word = |kind: &Type| match kind {
        Type::Object => "object",
        Type::String => "text",
        Type::Integer | Type::Number => "number",
        Type::Boolean => "true or false",
        Type::Array => "list",
        Type::Null => "null",
    };
    match kind {
        SchemaType::Type(one) => word(one).into(),
        SchemaType::Array(all) => all.iter().map(word).collect::<Vec<_>>().join(" | "),
        SchemaType::AnyValue => "anything".into(),
    }
}

/// A text without what a browser would take for something else.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
