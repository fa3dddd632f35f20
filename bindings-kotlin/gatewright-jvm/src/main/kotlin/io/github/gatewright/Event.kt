package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiContext
import io.github.gatewright.internal.ffi.FfiEvent
import io.github.gatewright.internal.ffi.FfiEventSink
import io.github.gatewright.internal.instantOf
import java.time.Instant
import java.util.logging.Level
import java.util.logging.Logger

/** One decision, for audit. Never holds a secret, a token or an e-mail. */
public class Event internal constructor(private val ffi: FfiEvent) {
    /** What was done: `token_issued`, `token_refresh`, `session_revoked`, `epoch_bumped`, `webhook_verified`, … */
    public val kind: String get() = ffi.kind

    /** When, by the clock that decided. */
    public val at: Instant get() = instantOf(ffi.at)

    /** What came of it: an outcome or an error code. */
    public val outcome: String get() = ffi.outcome

    /** Whose tenant, where known. */
    public val tenant: String? get() = ffi.tenant

    /** Who, where known. */
    public val subject: String? get() = ffi.subject

    /** The second half of the family id in hex, or a key digest. */
    public val id: String? get() = ffi.id

    /** What else is known, as text. */
    public val details: Map<String, String> by lazy(LazyThreadSafetyMode.PUBLICATION) { ffi.details.associate { it.name to it.value } }

    /** The request it belongs to. */
    public val context: RequestContext get() = ffi.context.toContext()

    /** Kind and outcome. */
    override fun toString(): String = "Event($kind: $outcome)"

    private fun FfiContext.toContext() = RequestContext(requestId, traceId, method, endpoint, ip, userAgent)
}

/**
 * Receives events, on the thread that decided. It should be quick, and must not wait for a call on the same gate.
 *
 * What it throws is logged and goes no further: a decision stands whether or not anybody could be told of it.
 */
public fun interface EventListener {
    /** Takes one event. */
    public fun onEvent(event: Event)
}

/** Keeps what a listener throws on this side: the other side would put its stack trace into an error text. */
internal class ListenerSink(private val listener: EventListener) : FfiEventSink {
    override fun onEvent(event: FfiEvent) {
        try {
            listener.onEvent(Event(event))
        } catch (failure: Throwable) {
            LOGGER.log(Level.WARNING, "an event listener failed", failure)
        }
    }

    private companion object {
        private val LOGGER: Logger = Logger.getLogger("io.github.gatewright")
    }
}
