//! Makes one script of those that import each other, as a browser would run them; knows only the few forms that the page's are written in.
//!
//! A browser asks for each module by itself: thirty-seven of them took longer than all the rest of a visit. Each becomes a function
//! that gives back what it exports, after those that it imports.

use std::collections::BTreeMap;

/// What stands in the one script so far.
struct Joined<'a> {
    scripts: &'a BTreeMap<String, String>,
    /// Those that are whole; others know them by their place here.
    done: Vec<String>,
    /// Those whose imports are being looked at, each imported by the one before.
    begun: Vec<String>,
    out: String,
}

/// The script that begins, and before it whatever it needs, each once.
///
/// # Errors
/// A sentence about what is not there, or not written as the page's scripts are.
pub(super) fn joined(scripts: &BTreeMap<String, String>, first: &str) -> Result<String, String> {
    let mut joined = Joined { scripts, done: Vec::new(), begun: Vec::new(), out: String::new() };
    joined.add(first)?;
    Ok(joined.out)
}

impl Joined<'_> {
    /// The name that a script's exports have here.
    fn add(&mut self, path: &str) -> Result<String, String> {
        if let Some(at) = self.done.iter().position(|done| done == path) {
            return Ok(format!("${at}"));
        }
        if self.begun.iter().any(|begun| begun == path) {
            return Err(format!("{path} imports itself: {}", self.begun.join(", ")));
        }
        let text = self.scripts.get(path).ok_or_else(|| format!("{path} is not there"))?;
        self.begun.push(path.to_owned());
        let mut body = String::new();
        let mut exported = Vec::new();
        for line in text.lines() {
            if let Some(import) = line.strip_prefix("import ") {
                body += &self.import(import, path).map_err(|why| format!("{path}: {why}: {line}"))?;
            } else if let Some(declared) = line.strip_prefix("export ") {
                let name = name(declared);
                exported.push(
                    name.ok_or_else(|| format!("{path}: this export has no form that is known: {line}"))?,
                );
                body += declared;
            } else {
                body += line;
            }
            body.push('\n');
        }
        self.begun.pop();
        let known = format!("${}", self.done.len());
        self.done.push(path.to_owned());
        let exports = exported.join(", ");
        self.out += &format!("// {path}\nconst {known} = (() => {{\n{body}return {{ {exports} }};\n}})();\n");
        Ok(known)
    }

    /// `{ one, other as another } from "./there.js";` or `* as all from "./there.js";`
    fn import(&mut self, import: &str, by: &str) -> Result<String, String> {
        let (what, from) = import.split_once(" from \"").ok_or("this import has no form that is known")?;
        let from = from.strip_suffix("\";").ok_or("this import does not end with its line")?;
        let exports = self.add(&beside(by, from))?;
        Ok(match what.strip_prefix("* as ") {
            Some(all) => format!("const {all} = {exports};"),
            None => format!("const {} = {exports};", what.replace(" as ", ": ")),
        })
    }
}

/// What a declaration that never changes declares.
fn name(declared: &str) -> Option<&str> {
    let declared = declared.strip_prefix("async ").unwrap_or(declared);
    let named = ["function ", "class ", "const "].iter().find_map(|word| declared.strip_prefix(word))?;
    let end = named.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    Some(&named[..end]).filter(|name| !name.is_empty())
}

/// A path as it is written in the script at another.
fn beside(path: &str, written: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_is_imported_stands_before_and_once() {
        let all = scripts(&[
            (
                "app.js",
                "import { a as one, B } from \"./view/a.js\";\nimport * as c from \"./model/c.js\";\none(B, c.d);\n",
            ),
            (
                "view/a.js",
                "import { d } from \"../model/c.js\";\nexport function a() {\nreturn d;\n}\nexport class B {\n}\n",
            ),
            ("model/c.js", "export const d = 1;\nexport async function e() {}\nconst own = 2;\n"),
        ]);
        let expected = "\
// model/c.js
const $0 = (() => {
const d = 1;
async function e() {}
const own = 2;
return { d, e };
})();
// view/a.js
const $1 = (() => {
const { d } = $0;
function a() {
return d;
}
class B {
}
return { a, B };
})();
// app.js
const $2 = (() => {
const { a: one, B } = $1;
const c = $0;
one(B, c.d);
return {  };
})();
";
        assert_eq!(joined(&all, "app.js").unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_joined_is_said_and_not_guessed() {
        for (text, why) in [
            ("import { a } from \"./a.js\";", "app.js: a.js is not there"),
            ("import { a } from \"./app.js\";", "app.js imports itself"),
            ("import \"./a.js\";", "no form that is known"),
            ("import {", "no form that is known"),
            ("import { a } from \"./a.js\"; a();", "does not end with its line"),
            ("export let a = 1;", "no form that is known"),
            ("export default 1;", "no form that is known"),
            ("export const { a } = b;", "no form that is known"),
            ("export * from \"./a.js\";", "no form that is known"),
        ] {
            let said = joined(&scripts(&[("app.js", text)]), "app.js").unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
