package io.github.gatewright

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse

class WebhooksTest {
    private val body = """{"deviceName":"gate-7"}""".toByteArray()

    @Test
    fun `what is signed passes the check, and any other body does not`() {
        runBlocking {
            withTestGate { host, gate ->
                val headers = gate.webhooks.sign("chirpstack", body)
                val checked = gate.webhooks.check("chirpstack", headers, body)
                assertEquals("k", checked.keyId)
                assertEquals(START, checked.timestamp)
                val wrong = assertFailsWith<GatewrightException.WebhookError> { gate.webhooks.check("chirpstack", headers, body + 0) }
                assertEquals("signature_mismatch", wrong.code)
                assertEquals("header_missing", assertFailsWith<GatewrightException.WebhookError> {
                    gate.webhooks.check("chirpstack", Headers.of(emptyList()), body)
                }.code)
                assertEquals("header_duplicate", assertFailsWith<GatewrightException.WebhookError> {
                    gate.webhooks.check("chirpstack", headers + headers, body)
                }.code)
                assertFailsWith<GatewrightException.InvalidArgument> { gate.webhooks.check("nowhere", headers, body) }
                host.setNow(after(301))
                val late = assertFailsWith<GatewrightException.WebhookError> { gate.webhooks.check("chirpstack", headers, body) }
                assertEquals("timestamp_too_old", late.code)
                assertEquals(after(301).toEpochMilli(), late.serverTimeMs)
            }
        }
    }

    @Test
    fun `headers may be maps, pairs or exact bytes, in any case`() {
        runBlocking {
            withTestGate { _, gate ->
                val pairs = gate.webhooks.sign("chirpstack", body)
                val map: Map<String?, List<String>> = mapOf<String?, List<String>>(null to listOf("HTTP/1.1 200 OK")) +
                    pairs.associate { (name, value) -> name.uppercase() to listOf(value) }
                gate.webhooks.check("chirpstack", Headers.of(map), body)
                val bytes = Headers.Builder().add("X-Other", byteArrayOf(-1, 0, 1))
                pairs.forEach { (name, value) -> bytes.add(name.lowercase(), value.toByteArray()) }
                gate.webhooks.check("chirpstack", bytes.build(), body)
                val broken = Headers.Builder()
                pairs.forEach { (name, value) -> broken.add(name, value.toByteArray() + 0xff.toByte()) }
                assertFailsWith<GatewrightException.WebhookError> { gate.webhooks.check("chirpstack", broken.build(), body) }
            }
        }
    }

    @Test
    fun `a message is used once`() {
        runBlocking {
            withTestGate { _, gate ->
                val headers = gate.webhooks.sign("chirpstack", body)
                gate.webhooks.verify("chirpstack", headers, body).use { message ->
                    assertEquals("k", message.keyId)
                    assertFalse(message.duplicate)
                    assertFailsWith<GatewrightException.InProgress> { gate.webhooks.verify("chirpstack", headers, body) }
                    message.commit()
                }
                val replay = assertFailsWith<GatewrightException.Replayed> { gate.webhooks.verify("chirpstack", headers, body) }
                assertEquals(409, replay.status)
                gate.webhooks.check("chirpstack", headers, body)
            }
        }
    }

    @Test
    fun `a message that was released may come again`() {
        runBlocking {
            withTestGate { _, gate ->
                val headers = gate.webhooks.sign("chirpstack", body)
                gate.webhooks.verify("chirpstack", headers, body).use { it.release() }
                val message = gate.webhooks.verify("chirpstack", headers, body)
                message.commit()
                message.close()
                message.close()
                assertFailsWith<GatewrightException.Closed> { message.commit() }
            }
        }
    }

    @Test
    fun `run commits what was handled and releases what failed`() {
        runBlocking {
            withTestGate { _, gate ->
                val headers = gate.webhooks.sign("chirpstack", body)
                assertFailsWith<IOException> { gate.webhooks.run("chirpstack", headers, body) { throw IOException("the database is away") } }
                assertEquals("k", gate.webhooks.run("chirpstack", headers, body) { it.keyId })
                assertFailsWith<GatewrightException.Replayed> { gate.webhooks.run("chirpstack", headers, body) { } }
            }
        }
    }

    @Test
    fun `run releases what was cancelled`() {
        runBlocking {
            withTestGate { _, gate ->
                val headers = gate.webhooks.sign("chirpstack", body)
                val begun = CompletableDeferred<Unit>()
                val handling = launch {
                    gate.webhooks.run("chirpstack", headers, body) {
                        begun.complete(Unit)
                        awaitCancellation()
                    }
                }
                begun.await()
                handling.cancelAndJoin()
                assertEquals("k", gate.webhooks.run("chirpstack", headers, body) { it.keyId })
            }
        }
    }
}
