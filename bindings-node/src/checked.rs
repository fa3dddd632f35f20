//! A checked message as one text, for the same reason as the claims.

use gatewright::time::Timestamp;
use gatewright::webhook::Checked;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// The text of a JSON object.
pub(crate) fn text(checked: &Checked) -> String {
    let text = Text {
        key_id: &checked.key_id,
        timestamp: checked.timestamp.map(Timestamp::as_micros),
        id: checked.id.as_deref(),
        nonce: checked.nonce.as_deref(),
    };
    serde_json::to_string(&text).unwrap_or_default()
}
