package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.ffi.FfiIdempotentRequest
import io.github.gatewright.internal.handedOver
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import io.github.gatewright.internal.ffi.nextAction as ffiNextAction
import kotlinx.coroutines.runBlocking as runBlockingHere

/**
 * The calls on idempotency: `gate.idempotency`. One effect, and one answer, however often a request is sent.
 *
 * A key is given as the one line of the header `Idempotency-Key`, or as all its lines as received: none and several are refused. Where a
 * server has bytes, decode them as ISO-8859-1; a key has only visible ASCII. Requests of one key are told apart by body, content type and query.
 */
public class Idempotency internal constructor(private val gate: FfiGate) {
    /**
     * Begins an operation: of any number of requests with one key, one at a time may run it, and once it has an answer, all others get
     * that. Close the guard that it gives, or complete it; if the coroutine is cancelled, it is closed.
     *
     * @param key the header line.
     * @param scope whose request it is, and to what.
     * @param body the body, exactly as received.
     * @param fingerprint what makes the request what it is, where that is not its body; for a route that compares digests, the header
     *   `Content-Digest`. One of body and fingerprint is needed.
     * @param contentType the header `Content-Type`.
     * @param query the query as received, without the `?`.
     * @param route the path that routes of the policy are matched with, where it is not the one of the scope.
     * @throws GatewrightException.IdempotencyError `idempotency_key_missing`, `idempotency_key_invalid`, `idempotency_key_multiple`,
     *   `scope_empty`; [GatewrightException.KeyReused], [GatewrightException.OutcomeUnknown], [GatewrightException.ResponseUnavailable].
     * @throws GatewrightException.InProgress another worker has it: the same request again after `retryAfter`.
     * @throws GatewrightException `invalid_argument`, `body_too_large`, `record_unreadable`, `unavailable`, `closed`, `config_invalid`
     *   without `[idempotency]` or a store.
     */
    public suspend fun begin(
        key: String,
        scope: Scope,
        body: ByteArray? = null,
        fingerprint: ByteArray? = null,
        contentType: String? = null,
        query: String? = null,
        route: String? = null,
        context: RequestContext? = null,
    ): Begin = begin(listOf(key), scope, body, fingerprint, contentType, query, route, context)

    /** [begin] with all lines of the header. */
    public suspend fun begin(
        key: List<String>,
        scope: Scope,
        body: ByteArray? = null,
        fingerprint: ByteArray? = null,
        contentType: String? = null,
        query: String? = null,
        route: String? = null,
        context: RequestContext? = null,
    ): Begin {
        val request = FfiIdempotentRequest(
            key = key,
            tenant = scope.tenant,
            principal = scope.principal,
            method = scope.method,
            path = scope.path,
            body = body,
            fingerprint = fingerprint,
            contentType = contentType,
            query = query,
            route = route,
            context = context?.toFfi(),
        )
        return handedOver(Begin::drop) { Begin.of(gate.beginOperation(request)) }
    }

    /** [begin] for callers without coroutines. */
    @JvmOverloads
    public fun beginBlocking(
        key: String,
        scope: Scope,
        body: ByteArray? = null,
        fingerprint: ByteArray? = null,
        contentType: String? = null,
        query: String? = null,
        route: String? = null,
        context: RequestContext? = null,
    ): Begin = runBlockingHere { begin(key, scope, body, fingerprint, contentType, query, route, context) }

    /** [begin] for callers without coroutines, with all lines of the header. */
    @JvmOverloads
    public fun beginBlocking(
        key: List<String>,
        scope: Scope,
        body: ByteArray? = null,
        fingerprint: ByteArray? = null,
        contentType: String? = null,
        query: String? = null,
        route: String? = null,
        context: RequestContext? = null,
    ): Begin = runBlockingHere { begin(key, scope, body, fingerprint, contentType, query, route, context) }

    /**
     * Begins, runs [work] unless there is an answer already, completes, and gives the answer. Of a worker that lost its lease, the answer
     * is the winner's. If [work] fails or is cancelled, the operation is given back where closing the guard would do so, and waited for;
     * what is done already is completed, even if the coroutine is cancelled.
     *
     * ```
     * val response = gate.idempotency.run(key, Scope("acme", "u-42", "POST", "/orders"), body) { guard ->
     *     guard.markEffects()
     *     Response(201, body = order(body))
     * }
     * ```
     *
     * @param work gets the guard, whose [IdempotencyGuard.checkpointReached] says where to go on.
     * @throws GatewrightException as [begin] and [IdempotencyGuard.complete]; and what [work] throws.
     */
    public suspend fun run(
        key: String,
        scope: Scope,
        body: ByteArray? = null,
        fingerprint: ByteArray? = null,
        contentType: String? = null,
        query: String? = null,
        route: String? = null,
        context: RequestContext? = null,
        work: suspend (IdempotencyGuard) -> Response,
    ): Response = run(listOf(key), scope, body, fingerprint, contentType, query, route, context, work)

    /** [run] with all lines of the header. */
    public suspend fun run(
        key: List<String>,
        scope: Scope,
        body: ByteArray? = null,
        fingerprint: ByteArray? = null,
        contentType: String? = null,
        query: String? = null,
        route: String? = null,
        context: RequestContext? = null,
        work: suspend (IdempotencyGuard) -> Response,
    ): Response = when (val begun = begin(key, scope, body, fingerprint, contentType, query, route, context)) {
        is Begin.Replay -> begun.response
        is Begin.Execute -> carryOut(begun.guard, work)
        is Begin.Resume -> carryOut(begun.guard, work)
    }

    private suspend fun carryOut(guard: IdempotencyGuard, work: suspend (IdempotencyGuard) -> Response): Response {
        try {
            val response = try {
                work(guard)
            } catch (failure: Throwable) {
                // A cancelled coroutine could not wait for it; whoever is told of the failure may send again at once.
                withContext(NonCancellable) {
                    try {
                        guard.abandon()
                    } catch (second: GatewrightException) {
                        failure.addSuppressed(second)
                    }
                }
                throw failure
            }
            return try {
                withContext(NonCancellable) { guard.complete(response) }
            } catch (lost: GatewrightException.Stale) {
                lost.response ?: throw lost
            }
        } finally {
            guard.drop()
        }
    }

    /** [run] for callers without coroutines. */
    public fun runBlocking(key: String, scope: Scope, body: ByteArray, work: Work): Response =
        runBlockingHere { run(key, scope, body) { work.run(it) } }

    /** [run] for callers without coroutines, with all lines of the header. */
    public fun runBlocking(key: List<String>, scope: Scope, body: ByteArray, work: Work): Response =
        runBlockingHere { run(key, scope, body) { work.run(it) } }

    /** What [runBlocking] runs. */
    public fun interface Work {
        /** Carries an operation out and gives its answer. What it throws gives the operation back, where the rules say so. */
        @Throws(Exception::class)
        public fun run(guard: IdempotencyGuard): Response
    }

    /**
     * A key for a new operation, a UUID of version 7. Keep it beside the operation before the first request is sent. Touches memory only.
     *
     * @throws GatewrightException `unavailable` without randomness; `closed`; `config_invalid` without `[idempotency]`.
     */
    public fun newKey(): String = crossing { gate.newIdempotencyKey() }

    /**
     * What a client does after an answer. A key is given up only after a definite outcome. Touches memory only.
     *
     * ```
     * when (gate.idempotency.nextAction(response.code, problem?.code)) {
     *     NextAction.ROTATE -> outbox.done(entry)
     *     NextAction.RECONCILE -> outbox.park(entry)          // look whether it was carried out
     *     NextAction.WAIT, NextAction.REUSE -> outbox.later(entry)
     * }
     * ```
     *
     * @param status the HTTP status; 0 for none, which is a time-out or a lost connection.
     * @param code the code in the answer's body, where it has one.
     * @throws GatewrightException.InvalidArgument a status that no answer has.
     */
    @JvmOverloads
    public fun nextAction(status: Int, code: String? = null): NextAction = crossing { NextAction.of(ffiNextAction(status, code)) }
}
