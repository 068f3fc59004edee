//! What is written of the settings elsewhere is what the core's table makes of them.
//!
//! `S3STREAM_WRITE=1 cargo test -p s3stream-tests --all-features --test layers` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use s3stream_core::{SETTINGS, Setting, SettingKind};

const OPEN: &str = "<!-- settings: made from the table of the core -->\n";
const CLOSE: &str = "<!-- end of settings -->";

/// What the Bareos plugin leaves to the core's defaults: a file daemon is no place to tune it, a
/// FileSet none for keys of customers.
const WITHHELD: [&str; 6] =
    ["idle_timeout", "retry_base_delay", "window", "own_digest", "user_agent", "sse_customer_key"];

#[test]
fn pythons_signature_is_the_tables() {
    compare("s3stream-py/python/s3stream/settings.py", |_| python());
}

#[test]
fn cs_manual_has_the_table() {
    compare("s3stream-ffi/README.md", |text| between(text, &table(SETTINGS.iter())));
}

#[test]
fn the_plugins_manual_has_the_table_less_what_is_withheld() {
    let taken = || SETTINGS.iter().filter(|setting| !WITHHELD.contains(&setting.name));
    compare("s3stream-py/BAREOS.md", |text| between(text, &table(taken())));
    let options = read(&path("s3stream-py/python/s3stream/bareos/options.py"));
    let (_, list) = options.split_once("WITHHELD = (").expect("options.py names what it withholds");
    let list = list.split_once(')').expect("a tuple ends").0;
    let names = list.split('"').skip(1).step_by(2).collect::<Vec<_>>();
    assert_eq!(names, WITHHELD);
}

fn compare(name: &str, make: impl FnOnce(&str) -> String) {
    let path = path(name);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let made = make(&text);
    if std::env::var_os("S3STREAM_WRITE").is_some() {
        fs::write(&path, made).expect("the sources can be written");
        return;
    }
    assert!(text == made, "{name} is not what the settings make of it: run with S3STREAM_WRITE=1");
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it is in the repository")
}

fn between(text: &str, made: &str) -> String {
    let (before, rest) = text.split_once(OPEN).expect("the manual has the opening mark");
    let (_, after) = rest.split_once(CLOSE).expect("the manual has the closing mark");
    format!("{before}{OPEN}{made}{CLOSE}{after}")
}

fn table<'a>(settings: impl Iterator<Item = &'a Setting>) -> String {
    let mut text = String::from("| setting | if absent | otherwise from | |\n|---|---|---|---|\n");
    for setting in settings {
        let Setting { name, default, help, .. } = setting;
        let _ = writeln!(text, "| `{name}` | {} | {} | {help} |", code(default), sources(setting));
    }
    text
}

/// Where else a setting may be said, with what wins first.
fn sources(setting: &Setting) -> String {
    let variables = setting.variables.iter().map(|name| code(name));
    let keys = setting.profile_keys.iter().map(|name| format!("profile's {}", code(name)));
    variables.chain(keys).collect::<Vec<_>>().join(", ")
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn python() -> String {
    let mut parameters = String::new();
    let mut lines = String::new();
    let mut given = String::new();
    for setting in SETTINGS {
        let (name, kind) = (setting.name, python_type(setting.kind));
        let _ = writeln!(parameters, "        {name}: Optional[{kind}] = UNSET,");
        lines.push_str(&wrapped(&python_line(setting)));
        let _ = writeln!(given, "            \"{name}\": {name},");
    }
    format!("{HEAD}{parameters}{MIDDLE}{lines}{BODY}{given}{FOOT}")
}

fn python_type(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::Path => "Union[str, os.PathLike[str]]",
        SettingKind::Flag => "bool",
        SettingKind::Seconds => "float",
        SettingKind::Count | SettingKind::Bytes => "int",
        _ => "str",
    }
}

fn python_line(setting: &Setting) -> String {
    let default = match (setting.kind, setting.default) {
        (_, "") => String::new(),
        (SettingKind::Flag, "true") => " (True)".to_owned(),
        (SettingKind::Flag, _) => " (False)".to_owned(),
        (_, default) => format!(" ({default})"),
    };
    format!("{}: {}{default}.", setting.name, setting.help)
}

/// An entry of the docstring, in lines of 100 columns.
fn wrapped(entry: &str) -> String {
    let mut text = String::new();
    let mut line = String::from("       ");
    for word in entry.split(' ') {
        if line.len() + 1 + word.len() > 100 {
            text.push_str(&line);
            text.push('\n');
            line = String::from("           ");
        }
        line.push(' ');
        line.push_str(word);
    }
    text + &line + "\n"
}

const HEAD: &str = r#""""The settings of a client: made from the table of the core, and compared with it by its tests."""

from __future__ import annotations

import os

from s3stream import _native
from s3stream._hints import HINTED

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Any, Dict, List, Optional, Tuple, Union

__all__ = ["UNSET", "Settings"]


class _Unset:
    """What no caller says."""

    def __repr__(self) -> str:
        return "UNSET"


#: Not said: environment and profile say it, or the default holds. `None` is the same.
UNSET: Any = _Unset()


class Settings:
    """What a client is told when it is made; see `Client`."""

    def __init__(
        self,
"#;

const MIDDLE: &str = r#"    ) -> None:
        """Checks all settings against each other; nothing is sent yet.

        What is not said comes from environment and profile; what is said wins over them, even if
        it is the default, which stands in parentheses.

"#;

const BODY: &str = r#"
        Raises `InvalidInputError` that names the setting, variable, file or profile at fault.
        """
        given: Dict[str, Any] = {
"#;

const FOOT: &str = r#"        }
        self._handle = _native.client_new(_texts(given))


def _texts(given: Dict[str, Any]) -> List[Tuple[str, str]]:
    """What was said, as the core reads it."""
    return [
        (name, _text(value))
        for name, value in given.items()
        if value is not None and value is not UNSET
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return str(value)
"#;
