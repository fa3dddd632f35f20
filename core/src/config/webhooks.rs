//! `[webhooks]`: endpoints. Their forms are checked here, their meaning by `webhook::policy`.

use super::reader::{Table, Unique};
use crate::webhook::policy::{EndpointPolicy, EndpointSpec, SecretSpec};

pub(super) fn read(webhooks: &Table<'_>) -> Vec<EndpointPolicy> {
    let mut ids = Unique::default();
    webhooks.tables("endpoints", |endpoint| read_endpoint(endpoint, &mut ids)).or(Vec::new())
}

fn read_endpoint(endpoint: &Table<'_>, ids: &mut Unique) -> Option<EndpointPolicy> {
    let mark = endpoint.problems().len();
    let spec = spec(endpoint);
    if !spec.id.is_empty() {
        ids.see(endpoint, "id", &spec.id);
    }
    match EndpointPolicy::from_spec(spec) {
        Ok(policy) => Some(policy),
        Err(problems) => {
            // A member whose form is wrong has no meaning to be checked, and is told once.
            for problem in problems {
                let place = endpoint.place(&problem.member);
                if !endpoint.is_unresolved(&problem.member) && !endpoint.problems().covers_since(mark, &place.field) {
                    endpoint.problems().add(place, problem.mend);
                }
            }
            None
        }
    }
}

fn spec(endpoint: &Table<'_>) -> EndpointSpec {
    let text = |name| endpoint.text(name).optional().map(str::to_owned);
    let window = endpoint.table("window", |window| (window.duration("past").optional(), window.duration("future").optional()));
    let (past, future) = window.or((None, None));
    endpoint.table("scheme", Table::leave_open).optional();
    endpoint.tables("certificates", certificate).optional();
    EndpointSpec {
        id: endpoint.text("id").required("write the name that calls use").unwrap_or_default().to_owned(),
        preset: text("preset"),
        scheme: endpoint.data("scheme").map(|node| serde_json::to_value(node).unwrap_or_default()),
        secrets: secrets(endpoint),
        url: text("url"),
        past,
        future,
        replay: text("replay"),
        max_body: endpoint.size("max_body").optional(),
        min_len: endpoint.integer("min_len", 1..=1024).optional().and_then(|len| u64::try_from(len).ok()),
        claim: text("claim"),
        hold: endpoint.duration("hold").optional(),
        certificates: endpoint.has("certificates"),
        require_digest: endpoint.bool("require_digest").optional().is_some(),
    }
}

/// As many as say that there are too many.
fn secrets(endpoint: &Table<'_>) -> Vec<SecretSpec> {
    let mut secrets = endpoint.tables("secrets", |secret| Some(self::secret(secret))).or(Vec::new());
    secrets.truncate(TOO_MANY);
    secrets
}

/// One that cannot be read is kept all the same, so that the others keep their numbers; its problem has been reported.
fn secret(secret: &Table<'_>) -> SecretSpec {
    let (not_before, not_after) = secret.term();
    SecretSpec {
        id: secret.text("id").required("write a name, which is reported when the secret matches").unwrap_or_default().to_owned(),
        secret: secret.text("secret").required("write the secret, as \"${HOOK_SECRET}\"").unwrap_or_default().to_owned().into(),
        sign: secret.bool("sign").or(true),
        not_before,
        not_after,
    }
}

fn certificate(certificate: &Table<'_>) -> Option<()> {
    let url = certificate.text("url").required("write the address of the certificate, which names it in messages");
    let pem = certificate.text("pem").required("write the certificate, as \"${file:/path.pem}\"");
    url.and(pem).map(|_| ())
}

const TOO_MANY: usize = 9;
