//! Where state is kept: one contract, and the back ends that fulfil it.

pub(crate) mod codec;
#[cfg(feature = "testing")]
pub mod conformance;
mod contract;
pub(crate) mod memory;
mod meter;
mod open;
#[cfg(feature = "sqlite")]
mod sqlite;
pub(crate) mod time;

pub use contract::{
    Expect, Key, Kind, Listed, Loaded, MAX_GROUP, MAX_ID, MAX_LIST, MAX_LOAD, MAX_VALUE, Next, Record, Store, StoreFuture, Swap, SwapReply, Swapped,
};
pub use memory::{MemoryStore, Meters};
pub use meter::{MAX_BUNDLE, MAX_METER_KEY, MeterItem, MeterOp, Metered};
pub use open::{StoreUrl, open};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::run_error as sqlite_error;
