package io.github.gatewright.conformance

import java.util.Base64

/** What a member of a vector must be. */
fun interface Form {
    /** Says whether [value] has this form. */
    fun fits(value: Any?): Boolean
}

/** The forms that members have. */
object Forms {
    val any = Form { true }
    val bool = Form { it is Boolean }
    val text = Form { it is String }
    val obj = Form { it is Map<*, *> }
    val integer = Form { it is JsonNumber && wholeOrNull(it) != null }
    val whole = Form { wholeOrNull(it) != null }
    val texts = listOf(text)
    val textMap = Form { it is Map<*, *> && it.values.all { member -> member is String } }
    val binary = Form { binaryOrNull(it) != null }
    val bytes = Form { it is String || binary.fits(it) }
    val headers = listOf(Form { it is List<*> && it.size == 2 && it[0] is String && bytes.fits(it[1]) })

    /** One header line or a list of them. */
    val lines = Form { bytes.fits(it) || listOf(bytes).fits(it) }
    val context = record("request_id", "trace_id", "method", "endpoint", "ip", "user_agent")
    val device = record("id", "kind", "name", "platform", "app_version")
    val dpop = record("proof", "method", "url")
    val request = record("method", "url")
    val scope = record("tenant", "principal", "method", "path")
    val result = Form { it == "valid" || it == "invalid" }
    val format = Form { it == "toml" || it == "json" }
    val finishAs = Form { it == "store" || it == "release" }

    /** Whole µs, or a duration as a policy writes it. */
    val span = Form { wholeOrNull(it) != null || spanMicrosOrNull(it) != null }

    /** Rows of a report, or a table of text. */
    val rows = Form { bytes.fits(it) || listOf(obj).fits(it) }

    /** Items of `check_all`: lists or objects of policy, subject and cost. */
    val bundle = listOf(Form(::isItem))

    /** A list of what has this form. */
    fun listOf(item: Form) = Form { it is List<*> && it.all(item::fits) }

    /** This form, or a text that stands for a value of any type. */
    fun orReference(form: Form) = Form { it is String && it.startsWith("$") || form.fits(it) }

    /** An object of texts with these members at most. */
    private fun record(vararg names: String) = Form { it is Map<*, *> && it.all { (name, member) -> name in names && member is String } }
}

private fun isItem(item: Any?): Boolean = when (item) {
    is List<*> -> item.size in 2..3 && item.take(2).all { it is String } && item.drop(2).all(Forms.whole::fits)
    is Map<*, *> ->
        item.keys.all { it in setOf("policy", "subject", "cost") } && item["policy"] is String && item["subject"] is String &&
            ("cost" !in item || Forms.whole.fits(item["cost"]))
    else -> false
}

/** Whether a value stands for another: a text that begins with one `$`. */
fun isReference(value: Any?): Boolean = value is String && value.startsWith("$") && !value.startsWith("$$")

/** The members of an object: those that must be there and those that may. Any other rejects the file. */
class Shape(private val required: Map<String, Form>, private val optional: Map<String, Form> = emptyMap()) {
    /** Checks [value] and gives its members. */
    fun check(value: Any?, where: String): Map<String, Any?> {
        if (value !is Map<*, *>) throw Rejected("$where: not an object")
        val members = value.entries.associate { (name, member) -> name as String to member }
        for ((name, form) in required) {
            if (name !in members) throw Rejected("$where: $name is missing")
            if (!form.fits(members[name])) throw Rejected("$where: $name has a wrong form")
        }
        for ((name, member) in members) {
            if (name in required) continue
            val form = optional[name] ?: throw Rejected("$where: unknown member $name")
            if (!form.fits(member)) throw Rejected("$where: $name has a wrong form")
        }
        return members
    }

    /** This shape and more optional members. */
    operator fun plus(more: Map<String, Form>) = Shape(required, optional + more)
}

/** The bytes of a binary value; `null` if it is none. */
fun binaryOrNull(value: Any?): ByteArray? {
    val (kind, text) = (value as? Map<*, *>)?.entries?.singleOrNull() ?: return null
    if (text !is String) return null
    return try {
        when (kind) {
            "b64" -> Base64.getDecoder().decode(text).takeIf { text.length % 4 == 0 }
            "hex" -> text.takeIf { it.length % 2 == 0 }?.chunked(2)?.map { it.hex() }?.toByteArray()
            "utf8" -> text.toByteArray(Charsets.UTF_8)
            else -> null
        }
    } catch (_: IllegalArgumentException) {
        null
    }
}

/** The bytes of a binary value, or the UTF-8 of a text; `null` if it is neither. */
fun bytesOrNull(value: Any?): ByteArray? = when (value) {
    is ByteArray -> value
    is String -> value.toByteArray()
    else -> binaryOrNull(value)
}

private fun String.hex(): Byte {
    if (any { it !in '0'..'9' && it !in 'a'..'f' && it !in 'A'..'F' }) throw IllegalArgumentException("not hex: $this")
    return toInt(radix = 16).toByte()
}

/** The bytes of a binary value or a text. */
fun bytes(value: Any?): ByteArray = bytesOrNull(value) ?: throw Rejected("neither text nor binary value")

/** The bytes of a binary value. */
fun binary(value: Any?): ByteArray = binaryOrNull(value) ?: throw Rejected("not a binary value")

/** The whole number of a member, which may be written as digits in a text; `null` if it is none. */
fun wholeOrNull(value: Any?): Long? = when (value) {
    is JsonNumber -> value.text.toLongOrNull()
    is String -> value.toLongOrNull()
    is Long -> value
    else -> null
}

/** The whole number of a member. */
fun whole(value: Any?): Long = wholeOrNull(value) ?: throw Rejected("not a whole number")
