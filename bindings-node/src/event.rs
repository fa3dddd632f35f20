//! Events, handed to a JavaScript callback on its own thread.

use gatewright::Gate;
use gatewright::event::Event;
use napi::bindgen_prelude::{External, Function};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde_json::{Map, Value, json};

/// Events that wait for the event loop; further ones are dropped, so that a blocked loop cannot fill the memory.
const WAITING: usize = 65_536;

/// Calls `listener` with each event, as the text of a JSON object. It does not keep the process alive.
#[napi(catch_unwind)]
pub fn gate_on_event(gate: &External<Gate>, #[napi(ts_arg_type = "(event: string) => void")] listener: Function<'_, String, ()>) -> napi::Result<()> {
    let listener = listener.build_threadsafe_function::<String>().callee_handled::<false>().weak::<true>().max_queue_size::<WAITING>().build()?;
    gate.on_event(move |event| {
        listener.call(text(event), ThreadsafeFunctionCallMode::NonBlocking);
    });
    Ok(())
}

fn text(event: &Event) -> String {
    let context = &event.context;
    let known = [
        ("requestId", &context.request_id),
        ("traceId", &context.trace_id),
        ("method", &context.method),
        ("endpoint", &context.endpoint),
        ("ip", &context.ip),
        ("userAgent", &context.user_agent),
    ];
    let context: Map<String, Value> = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_deref()?.into()))).collect();
    let details: Map<String, Value> = event.details.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    json!({
        "kind": event.kind,
        "at": event.at.as_micros(),
        "outcome": event.outcome,
        "tenant": event.tenant,
        "subject": event.subject,
        "id": event.id,
        "details": details,
        "context": context,
    })
    .to_string()
}
