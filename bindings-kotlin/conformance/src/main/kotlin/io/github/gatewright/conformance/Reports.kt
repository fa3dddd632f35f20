package io.github.gatewright.conformance

import io.github.gatewright.Kpi

/** The report on rows or a table, as JSON. */
internal fun report(rows: Any?, targets: Map<String, Any?>?): String {
    val wanted = targets?.let(::plainMembers)
    val table = bytesOrNull(rows)
    if (table != null) return Kpi.report(table, wanted).toJson()
    return Kpi.report((rows as List<*>).map { plainMembers(it as Map<*, *>) }, wanted).toJson()
}

/** What a report offers: its members, and `figures` by batch and id, each with its target and deviation. */
internal fun reportOffers(text: String): Map<String, Any?> {
    @Suppress("UNCHECKED_CAST")
    val report = readJson(text.toByteArray()) as Map<String, Any?>
    val figures = report.list("batches").associate { batch ->
        @Suppress("UNCHECKED_CAST")
        val members = batch as Map<String, Any?>
        members.text("batch") to members.list("figures").associate(::figure)
    }
    return report + ("figures" to figures)
}

private fun figure(figure: Any?): Pair<String?, Map<String, Any?>> {
    @Suppress("UNCHECKED_CAST")
    val members = figure as Map<String, Any?>
    val kpi = members.obj("kpi").orEmpty()
    return kpi.text("id") to kpi + mapOf("target" to members["target"], "deviation" to members["deviation"])
}

private fun plainMembers(members: Map<*, *>): Map<String, Any?> = members.entries.associate { (name, value) -> name as String to plain(value) }

/** Data of the language: numbers are numbers. */
private fun plain(value: Any?): Any? = when (value) {
    is JsonNumber -> value.text.toLongOrNull() ?: value.value
    is Map<*, *> -> plainMembers(value)
    is List<*> -> value.map(::plain)
    else -> value
}
