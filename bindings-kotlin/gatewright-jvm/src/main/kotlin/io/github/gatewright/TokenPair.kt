package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiTokenPair

/** What a login or a refresh answers. Its text form holds no token. */
public class TokenPair internal constructor(private val ffi: FfiTokenPair) {
    /** The access token, a JWT. */
    public val accessToken: String get() = ffi.accessToken

    /** The refresh token; empty after [Tokens.refreshAccessOnly], which gives none. */
    public val refreshToken: String get() = ffi.refreshToken.orEmpty()

    /** `bearer`. */
    public val tokenType: String get() = ffi.tokenType

    /** Whole seconds that the access token lives. */
    public val expiresIn: Long get() = ffi.expiresIn

    /** The session: base64url of the family id. */
    public val sessionId: String get() = ffi.sessionId

    /** How it came about. Never send it to a client: it would tell a thief whether the owner has refreshed. */
    public val outcome: Outcome = Outcome.of(ffi.outcome)

    /** The store's clock in milliseconds. */
    public val serverTimeMs: Long get() = ffi.serverTimeMs

    /** Whether all is the same, tokens included. */
    override fun equals(other: Any?): Boolean = other is TokenPair && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** Session and outcome; no token. */
    override fun toString(): String = "TokenPair(sessionId=$sessionId, outcome=$outcome, expiresIn=$expiresIn)"
}

/**
 * How a pair of tokens came about.
 *
 * @property code the stable name, as in the vectors.
 */
public enum class Outcome(public val code: String) {
    /** A login. */
    ISSUED("issued"),

    /** The next generation. */
    ROTATED("rotated"),

    /** The same answer again, within the window for concurrent requests. */
    RETRY_CONCURRENT("retry_concurrent"),

    /** The same answer again, within the window for lost responses, by the retry key. */
    RETRY_LOST("retry_lost"),

    /** An access token alone. */
    ACCESS_ONLY("access_only"),
    ;

    internal companion object {
        // Library and facade ship together, and UniFFI compares their checksums: there is no other text.
        fun of(code: String): Outcome = entries.first { it.code == code }
    }
}
