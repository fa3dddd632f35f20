package io.github.gatewright

import kotlinx.coroutines.runBlocking
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Runs against the jar, as a user has it. */
class JarIT {
    @Test
    fun `classes and native library come out of the jar`() {
        val loader = Gate::class.java.classLoader
        val library = "${com.sun.jna.Platform.RESOURCE_PREFIX}/${System.mapLibraryName("gatewright_ffi")}"
        for (resource in listOf("io/github/gatewright/Gate.class", library)) {
            val urls = loader.getResources(resource).toList()
            assertEquals(1, urls.size, resource)
            assertTrue(urls.single().toString().startsWith("jar:"), urls.single().toString())
        }
        assertEquals(null, System.getProperty("jna.library.path"))
    }

    @Test
    fun `the library in the jar does the main job`() {
        runBlocking {
            Gate.fromPolicy(POLICY).use { gate ->
                val pair = gate.tokens.refresh(gate.tokens.issue(LOGIN).refreshToken)
                assertEquals("u-42", gate.tokens.verify(pair.accessToken).subject)
                gate.webhooks.run("chirpstack", gate.webhooks.sign("chirpstack", ByteArray(3)), ByteArray(3)) { }
            }
        }
    }
}
