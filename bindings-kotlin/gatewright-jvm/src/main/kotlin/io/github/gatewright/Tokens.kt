package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.exceptionOf
import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.ffi.FfiRefresh
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking

/**
 * The calls on tokens: `gate.tokens`.
 *
 * A call that reaches the store runs to its end on a thread of the library. Cancelling the coroutine ends the wait, never
 * the call: a rotation is not left half done, and the next refresh within the window gives the answer that was missed.
 */
public class Tokens internal constructor(private val gate: FfiGate) {
    /**
     * Begins a session.
     *
     * @throws GatewrightException `invalid_argument`, `unavailable`, `closed`, `config_invalid` without a store.
     */
    public suspend fun issue(login: Login): TokenPair = suspending { TokenPair(gate.issue(login.toFfi())) }

    /** [issue] for callers without coroutines. */
    public fun issueBlocking(login: Login): TokenPair = runBlocking { issue(login) }

    /**
     * Exchanges a refresh token for the next pair.
     *
     * ```
     * val key = ByteArray(16).also(SecureRandom()::nextBytes)      // written down before the request is sent
     * pair = gate.tokens.refresh(pair.refreshToken, retryKey = key)
     * ```
     *
     * @param retryKey 16 random bytes that the client wrote down before it sent the request; another length is `invalid_argument`.
     * @param dpop a DPoP proof. Not in this version: given, it is `invalid_argument`.
     * @param client which client presents the token; compared with the login's.
     * @param tenant which tenant the request is for; compared with the login's.
     * @param deviceId which device presents the token; another than the login's closes the lost-response window.
     * @throws GatewrightException.ReuseDetected an old token was presented: the session is over.
     * @throws GatewrightException.RefreshError any other refusal.
     */
    public suspend fun refresh(
        token: String,
        retryKey: ByteArray? = null,
        dpop: DpopProof? = null,
        client: String? = null,
        tenant: String? = null,
        deviceId: String? = null,
        context: RequestContext? = null,
    ): TokenPair = suspending {
        TokenPair(gate.refresh(token, FfiRefresh(retryKey?.clone(), dpop?.proof, client, tenant, deviceId, context?.toFfi())))
    }

    /** [refresh] for callers without coroutines. */
    @JvmOverloads
    public fun refreshBlocking(
        token: String,
        retryKey: ByteArray? = null,
        dpop: DpopProof? = null,
        client: String? = null,
        tenant: String? = null,
        deviceId: String? = null,
        context: RequestContext? = null,
    ): TokenPair = runBlocking { refresh(token, retryKey, dpop, client, tenant, deviceId, context) }

    /**
     * Gives an access token and changes nothing: for confidential clients.
     *
     * @throws GatewrightException as [refresh].
     */
    public suspend fun refreshAccessOnly(
        token: String,
        dpop: DpopProof? = null,
        client: String? = null,
        tenant: String? = null,
        deviceId: String? = null,
        context: RequestContext? = null,
    ): TokenPair = suspending {
        TokenPair(gate.refreshAccessOnly(token, FfiRefresh(null, dpop?.proof, client, tenant, deviceId, context?.toFfi())))
    }

    /** [refreshAccessOnly] for callers without coroutines. */
    @JvmOverloads
    public fun refreshAccessOnlyBlocking(
        token: String,
        dpop: DpopProof? = null,
        client: String? = null,
        tenant: String? = null,
        deviceId: String? = null,
        context: RequestContext? = null,
    ): TokenPair = runBlocking { refreshAccessOnly(token, dpop, client, tenant, deviceId, context) }

    /**
     * Verifies an access token against the local view. Touches memory only. A call costs about ten times the verification
     * itself: where there are many tokens, use [verifyMany].
     *
     * @param issuer the id of a foreign issuer of the policy, or `own`.
     * @param dpop a DPoP proof. Not in this version: given, it is `invalid_argument`.
     * @throws GatewrightException.TokenExpired the token is ours, but has expired.
     * @throws GatewrightException.TokenError any other refusal.
     */
    @JvmOverloads
    public fun verify(access: String, issuer: String = "own", dpop: DpopProof? = null): Claims =
        crossing { Claims(gate.verifyToken(access, issuer, dpop?.proof)) }

    /** Verifies many access tokens in one call: a verdict for each, in order. Touches memory only. */
    @JvmOverloads
    public fun verifyMany(access: List<String>, issuer: String = "own"): List<Verdict> =
        crossing { gate.verifyMany(access, issuer).map { Verdict(it.claims?.let(::Claims), it.fault?.let(::exceptionOf)) } }

    /**
     * Verifies one of our own access tokens after a look at the store, so that a revocation of a moment ago is seen.
     *
     * @throws GatewrightException as [verify]; `unavailable`.
     */
    public suspend fun verifyFresh(access: String, dpop: DpopProof? = null): Claims =
        suspending { Claims(gate.verifyFresh(access, dpop?.proof)) }

    /** [verifyFresh] for callers without coroutines. */
    @JvmOverloads
    public fun verifyFreshBlocking(access: String, dpop: DpopProof? = null): Claims = runBlocking { verifyFresh(access, dpop) }

    /**
     * Notes that the client has its latest pair: the window for lost responses shuts.
     *
     * @throws GatewrightException as [verify]; `unavailable`.
     */
    public suspend fun confirm(access: String): Unit = suspending { gate.confirm(access) }

    /** [confirm] for callers without coroutines. */
    public fun confirmBlocking(access: String): Unit = runBlocking { confirm(access) }

    /**
     * Ends the session of a refresh token (any generation) or of an own access token: log-out.
     *
     * @throws GatewrightException.TokenError if the token is not one of ours.
     */
    public suspend fun revoke(token: String, context: RequestContext? = null): Unit = suspending { gate.revoke(token, context?.toFfi()) }

    /** [revoke] for callers without coroutines. */
    @JvmOverloads
    public fun revokeBlocking(token: String, context: RequestContext? = null): Unit = runBlocking { revoke(token, context) }
}
