//! A module of the core imports only from layers below it, or from its own.
//!
//! The layers are those of the table in DESIGN.md; a new module needs a place here.

mod settings_written;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module names by layer, the lowest first.
const LAYERS: [&[&str]; 9] = [
    &["error", "object", "time", "verdict", "cancel", "stats", "sync", "thread"],
    &["credentials"],
    &["proto"],
    &["config"],
    &["transport"],
    &["providers"],
    &["send"],
    &["list", "read", "stream", "write", "plan"],
    &["client", "blocking", "report", "fuzzing", "internals"],
];

#[test]
fn no_module_of_the_core_imports_from_a_layer_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../s3stream-core/src");
    let exports = Exports::read(&source(&root.join("lib.rs")));
    let mut problems = Vec::new();
    let mut modules = BTreeSet::new();
    for path in rust_files(&root) {
        let name = path.strip_prefix(&root).expect("it was found there");
        let first = name.iter().next().expect("a path has a beginning");
        let module = Path::new(first).file_stem().and_then(|stem| stem.to_str());
        let module = module.expect("modules have ASCII names");
        // The crate's root names every module: that is its job.
        if module == "lib" {
            continue;
        }
        modules.insert(module.to_owned());
        let found = upward_imports(module, &source(&path), &exports).into_iter();
        problems.extend(found.map(|problem| format!("{}: {problem}", name.display())));
    }
    assert!(modules.contains("proto"), "the sources were found");
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn only_the_service_knows_a_domain_of_aws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../s3stream-core/src");
    let named = rust_files(&root).into_iter().filter(|path| {
        // What a test expects is no knowledge of the code's.
        let text = source(path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // S3's XML has a namespace there, whoever sends it.
        let code = code.replace("http://s3.amazonaws.com/doc/", "");
        code.contains("amazonaws") && !path.to_string_lossy().ends_with("tests.rs")
    });
    let names = named.map(|path| path.strip_prefix(&root).unwrap().to_owned()).collect::<Vec<_>>();
    let elsewhere = names.iter().filter(|name| !name.starts_with("proto/service"));
    assert_eq!(elsewhere.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    assert!(!names.is_empty(), "the sources were found");
}

#[test]
fn an_upward_import_is_detected() {
    let exports = Exports::read("pub use client::{Client, ClientBuilder};\npub use error::Error;");
    let found = |module: &str, text: &str| upward_imports(module, text, &exports).len();
    assert_eq!(found("proto", "use crate::send::Session;"), 1);
    assert_eq!(found("error", "    pub(crate) use crate::object::ETag;"), 0);
    assert_eq!(found("list", "use crate::{client::Client, error::Error};"), 1);
    let nested = "use crate::{\n    error::Error,\n    read::{A, B},\n    blocking,\n};";
    assert_eq!(found("send", nested), 2);
    assert_eq!(found("proto", "let x = crate::config::Settings::default();"), 1);
    assert_eq!(found("error", "//! See [`Client`](crate::Client), crate::client::Client."), 0);
    assert_eq!(found("proto", "/// [`open`](crate::client::Client::open)"), 0);
    assert_eq!(found("read", "use crate::list::Entry;"), 0, "its own layer");
    assert_eq!(found("config", "use crate::transport::Body;"), 1);
    assert_eq!(found("elsewhere", "use crate::error::Error;"), 1, "it has no layer");
    assert_eq!(found("client", "use crate::elsewhere::Thing;"), 1, "nor has this one");
    assert_eq!(found("proto", "use crate::{Client, Error};"), 1, "through the crate's root");
    assert_eq!(found("blocking", "use crate::ClientBuilder;"), 0);
}

/// Rooms of the core, and words that their code never names, each for a reason of DESIGN's.
const NEVER: [(&str, &[&str]); 6] = [
    // A source knows nothing of proof, and a prover nothing of where bytes come from.
    ("read/source/", &["prover"]),
    ("read/prover/", &["source"]),
    // Their interleavings are played by a model checker, which knows neither.
    ("read/source/queue.rs", &["tokio", "std::sync::Mutex", "transport"]),
    ("send/memory.rs", &["tokio", "std::sync::Mutex", "transport"]),
    ("read/", &["crate::write"]),
    ("report/", &["crate::send"]),
];

#[test]
fn rooms_keep_to_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../s3stream-core/src");
    let mut looked_at = BTreeSet::new();
    for path in rust_files(&root) {
        let name = path.strip_prefix(&root).expect("it was found there").display().to_string();
        let text = source(&path);
        let code: String = text.lines().filter_map(|line| line.split("//").next()).collect();
        for (room, words) in NEVER.iter().filter(|(room, _)| name.starts_with(room)) {
            looked_at.insert(*room);
            for word in *words {
                assert!(!code.contains(word), "{name} names '{word}', which '{room}' never does");
            }
        }
    }
    let rooms: BTreeSet<_> = NEVER.iter().map(|(room, _)| *room).collect();
    assert_eq!(looked_at, rooms, "every room was found");
}

/// The imports of a module that it must not have, one line each.
fn upward_imports(module: &str, text: &str, exports: &Exports) -> Vec<String> {
    let Some(own) = layer(module) else {
        return vec![format!(
            "module '{module}' has no layer: give it one in tests/rust/layers.rs"
        )];
    };
    let problem = |name: String| {
        let Some(other) = layer(exports.module(&name)) else {
            return Some(format!("imports 'crate::{name}', which is of no module with a layer"));
        };
        (other > own)
            .then(|| format!("imports '{name}' of layer {other} into '{module}' of layer {own}"))
    };
    imported(text).into_iter().filter_map(problem).collect()
}

/// What the crate's root re-exports: name and module.
struct Exports(BTreeMap<String, String>);

impl Exports {
    fn read(root: &str) -> Self {
        let mut exports = BTreeMap::new();
        for statement in root.split("pub use ").skip(1) {
            let statement = statement.split(';').next().unwrap_or("");
            let Some((path, names)) = statement.rsplit_once("::") else { continue };
            let module = path.split("::").next().unwrap_or("");
            for name in names.split(|c: char| !c.is_alphanumeric() && c != '_') {
                exports.insert(name.to_owned(), module.to_owned());
            }
        }
        Exports(exports)
    }

    /// The module of a name behind `crate::`, which may be the module itself.
    fn module<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

fn source(path: &Path) -> String {
    fs::read_to_string(path).expect("sources are readable")
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// The first names behind `crate::` in code, in `use` lines and elsewhere.
fn imported(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `pub(crate)` has no colons; `$crate::` and `my_crate::` are other things.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(heads(group)),
            None => names.extend(identifier(rest)),
        }
    }
    names
}

/// The first name of each item of a `{...}` group, its opening brace taken off.
fn heads(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut is_start = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            _ if is_start && !c.is_whitespace() => {
                names.extend(identifier(&group[at..]));
                is_start = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("the core's sources are there") {
        let path = entry.expect("its entries are readable").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
