package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiAccount
import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.ffi.FfiLockoutStatus
import io.github.gatewright.internal.handedOver
import io.github.gatewright.internal.instantOf
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking
import java.time.Instant

/**
 * The calls on lockouts: `gate.lockout`. So many failed attempts, and no password of the account is checked for a while.
 *
 * Every call takes a `device`: what tells a device that the account has logged in from, a cookie or token that *your* service gave it and
 * has verified. Such a device is counted by itself, so that a stranger who locks the account does not lock its owner out.
 */
public class Lockout internal constructor(private val gate: FfiGate) {
    /**
     * Charges an attempt before its password is checked: of any number at once, no more than the policy's threshold are let through. Call
     * it for unknown accounts too, or an attacker learns which are known. Settle what it gives, or close it; if the coroutine is
     * cancelled, it is abandoned.
     *
     * ```
     * gate.lockout.begin("login", email).use { attempt ->
     *     val right = passwords.verify(email, password)
     *     attempt.settle(right)
     * }
     * ```
     *
     * @param policy one of `lockout.policies`.
     * @param identifier the account, in the policy's form.
     * @param device what tells a known device.
     * @throws GatewrightException.Locked what is left of the lock, as `retryAfter`; no attempt makes it longer.
     * @throws GatewrightException.LimitError `subject_invalid`.
     * @throws GatewrightException `invalid_argument` for an unknown policy; `unavailable` (check no password then), `record_unreadable`,
     *   `closed`, `config_invalid` without `[lockout]`, store or, for a store that is not in memory, root key.
     */
    public suspend fun begin(policy: String, identifier: String, device: String? = null, context: RequestContext? = null): Attempt =
        handedOver(Attempt::drop) { Attempt(gate.beginAttempt(account(policy, identifier, device, context))) }

    /** [begin] for callers without coroutines. */
    @JvmOverloads
    public fun beginBlocking(policy: String, identifier: String, device: String? = null, context: RequestContext? = null): Attempt =
        runBlocking { begin(policy, identifier, device, context) }

    /**
     * Forgives everything: an administrator unlocks the account, or its owner has reset the password. Attempts under way change nothing
     * any more.
     *
     * @throws GatewrightException as [begin], but for `locked`.
     */
    public suspend fun unlock(policy: String, identifier: String, device: String? = null, context: RequestContext? = null): Unit =
        suspending { gate.unlockAccount(account(policy, identifier, device, context)) }

    /** [unlock] for callers without coroutines. */
    @JvmOverloads
    public fun unlockBlocking(policy: String, identifier: String, device: String? = null, context: RequestContext? = null): Unit =
        runBlocking { unlock(policy, identifier, device, context) }

    /**
     * How an account stands. Changes nothing.
     *
     * @throws GatewrightException as [begin], but for `locked`.
     */
    public suspend fun status(policy: String, identifier: String, device: String? = null, context: RequestContext? = null): LockoutStatus =
        suspending { LockoutStatus(gate.lockoutStatus(account(policy, identifier, device, context))) }

    /** [status] for callers without coroutines. */
    @JvmOverloads
    public fun statusBlocking(policy: String, identifier: String, device: String? = null, context: RequestContext? = null): LockoutStatus =
        runBlocking { status(policy, identifier, device, context) }

    private fun account(policy: String, identifier: String, device: String?, context: RequestContext?) =
        FfiAccount(policy, identifier, device, context?.toFfi())
}

/** How an account stands. */
public class LockoutStatus internal constructor(private val ffi: FfiLockoutStatus) {
    /** Attempts charged in the current window. */
    public val fails: Int get() = ffi.fails

    /** How many are allowed. */
    public val threshold: Int get() = ffi.threshold

    /** Until when it is locked; `null` if it is not. */
    public val lockedUntil: Instant? get() = ffi.lockedUntil?.let(::instantOf)

    /** How many locks it has had. */
    public val level: Int get() = ffi.level

    /** The store's clock. */
    public val now: Instant get() = instantOf(ffi.now)

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is LockoutStatus && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** All members. */
    override fun toString(): String = "LockoutStatus(fails=$fails, threshold=$threshold, lockedUntil=$lockedUntil, level=$level, now=$now)"
}
