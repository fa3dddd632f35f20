package io.github.gatewright.conformance

import tools.jackson.core.JacksonException
import tools.jackson.core.JsonParser
import tools.jackson.core.JsonToken
import tools.jackson.core.ObjectReadContext
import tools.jackson.core.StreamReadConstraints
import tools.jackson.core.StreamReadFeature
import tools.jackson.core.json.JsonFactory
import java.math.BigDecimal
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException

/** A number with its text, so that it is written again as it was read. */
data class JsonNumber(val text: String) {
    val value: BigDecimal get() = BigDecimal(text)
}

/** A file, or a part of it, that is not what the format says. */
class Rejected(message: String) : Exception(message)

/**
 * Reads JSON strictly: no member twice, nothing after the value, no half of a surrogate pair. Objects are maps in the order of the
 * text, the rest is lists, texts, [JsonNumber]s, booleans and `null`.
 */
fun readJson(text: ByteArray): Any? = try {
    FACTORY.createParser(ObjectReadContext.empty(), utf8(text)).use { parser ->
        parser.nextToken()
        val value = parser.value()
        if (parser.nextToken() != null) throw Rejected("text after the JSON value")
        value
    }
} catch (failure: JacksonException) {
    throw Rejected("not JSON: ${failure.originalMessage}")
} catch (_: CharacterCodingException) {
    throw Rejected("not UTF-8")
}

private const val MAX_DEPTH = 64
private val FACTORY = JsonFactory.builder()
    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
    .build()

/** Jackson itself would also take UTF-16 and UTF-32, and a byte order mark. */
private fun utf8(text: ByteArray): String = Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString()

private fun JsonParser.value(): Any? = when (currentToken()) {
    JsonToken.START_OBJECT -> buildMap {
        while (nextToken() != JsonToken.END_OBJECT) {
            val name = currentName().wellFormed()
            nextToken()
            put(name, value())
        }
    }
    JsonToken.START_ARRAY -> buildList { while (nextToken() != JsonToken.END_ARRAY) add(value()) }
    JsonToken.VALUE_STRING -> string.wellFormed()
    JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NUMBER_FLOAT -> {
        if (string.toDouble().isInfinite()) throw Rejected("a number that no double can hold")
        JsonNumber(string)
    }
    JsonToken.VALUE_TRUE -> true
    JsonToken.VALUE_FALSE -> false
    JsonToken.VALUE_NULL -> null
    else -> throw Rejected("not JSON")
}

private fun String.wellFormed(): String = also {
    if (!Charsets.UTF_8.newEncoder().canEncode(this)) throw Rejected("half of a surrogate pair in a text")
}

/** Writes what [readJson] read, numbers as they were. */
fun writeJson(value: Any?): String = when (value) {
    is Map<*, *> -> value.entries.joinToString(",", "{", "}") { (name, member) -> "${quote(name as String)}:${writeJson(member)}" }
    is List<*> -> value.joinToString(",", "[", "]", transform = ::writeJson)
    is String -> quote(value)
    is JsonNumber -> value.text
    is ByteArray -> "\"(${value.size} bytes)\""
    else -> value.toString()
}

private fun quote(text: String): String = buildString {
    append('"')
    for (char in text) when {
        char == '"' || char == '\\' -> append('\\').append(char)
        char < ' ' -> append("\\u%04x".format(char.code))
        else -> append(char)
    }
    append('"')
}
