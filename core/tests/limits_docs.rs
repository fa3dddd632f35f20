//! The login that `docs/limits.md` shows, run as it is shown.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test")]

use gatewright::Gate;

const PAGE: &str = include_str!("../../docs/limits.md");

async fn log_in(gate: &Gate, ip: &str, email: &str, password: &str) -> gatewright::Result<bool> {
    // Shown from here
    for (policy, subject) in [("login_ip", ip), ("login", email)] {
        gate.limits().check(policy, subject, 1).await?.into_result()?; // rate_limited: 429
    }
    let attempt = gate.lockout().begin("login", email).await?; // locked: 423, or your neutral 401
    let ok = check_password(email, password).await?; // an error drops the attempt: it is abandoned
    attempt.settle(ok).await?;
    // to here
    Ok(ok)
}

async fn check_password(_: &str, password: &str) -> gatewright::Result<bool> {
    match tokio::task::yield_now().await {
        () if password == "unknown" => Err(gatewright::Error::Internal("no database")),
        () => Ok(password == "right"),
    }
}

fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_page_shows_what_is_run() {
    let (_, rest) = include_str!("limits_docs.rs").split_once("// Shown from here\n").unwrap();
    let (shown, _) = rest.split_once("    // to here").unwrap();
    let shown: String = shown.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap())).collect();
    assert_eq!(block("rust"), shown);
}

#[tokio::test]
async fn guesses_are_limited_before_they_are_locked() {
    let gate = Gate::from_policy(&format!("version = 1\nstore = {{ default = \"memory:\" }}\n{}", block("toml"))).await.unwrap();
    assert_eq!(log_in(&gate, "203.0.113.7", "ada@example.com", "right").await, Ok(true));
    for _ in 0..4 {
        assert_eq!(log_in(&gate, "203.0.113.7", "Ada@Example.com", "wrong").await, Ok(false));
    }
    assert_eq!(log_in(&gate, "203.0.113.7", "ada@example.com", "right").await.unwrap_err().code(), "rate_limited");
    let status = gate.lockout().status("login", "ada@example.com").await.unwrap();
    assert_eq!((status.fails, status.threshold), (4, 10));
    assert_eq!(log_in(&gate, "203.0.113.7", "eve@example.com", "unknown").await.unwrap_err().code(), "internal");
}
