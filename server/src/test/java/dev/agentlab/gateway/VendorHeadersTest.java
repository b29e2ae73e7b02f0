package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VendorHeadersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openai-beta",
        "anthropic-beta",
        "anthropic-new-thing",
        "x-codex-turn-state",
        "session_id",
        "session-id",
        "thread-id",
        "conversation_id",
        "originator",
        "x-stainless-lang",
        "idempotency-key",
        "user-agent",
        "http-referer"
      })
  void fieldsOfVendorsPassToProviders(String name) {
    assertThat(VendorHeaders.passesToProvider(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "x-goog-user-project",
        "openai-organization",
        "openai-project",
        "cookie",
        "host",
        "connection",
        "te",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "x-forwarded-for",
        "x-auth-request-email",
        "x-internal"
      })
  void otherFieldsDoNotPassToProviders(String name) {
    assertThat(VendorHeaders.passesToProvider(name)).isFalse();
  }

  @Test
  void responseFieldsPassExceptThoseOfConnectionServiceAndBrowsers() {
    assertThat(
            VendorHeaders.toClient(
                Map.ofEntries(
                    Map.entry("x-request-id", "r"),
                    Map.entry("x-ratelimit-remaining-tokens", "5"),
                    Map.entry("retry-after-ms", "7"),
                    Map.entry("connection", "keep-alive, X-Hop"),
                    Map.entry("x-hop", "1"),
                    Map.entry("keep-alive", "5"),
                    Map.entry("transfer-encoding", "chunked"),
                    Map.entry("content-length", "1"),
                    Map.entry("content-type", "application/json"),
                    Map.entry("set-cookie", "a=b"),
                    Map.entry("access-control-allow-origin", "*"),
                    Map.entry("strict-transport-security", "x"),
                    Map.entry("agent-lab-provider", "spoofed"))))
        .isEqualTo(
            Map.of(
                "x-request-id", "r", "x-ratelimit-remaining-tokens", "5", "retry-after-ms", "7"));
  }
}
