package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking

/** The calls on sessions: `gate.sessions`. */
public class Sessions internal constructor(private val gate: FfiGate) {
    /**
     * Ends one session of a subject.
     *
     * @throws GatewrightException.SessionNotFound there is no such session of this subject.
     */
    public suspend fun revoke(tenant: String, subject: String, sessionId: String, context: RequestContext? = null): Unit =
        suspending { gate.revokeSession(tenant, subject, sessionId, context?.toFfi()) }

    /** [revoke] for callers without coroutines. */
    @JvmOverloads
    public fun revokeBlocking(tenant: String, subject: String, sessionId: String, context: RequestContext? = null): Unit =
        runBlocking { revoke(tenant, subject, sessionId, context) }

    /**
     * Ends all sessions of a subject but [keep]; says how many.
     *
     * @throws GatewrightException `invalid_argument`, `unavailable`, `closed`.
     */
    public suspend fun revokeOthers(tenant: String, subject: String, keep: String, context: RequestContext? = null): Long =
        suspending { gate.revokeOtherSessions(tenant, subject, keep, context?.toFfi()) }

    /** [revokeOthers] for callers without coroutines. */
    @JvmOverloads
    public fun revokeOthersBlocking(tenant: String, subject: String, keep: String, context: RequestContext? = null): Long =
        runBlocking { revokeOthers(tenant, subject, keep, context) }

    /**
     * Ends all sessions of a subject; says how many were ended at once.
     *
     * @throws GatewrightException `invalid_argument`, `unavailable`, `closed`.
     */
    public suspend fun revokeAll(tenant: String, subject: String, context: RequestContext? = null): Long =
        suspending { gate.revokeAllSessions(tenant, subject, context?.toFfi()) }

    /** [revokeAll] for callers without coroutines. */
    @JvmOverloads
    public fun revokeAllBlocking(tenant: String, subject: String, context: RequestContext? = null): Long =
        runBlocking { revokeAll(tenant, subject, context) }
}
