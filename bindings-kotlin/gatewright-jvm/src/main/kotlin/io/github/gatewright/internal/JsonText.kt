package io.github.gatewright.internal

import java.math.BigDecimal
import java.math.BigInteger

/** Writes maps and lists as JSON, for a policy that is given as data. */
internal object JsonText {
    /** Deeper than any policy; what holds itself would never end. */
    private const val MAX_DEPTH = 64

    fun of(name: String, value: Any?): String = StringBuilder().also { write(it, name, value, 0) }.toString()

    private fun write(out: StringBuilder, path: String, value: Any?, depth: Int) {
        if (depth > MAX_DEPTH) throw invalidArgument("$path: nested too deep; give at most $MAX_DEPTH levels")
        when (value) {
            null, is Boolean -> out.append(value)
            is String -> text(out, value)
            is Byte, is Short, is Int, is Long, is BigInteger, is BigDecimal -> out.append(value)
            is Float -> number(out, path, value.toDouble())
            is Double -> number(out, path, value)
            is Map<*, *> -> list(out, '{', '}', value.entries) { (key, member) ->
                if (key !is String) throw invalidArgument("$path: give texts as names, not ${typeOf(key)}")
                text(out, key)
                out.append(':')
                write(out, "$path.$key", member, depth + 1)
            }
            is Iterable<*> -> list(out, '[', ']', value) { write(out, "$path[]", it, depth + 1) }
            is Array<*> -> list(out, '[', ']', value.asIterable()) { write(out, "$path[]", it, depth + 1) }
            else -> throw invalidArgument("$path: give maps, lists, texts, numbers and booleans, not ${typeOf(value)}")
        }
    }

    private inline fun <T> list(out: StringBuilder, open: Char, close: Char, items: Iterable<T>, write: (T) -> Unit) {
        out.append(open)
        items.forEachIndexed { index, item ->
            if (index > 0) out.append(',')
            write(item)
        }
        out.append(close)
    }

    private fun number(out: StringBuilder, path: String, value: Double) {
        if (value.isNaN() || value.isInfinite()) throw invalidArgument("$path: give a finite number")
        out.append(value)
    }

    private fun text(out: StringBuilder, text: String) {
        out.append('"')
        for (char in text) when {
            char == '"' || char == '\\' -> out.append('\\').append(char)
            char < ' ' -> out.append("\\u").append(char.code.toString(radix = 16).padStart(length = 4, padChar = '0'))
            else -> out.append(char)
        }
        out.append('"')
    }

    private fun typeOf(value: Any?): String = value?.javaClass?.simpleName ?: "null"
}
