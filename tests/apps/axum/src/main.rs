//! The axum app of tests/apps: routes with the layers, by hand and bare, for the suite in tests/http.

mod plan;

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use gatewright::error::IdempotencyError;
use gatewright::http::tower::{Charge, IdempotencyLayer, Operation, RateLimitLayer};
use gatewright::idempotency::{self, Content, Scope};
use gatewright::{Error, Gate, http};
use plan::Plan;

const MAX_BODY: usize = 65_536;

#[derive(Clone)]
struct App {
    gate: Gate,
    journal: Arc<File>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let options: HashMap<&str, &str> = arguments.chunks(2).filter_map(|pair| Some((pair.first()?.as_str(), pair.get(1)?.as_str()))).collect();
    let option = |name| options.get(name).copied().ok_or_else(|| format!("{name} is missing"));
    let gate = Gate::open(option("--policy")?).await?;
    let journal = Arc::new(OpenOptions::new().append(true).create(true).open(option("--journal")?)?);

    let layer = IdempotencyLayer::new(gate.clone(), scope).max_body(MAX_BODY);
    let app = Router::new()
        .route("/health", get(health))
        .route("/op/{*rest}", any(act).layer(layer.clone()))
        .route("/open/{*rest}", any(act).layer(layer.optional_key()))
        .route("/hand/{*rest}", any(by_hand))
        .route("/bare/{*rest}", any(act))
        .route("/limited/{*rest}", any(act).layer(RateLimitLayer::new(gate.clone(), |request| Some(charge(request)))))
        .route("/counted/{*rest}", any(counted))
        .with_state(App { gate: gate.clone(), journal });

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", option("--port")?.parse()?)).await?;
    writeln!(std::io::stdout(), "listening on {}", listener.local_addr()?)?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        _ = terminate.recv() => {}
    }
    gate.close().await;
    Ok(())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn scope(request: &Parts) -> Scope {
    let own = |name| header(&request.headers, name).unwrap_or_default();
    Scope::new(own("x-tenant"), own("x-user"), request.method.as_str(), request.uri.path())
}

async fn health(State(app): State<App>) -> Result<StatusCode, Response> {
    app.gate.health().await.map(|()| StatusCode::NO_CONTENT).map_err(|error| refused(&app, &error))
}

/// What the plan says, with the guard that the layer has left, if it is there.
async fn act(State(app): State<App>, request: Request) -> Result<Response, Response> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST).map_err(empty)?;
    let operation = head.extensions.get::<Operation>().cloned();
    let plan = Plan::read(header(&head.headers, "x-plan"));
    match plan.run(&app.journal, operation, body.len()).await {
        Ok(answer) => Ok(plan.send(answer)),
        Err(error) => Err(refused(&app, &error)),
    }
}

/// The same without the layer: what an app does that calls the gate itself.
async fn by_hand(State(app): State<App>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return refused(&app, &IdempotencyError::BodyTooLarge.into()) };
    let key = head.headers.get_all("idempotency-key").iter().map(|line| line.as_bytes()).collect();
    let content = Content { body: Some(&body), content_type: header(&head.headers, "content-type"), query: head.uri.query(), ..Content::default() };
    let request = idempotency::Request { key, scope: scope(&head), content, ..Default::default() };
    let plan = Plan::read(header(&head.headers, "x-plan"));
    let (plan, journal, len) = (&plan, &app.journal, body.len());
    let run = async |guard, checkpoint| plan.run(journal, Some(Operation { guard, checkpoint }), len).await;
    let answered: Result<http::Response, Error> = app.gate.idempotency().run(&request, run).await;
    plan::message(answered.unwrap_or_else(|error| app.gate.problem(&error))).map(Body::from)
}

/// What a request is charged: one unit of the policy that its path names, or as many as it says.
fn charge(request: &Parts) -> Charge {
    let policy = request.uri.path().split('/').nth(2).unwrap_or_default();
    let cost = header(&request.headers, "x-cost").and_then(|cost| cost.parse().ok());
    Charge::new(policy, header(&request.headers, "x-tenant").unwrap_or_default()).cost(cost.unwrap_or(1))
}

/// A limit without the layer: the app asks the gate, and tells what is left.
async fn counted(State(app): State<App>, request: Request) -> Result<Response, Response> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST).map_err(empty)?;
    let (limits, charge) = (app.gate.limits(), charge(&head));
    let decision = limits.check(&charge.policy, &charge.subject, charge.cost).await.map_err(|error| refused(&app, &error))?;
    if !decision.allowed {
        return Err(plan::message(limits.problem(&decision)).map(Body::from));
    }
    let plan = Plan::read(header(&head.headers, "x-plan"));
    let answer = plan.run(&app.journal, None, body.len()).await.map_err(|error| refused(&app, &error))?;
    Ok(plan.send(limits.headers(&decision).into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))))
}

fn refused(app: &App, error: &Error) -> Response {
    plan::message(app.gate.problem(error)).map(Body::from)
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
