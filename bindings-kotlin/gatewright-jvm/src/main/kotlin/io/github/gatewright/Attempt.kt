package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiAttempt
import io.github.gatewright.internal.ffi.FfiBegunAttempt
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking
import java.util.concurrent.atomic.AtomicBoolean

/**
 * An attempt to log in that has been charged: check the password, then settle it.
 *
 * Closed without, it is abandoned: the charge is taken back, as no password was checked. Every call runs to its end even if the coroutine
 * is cancelled.
 */
public class Attempt internal constructor(begun: FfiBegunAttempt) : AutoCloseable {
    private val ffi: FfiAttempt = begun.attempt
    private val closed = AtomicBoolean()

    @Volatile
    private var ended = false

    /** Its number in the window, from 1. */
    public val n: Int = begun.n

    /** Whether the account is locked now unless this one succeeds. */
    public val last: Boolean = begun.last

    /**
     * Says what came of it. A success forgives what was charged before, and unlocks what this attempt locked; a failure was charged
     * already. An attempt of before an unlock or another success changes nothing. May be called again after an error.
     *
     * @throws GatewrightException `unavailable`, `record_unreadable`, `closed`.
     */
    public suspend fun settle(success: Boolean) {
        suspending { ffi.settle(success) }
        ended = true
    }

    /** [settle] for callers without coroutines. */
    public fun settleBlocking(success: Boolean): Unit = runBlocking { settle(success) }

    /**
     * Takes the charge back: no password was checked, because the client went away or the database did not answer. Where the store's
     * reply is lost, the charge may stay. Does nothing once the attempt has been settled or abandoned.
     *
     * @throws GatewrightException as [settle].
     */
    public suspend fun abandon() {
        suspending { ffi.abandon() }
        ended = true
    }

    /** [abandon] for callers without coroutines. */
    public fun abandonBlocking(): Unit = runBlocking { abandon() }

    /**
     * Lets go of the attempt. If it was not settled, it is abandoned, and that is waited for: so `use` leaves nothing behind, and blocks
     * for as long as one write of the store. Closing again does nothing; calls after it are `closed`.
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

    /** Lets go of the attempt without waiting: whoever asked for it is gone. */
    internal fun drop() {
        if (closed.compareAndSet(false, true)) ffi.close()
    }

    /** Its number. */
    override fun toString(): String = "Attempt(n=$n, last=$last)"
}
