package io.github.gatewright

import io.github.gatewright.testing.refreshView
import io.github.gatewright.testing.reopen
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class TokensTest {
    @Test
    fun `a session is issued, rotated, retried, stolen and ended`() {
        runBlocking {
            withTestGate { host, gate ->
                val first = gate.tokens.issue(LOGIN)
                assertEquals(Outcome.ISSUED, first.outcome)
                assertEquals("bearer", first.tokenType)
                assertEquals(900, first.expiresIn)

                host.setNow(after(600))
                gate.refreshView()
                val second = gate.tokens.refresh(first.refreshToken)
                assertEquals(Outcome.ROTATED, second.outcome)
                assertEquals(first.sessionId, second.sessionId)

                host.setNow(after(615))
                val again = gate.tokens.refresh(first.refreshToken)
                assertEquals(Outcome.RETRY_CONCURRENT, again.outcome)
                assertEquals(second.refreshToken, again.refreshToken)

                host.setNow(after(616))
                val reuse = assertFailsWith<GatewrightException.ReuseDetected> { gate.tokens.refresh(first.refreshToken) }
                assertEquals("invalid_grant", reuse.publicCode)
                assertEquals(401, reuse.status)
                assertEquals("log_in", reuse.advice)
                assertEquals(true, reuse.clearCookies)
                val revoked = assertFailsWith<GatewrightException.RefreshError> { gate.tokens.refresh(second.refreshToken) }
                assertEquals("revoked", revoked.code)
                assertEquals("reuse", revoked.reason)
            }
        }
    }

    @Test
    fun `claims are what was given at login`() {
        runBlocking {
            withTestGate { _, gate ->
                val login = Login(
                    tenant = "acme",
                    subject = "u-42",
                    client = "web",
                    roles = listOf("operator", "auditor"),
                    scope = "read write",
                    device = Device("tablet-7", kind = "tablet"),
                    claims = """{"plan":"gold","limit":12345678901234567}""",
                    authTime = after(-5),
                    amr = listOf("pwd", "otp"),
                )
                val pair = gate.tokens.issue(login)
                val claims = gate.tokens.verify(pair.accessToken)
                assertEquals("https://auth.example", claims.issuer)
                assertEquals(listOf("api"), claims.audience)
                assertEquals("web", claims.clientId)
                assertEquals("acme", claims.tenant)
                assertEquals(listOf("operator", "auditor"), claims.roles)
                assertEquals("read write", claims.scope)
                assertEquals(pair.sessionId, claims.sessionId)
                assertEquals(0, claims.gen)
                assertEquals(3, claims.tokenVersion!!.size)
                assertEquals(START, claims.issuedAt)
                assertEquals(after(900), claims.expiresAt)
                assertEquals(after(-5), claims.authTime)
                assertEquals(listOf("pwd", "otp"), claims.amr)
                assertTrue("\"plan\":\"gold\"" in claims.extra)
                assertNull(claims.confirmation)
                assertEquals(claims, gate.tokens.verify(pair.accessToken))
                assertEquals(claims.subject, gate.tokens.verifyFresh(pair.accessToken).subject)
            }
        }
    }

    @Test
    fun `many tokens are verified in one call, a verdict for each`() {
        runBlocking {
            withTestGate { host, gate ->
                val old = gate.tokens.issue(LOGIN).accessToken
                host.setNow(after(1000))
                gate.refreshView()
                val good = gate.tokens.issue(LOGIN).accessToken
                val verdicts = gate.tokens.verifyMany(listOf(good, old, "nonsense"))
                assertEquals(listOf(true, false, false), verdicts.map { it.isValid })
                assertEquals("u-42", verdicts[0].getOrThrow().subject)
                assertFailsWith<GatewrightException.TokenExpired> { verdicts[1].getOrThrow() }
                assertEquals("jwt_malformed", verdicts[2].error!!.code)
                assertEquals(emptyList(), gate.tokens.verifyMany(emptyList()))
            }
        }
    }

    @Test
    fun `every refused access token is a token error with a public code`() {
        runBlocking {
            withTestGate { host, gate ->
                val pair = gate.tokens.issue(LOGIN)
                val wrong = assertFailsWith<GatewrightException.TokenError> { gate.tokens.verify(pair.accessToken.dropLast(4) + "AAAA") }
                assertEquals("jwt_signature", wrong.code)
                assertEquals("token_invalid", wrong.publicCode)
                assertFailsWith<GatewrightException.InvalidArgument> { gate.tokens.verify(pair.accessToken, issuer = "nobody") }
                host.setNow(after(931))
                val late = assertFailsWith<GatewrightException.TokenExpired> { gate.tokens.verify(pair.accessToken) }
                assertEquals("token_expired", late.publicCode)
                assertEquals("refresh", late.advice)
            }
        }
    }

    @Test
    fun `a lost response is retried with its key, until the client confirms`() {
        runBlocking {
            val policy = POLICY.replace("\"clients\": [", "\"clients\": [{\"id\": \"app\", \"kind\": \"native\"}, ")
            withTestGate(policy) { host, gate ->
                val key = ByteArray(16) { it.toByte() }
                val first = gate.tokens.issue(Login(tenant = "acme", subject = "u-42", client = "app"))
                val second = gate.tokens.refresh(first.refreshToken, retryKey = key)
                host.setNow(after(20))
                val again = gate.tokens.refresh(first.refreshToken, retryKey = key)
                assertEquals(Outcome.RETRY_LOST, again.outcome)
                assertEquals(second.refreshToken, again.refreshToken)
                gate.tokens.confirm(second.accessToken)
                // A request that was under way when the client confirmed may arrive for two minutes more.
                host.setNow(after(140))
                gate.refreshView()
                assertEquals(second.refreshToken, gate.tokens.refresh(first.refreshToken, retryKey = key).refreshToken)
                host.setNow(after(141))
                assertFailsWith<GatewrightException.ReuseDetected> { gate.tokens.refresh(first.refreshToken, retryKey = key) }
            }
        }
    }

    @Test
    fun `arguments that cannot be are refused before anything happens`() {
        runBlocking {
            withTestGate { _, gate ->
                val pair = gate.tokens.issue(LOGIN)
                val proof = DpopProof("proof", "GET", "https://api.example/")
                val calls: List<suspend () -> Unit> = listOf(
                    { gate.tokens.refresh(pair.refreshToken, retryKey = ByteArray(15)) },
                    { gate.tokens.refresh(pair.refreshToken, retryKey = ByteArray(0)) },
                    { gate.tokens.refresh(pair.refreshToken, dpop = proof) },
                    { gate.tokens.refreshAccessOnly(pair.refreshToken, dpop = proof) },
                    { gate.tokens.verify(pair.accessToken, dpop = proof) },
                    { gate.tokens.verifyFresh(pair.accessToken, dpop = proof) },
                    { gate.tokens.issue(Login(subject = "u-42", client = "web", dpopJkt = "x")) },
                    { gate.tokens.issue(Login(subject = "u-42", client = "nobody")) },
                    { gate.tokens.issue(Login(subject = "", client = "web")) },
                    { gate.tokens.issue(Login(subject = "u-42", client = "web", claims = "[]")) },
                    { gate.tokens.issue(Login(subject = "u-42", client = "web", authTime = java.time.Instant.MAX)) },
                )
                for ((index, call) in calls.withIndex()) {
                    val error = assertFailsWith<GatewrightException.InvalidArgument>("call $index") { call() }
                    assertEquals("invalid_argument", error.code)
                    assertEquals(400, error.status)
                }
                assertEquals(Outcome.ROTATED, gate.tokens.refresh(pair.refreshToken, client = "web", tenant = "acme").outcome)
            }
        }
    }

    @Test
    fun `an access token alone comes without a refresh token`() {
        runBlocking {
            withTestGate { _, gate ->
                val first = gate.tokens.issue(LOGIN)
                val pair = gate.tokens.refreshAccessOnly(first.refreshToken, client = "web")
                assertEquals(Outcome.ACCESS_ONLY, pair.outcome)
                assertEquals("", pair.refreshToken)
                assertEquals("u-42", gate.tokens.verify(pair.accessToken).subject)
            }
        }
    }

    @Test
    fun `sessions are ended one by one, all but one, and all`() {
        runBlocking {
            withTestGate { _, gate ->
                val pairs = List(4) { gate.tokens.issue(LOGIN) }
                gate.sessions.revoke("acme", "u-42", pairs[0].sessionId)
                assertFailsWith<GatewrightException.RefreshError> { gate.tokens.refresh(pairs[0].refreshToken) }
                assertFailsWith<GatewrightException.SessionError> { gate.sessions.revoke("acme", "u-43", pairs[1].sessionId) }
                assertEquals(2, gate.sessions.revokeOthers("acme", "u-42", keep = pairs[1].sessionId))
                gate.tokens.refresh(pairs[1].refreshToken)
                assertEquals(1, gate.sessions.revokeAll("acme", "u-42"))
                val last = gate.tokens.issue(LOGIN)
                gate.tokens.revoke(last.refreshToken)
                val ended = assertFailsWith<GatewrightException.RefreshError> { gate.tokens.refresh(last.refreshToken) }
                assertEquals("logged_out", ended.reason)
            }
        }
    }

    @Test
    fun `a breach response ends what its scope holds and gives growing versions`() {
        runBlocking {
            withTestGate { host, gate ->
                val pair = gate.tokens.issue(LOGIN)
                host.setNow(after(2))
                val first = gate.epochs.bumpSubject("acme", "u-42", "stolen laptop")
                gate.refreshView()
                assertEquals("jwt_revoked", assertFailsWith<GatewrightException.TokenError> { gate.tokens.verify(pair.accessToken) }.code)
                assertTrue(gate.epochs.bumpSubject("acme", "u-42", "again") > first)
                assertTrue(gate.epochs.bumpTenant("acme", "breach") > 0)
                assertTrue(gate.epochs.bumpAll("breach") > 0)
            }
        }
    }

    @Test
    fun `another policy may be opened on the same store`() {
        runBlocking {
            withTestGate { _, gate ->
                val pair = gate.tokens.issue(LOGIN)
                gate.reopen(POLICY.replace("\"audience\"", "\"access_ttl\": \"5m\", \"audience\"")).use { other ->
                    assertEquals(300, other.tokens.refresh(pair.refreshToken).expiresIn)
                }
                assertEquals("u-42", gate.tokens.verify(pair.accessToken).subject)
            }
        }
    }

    @Test
    fun `many coroutines with one token get one successor`() {
        runBlocking {
            Gate.fromPolicy(POLICY).use { gate ->
                val pair = gate.tokens.issue(LOGIN)
                val answers = withContext(Dispatchers.Default) { List(64) { async { gate.tokens.refresh(pair.refreshToken) } }.awaitAll() }
                assertEquals(1, answers.count { it.outcome == Outcome.ROTATED })
                assertEquals(63, answers.count { it.outcome == Outcome.RETRY_CONCURRENT })
                assertEquals(1, answers.map { it.refreshToken }.toSet().size)
            }
        }
    }

    @Test
    fun `cancelling the wait does not cancel the rotation`() {
        runBlocking {
            Gate.fromPolicy(POLICY).use { gate ->
                val outcomes = LinkedBlockingQueue<String>()
                gate.onEvent { outcomes.add(it.outcome) }
                var pair = gate.tokens.issue(LOGIN)
                assertEquals("issued", outcomes.poll(60, TimeUnit.SECONDS))
                repeat(20) {
                    // Undispatched: it has begun when launch returns, and is cancelled in the same breath.
                    launch(start = CoroutineStart.UNDISPATCHED) { gate.tokens.refresh(pair.refreshToken) }.cancelAndJoin()
                    assertEquals("rotated", outcomes.poll(60, TimeUnit.SECONDS), "the call that nobody waits for runs to its end")
                    pair = gate.tokens.refresh(pair.refreshToken)
                    assertEquals(Outcome.RETRY_CONCURRENT, pair.outcome)
                    assertEquals("retry_concurrent", outcomes.poll(60, TimeUnit.SECONDS))
                }
            }
        }
    }

    @Test
    fun `a pair's text holds no token`() {
        runBlocking {
            withTestGate { _, gate ->
                val pair = gate.tokens.issue(LOGIN)
                assertFalse(pair.accessToken in pair.toString())
                assertFalse(pair.refreshToken in pair.toString())
                assertNotNull(pair.sessionId.takeIf { it in pair.toString() })
            }
        }
    }
}
