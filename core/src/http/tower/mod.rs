//! Glue for [tower](https://docs.rs/tower): axum, hyper and whatever else serves `http` messages.
//!
//! [`IdempotencyLayer`] gives the routes under it idempotency keys. It decides nothing by itself: it reads the request, asks the
//! gate, and sends what the gate says. [`RateLimitLayer`] charges requests, and refuses those for which too little is left.
//!
//! ```
//! use bytes::Bytes;
//! use gatewright::Gate;
//! use gatewright::http::tower::{IdempotencyLayer, Operation, RequestBody};
//! use gatewright::idempotency::Scope;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn order(request: Request<RequestBody<std::convert::Infallible>>) -> gatewright::Result<Response<Full<Bytes>>> {
//!     let operation = request.extensions().get::<Operation>().expect("the layer is there").clone();
//!     operation.guard.mark_effects().await?; // the next act cannot be taken back
//!     Ok(Response::new(Full::from(format!("order made under {}", operation.guard.fence()))))
//! }
//!
//! # fn main() -> gatewright::Result<()> {
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let gate = Gate::from_policy("version = 1\n[store]\ndefault = \"memory:\"\n[idempotency]\n").await?;
//! let layer = IdempotencyLayer::new(gate, |request| {
//!     // From wherever authentication has put it, never from what the client may choose.
//!     let user = request.extensions.get::<String>().cloned().unwrap_or_default();
//!     Scope::new("acme", user, request.method.as_str(), request.uri.path())
//! });
//! let service = ServiceBuilder::new().layer(layer).service_fn(order);
//!
//! let request = || {
//!     let request = Request::post("/orders").header("Idempotency-Key", "order-000017").extension("u-42".to_owned());
//!     request.body(Full::<Bytes>::from("{\"item\":7}")).expect("it is well-formed")
//! };
//! let first = service.clone().oneshot(request()).await?;
//! let again = service.oneshot(request()).await?;
//! assert_eq!(again.headers()["idempotent-replayed"], "true");
//! let [first, again] = [first.into_body().collect().await, again.into_body().collect().await];
//! assert_eq!(first.unwrap().to_bytes(), again.unwrap().to_bytes());
//! # Ok(())
//! # })
//! # }
//! ```

mod body;
mod convert;
mod layer;
mod rate_limit;
mod service;
mod streamed;

pub use body::{RequestBody, ResponseBody};
pub use convert::UnsendableResponse;
pub use layer::IdempotencyLayer;
pub use rate_limit::{Charge, RateLimitLayer, RateLimited};
pub use service::{Idempotent, Operation};

#[cfg(test)]
mod tests;
