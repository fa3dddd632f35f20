//! The schemes that come with the crate, as data.

use super::scheme::Scheme;

/// The presets of this version, by name.
const PRESETS: [(&str, &str); 3] = [
    ("edge_sync", include_str!("edge_sync.json")),
    ("parking", include_str!("parking.json")),
    ("standard_webhooks", include_str!("standard_webhooks.json")),
];

/// Senders whose presets come with a later version.
const LATER: [&str; 12] = ["discord", "gitea", "github", "rfc9421", "sendgrid", "shopify", "slack", "sns", "square", "stripe", "svix", "twilio"];

/// The scheme of this name.
///
/// # Errors
/// A sentence that says what to write instead.
pub(super) fn preset(name: &str) -> Result<Scheme, String> {
    let names = PRESETS.map(|(name, _)| name).join(", ");
    if let Some((name, json)) = PRESETS.iter().find(|(known, _)| *known == name) {
        let read = serde_json::from_str(json).map_err(|_| "this preset is damaged in this build; write the scheme out".to_owned());
        return read.map(|scheme: Scheme| Scheme { name: (*name).to_owned(), ..scheme });
    }
    if LATER.contains(&name) {
        return Err(format!("the preset {name} is not in this version; write one of {names}, or give a scheme"));
    }
    Err(format!("write one of {names}, or give a scheme in place of the preset"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_sound_scheme() {
        for (name, _) in PRESETS {
            let scheme = preset(name).unwrap();
            assert_eq!(scheme.name, name);
            assert_eq!(scheme.faults(true), [], "{name}");
        }
    }

    #[test]
    fn a_preset_of_a_later_version_is_told_from_a_slip_of_the_pen() {
        assert!(preset("stripe").unwrap_err().contains("not in this version"));
        assert!(preset("Parking").unwrap_err().contains("parking"));
    }
}
