//! `tokens.clients`: who logs in, and how long that lasts.

use std::time::Duration;

use crate::config::reader::{Table, Unique};
use crate::tokens::policy::{ClientKind, ClientPolicy};

pub(super) fn read(tokens: &Table<'_>, access_ttl: Duration) -> Vec<ClientPolicy> {
    let mut ids = Unique::default();
    let mut shortest = Duration::MAX;
    let clients = tokens.tables("clients", |client| {
        let read = read_client(client, &mut ids)?;
        shortest = shortest.min(read.absolute);
        if access_ttl > read.absolute && !tokens.has("access_ttl") {
            client.problem("absolute", "write a duration of at least the access_ttl of 15m");
        }
        Some(read)
    });
    let clients = clients.or(Vec::new());
    if access_ttl > shortest && tokens.has("access_ttl") {
        tokens.problem("access_ttl", "write a duration of at most the shortest absolute lifetime of a client");
    }
    clients
}

fn read_client(client: &Table<'_>, ids: &mut Unique) -> Option<ClientPolicy> {
    let id = client.name("id").required("write the name that logins give as their client");
    if let Some(id) = id {
        ids.see(client, "id", id);
    }
    let kinds = [("browser", ClientKind::Browser), ("native", ClientKind::Native), ("device", ClientKind::Device)];
    let kind = client.choice("kind", &kinds).required("write the kind: \"browser\", \"native\" or \"device\"");
    let life = |name| client.duration(name).check("write a duration above 0s, as \"30d\"", |life| !life.is_zero()).optional();
    let (idle, absolute, lost_window) = (life("idle"), life("absolute"), client.duration("lost_window").optional());
    let retry_key_required = client.choice("retry_key", &[("optional", false), ("required", true)]).or(false);
    let confidential = client.bool("confidential").or(false);
    let kind = kind?;
    let default = Lifetimes::of(kind);
    let idle = idle.unwrap_or(default.idle);
    let lost_window = match lost_window {
        Some(window) if window > idle => {
            client.problem("lost_window", "write a duration of at most the idle time: a session that has ended loses no answer");
            window
        }
        Some(window) => window,
        None if default.lost_window > idle && client.has("idle") => {
            client.problem("idle", "write a duration of at least the lost_window of this kind, or give a shorter lost_window");
            default.lost_window
        }
        None => default.lost_window,
    };
    let absolute = absolute.unwrap_or(default.absolute);
    Some(ClientPolicy { id: id?.to_owned(), kind, idle, absolute, lost_window, retry_key_required, confidential })
}

/// What a kind sets.
struct Lifetimes {
    idle: Duration,
    absolute: Duration,
    lost_window: Duration,
}

impl Lifetimes {
    const fn of(kind: ClientKind) -> Self {
        let (idle, absolute, lost_window) = match kind {
            ClientKind::Browser => (30 * DAY, 90 * DAY, 0),
            ClientKind::Native => (30 * DAY, 90 * DAY, 10 * 60),
            ClientKind::Device => (90 * DAY, 365 * DAY, 7 * DAY),
        };
        Self { idle: Duration::from_secs(idle), absolute: Duration::from_secs(absolute), lost_window: Duration::from_secs(lost_window) }
    }
}

const DAY: u64 = 86_400;
