package io.github.gatewright.testing

import io.github.gatewright.Gate
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiTestHost
import io.github.gatewright.internal.invalidArgument
import io.github.gatewright.internal.microsOf
import io.github.gatewright.internal.suspending
import java.time.Instant

/**
 * Opens gates for tests: with a clock that is set, entropy from a seed, an environment that is given. Never for production.
 *
 * ```
 * TestHost(now = Instant.parse("2026-11-21T08:00:00Z"), seed = byteArrayOf(0)).use { host ->
 *     host.fromPolicy(policy).use { gate ->
 *         val pair = gate.tokens.issue(Login(subject = "u-42", client = "web"))
 *         host.setNow(Instant.parse("2026-11-21T08:10:00Z"))
 *         gate.tokens.refresh(pair.refreshToken)
 *     }
 * }
 * ```
 *
 * @param now what the clock shows, the store's and the host's; absent, it is the system's.
 * @param seed block i of the entropy is SHA-256(seed, i as 8 bytes); absent, it is the system's.
 * @param environment what `${NAME}` reads in a policy; absent, it is the process's.
 */
public class TestHost(now: Instant? = null, seed: ByteArray? = null, environment: Map<String, String>? = null) : AutoCloseable {
    private val ffi = crossing { FfiTestHost(now?.let { microsOf("now", it) }, seed?.clone(), environment) }

    /** Sets the clock, forward or back. `invalid_argument` if there was no `now` to begin with. */
    public fun setNow(now: Instant) {
        if (!crossing { ffi.setNow(microsOf("now", now)) }) throw invalidArgument("now: this host has the system's clock; begin with a now")
    }

    /** As [Gate.Companion.open]. */
    public suspend fun open(path: String): Gate = suspending { Gate(ffi.open(path)) }

    /** As [Gate.Companion.fromPolicy]. */
    public suspend fun fromPolicy(text: String): Gate = suspending { Gate(ffi.fromPolicy(text)) }

    /** Lets go of it. Gates that it opened stay open. */
    override fun close(): Unit = ffi.close()
}
