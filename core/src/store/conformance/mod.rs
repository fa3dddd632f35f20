//! The suite that any store must pass, as one macro: see [`store_conformance_tests!`](crate::store_conformance_tests).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod expiry;
mod listing;
mod metering;
mod races;
mod swapping;

use std::any::Any;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

pub use expiry::*;
pub use listing::*;
pub use metering::*;
pub use races::*;
pub use swapping::*;

use super::{Expect, Key, Kind, Next, Record, Store, Swap, SwapReply, Swapped};
use crate::error::Result;
use crate::testing::ManualClock;
use crate::time::Timestamp;

/// An opened store, and what must live as long (a folder, a server).
pub struct Opened {
    /// The store, empty.
    pub store: Arc<dyn Store>,
    /// Dropped after it.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl Opened {
    /// A store that needs nothing else.
    pub fn new(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), keep: Box::new(()) }
    }
}

/// A store under test, its clock, and short forms of its calls.
pub struct Subject {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    _keep: Box<dyn Any + Send + Sync>,
}

/// The instant at which every test begins.
pub const START: Timestamp = Timestamp::from_micros(1_795_248_000_000_000);
/// An hour in µs.
pub const HOUR: i64 = 3_600_000_000;

impl Subject {
    fn now(&self) -> Timestamp {
        crate::time::Clock::now(&*self.clock)
    }

    fn set(&self, micros_after_start: i64) {
        self.clock.set(after(micros_after_start));
    }

    fn load(&self, key: &Key) -> Option<Record> {
        let mut loaded = block_on(self.store.load(std::slice::from_ref(key))).unwrap();
        assert_eq!((loaded.now, loaded.records.len()), (self.now(), 1));
        loaded.records.remove(0)
    }

    fn swap(&self, key: &Key, expect: Expect, next: Next) -> Swapped {
        self.try_swap(key, expect, next, self.now()).unwrap().outcome
    }

    fn try_swap(&self, key: &Key, expect: Expect, next: Next, decided_at: Timestamp) -> Result<SwapReply> {
        block_on(self.store.swap(Swap { key: key.clone(), expect, next, decided_at }))
    }

    /// Puts a record that must not be there yet, and gives its version.
    fn create(&self, key: &Key, next: Next) -> u64 {
        written(&self.swap(key, Expect::Absent, next))
    }

    /// Every record of a kind (and group), page by page.
    fn list(&self, kind: Kind, group: Option<&[u8]>, limit: usize) -> Vec<Record> {
        let (mut all, mut cursor) = (Vec::new(), None::<Vec<u8>>);
        loop {
            let page = block_on(self.store.list(kind, group, cursor.as_deref(), limit)).unwrap();
            assert!(page.records.len() <= limit, "a page of {} where {limit} were asked for", page.records.len());
            all.extend(page.records);
            cursor = page.cursor;
            if cursor.is_none() {
                return all;
            }
        }
    }
}

fn after(micros: i64) -> Timestamp {
    Timestamp::from_micros(START.as_micros() + micros)
}

fn key(kind: Kind, id: &[u8]) -> Key {
    Key::new(kind, id).unwrap()
}

fn put(value: &[u8]) -> Next {
    put_until(HOUR, None, value)
}

fn put_until(micros_after_start: i64, group: Option<&[u8]>, value: &[u8]) -> Next {
    Next::Put { group: group.map(<[u8]>::to_vec), expires_at: after(micros_after_start), value: value.to_vec() }
}

fn written(outcome: &Swapped) -> u64 {
    let Swapped::Written(version) = outcome else { panic!("not written: {outcome:?}") };
    *version
}

fn conflict(outcome: Swapped) -> Option<Record> {
    let Swapped::Conflict(record) = outcome else { panic!("no conflict: {outcome:?}") };
    record
}

/// Opens a store and runs one test on it.
pub fn run<F: Future<Output = Opened>>(open: impl FnOnce(Arc<ManualClock>) -> F, test: fn(&Subject)) {
    let clock = Arc::new(ManualClock::new(START));
    let opened = block_on(open(Arc::clone(&clock)));
    test(&Subject { store: opened.store, clock, _keep: opened.keep });
}

/// Waits for a future on this thread. A store needs no runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Makes a module of tests that a store must pass.
///
/// The second argument is called for each test and opens a fresh, empty store with the clock it is given:
/// `async fn(Arc<ManualClock>) -> Opened`, or a closure that does the same.
///
/// ```
/// # #[cfg(test)]
/// gatewright::store_conformance_tests!(memory, async |clock| {
///     gatewright::store::conformance::Opened::new(gatewright::store::MemoryStore::new(clock))
/// });
/// ```
#[macro_export]
macro_rules! store_conformance_tests {
    ($name:ident, $open:expr) => {
        $crate::store_conformance_tests!(@tests $name, $open,
            // swapping
            a_record_is_what_was_put a_swap_needs_the_version_it_names every_kind_is_a_name_space_of_its_own
            versions_follow_the_clock_and_never_come_back removing_what_is_not_there_is_done a_decision_is_too_old_after_five_seconds
            the_largest_record_fits_and_a_larger_one_is_refused ids_are_bytes_and_differ_in_every_one_of_them loads_of_many_keys_keep_their_order
            // expiry
            a_record_is_absent_from_its_expiry_on an_expired_record_is_replaced_as_if_it_were_absent
            a_clock_that_steps_back_shows_no_old_version a_sweep_removes_the_expired_in_bounded_batches_and_nothing_else
            a_sweep_of_one_kind_leaves_the_others
            // listing
            a_list_gives_the_live_records_of_its_group a_list_without_a_group_gives_a_whole_kind
            a_cursor_holds_while_records_come_and_go a_record_moves_with_its_group a_foreign_cursor_is_refused
            // races
            no_update_of_a_counter_is_lost of_many_creators_one_wins writers_of_many_records_do_not_disturb_each_other
            versions_grow_under_concurrent_removal a_closed_store_says_so
            // metering
            a_bucket_gives_its_burst_and_then_its_rate a_peek_writes_nothing a_bundle_is_charged_whole_or_not_at_all
            a_refund_gives_back_and_a_reset_forgets every_way_of_counting_is_kept a_meter_outlives_a_clock_that_steps_back a_meter_outlives_a_change_of_its_policy
            a_reservation_waits_its_turn racing_meters_admit_exactly_the_burst a_sweep_drops_full_buckets_only
        );
    };
    (@tests $name:ident, $open:expr, $($test:ident)*) => {
        mod $name {
            #[allow(unused_imports, reason = "the opener may come from outside")]
            use super::*;
            $(
                #[test]
                fn $test() {
                    $crate::store::conformance::run($open, $crate::store::conformance::$test);
                }
            )*
        }
    };
}
