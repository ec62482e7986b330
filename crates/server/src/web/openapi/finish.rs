//! What is the same for every operation: addresses, keys, and what goes wrong. Handlers say only what is their own.

use super::tidy::tidy;
use crate::web::api::SanctionWord;
use crate::web::problem::CODES;
use std::collections::BTreeSet;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Content, License, OpenApi, Ref, RefOr, Required, ResponseBuilder, Server};
use utoipa::{Number, PartialSchema as _};

/// Under which all of it is.
const BASE: &str = "/api/v1";

const ABOUT: &str = "People talk in rooms. This is how programs take part. What happens is told as it happens by \
                     GET /stream?after=POSITION, a WebSocket or Server-Sent Events, for which a document like this \
                     has no words: docs/api.md of the project has.";

/// What can go wrong: the status, its name in the document, and what it means.
const PROBLEMS: [(&str, &str, &str); 12] = [
    ("400", "BadRequest", "It cannot be understood"),
    ("401", "Unauthenticated", "There is no key that is good, or the password is wrong"),
    ("403", "Refused", "It may not be done"),
    ("404", "Absent", "There is no such thing, as far as one may know"),
    ("408", "TooSlow", "It was not complete, or not answered, in time"),
    ("409", "Clash", "It is so already, or it is somebody else's"),
    ("413", "TooLarge", "A body has at most 64 KiB"),
    ("421", "Misdirected", "The server does not answer to that name"),
    ("422", "Unfit", "It is understood, and cannot be so"),
    ("429", "TooMany", "It is too much for now"),
    ("500", "Broken", "Something is wrong with the server"),
    ("503", "Busy", "The server cannot do it now"),
];

/// Makes the document whole.
pub(super) fn finish(mut described: OpenApi) -> OpenApi {
    described.info.title = "Chatroom".into();
    described.info.version = "1".into();
    described.info.description = Some(ABOUT.into());
    described.info.license = Some(License::new("MIT"));
    described.servers = Some(vec![Server::new(BASE)]);
    let mut components = described.components.take().unwrap_or_default();
    let mut asked = BTreeSet::new();
    for (path, item) in &mut described.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            operation.tags = Some(vec![chapter(path).to_owned()]);
            add_parameters(operation, path);
            asked.extend(add_body(operation, &components));
            add_security(operation, method, path);
            add_what_goes_wrong(operation, method, path);
        }
    }
    for (name, schema) in &mut components.schemas {
        tidy(schema, !asked.contains(name));
    }
    add_problems(&mut components);
    described.components = Some(components);
    described
}

/// What an address takes.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    let all = [("get", get), ("post", post), ("put", put), ("patch", patch), ("delete", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        name.push('_');
        name.push_str(part.trim_matches(['{', '}']));
    }
    name
}

/// Under which heading it stands.
fn chapter(path: &str) -> &'static str {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.nth(1)) {
        (Some("sessions" | "tokens" | "bots"), _) | (Some("rooms"), Some("hooks" | "webhooks")) => "Keys",
        (Some("me" | "users" | "commands"), _) => "People",
        (Some("rooms"), Some("messages" | "pins" | "read" | "typing")) | (Some("search"), _) => "Messages",
        (Some("rooms"), Some("sanctions" | "purges" | "audit")) => "Order",
        _ => "Rooms",
    }
}

/// The parts of an address that are told.
fn add_parameters(operation: &mut Operation, path: &str) {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build();
    let number = || {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(Number::UInt(0)))
            .build()
    };
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<RefOr<Parameter>> = Vec::new();
    for part in named {
        let schema: RefOr<Schema> = match part {
            "room" => text("A room's id, its name, or somebody after @").into(),
            "seq" => number().into(),
            "id" if path.contains("/purges/") || path.contains("/webhooks/") => number().into(),
            "id" => text("A key's id, or current").into(),
            "kind" => SanctionWord::schema(),
            "mask" => text("A name, account:NAME, an address or a range").into(),
            "emoji" => text("A picture").into(),
            _ => text("Somebody's name").into(),
        };
        let parameter = ParameterBuilder::new().name(part).parameter_in(ParameterIn::Path);
        all.push(parameter.required(Required::True).schema(Some(schema)).build().into());
    }
    all.extend(operation.parameters.take().into_iter().flatten());
    for parameter in &mut all {
        if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
            tidy(schema, true);
        }
    }
    operation.parameters = Some(all).filter(|all| !all.is_empty());
}

/// A body may be left out where nothing must stand in it. Tells which schema it is.
fn add_body(operation: &mut Operation, components: &Components) -> Option<String> {
    let RefOr::T(body) = operation.request_body.as_mut()? else { return None };
    let content = body.content.values().next()?;
    let RefOr::T(Content { schema: Some(RefOr::Ref(at)), .. }) = content else { return None };
    let name = at.ref_location.rsplit('/').next()?.to_owned();
    let must = match components.schemas.get(&name) {
        Some(RefOr::T(Schema::Object(object))) => !object.required.is_empty(),
        _ => true,
    };
    body.required = Some(if must { Required::True } else { Required::False });
    Some(name)
}

/// What a key must be for.
fn scope(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("get", _) => "read",
        (
            _,
            "/tokens" | "/me" | "/me/operator" | "/me/password" | "/sessions/{id}" | "/rooms/{room}/hooks",
        ) => "manage",
        _ if path.starts_with("/bots") => "manage",
        ("patch" | "delete", "/rooms/{room}") => "moderate",
        _ if path.contains("/members/") || path.contains("/webhooks") => "moderate",
        _ if path.contains("/sanctions/") || path.contains("/purges") => "moderate",
        _ => "write",
    }
}

fn add_security(operation: &mut Operation, method: &str, path: &str) {
    let scope = [scope(method, path)];
    let keys = || ["bearer", "cookie"].map(|scheme| SecurityRequirement::new(scheme, scope)).into();
    operation.security.get_or_insert_with(keys);
}

/// Whether it is done without a key.
fn is_open(operation: &Operation) -> bool {
    operation.security.iter().flatten().any(|one| *one == SecurityRequirement::default())
}

fn add_what_goes_wrong(operation: &mut Operation, method: &str, path: &str) {
    let changes = method != "get";
    // A question can be understood and be none too.
    let is_query =
        |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if one.parameter_in == ParameterIn::Query);
    let asks = operation.parameters.iter().flatten().any(is_query);
    for (status, name, _) in PROBLEMS {
        let there = match status {
            "401" => !is_open(operation) || changes,
            "403" => !is_open(operation) || changes,
            "404" => path.contains('{') || path == "/search",
            "409" => changes,
            "422" => changes || asks,
            "413" => operation.request_body.is_some(),
            _ => true,
        };
        if there {
            operation.responses.responses.insert(status.into(), Ref::from_response_name(name).into());
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = match status.as_str() {
                "201" => "It is made",
                "204" => "It is done",
                "304" => "It is as it was",
                _ => "It is so",
            }
            .into();
        }
    }
}

/// Problems and keys, by the names by which operations mean them.
fn add_problems(components: &mut Components) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let status = ObjectBuilder::new().schema_type(Type::Integer);
    let problem = ObjectBuilder::new()
        .description(Some("Why a request is not fulfilled (RFC 9457)"))
        .property("title", text())
        .property("status", status.minimum(Some(Number::UInt(400))).maximum(Some(Number::UInt(599))))
        .property("code", text().description(Some("For programs, and stable")).enum_values(Some(CODES)))
        .property("detail", text().description(Some("For people")));
    let problem = ["title", "status", "code", "detail"].into_iter().fold(problem, ObjectBuilder::required);
    components.schemas.insert("Problem".into(), problem.build().into());
    for (status, name, about) in PROBLEMS {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let mut response =
            ResponseBuilder::new().description(about).content("application/problem+json", content);
        if matches!(status, "429" | "503") {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(Number::UInt(1)));
            let after = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait"));
            response = response.header("Retry-After", after.build());
        }
        if status == "429" {
            for (field, about) in [
                ("RateLimit-Policy", "Which limit it is; how often (q) in how many seconds (w)"),
                (
                    "RateLimit",
                    "How often it is still allowed (r), and the seconds until it is as in the beginning (t)",
                ),
            ] {
                let header = HeaderBuilder::new().schema(Some(text())).description(Some(about));
                response = response.header(field, header.build());
            }
        }
        components.responses.insert(name.into(), response.build().into());
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("chatroom")));
    components.add_security_scheme("cookie", cookie);
}
