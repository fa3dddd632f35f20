package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiHeader

/**
 * The headers of a request, with their exact bytes, in their order and with repeated names.
 *
 * Give all of them: the library reads those of the endpoint's scheme and no others, by name in any case.
 *
 * ```
 * val headers = Headers.of(exchange.requestHeaders)                    // a map of lists, as most servers have
 * val headers = Headers.Builder().add("X-Signature", bytes).build()    // bytes, where the server has them
 * ```
 */
public class Headers private constructor(internal val pairs: List<FfiHeader>) {
    /** Collects headers one by one. */
    public class Builder {
        private val pairs = ArrayList<FfiHeader>()

        /** Adds a header; its value's bytes are its UTF-8. */
        public fun add(name: String, value: String): Builder = add(name, value.toByteArray(Charsets.UTF_8))

        /** Adds a header with these bytes. */
        public fun add(name: String, value: ByteArray): Builder = apply { pairs.add(FfiHeader(name, value.clone())) }

        /** All that were added. */
        public fun build(): Headers = Headers(pairs.toList())
    }

    /** How many there are; their values may be secret. */
    override fun toString(): String = "Headers(${pairs.size})"

    /** From the forms that servers have. */
    public companion object {
        /** From pairs of name and value, as OkHttp's `Headers` is one. */
        @JvmStatic
        public fun of(pairs: Iterable<Pair<String, String>>): Headers =
            pairs.fold(Builder()) { headers, (name, value) -> headers.add(name, value) }.build()

        /** From a map of lists. A `null` name, as `HttpURLConnection` has for its status line, is left out. */
        @JvmStatic
        public fun of(map: Map<out String?, Iterable<String>>): Headers {
            val headers = Builder()
            for ((name, values) in map) if (name != null) values.forEach { headers.add(name, it) }
            return headers.build()
        }
    }
}
