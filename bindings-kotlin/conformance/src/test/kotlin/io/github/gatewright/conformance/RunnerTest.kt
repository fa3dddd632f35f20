package io.github.gatewright.conformance

import java.math.BigInteger
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class RunnerTest {
    private fun json(text: String): Any? = readJson(text.toByteArray())

    @Suppress("UNCHECKED_CAST")
    private fun obj(text: String) = json(text) as Map<String, Any?>

    private fun file(test: String, group: String = """"type":"jwt.verify","policy":{}""", count: Int = 1) =
        """{"schema":"gatewright-vectors-1","numberOfTests":$count,"testGroups":[{$group,"tests":[$test]}]}""".toByteArray()

    private val good = """{"tcId":1,"result":"invalid","code":"jwt_malformed","now":1,"token":"x"}"""

    @Test
    fun `a file of the form is accepted`() {
        assertEquals(1, readVectorFile(file(good)).groups.single().tests.single().tcId)
    }

    @Test
    fun `whatever the form does not name rejects the whole file`() {
        val step = """{"op":"refresh","now":1,"token":"${'$'}a.refresh_token","result":"valid"}"""
        val sequence = """"type":"refresh.sequence","policy":{},"seed":{"hex":"00"}"""
        readVectorFile(file("""{"tcId":1,"result":"valid","steps":[$step]}""", sequence))
        val wrong = listOf(
            file(good, count = 2),
            file("$good,$good", count = 2),
            file(good, group = """"type":"jwt.sign","policy":{}"""),
            file(good, group = """"type":"jwt.verify","policy":{},"seed":{"hex":"00"}"""),
            file(good, group = """"type":"jwt.verify","policy":"text""""),
            file(good.replace("\"now\":1", "\"now\":1.5")),
            file(good.replace("\"tcId\":1", "\"tcId\":\"1\"")),
            file(good.replace("\"now\"", "\"colour\":1,\"now\"")),
            file(good.replace("\"now\"", "\"now\":1,\"now\"")),
            file(good.replace("invalid", "acceptable")),
            file(good.replace("\"token\":\"x\"", "\"token\":\"\\ud800\"")),
            file("""{"tcId":1,"result":"valid","steps":[${step.replace("refresh\",", "rotate\",")}]}""", sequence),
            file("""{"tcId":1,"result":"valid","steps":[${step.replace("token", "access")}]}""", sequence),
            file("""{"tcId":1,"result":"valid","steps":[]}""", sequence.replace("\"00\"", "\"0\"")),
            file(good) + "x".toByteArray(),
            byteArrayOf(-1, -2) + file(good),
        )
        for ((index, bytes) in wrong.withIndex()) assertFailsWith<Rejected>("case $index") { readVectorFile(bytes) }
    }

    @Test
    fun `members beside the expected ones are free, and all others must match`() {
        val offers = mapOf("a" to 1L, "b" to listOf(1L, mapOf("c" to "x")), "e" to "", "n" to null, "big" to 9007199254740993L)
        for (match in listOf("""{}""", """{"a":1.0}""", """{"a":"1"}""", """{"b":[1,{}]}""", """{"e":null}""", """{"n":""}""", """{"z":null}""",
            """{"a":3,"tol":2}""", """{"big":"9007199254740993"}""",
        )) assertNull(matchesAll(obj(match), offers), match)
        for (other in listOf("""{"a":2}""", """{"a":"x"}""", """{"b":[1]}""", """{"b":[1,{"c":"y"}]}""", """{"e":"x"}""", """{"z":0}""",
            """{"a":3.1,"tol":2}""", """{"big":9007199254740992}""", """{"a":{"f64":"NaN"}}""",
        )) assertTrue(matchesAll(obj(other), offers) != null, other)
    }

    @Test
    fun `headers compare as a set with names in lower case, bytes by their value`() {
        val offers = mapOf("headers" to listOf(listOf("X-A", "1"), listOf("x-b", "2")), "payload" to "ab".toByteArray())
        assertNull(matchesAll(obj("""{"headers":[["X-B","2"],["x-a","1"]],"payload":{"hex":"6162"}}"""), offers))
        assertEquals("headers", matchesAll(obj("""{"headers":[["x-a","1"]]}"""), offers))
        assertEquals("payload", matchesAll(obj("""{"payload":{"b64":"YWE="}}"""), offers))
    }

    @Test
    fun `bytes match in whatever form they are written, and header lines in their order`() {
        val lines = listOf(listOf("X-A", "1".toByteArray()), listOf("x-b", byteArrayOf(-1)))
        val offers = mapOf("body" to "made".toByteArray(), "headers" to lines, "response" to mapOf("headers" to lines), "none" to null)
        for (match in listOf("""{"body":"made"}""", """{"body":{"utf8":"made"}}""", """{"body":{"b64":"bWFkZQ=="}}""",
            """{"headers":[["x-a","1"],["X-B",{"hex":"ff"}]]}""", """{"response":{"headers":[["x-a",{"hex":"31"}],["x-b",{"b64":"/w=="}]]}}""",
        )) assertNull(matchesAll(obj(match), offers), match)
        for (other in listOf("""{"body":"Made"}""", """{"body":null}""", """{"body":""}""", """{"none":{"hex":""}}""", """{"headers":[]}""",
            """{"headers":[["x-a","1"]]}""", """{"headers":[["x-b",{"hex":"ff"}],["x-a","1"]]}""", """{"headers":[["x-a","1"],["x-b","ff"]]}""",
            """{"response":{"headers":[["x-a","1"],["x-c",{"hex":"ff"}]]}}""",
        )) assertTrue(matchesAll(obj(other), offers) != null, other)
        assertNull(matchesAll(mapOf("headers" to lines, "body" to "made".toByteArray()), offers))
    }

    @Test
    fun `the steps of an idempotent operation have their form`() {
        val sequence = """"type":"idempotency.sequence","policy":{},"seed":{"hex":"00"}"""
        val begin = """{"op":"begin","now":1,"key":["a",{"hex":"ff"}],"scope":{"tenant":"t"},"body":"text","result":"valid","save":"a"}"""
        val complete = """{"op":"guard.complete","now":2,"guard":"${'$'}a","status":201,"headers":[["a","b"]],"finish_as":"store","result":"valid"}"""
        fun steps(begin: String, complete: String) = file("""{"tcId":1,"result":"valid","steps":[$begin,$complete]}""", sequence)
        readVectorFile(steps(begin, complete))
        val wrong = listOf(
            steps(begin.replace("{\"hex\":\"ff\"}", "1"), complete),
            steps(begin.replace("[\"a\",{\"hex\":\"ff\"}]", "null"), complete),
            steps(begin.replace("tenant", "user"), complete),
            steps(begin.replace("\"text\"", "[\"text\"]"), complete),
            steps(begin, complete.replace("201", "\"ok\"")),
            steps(begin, complete.replace("store", "drop")),
            steps(begin, complete.replace("guard.complete", "guard.drop")),
            steps(begin, complete.replace("\"guard\":\"${'$'}a\",", "")),
        )
        for ((index, bytes) in wrong.withIndex()) assertFailsWith<Rejected>("case $index") { readVectorFile(bytes) }
    }

    @Test
    fun `the steps of limits and lockouts have their form`() {
        val sequence = """"type":"limits.sequence","policy":{},"seed":{"hex":"00"}"""
        val bundle = """{"op":"check_all","now":1,"bundle":[["p","s",2],["p","t"],{"policy":"p","subject":"u","cost":0}],"result":"valid","save":"a"}"""
        val reserve = """{"op":"reserve","now":1,"policy":"p","subject":"s","max_wait":"30s","result":"valid"}"""
        val settle = """{"op":"attempt.settle","now":2,"attempt":"${'$'}b","success":true,"result":"valid"}"""
        fun steps(vararg steps: String) = file("""{"tcId":1,"result":"valid","steps":[${steps.joinToString()}]}""", sequence)
        readVectorFile(steps(bundle, reserve, settle))
        val wrong = listOf(
            bundle.replace("[\"p\",\"t\"]", "[\"p\"]"),
            bundle.replace("[\"p\",\"t\"]", "[\"p\",1]"),
            bundle.replace("\"cost\":0", "\"cost\":0.5"),
            bundle.replace("\"cost\":0", "\"price\":0"),
            reserve.replace("30s", "30w"),
            reserve.replace("30s", "-30s"),
            reserve.replace("\"max_wait\":\"30s\",", ""),
            settle.replace("true", "1"),
            settle.replace("settle", "renew"),
        )
        for ((index, step) in wrong.withIndex()) assertFailsWith<Rejected>("case $index") { readVectorFile(steps(step)) }
    }

    @Test
    fun `figures are called by their functions, but for what those cannot be given`() {
        val file = Path.of("../../tests/vectors/kpi/first.json")
        for (test in readVectorFile(file.readBytes()).groups.single().tests) {
            assertNotNull(figureOrNull(test.text("method")!!, test.obj("args")!!), test.text("method"))
        }
        for (arguments in listOf("""{"placed":"many"}""", """{"placed":1.5}""", """{"placed":1,"deed":1}""", """{"placed":null}""", "{}")) {
            assertNull(figureOrNull("survival.v1", obj(arguments)), arguments)
        }
        assertEquals(mapOf("value" to 1.0, "n" to 1L), evaluate("survival.v1", obj("""{"placed":"7"}""")).filterKeys { it == "value" || it == "n" })
        for (arguments in listOf("""{"weights":[1,null,2.5]}""", """{"weights":[1,2]}""", """{"weights":[1,2,3,null]}""", """{"weights":[{"f64":"NaN"}]}""")) {
            assertNotNull(figureOrNull("cv.v1", obj(arguments)), arguments)
        }
        assertNull(figureOrNull("cv.v1", obj("""{"weights":["18446744073709551615"]}""")))
    }

    @Test
    fun `doubles match by value, with and without a tolerance`() {
        assertTrue(matches(json("0.1"), 0.1) && matches(json("-0"), 0.0) && matches(json("1"), 1.0))
        assertFalse(matches(json("0.1"), 0.1f.toDouble()) || matches(json("0.1"), null))
        assertNull(matchesAll(obj("""{"sd":364,"tol":0.5}"""), mapOf("sd" to 364.4)))
        assertEquals("sd", matchesAll(obj("""{"sd":364,"tol":0.5}"""), mapOf("sd" to 364.6)))
        assertTrue(matches(json("\"18446744073709551616\""), BigInteger("18446744073709551616")))
    }

    @Test
    fun `numbers are written as they were read`() {
        val text = """{"a":[1.0,1e2,-0,12345678901234567890],"b":"\"\\\u0007é"}"""
        assertEquals(text, writeJson(json(text)))
        assertFalse(writeJson(json("1.50")) == "1.5")
    }
}
