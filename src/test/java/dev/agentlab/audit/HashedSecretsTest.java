package dev.agentlab.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.secrets.Secret;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class HashedSecretsTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final HashedSecrets secrets = new HashedSecrets(new AuditHasher(TestTrail.key("one")));

  private static JsonNode secret(String value) {
    return JSON.pojoNode(Secret.of(value));
  }

  @Test
  void secretAtAnyDepthIsReplacedByAHash() {
    JsonNode shown =
        JSON.objectNode()
            .put("url", "http://localhost")
            .set(
                "options",
                JSON.objectNode().set("keys", JSON.arrayNode().add(secret("s3cret-value"))));

    String hashed = secrets.hashSecrets(shown).toString();
    assertThat(hashed)
        .matches(
            "\\{\"url\":\"http://localhost\",\"options\":\\{\"keys\":"
                + "\\[\\{\"set\":true,\"hash\":\"[0-9a-f]{16}\"}]}}");
  }

  @Test
  void equalSecretsHaveEqualHashesUnderTheSameKeyOnly() {
    JsonNode hashed = secrets.hashSecrets(secret("value"));
    assertThat(secrets.hashSecrets(secret("value"))).isEqualTo(hashed);
    assertThat(secrets.hashSecrets(secret("valu"))).isNotEqualTo(hashed);
    assertThat(
            new HashedSecrets(new AuditHasher(TestTrail.key("two"))).hashSecrets(secret("value")))
        .isNotEqualTo(hashed);
  }

  /// A reference to a secret.
  record Reference(String env) {}

  @Test
  void referenceToASecretIsKept() {
    assertThat(
            secrets.hashSecrets(JSON.objectNode().set("x", JSON.pojoNode(new Reference("NAME")))))
        .hasToString("{\"x\":{\"env\":\"NAME\"}}");
  }
}
