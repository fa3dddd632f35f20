//! Rate limits of a service.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::request::Parts;
use ::http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::ResponseBody;
use super::service::message;
use crate::error::Result;
use crate::gate::Gate;
use crate::http::Response;
use crate::limits::Decision;

/// What a request is charged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// One of `limits.policies`.
    pub policy: String,
    /// Whose request it is, as it was authenticated, or the address that it came from.
    pub subject: String,
    /// Units; 1 by default.
    pub cost: u32,
}

impl Charge {
    /// One unit of a policy for a subject.
    pub fn new(policy: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { policy: policy.into(), subject: subject.into(), cost: 1 }
    }

    /// So many units instead.
    #[must_use]
    pub fn cost(self, cost: u32) -> Self {
        Self { cost, ..self }
    }
}

/// Charges the requests to the service under it, and refuses those for which too little is left.
///
/// - Who is charged is said for each request: nobody, one subject, or up to 16, which are decided together.
/// - A refusal is [`Limits::problem`](crate::gate::Limits::problem), 429, and the service is not called. An answer of the service gets the
///   headers of [`Limits::headers`](crate::gate::Limits::headers), but for those that it has already: of two layers the inner one is told of.
/// - While the store is down the policy's `on_store_error` decides. An error, such as `subject_invalid`, is answered by
///   [`Gate::problem`].
/// - The service finds the [`Decision`] among the request's extensions, as an `Arc`, and may give its permit back. A policy
///   with `concurrent` tiers wants that as soon as the work is done; else they come back with the end of their lease.
///
/// Put it outside of [`IdempotencyLayer`](super::IdempotencyLayer), so that what is refused takes no key.
///
/// ```
/// use bytes::Bytes;
/// use gatewright::Gate;
/// use gatewright::http::tower::{Charge, RateLimitLayer};
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::{ServiceBuilder, ServiceExt};
///
/// async fn handle(_: Request<Full<Bytes>>) -> gatewright::Result<Response<Full<Bytes>>> {
///     Ok(Response::new(Full::from("done")))
/// }
///
/// # fn main() -> gatewright::Result<()> {
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let policy = r#"{"version": 1, "store": {"default": "memory:"}, "http": {"rate_limit_headers": ["draft-10"]},
///     "limits": {"policies": [{"id": "tenant", "tiers": [{"id": "minute", "limit": 1, "period": "1m"}]}]}}"#;
/// let gate = Gate::from_policy(policy).await?;
/// // From wherever authentication has put it, never from what the client may choose.
/// let layer = RateLimitLayer::new(gate, |request| request.extensions.get::<String>().map(|tenant| Charge::new("tenant", tenant)));
/// let service = ServiceBuilder::new().layer(layer).service_fn(handle);
///
/// let request = || Request::get("/").extension("acme".to_owned()).body(Full::<Bytes>::default()).expect("it is well-formed");
/// let answer = service.clone().oneshot(request()).await?;
/// assert_eq!(answer.headers()["ratelimit"], r#""minute";r=0;t=60"#);
/// let refused = service.oneshot(request()).await?;
/// assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"60".parse().unwrap()));
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Clone)]
pub struct RateLimitLayer {
    mount: Mount,
}

#[derive(Clone)]
struct Mount {
    gate: Gate,
    charges: Arc<Charges>,
}

/// Who is charged for a request.
type Charges = dyn Fn(&Parts) -> Vec<Charge> + Send + Sync;

impl RateLimitLayer {
    /// The layer of a gate. `charges` says who is charged for a request: an `Option` or a list of [`Charge`]s. Without any, the request
    /// passes.
    pub fn new<C: IntoIterator<Item = Charge>>(gate: Gate, charges: impl Fn(&Parts) -> C + Send + Sync + 'static) -> Self {
        Self { mount: Mount { gate, charges: Arc::new(move |parts| charges(parts).into_iter().collect()) } }
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimited<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimited { inner, mount: self.mount.clone() }
    }
}

impl std::fmt::Debug for RateLimitLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RateLimitLayer")
    }
}

/// A service under a [`RateLimitLayer`].
#[derive(Clone)]
pub struct RateLimited<S> {
    inner: S,
    mount: Mount,
}

impl<S> std::fmt::Debug for RateLimited<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RateLimited")
    }
}

impl<S, In, Out> Service<::http::Request<In>> for RateLimited<S>
where
    S: Service<::http::Request<In>, Response = ::http::Response<Out>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    In: Send + 'static,
    Out: Body + Send + 'static,
    Out::Data: Send,
    Out::Error: Send,
{
    type Response = ::http::Response<ResponseBody<Out::Error>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: ::http::Request<In>) -> Self::Future {
        // The one that is ready handles this request; its clone may have to become ready first.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let mount = self.mount.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let charges = (mount.charges)(&parts);
            let decision = match mount.decide(&charges).await {
                Ok(decision) => decision,
                Err(response) => return Ok(message(&mount.gate, response)),
            };
            let headers = decision.as_ref().map(|decision| mount.gate.limits().headers(decision)).unwrap_or_default();
            parts.extensions.extend(extension(decision));
            let mut answer = inner.call(::http::Request::from_parts(parts, body)).await?.map(ResponseBody::passed);
            add(answer.headers_mut(), headers);
            Ok(answer)
        })
    }
}

impl Mount {
    /// What was decided, if anything was asked; the answer of a refusal.
    async fn decide(&self, charges: &[Charge]) -> Result<Option<Decision>, Response> {
        let limits = self.gate.limits();
        let decided = match charges {
            [] => return Ok(None),
            [one] => limits.check(&one.policy, &one.subject, one.cost).await,
            many => {
                let bundle: Vec<_> = many.iter().map(|charge| (&*charge.policy, &*charge.subject, charge.cost)).collect();
                limits.check_all(&bundle).await
            }
        };
        match decided {
            Ok(decision) if decision.allowed => Ok(Some(decision)),
            Ok(decision) => Err(limits.problem(&decision)),
            Err(error) => Err(self.gate.problem(&error)),
        }
    }
}

fn extension(decision: Option<Decision>) -> ::http::Extensions {
    let mut extensions = ::http::Extensions::new();
    if let Some(decision) = decision {
        extensions.insert(Arc::new(decision));
    }
    extensions
}

/// Adds the headers that an answer does not have.
fn add(answer: &mut HeaderMap, headers: Vec<(String, String)>) {
    for (name, value) in headers {
        // Both are of this crate's own making.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::try_from(value))
            && !answer.contains_key(&name)
        {
            answer.insert(name, value);
        }
    }
}

#[cfg(test)]
#[path = "rate_limit_tests.rs"]
mod tests;
