package io.github.gatewright

import io.github.gatewright.internal.ErrorDetails
import io.github.gatewright.internal.closed
import io.github.gatewright.internal.internalError
import io.github.gatewright.internal.invalidArgument
import tools.jackson.core.JsonToken
import tools.jackson.core.ObjectReadContext
import tools.jackson.core.json.JsonFactory
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.ObjectInputStream
import java.io.ObjectOutputStream
import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs

class ErrorsTest {
    private fun exception(code: String) = GatewrightException.of(ErrorDetails(code, "text", status = 400, publicCode = code))

    @Test
    fun `every code of the table has a class of its own domain`() {
        for (row in ErrorCode.all()) {
            val exception = exception(row.code)
            val domain = when (exception) {
                is GatewrightException.RefreshError -> "refresh"
                is GatewrightException.DpopError -> "dpop"
                is GatewrightException.TokenError -> "tokens"
                is GatewrightException.KeyMaterialError -> "keys"
                is GatewrightException.SessionError -> "sessions"
                is GatewrightException.WebhookError -> "webhooks"
                is GatewrightException.IdempotencyError -> "idempotency"
                is GatewrightException.LimitError -> "limits"
                is GatewrightException.KpiError -> "kpi"
                // Idempotency refuses with these too, so that they are below neither; the table has them once.
                is GatewrightException.InProgress, is GatewrightException.BodyTooLarge -> "webhooks"
                is GatewrightException.Unknown -> "unknown"
                else -> "any"
            }
            assertEquals(row.domain, domain, row.code)
        }
        assertIs<GatewrightException.Unknown>(exception("of_a_later_version"))
    }

    @Test
    fun `the table is the one in the repository`() {
        val rows = ArrayList<Map<String, String>>()
        JsonFactory().createParser(ObjectReadContext.empty(), Path.of("../../tests/errors.json").toFile()).use { parser ->
            var row = LinkedHashMap<String, String>()
            var token = parser.nextToken()
            while (token != null) {
                when (token) {
                    JsonToken.START_OBJECT -> row = LinkedHashMap()
                    JsonToken.END_OBJECT -> if (row.isNotEmpty()) rows.add(row).also { row = LinkedHashMap() }
                    JsonToken.PROPERTY_NAME, JsonToken.START_ARRAY, JsonToken.END_ARRAY -> Unit
                    else -> row[parser.currentName()] = parser.string
                }
                token = parser.nextToken()
            }
        }
        val ours = ErrorCode.all().map {
            mapOf(
                "domain" to it.domain,
                "code" to it.code,
                "status" to it.status.toString(),
                "public_code" to it.publicCode,
                "retryable" to it.retryable.toString(),
                "advice" to it.advice,
                "next_action" to it.nextAction.code,
            )
        }
        assertEquals(rows.sortedBy { it["code"] }, ours.sortedBy { it["code"] })
        assertFalse(rows.isEmpty())
    }

    @Test
    fun `the errors of the edge itself say what the table says`() {
        val table = ErrorCode.all().associateBy { it.code }
        for (error in listOf(invalidArgument("text"), closed(), internalError("text", RuntimeException()))) {
            val row = table.getValue(error.code)
            assertEquals(row.status, error.status)
            assertEquals(row.publicCode, error.publicCode)
            assertEquals(row.retryable, error.retryable)
            assertEquals(row.advice, error.advice)
        }
    }

    private fun serialised(exception: GatewrightException): Any {
        val bytes = ByteArrayOutputStream().also { ObjectOutputStream(it).writeObject(exception) }.toByteArray()
        return ObjectInputStream(ByteArrayInputStream(bytes)).readObject()
    }

    @Test
    fun `an exception survives serialisation`() {
        val details = ErrorDetails(
            code = "config_invalid",
            text = "text",
            status = 0,
            publicCode = "",
            retryAfterMicros = 1_500_000,
            problems = listOf(Problem("gatewright.toml", 3, "tokens.issuer", "give a text")),
        )
        val copy = serialised(GatewrightException.of(details)) as GatewrightException.ConfigError
        assertEquals("config_invalid", copy.code)
        assertEquals(1500, copy.retryAfter!!.toMillis())
        assertEquals("gatewright.toml:3: tokens.issuer: give a text", copy.problems.single().toString())
    }

    @Test
    fun `what an idempotent request was answered survives serialisation`() {
        val winner = Response(201, listOf("Set-Thing" to "a", "Set-Thing" to "b"), byteArrayOf(0, -1))
        val stale = ErrorDetails("stale", "text", status = 409, publicCode = "stale", response = winner)
        assertEquals(winner, (serialised(GatewrightException.of(stale)) as GatewrightException.Stale).response)
        val digest = ByteArray(32) { it.toByte() }
        val gone = ErrorDetails("response_unavailable", "text", 409, "response_unavailable", responseStatus = 201, bodyDigest = digest)
        val copy = serialised(GatewrightException.of(gone)) as GatewrightException.ResponseUnavailable
        assertEquals(201, copy.responseStatus)
        assertContentEquals(digest, copy.bodyDigest)
    }
}
