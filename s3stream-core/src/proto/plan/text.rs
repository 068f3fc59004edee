//! A plan as the file that it is kept in.
//!
//! JSON, with the SHA-256 of itself: of the compact text of everything but `sha256`, the names
//! of each object in the order of their code points. A file that was cut or edited by hand is
//! known, and one that was only indented otherwise is not taken for one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::nouns::{Limits, Plan, Scope, Shard};

/// What this version writes, and the latest that it reads.
const FORMAT: u32 = 1;

/// Why a text is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPlan(String);

impl fmt::Display for NoPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no plan: {}", self.0)
    }
}

impl std::error::Error for NoPlan {}

#[derive(Serialize, Deserialize)]
struct File {
    format: u32,
    #[serde(flatten)]
    scope: Scope,
    limits: Limits,
    revision: u32,
    lanes: u32,
    next_id: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_key: Option<String>,
    shards: Vec<Shard>,
    #[serde(default)]
    retired: Vec<u32>,
    #[serde(default)]
    sha256: String,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { scope, limits, revision, lanes, shards, retired, next_id, last_key } =
            self.clone();
        let mut file = File {
            format: FORMAT,
            scope,
            limits,
            revision,
            lanes,
            next_id,
            last_key,
            shards,
            retired,
            sha256: String::new(),
        };
        let value = serde_json::to_value(&file).map_err(|_| fmt::Error)?;
        file.sha256 = sum(&value);
        let text = serde_json::to_string_pretty(&file).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}

impl FromStr for Plan {
    type Err = NoPlan;

    /// Reads a plan that was written by `to_string`.
    ///
    /// # Errors
    /// One line that says why it is none: no JSON, of a later format, not as it was written, or
    /// shards that do not tile the key space.
    fn from_str(text: &str) -> Result<Self, NoPlan> {
        let why = |error: serde_json::Error| NoPlan(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(why)?;
        match value.get("format").and_then(Value::as_u64) {
            Some(format) if format > u64::from(FORMAT) => {
                let why = format!("it is of format {format}; this version reads {FORMAT}");
                return Err(NoPlan(why));
            }
            Some(_) => {}
            None => return Err(NoPlan("it names no format".to_owned())),
        }
        let found = sum(&value);
        let file: File = serde_json::from_value(value).map_err(why)?;
        if file.sha256 != found {
            let why = "its SHA-256 is another one: it was cut, or changed by hand";
            return Err(NoPlan(why.to_owned()));
        }
        let File { scope, limits, revision, lanes, next_id, last_key, shards, retired, .. } = file;
        let plan = Plan { scope, limits, revision, lanes, shards, retired, next_id, last_key };
        plan.checked().map_err(NoPlan)
    }
}

/// SHA-256 of a document without its `sha256`.
fn sum(value: &Value) -> String {
    let mut text = String::new();
    let mut value = value.clone();
    if let Value::Object(fields) = &mut value {
        fields.remove("sha256");
    }
    canonical(&value, &mut text);
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The one compact text of a document.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            // Whether they are sorted already is another crate's choice of features.
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                canonical(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cut::Cut;
    use super::*;

    fn plan() -> Plan {
        let limits = Limits { bytes: 100, ..Limits::default() };
        let scope = Scope {
            endpoint: "http://127.0.0.1:1".to_owned(),
            bucket: "b".to_owned(),
            prefix: String::new(),
        };
        let mut cut = Cut::new(scope, limits, 3).unwrap();
        for key in ["a \"quoted\" key", "b:\\ü\u{1F600}", "c\u{7}", "d\n"] {
            cut.pass(key, 40).unwrap();
        }
        cut.finish()
    }

    #[test]
    fn a_plan_survives_its_file() {
        let text = plan().to_string();
        assert_eq!(text.parse(), Ok(plan()));
        assert_eq!(text.parse::<Plan>().unwrap().to_string(), text);
        let compact = serde_json::from_str::<Value>(&text).unwrap().to_string();
        assert_eq!(compact.parse(), Ok(plan()), "indented otherwise it is the same");
    }

    #[test]
    fn a_plan_cut_anywhere_is_none() {
        let text = plan().to_string();
        let whole = text.trim_end().len();
        for (end, _) in text.char_indices().take_while(|(end, _)| *end < whole) {
            assert!(text[..end].parse::<Plan>().is_err(), "cut at {end}");
        }
    }

    #[test]
    fn every_digit_that_is_changed_is_noticed() {
        let text = plan().to_string();
        for (place, digit) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let mut changed = text.clone();
            let other = if digit == '1' { "2" } else { "1" };
            changed.replace_range(place..=place, other);
            assert!(changed.parse::<Plan>().is_err(), "{changed}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let signed = |change: &dyn Fn(&mut Value)| {
            let mut value: Value = serde_json::from_str(&plan().to_string()).unwrap();
            change(&mut value);
            value["sha256"] = Value::from(sum(&value));
            value.to_string().parse::<Plan>().map_err(|why| why.to_string()).unwrap_err()
        };
        assert!(signed(&|it| it["format"] = Value::from(2)).contains("of format 2"));
        let gap = signed(&|it| it["shards"][1]["start_after"] = Value::from("b:\\ü\u{1F601}"));
        assert!(gap.contains("no shard backs up the keys behind"), "{gap}");
        assert!(signed(&|it| it["shards"][0]["id"] = Value::from(2)).contains("one number"));
        assert!(signed(&|it| it["next_id"] = Value::from(2)).contains("still to come"));
        assert!(signed(&|it| it["lanes"] = Value::from(1)).contains("no lane"));
        assert!(signed(&|it| it["retired"] = serde_json::json!([1])).contains("has ended"));
        assert!(signed(&|it| it["shards"] = serde_json::json!([])).contains("no shard"));
        assert!(signed(&|it| it["limits"]["bytes"] = Value::from(0)).contains("at least one"));
        assert!("".parse::<Plan>().is_err() && "[]".parse::<Plan>().is_err());
    }
}
