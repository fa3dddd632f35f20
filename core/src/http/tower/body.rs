//! The bodies of messages that pass the layer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::HeaderMap;
use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

/// The body that the handler gets: the one that was read, or, of a request that passes through, the client's as it comes.
///
/// `E` is the error of the client's body.
pub struct RequestBody<E>(UnsyncBoxBody<Bytes, E>);

/// The body that the client gets: the stored one, a problem, or the handler's as it comes.
///
/// `E` is the error of the handler's body.
pub struct ResponseBody<E>(UnsyncBoxBody<Bytes, E>);

impl<E: 'static> RequestBody<E> {
    pub(super) fn read(body: Bytes) -> Self {
        Self(whole(body, None))
    }

    pub(super) fn passed<B: Body<Error = E> + Send + 'static>(body: B) -> Self {
        Self(passed(body))
    }
}

impl<E: 'static> ResponseBody<E> {
    pub(super) fn whole(body: impl Into<Bytes>, trailers: Option<HeaderMap>) -> Self {
        Self(whole(body.into(), trailers))
    }

    pub(super) fn passed<B: Body<Error = E> + Send + 'static>(body: B) -> Self {
        Self(passed(body))
    }
}

fn whole<E: 'static>(body: Bytes, trailers: Option<HeaderMap>) -> UnsyncBoxBody<Bytes, E> {
    let never = |never: Infallible| match never {};
    match trailers {
        None => Full::new(body).map_err(never).boxed_unsync(),
        Some(trailers) => Full::new(body).with_trailers(std::future::ready(Some(Ok(trailers)))).map_err(never).boxed_unsync(),
    }
}

fn passed<B: Body + Send + 'static>(body: B) -> UnsyncBoxBody<Bytes, B::Error> {
    body.map_frame(to_bytes).boxed_unsync()
}

/// A frame whose data is in one piece; of `Bytes` no copy is made.
pub(super) fn to_bytes<D: Buf>(frame: Frame<D>) -> Frame<Bytes> {
    frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))
}

macro_rules! body_within {
    ($name:ident) => {
        impl<E> Body for $name<E> {
            type Data = Bytes;
            type Error = E;

            fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, E>>> {
                Pin::new(&mut self.0).poll_frame(cx)
            }

            fn is_end_stream(&self) -> bool {
                self.0.is_end_stream()
            }

            fn size_hint(&self) -> SizeHint {
                self.0.size_hint()
            }
        }

        impl<E> std::fmt::Debug for $name<E> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

body_within!(RequestBody);
body_within!(ResponseBody);
