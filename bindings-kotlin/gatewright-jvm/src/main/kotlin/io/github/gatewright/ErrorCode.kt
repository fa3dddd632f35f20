package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiErrorCode
import io.github.gatewright.internal.ffi.errorCodes

/**
 * One row of the table of error codes: what a code means on the wire and to its caller.
 *
 * @property domain the domain it belongs to.
 * @property code the stable code, as [GatewrightException.code].
 * @property status the HTTP status; 0 where there is no HTTP answer.
 * @property publicCode what a client may see; empty where there is no answer.
 * @property retryable whether the same request may be sent again.
 * @property advice what to do, as [GatewrightException.advice].
 * @property nextAction what a client that is answered with it does with its idempotency key.
 */
public class ErrorCode private constructor(
    public val domain: String,
    public val code: String,
    public val status: Int,
    public val publicCode: String,
    public val retryable: Boolean,
    public val advice: String,
    public val nextAction: NextAction,
) {
    private constructor(row: FfiErrorCode) :
        this(row.domain, row.code, row.status, row.publicCode, row.retryable, row.advice, NextAction.of(row.nextAction))

    /** The code and its status. */
    override fun toString(): String = "$code ($status)"

    /** The table. */
    public companion object {
        /** Every code of this version, in the order of `tests/errors.json`. */
        @JvmStatic
        public fun all(): List<ErrorCode> = errorCodes().map { ErrorCode(it) }
    }
}
