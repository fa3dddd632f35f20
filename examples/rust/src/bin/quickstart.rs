//! The example of the README.
#![allow(clippy::print_stdout, reason = "it is a program")]

use gatewright::Gate;
use gatewright::event::Context;
use gatewright::tokens::{Login, Refresh};
use gatewright::webhook::{Header, Sign};

#[tokio::main]
async fn main() -> gatewright::Result<()> {
    let gate = Gate::open("gatewright.toml").await?;
    let pair = gate.tokens().issue(Login::new("acme", "u-42", "web").role("operator")).await?;
    let pair = gate.tokens().refresh(&pair.refresh_token.unwrap_or_default(), Refresh::new()).await?;
    println!("hello {}", gate.tokens().verify(&pair.access_token)?.subject);

    let body = b"{\"event\":\"barrier_opened\"}";
    let headers = gate.webhooks().sign("parking", body, Sign::default())?;
    let headers: Vec<Header> = headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
    let message = gate.webhooks().verify("parking", &headers, body, None, Context::default()).await?;
    message.commit().await?; // from now on it is a replay
    gate.close().await;
    Ok(())
}
