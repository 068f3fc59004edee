//! How the restore of an archived object stands, as JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::timestamp;
use crate::object::RestoreStatus;
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
struct Form {
    /// `ongoing` or `restored`.
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "timestamp")]
    until: Option<Timestamp>,
}

pub(super) fn serialize<S: Serializer>(
    status: &Option<RestoreStatus>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let form = status.map(|status| match status {
        RestoreStatus::Ongoing => Form { state: "ongoing".to_owned(), until: None },
        RestoreStatus::Restored { until } => Form { state: "restored".to_owned(), until },
    });
    form.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<RestoreStatus>, D::Error> {
    let Some(form) = Option::<Form>::deserialize(deserializer)? else { return Ok(None) };
    match form.state.as_str() {
        "ongoing" => Ok(Some(RestoreStatus::Ongoing)),
        "restored" => Ok(Some(RestoreStatus::Restored { until: form.until })),
        other => Err(de::Error::custom(format!("'{other}' is no state of a restore"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Outcome, Record};

    #[test]
    fn every_state_comes_back() {
        let until = Timestamp::from_unix_seconds(2_000_000_000);
        for status in [
            RestoreStatus::Ongoing,
            RestoreStatus::Restored { until: None },
            RestoreStatus::Restored { until },
        ] {
            let mut record = Record::new("b", "k", Outcome::Streamed);
            record.restore_status = Some(status);
            let line = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record, "{line}");
        }
    }
}
