//! An answer that is too large to be stored: it is handed out as it comes, and its digest kept.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};

use super::body::to_bytes;
use crate::idempotency::Guard;

type Piece<E> = Option<Result<Frame<Bytes>, E>>;

/// What was read so far, then the rest as it comes. The operation ends before the last piece is handed out: whoever has seen the whole
/// answer finds it stored. Broken off by an error, it is given back before the error is handed out; dropped before, it drops the guard.
pub(super) struct Streamed<B: Body> {
    begun: VecDeque<Bytes>,
    rest: Pin<Box<B>>,
    status: u16,
    digest: Sha256,
    /// How many bytes are still to come where the answer says so: a server asks for no more after them.
    left: Option<u64>,
    guard: Option<Arc<Guard>>,
    ending: Option<Ending<B::Error>>,
}

/// The end of the operation, and what is handed out after it.
struct Ending<E> {
    done: Pin<Box<dyn Future<Output = ()> + Send>>,
    last: Piece<E>,
}

impl<B: Body> Streamed<B> {
    pub(super) fn new(begun: VecDeque<Bytes>, rest: Pin<Box<B>>, status: u16, length: Option<u64>, guard: Arc<Guard>) -> Self {
        let len: u64 = begun.iter().map(|piece| piece.len() as u64).sum();
        let left = length.or_else(|| rest.size_hint().exact().map(|rest| rest.saturating_add(len)));
        Self { begun, rest, status, digest: Sha256::new(), left, guard: Some(guard), ending: None }
    }

    /// Ends the operation, or gives it back if its answer broke off; then hands out `last`.
    fn end(&mut self, last: Piece<B::Error>) {
        let Some(guard) = self.guard.take() else { return };
        let (status, digest) = (self.status, std::mem::take(&mut self.digest).finalize().into());
        let is_broken = matches!(last, Some(Err(_)));
        let done = Box::pin(async move {
            if is_broken {
                guard.abandon().await;
            } else {
                // The answer is on its way, whatever the store says to it.
                let _ = guard.complete_streamed(status, digest, None).await;
            }
        });
        self.ending = Some(Ending { done, last });
    }

    /// Whether nothing will be asked for after what was handed out so far.
    fn is_last(&self) -> bool {
        self.begun.is_empty() && (self.left == Some(0) || self.rest.is_end_stream())
    }
}

impl<B: Body> Body for Streamed<B>
where
    B::Data: Buf,
    B::Error: Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Piece<B::Error>> {
        let this = &mut *self;
        loop {
            if let Some(ending) = &mut this.ending {
                ready!(ending.done.as_mut().poll(cx));
                return Poll::Ready(this.ending.take().and_then(|ending| ending.last));
            }
            let piece = match this.begun.pop_front() {
                Some(piece) => Some(Ok(Frame::data(piece))),
                None => ready!(this.rest.as_mut().poll_frame(cx)).map(|piece| piece.map(to_bytes)),
            };
            if let Some(Ok(frame)) = &piece
                && let Some(data) = frame.data_ref()
            {
                this.digest.update(data);
                this.left = this.left.map(|left| left.saturating_sub(data.len() as u64));
            }
            let is_end = !matches!(piece, Some(Ok(_))) || this.is_last();
            if !is_end || this.guard.is_none() {
                return Poll::Ready(piece);
            }
            this.end(piece);
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What came of a body before it failed, and then its error.
pub(super) struct Broken<E> {
    begun: VecDeque<Bytes>,
    error: Option<E>,
}

impl<E> Broken<E> {
    pub(super) const fn new(begun: VecDeque<Bytes>, error: E) -> Self {
        Self { begun, error: Some(error) }
    }
}

impl<E: Unpin> Body for Broken<E> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Piece<E>> {
        let piece = self.begun.pop_front().map(|piece| Ok(Frame::data(piece)));
        Poll::Ready(piece.or_else(|| self.error.take().map(Err)))
    }
}
