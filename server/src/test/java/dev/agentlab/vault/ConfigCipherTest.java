package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Encryption binds each secret to its destination.
class ConfigCipherTest {
  private static final String KEY = "sk-0123456789abcdef";
  private static final ProviderKinds KINDS = ProviderKinds.standard();

  private final ConfigCipher cipher =
      new ConfigCipher(TestRowCipher.random("providers", UUID.randomUUID()));

  private static ProviderConfig config(String url) {
    return KINDS.readStored(
        Json.MAPPER.readTree(
            """
            {"name": "openai-compatible", "base_url": "%s",
             "options": {"api_key": "%s", "auth_type": "api_key", "auth_header": "X-Key"}}
            """
                .formatted(url, KEY)));
  }

  private ProviderConfig encrypted(ProviderConfig config) {
    return cipher.encrypt(config, List.of(), Instant.EPOCH);
  }

  /// A stored configuration after a change in the database.
  private static ProviderConfig tampered(ProviderConfig stored, String path, String value) {
    ObjectNode json = (ObjectNode) stored.stored();
    if (path.startsWith("options.")) {
      json.withObjectProperty("options").put(path.substring("options.".length()), value);
    } else {
      json.put(path, value);
    }
    return KINDS.readStored(json);
  }

  @ParameterizedTest
  @CsvSource({
    "base_url, https://evil.example/v1",
    "base_url, http://lab.example/v1",
    "base_url, https://lab.example:8443/v1",
    "base_url, https://lab.example.evil.example/v1",
    "name, vllm",
    "options.auth_type, bearer",
    "options.auth_header, X-Other",
    "options.control_url, https://evil.example",
  })
  void secretIsNotDecryptedForAnotherDestination(String path, String value) {
    ProviderConfig stored = encrypted(config("https://lab.example/v1"));

    assertThatThrownBy(() -> cipher.decrypt(tampered(stored, path, value)))
        .isInstanceOf(UnreadableSecretException.class)
        .hasMessageContaining("options.api_key cannot be decrypted")
        .hasMessageNotContaining(KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "base_url, https://lab.example/v2/deep",
    "base_url, https://LAB.example:443/v1",
    "options.comment, hello",
  })
  void secretIsDecryptedForUnchangedDestination(String path, String value) {
    ProviderConfig stored = encrypted(config("https://lab.example/v1"));

    assertThat(cipher.decrypt(tampered(stored, path, value)).at("/options/api_key").asString())
        .isEqualTo(KEY);
  }

  @Test
  void secretWithNewDestinationIsEncryptedAgain() {
    ProviderConfig stored = encrypted(config("https://lab.example/v1"));
    ProviderConfig moved = config("https://other.example/v1");

    ProviderConfig again = cipher.encrypt(moved, List.of(stored), Instant.EPOCH);

    assertThat(again.at("/options/api_key")).isNotEqualTo(stored.at("/options/api_key"));
    assertThat(cipher.decrypt(again)).isEqualTo(moved);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sk-1234567890?abcd", "sk-1234567890#abcd", "me:sk-1234567890@abcd"})
  void hintOfUrlLikeSecretShowsOnlyItsEnd(String secret) {
    ProviderConfig stored =
        encrypted(tampered(config("https://lab.example/v1"), "options.api_key", secret));

    assertThat(stored.at("/options/api_key/hint").stringValue()).isEqualTo("…abcd");
  }

  @Test
  void baseUrlWithPasswordIsEncrypted() {
    ProviderConfig config = config("https://user:pass@lab.example/v1");
    ProviderConfig stored = encrypted(config);

    assertThat(stored.stored().toString()).doesNotContain("pass");
    assertThat(cipher.decrypt(stored)).isEqualTo(config);
    assertThat(cipher.encrypt(config, List.of(stored), Instant.now())).isEqualTo(stored);
    assertThatThrownBy(
            () -> cipher.decrypt(tampered(stored, "base_url", "https://evil.example/v1")))
        .isInstanceOf(UnreadableSecretException.class);
  }
}
