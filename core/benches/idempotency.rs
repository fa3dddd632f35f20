//! Idempotent operations in memory and in SQLite: a new one from its begin to its end, and one that is replayed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench measures real time and may fail"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gatewright::Gate;
use gatewright::http::Response;
use gatewright::idempotency::{Begin, Request, Scope};
use gatewright::store::conformance::block_on;

const BODY: &[u8] = br#"{"item":7,"amount":"129.00","currency":"EUR","note":"as agreed by telephone"}"#;

fn open(store: &str) -> Gate {
    block_on(Gate::from_policy(&format!("version = 1\n[store]\ndefault = \"{store}\"\n[idempotency]\n"))).unwrap()
}

fn request(key: &str) -> Request<'_> {
    Request::new(key, Scope::new("acme", "u-42", "POST", "/orders"), BODY)
}

fn answer() -> Response {
    Response::new(201, BODY).header("content-type", "application/json").header("location", "/orders/17")
}

fn first(gate: &Gate, key: &str, answer: &Response) {
    let Begin::Execute(guard) = block_on(gate.idempotency().begin(&request(key))).unwrap() else { panic!("it is new") };
    black_box(block_on(guard.complete(answer)).unwrap());
}

fn bench(c: &mut Criterion, name: &str, store: &dyn Fn() -> Gate) {
    let answer = answer();
    c.bench_function(&format!("{name}/begin and complete"), |b| {
        // A new store each time: a store of answers grows with every one.
        b.iter_custom(|times| {
            let gate = store();
            first(&gate, "warm-up-key", &answer);
            let keys: Vec<String> = (0..times).map(|at| format!("order-{at:012}")).collect();
            let begun = Instant::now();
            keys.iter().for_each(|key| first(&gate, key, &answer));
            let took = begun.elapsed();
            block_on(gate.close());
            took
        });
    });
    c.bench_function(&format!("{name}/replay"), |b| {
        let gate = store();
        first(&gate, "order-000017", &answer);
        b.iter(|| black_box(block_on(gate.idempotency().begin(&request("order-000017"))).unwrap()));
        block_on(gate.close());
    });
}

fn all(c: &mut Criterion) {
    bench(c, "memory", &|| open("memory:"));
    let folder = tempfile::tempdir().unwrap();
    let files = std::cell::Cell::new(0);
    bench(c, "sqlite", &|| {
        files.set(files.get() + 1);
        open(&format!("sqlite:{}", folder.path().join(format!("store{}.db", files.get())).display()))
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = all
}
criterion_main!(benches);
