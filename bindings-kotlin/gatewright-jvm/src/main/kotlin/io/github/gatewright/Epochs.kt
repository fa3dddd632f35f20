package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking

/** The breach response: `gate.epochs`. Each call ends all tokens of its scope at once and gives the new version. */
public class Epochs internal constructor(private val gate: FfiGate) {
    /**
     * All tokens of a subject die at once.
     *
     * @param reason goes to the event.
     * @throws GatewrightException `invalid_argument`, `unavailable`, `closed`.
     */
    public suspend fun bumpSubject(tenant: String, subject: String, reason: String, context: RequestContext? = null): Long =
        suspending { gate.bumpSubject(tenant, subject, reason, context?.toFfi()) }

    /** [bumpSubject] for callers without coroutines. */
    @JvmOverloads
    public fun bumpSubjectBlocking(tenant: String, subject: String, reason: String, context: RequestContext? = null): Long =
        runBlocking { bumpSubject(tenant, subject, reason, context) }

    /**
     * All tokens of a tenant die at once.
     *
     * @throws GatewrightException as [bumpSubject].
     */
    public suspend fun bumpTenant(tenant: String, reason: String, context: RequestContext? = null): Long =
        suspending { gate.bumpTenant(tenant, reason, context?.toFfi()) }

    /** [bumpTenant] for callers without coroutines. */
    @JvmOverloads
    public fun bumpTenantBlocking(tenant: String, reason: String, context: RequestContext? = null): Long =
        runBlocking { bumpTenant(tenant, reason, context) }

    /**
     * All tokens of the installation die at once.
     *
     * @throws GatewrightException as [bumpSubject].
     */
    public suspend fun bumpAll(reason: String, context: RequestContext? = null): Long =
        suspending { gate.bumpAll(reason, context?.toFfi()) }

    /** [bumpAll] for callers without coroutines. */
    @JvmOverloads
    public fun bumpAllBlocking(reason: String, context: RequestContext? = null): Long = runBlocking { bumpAll(reason, context) }
}
