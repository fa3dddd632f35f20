package io.github.gatewright.conformance

import io.github.gatewright.Checked
import io.github.gatewright.Claims
import io.github.gatewright.GatewrightException
import io.github.gatewright.IdempotencyGuard
import io.github.gatewright.Response
import io.github.gatewright.TokenPair
import java.time.Duration
import java.time.Instant

/** The members that a call's answer offers to `expect` and to later steps, by their names in the format. */
fun TokenPair.offers(): Map<String, Any?> = mapOf(
    "access_token" to accessToken,
    "refresh_token" to refreshToken,
    "token_type" to tokenType,
    "expires_in" to expiresIn,
    "session_id" to sessionId,
    "outcome" to outcome.code,
    "server_time_ms" to serverTimeMs,
)

/** Claims; `view_age` is left out. */
fun Claims.offers(): Map<String, Any?> = mapOf(
    "issuer" to issuer,
    "subject" to subject,
    "audience" to audience,
    "client_id" to clientId,
    "tenant" to tenant,
    "roles" to roles,
    "scope" to scope,
    "session_id" to sessionId,
    "gen" to gen,
    "token_version" to tokenVersion,
    "issued_at" to issuedAt?.micros(),
    "not_before" to notBefore?.micros(),
    "expires_at" to expiresAt.micros(),
    "jwt_id" to jwtId,
    "confirmation" to confirmation,
    "auth_time" to authTime?.micros(),
    "amr" to amr,
    "extra" to extra.takeIf { it.isNotEmpty() }?.let { readJson(it.toByteArray()) },
)

/** A message that was checked. */
fun Checked.offers(): Map<String, Any?> = mapOf("key_id" to keyId, "timestamp" to timestamp?.micros(), "id" to id, "nonce" to nonce)

/** A refusal. */
fun GatewrightException.offers(): Map<String, Any?> = mapOf(
    "clear_cookies" to clearCookies,
    "reason" to reason,
    "retry_after" to retryAfter?.micros(),
    "server_time_ms" to serverTimeMs,
) + when (this) {
    is GatewrightException.Stale -> mapOf("response" to response?.parts())
    is GatewrightException.ResponseUnavailable -> mapOf("status" to responseStatus, "digest" to bodyDigest)
    else -> emptyMap()
}

/** An operation that a step may run. */
fun IdempotencyGuard.offers(outcome: String): Map<String, Any?> = mapOf(
    "outcome" to outcome,
    "fence" to fence,
    "attempt" to attempt,
    "checkpoint" to checkpointReached?.let { mapOf("name" to it.name, "bytes" to it.data) },
)

/** An answer, as itself and by its parts. */
fun Response.offers(): Map<String, Any?> = parts().let { it + ("response" to it) }

private fun Response.parts(): Map<String, Any?> = mapOf(
    "status" to status,
    "headers" to headers.map { (name, value) -> listOf(name, value.toByteArray(Charsets.ISO_8859_1)) },
    "body" to body,
)

/** The instant of a `now`. */
fun instant(micros: Long): Instant = Instant.EPOCH.plusSeconds(Math.floorDiv(micros, MICROS)).plusNanos(Math.floorMod(micros, MICROS) * 1_000)

private const val MICROS = 1_000_000L

/** Whole microseconds since the epoch. */
fun Instant.micros(): Long = epochSecond * MICROS + nano / 1_000

private fun Duration.micros(): Long = seconds * MICROS + nano / 1_000
