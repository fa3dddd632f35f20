package io.github.gatewright

import io.github.gatewright.testing.TestHost
import java.time.Duration
import java.time.Instant

/** The instant at which tests begin. */
val START: Instant = Instant.parse("2026-11-21T08:00:00Z")

/** So many seconds after [START]. */
fun after(seconds: Long): Instant = START + Duration.ofSeconds(seconds)

/**
 * A policy with a store in memory, one browser client that may also ask for access tokens alone, one parking endpoint,
 * idempotency, limits and a lockout.
 */
val POLICY: String = """
    {"version": 1,
     "store": {"default": "memory:"},
     "root_keys": [{"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}],
     "tokens": {"issuer": "https://auth.example", "audience": ["api"],
       "clients": [{"id": "web", "kind": "browser", "confidential": true}],
       "signing_keys": [{"kid": "k1", "alg": "HS256", "secret": "base64:u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=", "state": "active"}]},
     "webhooks": {"endpoints": [{"id": "chirpstack", "preset": "parking",
       "secrets": [{"id": "k", "secret": "a-secret-of-thirty-two-bytes-or-more"}]}]},
     "idempotency": {},
     "limits": {"policies": [{"id": "user", "refundable": true, "reserve_max_wait": "1s", "tiers": [{"id": "minute", "limit": 10, "period": "1m"}]}]},
     "lockout": {"policies": [{"id": "login", "subject": "email"}]}}
""".trimIndent()

/** Runs on a gate with a clock that stands at [START] and seeded entropy. */
suspend fun <T> withTestGate(policy: String = POLICY, run: suspend (TestHost, Gate) -> T): T =
    TestHost(now = START, seed = byteArrayOf(0), environment = emptyMap()).use { host -> host.fromPolicy(policy).use { run(host, it) } }

/** A login of the browser client. */
val LOGIN: Login = Login(tenant = "acme", subject = "u-42", client = "web", roles = listOf("operator"))

/** A request of that user. */
val ORDERS: Scope = Scope(tenant = "acme", principal = "u-42", method = "POST", path = "/orders")
