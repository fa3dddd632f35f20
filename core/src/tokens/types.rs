//! What goes into the calls on tokens and what comes out.

use std::borrow::Cow;
use std::time::Duration;

use crate::event::Context;
use crate::time::Timestamp;

/// Who logs in. `subject` and `client` are required; the rest is optional.
///
/// Names have at most 255 bytes; the client is one that the policy names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Login {
    /// The tenant; empty in a system that has only one.
    pub tenant: String,
    /// The user.
    pub subject: String,
    /// The client of the policy that he logs in with.
    pub client: String,
    /// What he may do; fixed for the session.
    pub roles: Vec<String>,
    /// Scope text, as OAuth writes it.
    pub scope: String,
    /// The device.
    pub device: Option<Device>,
    /// Further claims of the access token: the text of a JSON object.
    pub claims: Option<String>,
    /// When he proved who he is. Default: now.
    pub auth_time: Option<Timestamp>,
    /// How he proved it (RFC 8176).
    pub amr: Vec<String>,
    /// The thumbprint of his DPoP key. Not in this version: given, it is `invalid_argument`.
    pub dpop_jkt: Option<String>,
    /// The request that led here.
    pub context: Context,
}

impl Login {
    /// A login of a subject of a tenant (empty where there is only one) with a client of the policy.
    #[must_use]
    pub fn new(tenant: impl Into<String>, subject: impl Into<String>, client: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), subject: subject.into(), client: client.into(), ..Self::default() }
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Sets the device.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.device = Some(device);
        self
    }

    /// Sets the request context.
    #[must_use]
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }
}

/// The device of a login. Only `id` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Device {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub platform: String,
    pub app_version: String,
}

impl Device {
    /// A device of which only the id is known.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}

/// The optional arguments of a refresh.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Refresh {
    /// 16 random bytes that the client wrote down before it sent the request; another length is `invalid_argument`.
    pub retry_key: Option<Vec<u8>>,
    /// A DPoP proof. Not in this version: given, it is `invalid_argument`.
    pub dpop: Option<String>,
    /// Which client presents the token; compared with the login's.
    pub client: Option<String>,
    /// Which tenant the request is for; compared with the login's.
    pub tenant: Option<String>,
    /// Which device presents the token; another than the login's closes the lost-response window.
    pub device_id: Option<String>,
    /// The request that led here.
    pub context: Context,
}

impl Refresh {
    /// No optional argument.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the retry key.
    #[must_use]
    pub fn retry_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.retry_key = Some(key.into());
        self
    }

    /// Names the client.
    #[must_use]
    pub fn client(mut self, client: impl Into<String>) -> Self {
        self.client = Some(client.into());
        self
    }

    /// Names the tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Names the device.
    #[must_use]
    pub fn device_id(mut self, device_id: impl Into<String>) -> Self {
        self.device_id = Some(device_id.into());
        self
    }

    /// Sets the request context.
    #[must_use]
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }
}

impl std::fmt::Debug for Refresh {
    /// Never the retry key: with its token it is worth a session.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresh")
            .field("retry_key", &self.retry_key.as_ref().map(|_| "[secret]"))
            .field("client", &self.client)
            .field("tenant", &self.tenant)
            .field("device_id", &self.device_id)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// How a pair of tokens came about. For glue, events and metrics; never on the wire, where it would tell a thief whether
/// the owner has refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A login.
    Issued,
    /// The next generation.
    Rotated,
    /// The same answer again, within `W_conc`.
    RetryConcurrent,
    /// The same answer again, within `W_lost`, by the retry key.
    RetryLost,
    /// An access token alone.
    AccessOnly,
}

impl Outcome {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Rotated => "rotated",
            Self::RetryConcurrent => "retry_concurrent",
            Self::RetryLost => "retry_lost",
            Self::AccessOnly => "access_only",
        }
    }
}

/// What a login or refresh answers.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// The access token, a JWT.
    pub access_token: String,
    /// The refresh token; none after `refresh_access_only`.
    pub refresh_token: Option<String>,
    /// `bearer`.
    pub token_type: &'static str,
    /// Whole seconds that the access token lives.
    pub expires_in: u64,
    /// The session: base64url of the family id.
    pub session_id: String,
    /// How it came about.
    pub outcome: Outcome,
    /// The store's clock in milliseconds.
    pub server_time_ms: i64,
}

impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenPair")
            .field("session_id", &self.session_id)
            .field("outcome", &self.outcome)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What a verified access token says. Absent texts are empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`; empty where a foreign profile does not require it.
    pub subject: String,
    /// `aud`, as a list.
    pub audience: Vec<String>,
    /// `client_id`.
    pub client_id: String,
    /// The tenant.
    pub tenant: String,
    /// The roles, as a list.
    pub roles: Vec<String>,
    /// `scope`.
    pub scope: String,
    /// `sid`, or what the foreign profile names.
    pub session_id: String,
    /// `gen`: the generation of the refresh token it came with; own tokens only.
    pub generation: Option<u32>,
    /// `tv`: [subject, tenant, installation]; own tokens only.
    pub token_version: Option<[u64; 3]>,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
    /// `nbf`.
    pub not_before: Option<Timestamp>,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `jti`.
    pub jwt_id: String,
    /// `cnf.jkt`.
    pub confirmation: Option<String>,
    /// `auth_time`.
    pub auth_time: Option<Timestamp>,
    /// `amr`.
    pub amr: Vec<String>,
    /// How old the local view was that said "not revoked"; none without a store, and for foreign tokens.
    pub view_age: Option<Duration>,
    /// All other claims: the text of a JSON object, in the token's order, each value as it was written.
    pub extra: Cow<'static, str>,
    /// The whole payload as it was signed: the text of a JSON object.
    pub payload: String,
}
