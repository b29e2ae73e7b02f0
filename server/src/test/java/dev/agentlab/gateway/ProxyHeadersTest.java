package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeadersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accept",
        "anthropic-beta",
        "anthropic-version",
        "content-type",
        "idempotency-key",
        "openai-beta",
        "range",
        "traceparent",
        "user-agent",
        "x-amzn-bedrock-guardrailidentifier",
        "x-goog-api-client",
        "x-ms-client-request-id",
        "x-request-id",
        "x-unknown"
      })
  void otherFieldsPass(String name) {
    assertThat(ProxyHeaders.toProvider(Map.of(name, "v"), Set.of())).containsEntry(name, "v");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accept-encoding",
        "agent-lab-request-id",
        "api-key",
        "authorization",
        "cf-access-jwt-assertion",
        "cf-connecting-ip",
        "connection",
        "content-length",
        "cookie",
        "forwarded",
        "host",
        "keep-alive",
        "openai-organization",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-amz-security-token",
        "x-amzn-oidc-data",
        "x-api-key",
        "x-auth-request-email",
        "x-forwarded-for",
        "x-goog-api-key",
        "x-goog-iap-jwt-assertion",
        "x-ms-client-principal-name",
        "x-original-url",
        "x-real-ip"
      })
  void fieldsOfTheCallerAndOfProxiesDoNotPass(String name) {
    assertThat(ProxyHeaders.toProvider(Map.of(name, "v"), Set.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-hop", "close, X-Hop", "x-other\tx-hop"})
  void fieldsThatConnectionNamesDoNotPass(String connection) {
    assertThat(ProxyHeaders.toProvider(Map.of("connection", connection, "x-hop", "v"), Set.of()))
        .isEmpty();
  }
}
