//! What the page in the browser is made of: files in the binary, each under an address that changes when any of them does.

use super::join::joined;
use super::nothing_here;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

/// For as long as a browser likes: under this address it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Bytes below which a file is sent as it is.
const SMALL: usize = 256;

#[derive(RustEmbed)]
#[folder = "../../web"]
#[exclude = "test/*"]
#[exclude = "package.json"]
#[exclude = "*.d.ts"]
struct Files;

/// A file, as it is sent.
struct Asset {
    media_type: &'static str,
    plain: Bytes,
    packed: Option<Bytes>,
}

/// All files, and what stands for them in addresses.
pub(super) struct Assets {
    pub(super) build: String,
    files: BTreeMap<String, Asset>,
}

/// The script that begins; what it imports stands in it.
const SCRIPT: &str = "app.js";

/// Read and packed when somebody asks for the first of them.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut files: BTreeMap<String, Bytes> = BTreeMap::new();
    let mut scripts = BTreeMap::new();
    for path in Files::iter() {
        let Some(file) = Files::get(&path) else { continue };
        let bytes = match std::str::from_utf8(&file.data) {
            // Each sheet stands in the one that imports it.
            Ok(_) if path.starts_with("css/") => continue,
            Ok(text) if path.ends_with(".js") => {
                scripts.insert(path.to_string(), lean(text));
                continue;
            }
            Ok(text) if path.ends_with(".css") => tight(&whole(text)).into(),
            _ => file.data.into_owned().into(),
        };
        files.insert(path.to_string(), bytes);
    }
    let script = joined(&scripts, SCRIPT).expect("the page's scripts are written as one of its tests says");
    files.insert(SCRIPT.to_owned(), script.into());
    let mut hash = Sha256::new();
    for (path, bytes) in &files {
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    let mut build = String::new();
    for byte in hash.finalize().iter().take(8) {
        let _ = write!(build, "{byte:02x}");
    }
    let files = files.into_iter().map(|(path, plain)| {
        let asset = Asset { media_type: media_type(&path), packed: packed(&plain), plain };
        (path, asset)
    });
    Assets { build, files: files.collect() }
});

impl Assets {
    /// A file's text; empty where there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        let plain = self.files.get(path).map(|asset| &*asset.plain);
        plain.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// A sheet with those it imports in their places.
fn whole(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let imported = line.trim_end().strip_prefix("@import \"./").and_then(|rest| rest.strip_suffix("\";"));
        match imported.and_then(Files::get) {
            Some(file) => out.push_str(std::str::from_utf8(&file.data).unwrap_or_default()),
            None => out.push_str(line),
        }
    }
    out
}

/// A file without what is for its readers: comments that stand alone, blocks of them, and indentation. A test of the page's
/// sees to it that no text in a script looks like one.
fn lean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        let after = comment.split_once("*/").map_or("", |(_, after)| after);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    out.push_str(rest);
    let lines = out.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A sheet without what is for its readers; no text in one has a space behind one of these signs.
fn tight(sheet: &str) -> String {
    let signs = [(" { ", "{"), ("; }", "}"), (": ", ":"), ("; ", ";"), (", ", ",")];
    signs.iter().fold(lean(sheet), |sheet, (wide, tight)| sheet.replace(wide, tight))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// A file with less bytes, if it has less then.
pub(super) fn packed(plain: &[u8]) -> Option<Bytes> {
    if plain.len() < SMALL {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < plain.len()).then(|| packed.into())
}

/// Whether a browser understands what is packed.
pub(super) fn unpacks(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.trim_end_matches('0') == "0.");
        name.trim().eq_ignore_ascii_case("gzip") && !refused && quality.trim() != "q=0"
    })
}

/// One of the files.
pub(super) async fn asset(Path((build, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let found = ASSETS.files.get(&path).filter(|_| build == ASSETS.build);
    let Some(asset) = found else { return nothing_here().await.into_response() };
    sent(asset.media_type, &asset.plain, asset.packed.as_ref(), Some(FOR_EVER), &headers)
}

pub(super) fn sent(
    media_type: &'static str,
    plain: &Bytes,
    packed: Option<&Bytes>,
    kept: Option<&'static str>,
    asked: &HeaderMap,
) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Some(kept) = kept {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    match packed.filter(|_| unpacks(asked)) {
        Some(packed) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            (headers, packed.clone()).into_response()
        }
        None => (headers, plain.clone()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_small() {
        let sizes = ASSETS.files.iter().map(|(path, asset)| {
            assert_ne!(asset.media_type, "application/octet-stream", "{path} has no media type");
            asset.packed.as_ref().map_or(asset.plain.len(), Bytes::len)
        });
        let all: usize = sizes.sum();
        assert!(all > 0 && all < 60 * 1024, "{all} bytes");
        assert!(ASSETS.text(SCRIPT).contains("// view/shell.js\n"));
        assert!(ASSETS.text("index.html").contains("BUILD"));
        assert!(
            !ASSETS
                .files
                .keys()
                .any(|path| ["test/", "css/", "view/"].iter().any(|left| path.contains(left)))
        );
        assert!(!ASSETS.text("style.css").contains("@import"));
    }

    #[test]
    fn only_what_is_for_readers_is_left_out() {
        let script =
            "// What it is for.\n\n/** @type {x} */ let a = 1; // stays\n  /* two\n   lines */\n  b(`c`);\n";
        assert_eq!(lean(script), "let a = 1; // stays\nb(`c`);\n");
        assert_eq!(
            tight("/* a */\na, b:hover { margin: 0 1px; color: red; }\n"),
            "a,b:hover{margin:0 1px;color:red}\n"
        );
        assert_eq!(whole("@import \"./css/none.css\";\n.a {}\n"), "@import \"./css/none.css\";\n.a {}\n");
    }

    #[test]
    fn who_does_not_unpack_is_given_it_plain() {
        let says = |value: &'static str| {
            unpacks(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(says("gzip") && says("br, GZIP;q=0.5") && says("deflate,gzip ;q=1"));
        assert!(!says("br") && !says("gzip;q=0") && !says("gzip;q=0.0") && !says("gzipx"));
        assert!(!unpacks(&HeaderMap::new()));
    }
}
