package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiFinishAs
import io.github.gatewright.internal.ffi.FfiGuard
import io.github.gatewright.internal.ffi.FfiGuardDetails
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking
import java.util.concurrent.atomic.AtomicBoolean

/**
 * An operation that is this worker's to run, until its lease is over; meanwhile the gate renews the lease, for 15 minutes at most.
 *
 * Call [complete] with its answer. Closed without, it gives the operation back if no effects are marked and the route does not store
 * failures, and else leaves it to the lease. Every call runs to its end even if the coroutine is cancelled, and may be made again after
 * `unavailable`. Once another worker has taken over, every call is [GatewrightException.Stale], with the winner's answer where there is one.
 *
 * ```
 * guard.markEffects()                            // the next act cannot be taken back
 * val charge = bank.charge(order, guard.fence)
 * guard.checkpoint("charged", charge.id.toByteArray())
 * guard.complete(Response(201, body = receipt(charge)))
 * ```
 */
public class IdempotencyGuard internal constructor(
    private val ffi: FfiGuard,
    details: FfiGuardDetails,
    /** How far the workers before this one came; `null` if none left a checkpoint. */
    public val checkpointReached: Checkpoint?,
) : AutoCloseable {
    private val closed = AtomicBoolean()

    @Volatile
    private var ended = false

    /**
     * A number that grows with every worker that gets this operation, below 2^53. Give it to what is written downstream, and refuse
     * there what has a lower one.
     */
    public val fence: Long = details.fence

    /** Which attempt this is, from 1. */
    public val attempt: Int = details.attempt

    /** The largest body, in bytes, that is stored of this operation's answer; send a larger one as it comes, and end with [completeStreamed]. */
    public val maxStoredBody: Int = details.maxStoredBody

    /**
     * Says that the next act cannot be taken back: from here on the operation is never run again unless a checkpoint follows, and
     * whatever it answers is stored.
     *
     * @throws GatewrightException `stale`, `unavailable`, `closed`: then do not act.
     */
    public suspend fun markEffects(): Unit = suspending { ffi.markEffects() }

    /** [markEffects] for callers without coroutines. */
    public fun markEffectsBlocking(): Unit = runBlocking { markEffects() }

    /**
     * Keeps how far the operation has come, so that whoever takes it over can go on from there. Only the newest is kept.
     *
     * @param name what to call the place, 1–255 bytes.
     * @param data what to go on with, 64 KiB at most.
     * @throws GatewrightException `invalid_argument`, `stale`, `unavailable`, `closed`.
     */
    public suspend fun checkpoint(name: String, data: ByteArray): Unit = suspending { ffi.checkpoint(name, data) }

    /** [checkpoint] for callers without coroutines. */
    public fun checkpointBlocking(name: String, data: ByteArray): Unit = runBlocking { checkpoint(name, data) }

    /**
     * Begins the lease anew, at most until 15 minutes after this attempt began. The gate does this by itself while the guard is open; a
     * worker that may be stopped for longer than a lease calls it to hear whether the operation is still its own.
     *
     * @throws GatewrightException `stale`, `unavailable`, `closed`.
     */
    public suspend fun renew(): Unit = suspending { ffi.renew() }

    /** [renew] for callers without coroutines. */
    public fun renewBlocking(): Unit = runBlocking { renew() }

    /**
     * Ends the operation with its answer, and gives what is to be sent. Whether the answer is stored or the key is free again is decided
     * by its status, the marks and the route, or by [finishAs]. Where the store does not answer, what was done stays done: the answer
     * comes back with `Idempotency-Stored: false`, and the store is told as soon as it answers again.
     *
     * @throws GatewrightException.Stale another worker has taken over; its answer is [GatewrightException.response].
     * @throws GatewrightException `invalid_argument` for a status outside 200–599 or a header that is no text of bytes; `closed`.
     */
    public suspend fun complete(response: Response, finishAs: FinishAs? = null): Response = suspending {
        val changed = ffi.complete(response.toFfi(), finishAs?.ffi)
        ended = true
        changed?.let(::Response) ?: response
    }

    /** [complete] with the parts of an answer. */
    public suspend fun complete(
        status: Int,
        headers: List<Pair<String, String>> = emptyList(),
        body: ByteArray = ByteArray(0),
        finishAs: FinishAs? = null,
    ): Response = complete(Response(status, headers, body), finishAs)

    /** [complete] for callers without coroutines. */
    @JvmOverloads
    public fun completeBlocking(response: Response, finishAs: FinishAs? = null): Response = runBlocking { complete(response, finishAs) }

    /**
     * Ends an operation whose answer has been sent already, piece by piece: its status and the SHA-256 of its body are kept, or the key
     * is free again, by the same rules as [complete]. A request for a kept one is [GatewrightException.ResponseUnavailable].
     *
     * @param bodySha256 32 bytes; another length is `invalid_argument`.
     * @return whether the store knows of it; where it does not answer, it is told as soon as it does.
     * @throws GatewrightException as [complete].
     */
    public suspend fun completeStreamed(status: Int, bodySha256: ByteArray, finishAs: FinishAs? = null): Boolean = suspending {
        val stored = ffi.completeStreamed(status, bodySha256, finishAs?.ffi)
        ended = true
        stored
    }

    /** [completeStreamed] for callers without coroutines. */
    @JvmOverloads
    public fun completeStreamedBlocking(status: Int, bodySha256: ByteArray, finishAs: FinishAs? = null): Boolean =
        runBlocking { completeStreamed(status, bodySha256, finishAs) }

    /**
     * Gives the operation back: the next request runs it.
     *
     * @throws GatewrightException `invalid_argument` once effects are marked; `stale`, `unavailable`, `closed`.
     */
    public suspend fun release() {
        suspending { ffi.release() }
        ended = true
    }

    /** [release] for callers without coroutines. */
    public fun releaseBlocking(): Unit = runBlocking { release() }

    /** What a failure of whoever ran it comes to: given back where closing would do so. */
    internal suspend fun abandon() {
        suspending { ffi.abandon() }
        ended = true
    }

    /**
     * Lets go of the operation. If it has not been ended, it is given back where the rules say so, and waited for: so `use` leaves
     * nothing behind, and blocks for as long as one write of the store. Closing again does nothing; calls after it are `closed`.
     */
    override fun close() {
        if (closed.compareAndSet(false, true)) {
            try {
                if (!ended) crossing { ffi.abandonAndWait() }
            } finally {
                ffi.close()
            }
        }
    }

    /** Lets go of the operation without waiting: whoever asked for it is gone. */
    internal fun drop() {
        if (closed.compareAndSet(false, true)) ffi.close()
    }

    /** Fence and attempt. */
    override fun toString(): String = "IdempotencyGuard(fence=$fence, attempt=$attempt)"
}

/** Whether an answer is stored, or its key is free again. */
public enum class FinishAs(internal val ffi: FfiFinishAs) {
    /** Every further request gets this answer. */
    STORE(FfiFinishAs.STORE),

    /** The next request runs the operation anew. */
    RELEASE(FfiFinishAs.RELEASE),
}
