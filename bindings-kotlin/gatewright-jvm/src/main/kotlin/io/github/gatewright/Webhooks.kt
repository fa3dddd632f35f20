package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.ffi.FfiSign
import io.github.gatewright.internal.handedOver
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import kotlinx.coroutines.runBlocking as runBlockingHere

/** The calls on webhooks: `gate.webhooks`. Endpoints are named by their id in the policy. A body is its exact bytes, before any parser. */
public class Webhooks internal constructor(private val gate: FfiGate) {
    /**
     * Signs a body: the headers to send with it, in order. Touches memory only.
     *
     * @param id the message's id, for schemes that have one; drawn if absent.
     * @param nonce the nonce, for schemes that have one; drawn if absent.
     * @param request the request, for schemes that sign it.
     * @throws GatewrightException `invalid_argument` (an unknown endpoint included), `closed`.
     */
    @JvmOverloads
    public fun sign(
        endpoint: String,
        body: ByteArray,
        id: String? = null,
        nonce: String? = null,
        request: RequestLine? = null,
    ): List<Pair<String, String>> = crossing {
        gate.signWebhook(endpoint, body, FfiSign(id, nonce, request?.toFfi())).map { it.name to it.value }
    }

    /**
     * Checks signature and window, and claims nothing: a replay is not noticed. Touches memory only.
     *
     * @throws GatewrightException.WebhookError why the message was refused.
     */
    @JvmOverloads
    public fun check(endpoint: String, headers: Headers, body: ByteArray, request: RequestLine? = null): Checked =
        crossing { Checked(gate.checkWebhook(endpoint, headers.pairs, body, request?.toFfi())) }

    /** [check] with headers as pairs. */
    @JvmOverloads
    public fun check(endpoint: String, headers: Iterable<Pair<String, String>>, body: ByteArray, request: RequestLine? = null): Checked =
        check(endpoint, Headers.of(headers), body, request)

    /**
     * Checks, then claims the message. Close what it gives, or commit it. If the coroutine is cancelled, the claim is released.
     *
     * @throws GatewrightException.WebhookError why the message was refused; [GatewrightException.Replayed] if it has been used.
     * @throws GatewrightException `unavailable`, `closed`, `config_invalid` without a store.
     */
    public suspend fun verify(
        endpoint: String,
        headers: Headers,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
    ): Verified = handedOver(Verified::close) {
        Verified(gate.verifyWebhook(endpoint, headers.pairs, body, request?.toFfi(), context?.toFfi()))
    }

    /** [verify] with headers as pairs. */
    public suspend fun verify(
        endpoint: String,
        headers: Iterable<Pair<String, String>>,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
    ): Verified = verify(endpoint, Headers.of(headers), body, request, context)

    /** [verify] for callers without coroutines. */
    @JvmOverloads
    public fun verifyBlocking(
        endpoint: String,
        headers: Headers,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
    ): Verified = runBlockingHere { verify(endpoint, headers, body, request, context) }

    /**
     * Verifies, runs [handle], then commits; or releases, if it failed or was cancelled.
     *
     * ```
     * gate.webhooks.run("chirpstack", headers, body) { message -> if (!message.duplicate) handle(body) }
     * ```
     *
     * @throws GatewrightException as [verify]; and what [handle] throws.
     */
    public suspend fun <T> run(
        endpoint: String,
        headers: Headers,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
        handle: suspend (Verified) -> T,
    ): T = verify(endpoint, headers, body, request, context).use { message ->
        val done = try {
            handle(message)
        } catch (failure: Throwable) {
            // A cancelled coroutine could not wait for the release; whoever is told of the failure may send again at once.
            withContext(NonCancellable) {
                try {
                    message.release()
                } catch (second: GatewrightException) {
                    failure.addSuppressed(second)
                }
            }
            throw failure
        }
        withContext(NonCancellable) { message.commit() }
        done
    }

    /** [run] with headers as pairs. */
    public suspend fun <T> run(
        endpoint: String,
        headers: Iterable<Pair<String, String>>,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
        handle: suspend (Verified) -> T,
    ): T = run(endpoint, Headers.of(headers), body, request, context, handle)

    /**
     * Checks a message and begins the operation that it asks for: of any number of deliveries one at a time may handle it, and once it has
     * been answered, all others get that answer. So "verified, handled, acknowledged" is one operation with a lease and a fence, and a
     * worker that dies in the middle is followed by another. Needs `[idempotency]`, whose routes mean a message by
     * `match = { method = "WEBHOOK", path = "/<endpoint>" }`; answers are kept for at least 96 h, as senders repeat for days.
     *
     * The message is not claimed for [verify] as well: use one of the two for an endpoint. Close the guard that it gives, or complete it;
     * if the coroutine is cancelled, it is closed.
     *
     * ```
     * when (val begun = gate.webhooks.begin("chirpstack", headers, body).begin) {
     *     is Begin.Replay -> begun.response
     *     is Begin.Execute -> begun.guard.use { guard -> guard.complete(handle(body)) }
     *     is Begin.Resume -> begun.guard.use { guard -> guard.complete(handle(body)) }
     * }
     * ```
     *
     * @throws GatewrightException.WebhookError why the message was refused.
     * @throws GatewrightException as [Idempotency.begin].
     */
    public suspend fun begin(
        endpoint: String,
        headers: Headers,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
    ): BegunMessage = handedOver({ message -> message.begin.drop() }) {
        BegunMessage(gate.beginWebhook(endpoint, headers.pairs, body, request?.toFfi(), context?.toFfi()))
    }

    /** [begin] with headers as pairs. */
    public suspend fun begin(
        endpoint: String,
        headers: Iterable<Pair<String, String>>,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
    ): BegunMessage = begin(endpoint, Headers.of(headers), body, request, context)

    /** [begin] for callers without coroutines. */
    @JvmOverloads
    public fun beginBlocking(
        endpoint: String,
        headers: Headers,
        body: ByteArray,
        request: RequestLine? = null,
        context: RequestContext? = null,
    ): BegunMessage = runBlockingHere { begin(endpoint, headers, body, request, context) }

    /** [run] for callers without coroutines. */
    public fun <T> runBlocking(endpoint: String, headers: Headers, body: ByteArray, handler: Handler<T>): T =
        runBlockingHere { run(endpoint, headers, body) { handler.handle(it) } }

    /** What [runBlocking] runs. */
    public fun interface Handler<T> {
        /** Handles a message that was claimed. What it throws releases the message. */
        @Throws(Exception::class)
        public fun handle(message: Verified): T
    }
}
