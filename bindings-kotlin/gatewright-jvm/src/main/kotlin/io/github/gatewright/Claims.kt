package io.github.gatewright

import io.github.gatewright.internal.durationOf
import io.github.gatewright.internal.ffi.FfiClaims
import io.github.gatewright.internal.instantOf
import java.time.Duration
import java.time.Instant

/** What a verified access token says. Absent texts are empty. */
public class Claims internal constructor(private val ffi: FfiClaims) {
    /** `iss`. */
    public val issuer: String get() = ffi.issuer

    /** `sub`; empty where a foreign profile does not require it. */
    public val subject: String get() = ffi.subject

    /** `aud`, as a list. */
    public val audience: List<String> get() = ffi.audience

    /** `client_id`. */
    public val clientId: String get() = ffi.clientId

    /** The tenant; empty in a system that has only one. */
    public val tenant: String get() = ffi.tenant

    /** The roles, as a list. */
    public val roles: List<String> get() = ffi.roles

    /** `scope`. */
    public val scope: String get() = ffi.scope

    /** `sid`, or what the foreign profile names. */
    public val sessionId: String get() = ffi.sessionId

    /** The generation of the refresh token it came with, from 0 to 2^32 - 1; own tokens only. */
    public val gen: Long? get() = ffi.generation

    /** Three numbers, of the subject, the tenant and the installation; own tokens only. */
    public val tokenVersion: List<Long>? get() = ffi.tokenVersion

    /** `iat`. */
    public val issuedAt: Instant? get() = ffi.issuedAt?.let(::instantOf)

    /** `nbf`. */
    public val notBefore: Instant? get() = ffi.notBefore?.let(::instantOf)

    /** `exp`. */
    public val expiresAt: Instant get() = instantOf(ffi.expiresAt)

    /** `jti`. */
    public val jwtId: String get() = ffi.jwtId

    /** `cnf.jkt`: the thumbprint of the key that the token is bound to. */
    public val confirmation: String? get() = ffi.confirmation

    /** When the user proved who he is. */
    public val authTime: Instant? get() = ffi.authTime?.let(::instantOf)

    /** How he proved it (RFC 8176). */
    public val amr: List<String> get() = ffi.amr

    /** How old the local view was that said "not revoked"; none without a store, and for foreign tokens. */
    public val viewAge: Duration? get() = ffi.viewAge?.let(::durationOf)

    /** All other claims: the text of a JSON object, each value as it was written. */
    public val extra: String get() = ffi.extra

    /** The whole payload as it was signed: the text of a JSON object. */
    public val payload: String get() = ffi.payload

    /** Whether all is the same, the age of the view included. */
    override fun equals(other: Any?): Boolean = other is Claims && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** Whose token, and until when. */
    override fun toString(): String = "Claims(issuer=$issuer, tenant=$tenant, subject=$subject, expiresAt=$expiresAt)"
}

/**
 * The verdict on one token of [Tokens.verifyMany]: [claims], or the [error] for which it was refused.
 *
 * @property claims what the token says; `null` if it was refused.
 * @property error why it was refused; `null` if it was not.
 */
public class Verdict internal constructor(public val claims: Claims?, public val error: GatewrightException?) {
    /** Whether the token is good. */
    public val isValid: Boolean get() = claims != null

    /**
     * The claims.
     *
     * @throws GatewrightException the reason why the token was refused.
     */
    public fun getOrThrow(): Claims = claims ?: throw checkNotNull(error)

    /** The claims or the code. */
    override fun toString(): String = claims?.toString() ?: "Verdict(${error?.code})"
}
