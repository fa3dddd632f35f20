//! A checked message as one text, for the same reason as the claims.

use gatewright::time::Timestamp;
use gatewright::webhook::Checked;
use serde_json::json;

/// The text of a JSON object.
pub(crate) fn text(checked: &Checked) -> String {
    let timestamp = checked.timestamp.map(Timestamp::as_micros);
    json!({ "keyId": checked.key_id, "timestamp": timestamp, "id": checked.id, "nonce": checked.nonce }).to_string()
}
