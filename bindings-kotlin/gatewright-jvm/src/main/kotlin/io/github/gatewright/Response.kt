package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiHeader
import io.github.gatewright.internal.ffi.FfiResponse
import io.github.gatewright.internal.invalidArgument
import java.io.Serializable

/**
 * The answer of an operation, of this run or of an earlier one.
 *
 * ```
 * Response(201, listOf("Location" to "/orders/17"), """{"id":17}""".toByteArray())
 * ```
 *
 * The text of a header's value stands for its ISO-8859-1 bytes, both ways, as in the HTTP stacks of the JVM: so every byte survives.
 *
 * @property status the HTTP status, 200–599.
 * @property headers names and values, in order, repeated names kept. A character above U+00FF in a value is `invalid_argument` where
 *   the answer is given to a call.
 */
public class Response @JvmOverloads constructor(
    public val status: Int,
    headers: List<Pair<String, String>> = emptyList(),
    body: ByteArray = ByteArray(0),
) : Serializable {
    public val headers: List<Pair<String, String>> = ArrayList(headers)

    private val content = body.clone()

    /** The body, a copy. */
    public val body: ByteArray get() = content.clone()

    internal constructor(ffi: FfiResponse) : this(
        ffi.status,
        ffi.headers.map { it.name to it.value.toString(Charsets.ISO_8859_1) },
        ffi.body,
    )

    internal fun toFfi(): FfiResponse = FfiResponse(status, headers.map { (name, value) -> FfiHeader(name, bytesOf(name, value)) }, content)

    /** Whether status, headers and body are the same. */
    override fun equals(other: Any?): Boolean =
        other is Response && status == other.status && headers == other.headers && content.contentEquals(other.content)

    /** By all members. */
    override fun hashCode(): Int = (status * HASH_FACTOR + headers.hashCode()) * HASH_FACTOR + content.contentHashCode()

    /** Status and sizes; headers and body may be secret. */
    override fun toString(): String = "Response($status, ${headers.size} headers, ${content.size} bytes)"

    private fun bytesOf(name: String, value: String): ByteArray {
        if (value.any { it > LAST_OF_ISO_8859_1 }) {
            throw invalidArgument("the header $name has a character above U+00FF; give text whose characters stand for bytes")
        }
        return value.toByteArray(Charsets.ISO_8859_1)
    }

    /** Collects an answer's headers one by one, also from bytes. */
    public class Builder(private val status: Int) {
        private val headers = ArrayList<Pair<String, String>>()
        private var body = ByteArray(0)

        /** Adds a header. */
        public fun header(name: String, value: String): Builder = apply { headers.add(name to value) }

        /** Adds a header with these bytes. */
        public fun header(name: String, value: ByteArray): Builder = header(name, value.toString(Charsets.ISO_8859_1))

        /** Sets the body. */
        public fun body(body: ByteArray): Builder = apply { this.body = body }

        /** The answer. */
        public fun build(): Response = Response(status, headers, body)
    }

    private companion object {
        private const val serialVersionUID = 1L
        private const val LAST_OF_ISO_8859_1 = '\u00FF'
        private const val HASH_FACTOR = 31
    }
}
