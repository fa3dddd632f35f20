package io.github.gatewright;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a caller without coroutines writes. */
class JavaUseTest {
    @Test
    void theWholeStory() throws Exception {
        Gate.warmUp();
        try (Gate gate = Gate.fromPolicyBlocking(PoliciesKt.getPOLICY())) {
            gate.healthBlocking();
            TokenPair pair = gate.getTokens().issueBlocking(new Login("acme", "u-42", "web", List.of("operator")));
            TokenPair next = gate.getTokens().refreshBlocking(pair.getRefreshToken(), new byte[16]);
            assertEquals(Outcome.ROTATED, next.getOutcome());
            Claims claims = gate.getTokens().verify(next.getAccessToken());
            assertEquals("u-42", claims.getSubject());
            assertEquals(1, gate.getTokens().verifyMany(List.of(next.getAccessToken())).size());

            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            Headers headers = Headers.of(gate.getWebhooks().sign("chirpstack", body));
            assertEquals("k", gate.getWebhooks().<String>runBlocking("chirpstack", headers, body, Verified::getKeyId));
            assertThrows(GatewrightException.Replayed.class, () -> gate.getWebhooks().verifyBlocking("chirpstack", headers, body));
            assertThrows(GatewrightException.WebhookError.class, () -> gate.getWebhooks().check("chirpstack", Headers.of(Map.of()), body));

            Scope scope = new Scope("acme", "u-42", "POST", "/orders");
            Idempotency idempotency = gate.getIdempotency();
            String key = idempotency.newKey();
            Response response = idempotency.runBlocking(key, scope, body, guard -> {
                guard.markEffectsBlocking();
                guard.checkpointBlocking("charged", body);
                return new Response(201);
            });
            assertEquals(201, response.getStatus());
            assertEquals(201, ((Begin.Replay) idempotency.beginBlocking(List.of(key), scope, body)).getResponse().getStatus());
            try (IdempotencyGuard guard = ((Begin.Execute) idempotency.beginBlocking(idempotency.newKey(), scope, body)).getGuard()) {
                guard.renewBlocking();
                guard.releaseBlocking();
            }
            assertEquals(NextAction.WAIT, idempotency.nextAction(409, "in_progress"));
            Headers other = Headers.of(gate.getWebhooks().sign("chirpstack", body));
            try (IdempotencyGuard guard = ((Begin.Execute) gate.getWebhooks().beginBlocking("chirpstack", other, body).getBegin()).getGuard()) {
                guard.completeBlocking(new Response(204));
            }

            Limits limits = gate.getLimits();
            Decision decision = limits.checkBlocking("user", "u-42", 4);
            assertTrue(decision.getAllowed() && limits.allowLocal("user", "u-42") && limits.checkLocal("user", "u-42").getAllowed());
            assertEquals(8, limits.refundBlocking(decision.getPermit()).getTiers().get(0).getRemaining());
            assertEquals(7, limits.checkAllBlocking(List.of(new LimitItem("user", "u-42"))).getTiers().get(0).getRemaining());
            limits.waitBlocking(limits.reserveBlocking("user", "u-42", 1, Duration.ZERO));
            assertEquals(6, limits.peekBlocking("user", "u-42").getTiers().get(0).getRemaining());
            assertEquals(10, limits.resetBlocking("user", "u-42").getTiers().get(0).getRemaining());
            try (Attempt attempt = gate.getLockout().beginBlocking("login", "ada@example.com")) {
                attempt.settleBlocking(false);
            }
            assertEquals(1, gate.getLockout().statusBlocking("login", "ada@example.com").getFails());
            gate.getLockout().unlockBlocking("login", "ada@example.com");

            gate.getSessions().revokeAllBlocking("acme", "u-42");
            GatewrightException ended =
                assertThrows(GatewrightException.RefreshError.class, () -> gate.getTokens().refreshBlocking(next.getRefreshToken()));
            assertEquals("revoked", ended.getCode());
            assertTrue(gate.getEpochs().bumpAllBlocking("test") > 0);
            assertEquals(0, gate.sweepBlocking());
        }
    }
}
