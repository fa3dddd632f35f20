package io.github.gatewright

/**
 * What a client does with its idempotency key after an answer. A key is given up only after a definite outcome.
 *
 * @property code the stable name, as in the table of errors.
 */
public enum class NextAction(public val code: String) {
    /** Send the same request with the same key, at once or after a pause of the client's own. */
    REUSE("reuse"),

    /** This operation is over: the next one gets a new key. */
    ROTATE("rotate"),

    /** Look whether the operation was carried out, before anything is sent. */
    RECONCILE("reconcile"),

    /** Send the same request with the same key, after the answer's `Retry-After`. */
    WAIT("wait"),
    ;

    internal companion object {
        // Library and facade ship together, and UniFFI compares their checksums: there is no other text.
        fun of(code: String): NextAction = entries.first { it.code == code }
    }
}
