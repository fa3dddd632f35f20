package io.github.gatewright

import io.github.gatewright.internal.ErrorDetails
import io.github.gatewright.internal.durationOf
import java.io.Serializable
import java.time.Duration

/**
 * Any failure of Gatewright. [code] tells which: it is stable, the message may change.
 *
 * The classes below it are for `catch` and `when`; a code that this version does not know is an [Unknown], so that a
 * `when` with an `else` branch goes on working when codes are added.
 *
 * ```
 * try {
 *     pair = gate.tokens.refresh(pair.refreshToken)
 * } catch (e: GatewrightException.ReuseDetected) {
 *     // The session is over for everybody: the token was stolen, or its owner restored an old copy.
 * } catch (e: GatewrightException) {
 *     respond(e.status, e.publicCode, e.retryAfter)
 * }
 * ```
 */
public sealed class GatewrightException private constructor(details: ErrorDetails) : RuntimeException(details.text, details.cause) {
    /** The stable code, snake_case, for the program and the log. */
    public val code: String = details.code

    /** The HTTP status of this error; 0 where it has no HTTP answer. */
    public val status: Int = details.status

    /** The code that a client may see; empty where there is no answer. It differs from [code] where detail would help an attacker. */
    public val publicCode: String = details.publicCode

    /** Whether the same request may be sent again, after [retryAfter] where that is known. */
    public val retryable: Boolean = details.retryable

    private val retryAfterMicros: Long? = details.retryAfterMicros

    /** How long to wait before the next try, where that is known. */
    public val retryAfter: Duration? get() = retryAfterMicros?.let(::durationOf)

    /** What the caller should do: `no`, `yes`, `re_sign`, `change`, `refresh`, `log_in`, `new_key`, `reconcile`, and what later versions add. */
    public val advice: String = details.advice

    /** Why a family is over: `logged_out`, `reuse`, `admin`, `epoch`; `absolute`, `idle`, `generations`. Only for refused refreshes. */
    public val reason: String? = details.reason

    /** For a refused refresh: whether the client's cookies should be cleared, because its token can never work again. */
    public val clearCookies: Boolean? = details.clearCookies

    /** For a webhook outside its window: the server's clock in milliseconds, for the sender to correct its own. */
    public val serverTimeMs: Long? = details.serverTimeMs

    /** For a worker that has lost its lease: what the winner answered, if it has and the answer is kept. Send this instead. */
    public val response: Response? = details.response

    /** For an operation whose answer is not kept: the answer's status. */
    public val responseStatus: Int? = details.responseStatus

    private val digest: ByteArray? = details.bodyDigest

    /** For an operation whose answer is not kept: the SHA-256 of the answer's body. */
    public val bodyDigest: ByteArray? get() = digest?.clone()

    /** The problems of a policy document, in file order; empty for any other error. */
    public val problems: List<Problem> = details.problems

    /** An argument is out of its range: change the request. */
    public class InvalidArgument internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The policy document cannot be used, or does not provide for this call: see [problems]. */
    public class ConfigError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The store or a key source is down. Nothing was consumed: send the same request again after [retryAfter]. */
    public class Unavailable internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The gate has been closed. */
    public class Closed internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** A stored record cannot be read: another version wrote it, or it is damaged. */
    public class RecordUnreadable internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** A fault of this library or its host, never of the input. */
    public class InternalError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** A key given to a call cannot be used. */
    public class KeyMaterialError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** There is no such session of this subject. */
    public class SessionError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** A token was refused. */
    public open class TokenError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The access token is ours in every other respect, but has expired: refresh it. */
    public class TokenExpired internal constructor(details: ErrorDetails) : TokenError(details)

    /** A DPoP proof is missing or was refused: sign afresh. */
    public class DpopError internal constructor(details: ErrorDetails) : TokenError(details)

    /** A refresh token was refused: log in again, unless it is [retryable]. */
    public open class RefreshError internal constructor(details: ErrorDetails) : TokenError(details)

    /** An old refresh token was presented again. The whole session has been ended on suspicion of theft. */
    public class ReuseDetected internal constructor(details: ErrorDetails) : RefreshError(details)

    /** A webhook was refused. */
    public open class WebhookError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The message has been used already. */
    public class Replayed internal constructor(details: ErrorDetails) : WebhookError(details)

    /** This message or request is being handled elsewhere: send it again, with the same idempotency key, after [retryAfter]. */
    public class InProgress internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The body is larger than what is read of a message or compared of a request. */
    public class BodyTooLarge internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** An idempotent request was neither run nor replayed. */
    public open class IdempotencyError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** The key was used for another request: a new operation needs a new key. */
    public class KeyReused internal constructor(details: ErrorDetails) : IdempotencyError(details)

    /** Whoever handled the request stopped in the middle: look whether it was carried out before a new key is used. */
    public class OutcomeUnknown internal constructor(details: ErrorDetails) : IdempotencyError(details)

    /** The request was carried out with [responseStatus], and its answer is not kept: read the resource instead. */
    public class ResponseUnavailable internal constructor(details: ErrorDetails) : IdempotencyError(details)

    /** Another worker has taken the operation over, so this one's result is not kept; the winner's is in [response]. */
    public class Stale internal constructor(details: ErrorDetails) : IdempotencyError(details)

    /** A request to the limits or the lockout cannot be decided, or was refused. */
    public open class LimitError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** Too many requests: send it again after [retryAfter]. Only glue throws it: calls give a decision. */
    public class RateLimited internal constructor(details: ErrorDetails) : LimitError(details)

    /** Too many failed attempts: the account opens after [retryAfter], or is unlocked. Check no password. */
    public class Locked internal constructor(details: ErrorDetails) : LimitError(details)

    /** A figure cannot be computed of such input. Too little data is no error: such a figure is undefined. */
    public class KpiError internal constructor(details: ErrorDetails) : GatewrightException(details)

    /** A code that this version of the package has no class for. */
    public class Unknown internal constructor(details: ErrorDetails) : GatewrightException(details)

    internal companion object {
        fun of(details: ErrorDetails): GatewrightException = when (details.code) {
            "invalid_argument" -> InvalidArgument(details)
            "config_invalid" -> ConfigError(details)
            "unavailable" -> Unavailable(details)
            "closed" -> Closed(details)
            "record_unreadable" -> RecordUnreadable(details)
            "internal" -> InternalError(details)
            "key_invalid", "key_too_short", "key_type_mismatch" -> KeyMaterialError(details)
            "session_not_found" -> SessionError(details)
            "jwt_expired" -> TokenExpired(details)
            "reuse" -> ReuseDetected(details)
            "malformed", "unknown", "binding_mismatch", "revoked", "version_too_old", "expired", "fork", "store_behind" ->
                RefreshError(details)
            "replayed" -> Replayed(details)
            "in_progress" -> InProgress(details)
            "body_too_large" -> BodyTooLarge(details)
            "idempotency_key_reused" -> KeyReused(details)
            "outcome_unknown" -> OutcomeUnknown(details)
            "response_unavailable" -> ResponseUnavailable(details)
            "stale" -> Stale(details)
            "idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_multiple", "scope_empty" -> IdempotencyError(details)
            "header_missing", "header_duplicate", "header_malformed", "too_many_signatures", "timestamp_malformed",
            "timestamp_too_old", "timestamp_too_new", "nonce_malformed", "framing_ambiguous",
            "signature_mismatch", "key_unknown",
            -> WebhookError(details)
            "rate_limited" -> RateLimited(details)
            "locked" -> Locked(details)
            "cost_impossible", "subject_invalid" -> LimitError(details)
            else -> when {
                details.code.startsWith("kpi_") -> KpiError(details)
                details.code.startsWith("jwt_") -> TokenError(details)
                details.code.startsWith("dpop_") -> DpopError(details)
                else -> Unknown(details)
            }
        }
    }
}

/**
 * One fault of a policy document: where it is and what to write instead. Never holds a secret's value.
 *
 * @property file the policy file; `null` for a policy given as text.
 * @property line the line in the text, from 1; `null` where it is not known.
 * @property field the full path of the member, as `tokens.signing_keys[1].secret`.
 * @property mend a sentence that says what to write.
 */
public class Problem internal constructor(
    public val file: String?,
    public val line: Int?,
    public val field: String,
    public val mend: String,
) : Serializable {
    /** As `file:line: field: mend`, without what is absent. */
    override fun toString(): String = listOfNotNull(
        listOfNotNull(file, line?.toString()).takeIf { it.isNotEmpty() }?.joinToString(":"),
        field.takeIf { it.isNotEmpty() },
        mend,
    ).joinToString(": ")

    private companion object {
        private const val serialVersionUID = 1L
    }
}
