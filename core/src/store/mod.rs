//! Where state is kept: one contract, and the back ends that fulfil it.

mod contract;

pub use contract::{Expect, Key, Kind, Listed, Loaded, Next, Record, Store, StoreFuture, Swap, SwapReply, Swapped};
