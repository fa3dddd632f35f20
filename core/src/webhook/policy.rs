//! What an element of `webhooks.endpoints` says: as it is written, and checked with its defaults.

use std::time::Duration;

use zeroize::Zeroizing;

pub use super::key::EndpointKey;
use super::presets::preset;
use super::scheme::{Replay, Scheme};
use super::secrets;
use crate::time::Timestamp;

/// An endpoint, checked.
#[derive(Debug, Clone)]
pub struct EndpointPolicy {
    /// How calls name it.
    pub id: String,
    /// How its messages look, the endpoint's own window, replay and `min_len` already in it.
    pub scheme: Scheme,
    /// 1–8 secrets, in policy order.
    pub secrets: Vec<EndpointSecret>,
    /// The largest body. Default 1 MiB.
    pub max_body: u64,
    /// Two-phase claims (the default) or the seed's single step.
    pub one_phase: bool,
    /// How long a message may be handled before another delivery may take it over. Default 30 s.
    pub hold: Duration,
    /// The endpoint's own URL, for schemes that sign it.
    pub url: Option<String>,
}

/// A secret of an endpoint.
#[derive(Debug, Clone)]
pub struct EndpointSecret {
    /// Its name, reported when it matches.
    pub id: String,
    /// The decoded key.
    pub key: EndpointKey,
    /// Whether it also signs.
    pub sign: bool,
    /// In force from this instant on.
    pub not_before: Option<Timestamp>,
    /// In force before this instant.
    pub not_after: Option<Timestamp>,
}

impl EndpointSecret {
    /// Whether it is in force: `not_before ≤ now < not_after`.
    pub(super) fn is_in_force(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|from| from <= now) && self.not_after.is_none_or(|until| now < until)
    }
}

/// An endpoint as it is written: the members of the policy document, forms checked, meaning not yet.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "named as the members of the policy document")]
pub struct EndpointSpec {
    pub id: String,
    pub preset: Option<String>,
    /// The object of `scheme`.
    pub scheme: Option<serde_json::Value>,
    pub secrets: Vec<SecretSpec>,
    pub url: Option<String>,
    /// `window.past`.
    pub past: Option<Duration>,
    /// `window.future`.
    pub future: Option<Duration>,
    pub replay: Option<String>,
    /// In bytes.
    pub max_body: Option<u64>,
    pub min_len: Option<u64>,
    pub claim: Option<String>,
    pub hold: Option<Duration>,
    /// Whether `certificates` is there: it belongs to a preset of a later version.
    pub certificates: bool,
    /// Whether `require_digest` is there: so does it.
    pub require_digest: bool,
}

/// An element of `secrets` as it is written, `${…}` resolved.
#[derive(Clone)]
#[allow(missing_docs, reason = "named as the members of the policy document")]
pub struct SecretSpec {
    pub id: String,
    pub secret: Zeroizing<String>,
    pub sign: bool,
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
}

impl std::fmt::Debug for SecretSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretSpec").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Something wrong with an endpoint: the path of the member below it (`secrets[1].secret`), and a sentence that says what to
/// write. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "said above")]
pub struct EndpointProblem {
    pub member: String,
    pub mend: String,
}

impl EndpointPolicy {
    /// Checks an endpoint as it is written.
    ///
    /// # Errors
    /// Every problem, in no order.
    pub fn from_spec(spec: EndpointSpec) -> Result<Self, Vec<EndpointProblem>> {
        let mut problems = Problems(Vec::new());
        if spec.id.is_empty() || spec.id.len() > MAX_ID {
            problems.add("id", "write a name of 1-255 bytes");
        }
        let own_url = spec.url.as_deref().is_some_and(is_own_url);
        if spec.url.is_some() && !own_url {
            problems.add("url", "write the URL as the sender knows it: http:// or https://, a host, no spaces, no fragment");
        }
        let scheme = scheme_of(&spec, own_url, &mut problems).map(|mut scheme| {
            override_scheme(&mut scheme, &spec, &mut problems);
            scheme
        });
        let max_body = spec.max_body.unwrap_or(DEFAULT_MAX_BODY);
        if max_body == 0 {
            problems.add("max_body", "write a size of at least 1B, as 1MiB");
        }
        let hold = spec.hold.unwrap_or(DEFAULT_HOLD);
        if hold.is_zero() || hold > MAX_HOLD {
            problems.add("hold", "write a duration from 1us to 24h, as 30s");
        }
        let one_phase = match spec.claim.as_deref() {
            None | Some("two_phase") => false,
            Some("one_phase") => true,
            Some(_) => {
                problems.add("claim", "write two_phase or one_phase");
                false
            }
        };
        if spec.certificates {
            problems.add("certificates", "leave it out: certificates belong to sns, which is not in this version; give secrets");
        }
        if spec.require_digest {
            problems.add("require_digest", "leave it out: it belongs to rfc9421, which is not in this version");
        }
        let secrets = secrets_of(&spec.secrets, scheme.as_ref(), &mut problems);
        match scheme {
            Some(scheme) if problems.0.is_empty() => Ok(Self { id: spec.id, scheme, secrets, max_body, one_phase, hold, url: spec.url }),
            _ => Err(problems.0),
        }
    }
}

/// The preset or the scheme that is written out.
fn scheme_of(spec: &EndpointSpec, own_url: bool, problems: &mut Problems) -> Option<Scheme> {
    match (&spec.preset, &spec.scheme) {
        (Some(name), None) => preset(name).map_err(|mend| problems.add("preset", &mend)).ok(),
        (None, Some(object)) => match serde_path_to_error::deserialize::<_, Scheme>(object) {
            Ok(scheme) => {
                let faults = scheme.faults(own_url);
                faults.iter().for_each(|(member, mend)| problems.add(&format!("scheme.{member}"), mend));
                faults.is_empty().then_some(scheme)
            }
            Err(error) => {
                let path = error.path().to_string();
                let member = if path == "." { "scheme".to_owned() } else { format!("scheme.{path}") };
                problems.add(&member, &format!("write it in the form of the presets: {}", error.inner()));
                None
            }
        },
        (Some(_), Some(_)) => {
            problems.add("scheme", "write preset or scheme, not both");
            None
        }
        (None, None) => {
            problems.add("preset", "write a preset, as parking, or a scheme");
            None
        }
    }
}

/// Puts the endpoint's own window, replay and `min_len` in the scheme.
fn override_scheme(scheme: &mut Scheme, spec: &EndpointSpec, problems: &mut Problems) {
    match &mut scheme.timestamp {
        Some(time) => {
            time.past = spec.past.unwrap_or(time.past);
            time.future = spec.future.unwrap_or(time.future);
        }
        None if spec.past.is_some() || spec.future.is_some() => problems.add("window", "leave it out: messages of this scheme have no time"),
        None => {}
    }
    if let Some(replay) = &spec.replay {
        match Replay::from_name(replay) {
            Some(replay) => match scheme.replay_fault(replay) {
                Some(mend) => problems.add("replay", mend),
                None => scheme.replay = replay,
            },
            None => problems.add("replay", "write nonce, signature, id or none"),
        }
    }
    if let Some(min_len) = spec.min_len {
        let (_, max) = scheme.secret.lengths();
        match usize::try_from(min_len) {
            Ok(len) if (1..=max).contains(&len) => scheme.secret.set_min_len(len),
            _ => problems.add("min_len", &format!("write a number of bytes from 1 to {max}")),
        }
    }
}

fn secrets_of(specs: &[SecretSpec], scheme: Option<&Scheme>, problems: &mut Problems) -> Vec<EndpointSecret> {
    if specs.is_empty() {
        problems.add("secrets", "give at least one secret: an endpoint without one would be open");
    }
    if specs.len() > MAX_SECRETS {
        problems.add(&format!("secrets[{MAX_SECRETS}]"), "give at most 8 secrets; remove those that no sender uses");
    }
    let mut secrets = Vec::with_capacity(specs.len());
    for (at, spec) in specs.iter().enumerate() {
        if spec.id.is_empty() || spec.id.len() > MAX_ID {
            problems.add(&format!("secrets[{at}].id"), "write a name of 1-255 bytes");
        } else if specs.iter().take(at).any(|before| before.id == spec.id) {
            problems.add(&format!("secrets[{at}].id"), "write a name that no other secret of this endpoint has");
        }
        if let (Some(from), Some(until)) = (spec.not_before, spec.not_after)
            && from >= until
        {
            problems.add(&format!("secrets[{at}].not_after"), "write an instant after not_before");
        }
        match scheme.map(|scheme| secrets::decode(scheme, &spec.secret)) {
            Some(Ok(key)) => {
                let sign = spec.sign && key.can_sign();
                secrets.push(EndpointSecret { id: spec.id.clone(), key, sign, not_before: spec.not_before, not_after: spec.not_after });
            }
            Some(Err(mend)) => problems.add(&format!("secrets[{at}].secret"), &mend),
            None => {}
        }
    }
    secrets
}

/// Whether a URL can stand in for that of requests.
fn is_own_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'))
}

struct Problems(Vec<EndpointProblem>);

impl Problems {
    fn add(&mut self, member: &str, mend: &str) {
        self.0.push(EndpointProblem { member: member.to_owned(), mend: mend.to_owned() });
    }
}

const DEFAULT_HOLD: Duration = Duration::from_secs(30);
const DEFAULT_MAX_BODY: u64 = 1 << 20;
const MAX_HOLD: Duration = Duration::from_secs(24 * 3600);
const MAX_ID: usize = 255;
const MAX_SECRETS: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec() -> EndpointSpec {
        let secret =
            SecretSpec { id: "a".to_owned(), secret: "a secret of 24 bytes ok.".to_owned().into(), sign: true, not_before: None, not_after: None };
        EndpointSpec { id: "hook".to_owned(), preset: Some("parking".to_owned()), secrets: vec![secret], ..EndpointSpec::default() }
    }

    fn problems(spec: EndpointSpec) -> Vec<String> {
        EndpointPolicy::from_spec(spec).unwrap_err().into_iter().map(|problem| problem.member).collect()
    }

    fn slack() -> serde_json::Value {
        json!({ "algs": ["hmac_sha256"], "secret": { "utf8": {} }, "signature": { "header": "x-sig", "format": { "prefixed": "v0=" } },
            "timestamp": { "header": "x-time", "unit": "s" }, "nonce": { "header": "x-nonce" },
            "content": ["v0:", "timestamp", ":", "nonce", ":", "body"] })
    }

    fn custom(change: impl FnOnce(&mut serde_json::Value)) -> EndpointSpec {
        let mut scheme = slack();
        change(&mut scheme);
        EndpointSpec { preset: None, scheme: Some(scheme), ..spec() }
    }

    #[test]
    fn defaults_are_those_of_the_preset_and_the_endpoint_overrides_them() {
        let policy = EndpointPolicy::from_spec(spec()).unwrap();
        assert_eq!((policy.max_body, policy.hold, policy.one_phase), (1 << 20, Duration::from_secs(30), false));
        assert_eq!(policy.scheme.replay, Replay::Nonce);
        let changed = EndpointSpec {
            past: Some(Duration::from_secs(10)),
            replay: Some("signature".to_owned()),
            claim: Some("one_phase".to_owned()),
            min_len: Some(24),
            ..spec()
        };
        let policy = EndpointPolicy::from_spec(changed).unwrap();
        let time = policy.scheme.timestamp.clone().unwrap();
        assert_eq!((time.past, time.future), (Duration::from_secs(10), Duration::from_secs(60)));
        assert_eq!((policy.scheme.replay, policy.one_phase, policy.scheme.secret.lengths().0), (Replay::Signature, true, 24));
    }

    #[test]
    fn every_fault_names_its_member_and_all_are_given_at_once() {
        assert_eq!(problems(EndpointSpec { secrets: Vec::new(), ..spec() }), ["secrets"]);
        assert_eq!(problems(EndpointSpec { preset: None, ..spec() }), ["preset"]);
        assert_eq!(problems(EndpointSpec { preset: Some("stripe".to_owned()), ..spec() }), ["preset"]);
        assert_eq!(problems(EndpointSpec { scheme: Some(slack()), ..spec() }), ["scheme"]);
        assert_eq!(problems(EndpointSpec { replay: Some("id".to_owned()), ..spec() }), ["replay"]);
        assert_eq!(problems(EndpointSpec { replay: Some("nonce".to_owned()), preset: Some("edge_sync".to_owned()), ..spec() }), ["replay"]);
        assert_eq!(problems(EndpointSpec { min_len: Some(25), ..spec() }), ["secrets[0].secret"]);
        assert_eq!(problems(EndpointSpec { min_len: Some(0), ..spec() }), ["min_len"]);
        assert_eq!(problems(EndpointSpec { url: Some("example.com".to_owned()), ..spec() }), ["url"]);
        assert_eq!(problems(EndpointSpec { certificates: true, require_digest: true, ..spec() }), ["certificates", "require_digest"]);
        let all = EndpointSpec { max_body: Some(0), hold: Some(Duration::ZERO), claim: Some("twice".to_owned()), ..spec() };
        assert_eq!(problems(all), ["max_body", "hold", "claim"]);
        let mut twice = spec();
        twice.secrets.push(twice.secrets[0].clone());
        assert_eq!(problems(twice.clone()), ["secrets[1].id"]);
        twice.secrets = (0..9).map(|at| SecretSpec { id: at.to_string(), ..twice.secrets[0].clone() }).collect();
        assert_eq!(problems(twice), ["secrets[8]"]);
        let mut backwards = spec();
        backwards.secrets[0].not_before = Some(Timestamp::from_secs(5));
        backwards.secrets[0].not_after = Some(Timestamp::from_secs(5));
        assert_eq!(problems(backwards), ["secrets[0].not_after"]);
    }

    #[test]
    fn a_scheme_that_is_written_out_is_checked_as_data_and_in_meaning() {
        assert!(EndpointPolicy::from_spec(custom(|_| {})).is_ok());
        let faults = |change: fn(&mut serde_json::Value)| problems(custom(change));
        assert_eq!(faults(|scheme| scheme["signature"]["colour"] = json!("red")), ["scheme.signature.colour"]);
        assert_eq!(faults(|scheme| scheme["timestamp"]["past"] = json!("300")), ["scheme.timestamp.past"]);
        assert_eq!(faults(|scheme| scheme["algs"] = json!(["hmac_sha1"])), ["scheme.algs[0]"]);
        assert_eq!(faults(|scheme| scheme["algs"] = json!([])), ["scheme.algs"]);
        assert_eq!(faults(|scheme| scheme["content"] = json!(["timestamp", ".", "nonce"])), ["scheme.content"]);
        assert_eq!(faults(|scheme| scheme["content"] = json!(["timestamp", "nonce", ".", "body"])), ["scheme.content[1]"]);
        assert_eq!(faults(|scheme| scheme["content"] = json!(["timestamp", ".", "nonce", "-", "body"])), ["scheme.content[4]"]);
        assert_eq!(faults(|scheme| scheme["content"] = json!(["nonce", ".", "body"])), ["scheme.content"]);
        assert_eq!(faults(|scheme| scheme["content"] = json!(["timestamp", ".", "nonce", ".", "body", { "json": ["a"] }])), ["scheme.content[5]"]);
        assert_eq!(faults(|scheme| scheme["replay"] = json!("id")), ["scheme.replay"]);
        assert_eq!(faults(|scheme| scheme["secret"] = json!({ "utf8": { "min_len": 0 } })), ["scheme.secret.utf8.min_len"]);
        assert_eq!(faults(|scheme| scheme["nonce"]["header"] = json!("X-Sig")), ["scheme.nonce.header"]);
        assert_eq!(faults(|scheme| scheme["nonce"]["header"] = json!("x nonce")), ["scheme.nonce.header"]);
        let no_time = |scheme: &mut serde_json::Value| {
            scheme.as_object_mut().unwrap().remove("timestamp");
            scheme["content"] = json!(["nonce", ".", "body"]);
        };
        assert!(EndpointPolicy::from_spec(custom(no_time)).is_ok());
        assert_eq!(problems(EndpointSpec { past: Some(Duration::from_secs(1)), ..custom(no_time) }), ["window"]);
    }

    #[test]
    fn a_url_beside_the_body_needs_one_that_only_the_endpoint_chooses() {
        let url_then_body = |scheme: &mut serde_json::Value| scheme["content"] = json!(["timestamp", ".", "nonce", ".", "url", "body"]);
        assert_eq!(problems(custom(url_then_body)), ["scheme.content[5]"]);
        let own = EndpointSpec { url: Some("https://example.com/hook".to_owned()), ..custom(url_then_body) };
        assert!(EndpointPolicy::from_spec(own).is_ok());
    }
}
