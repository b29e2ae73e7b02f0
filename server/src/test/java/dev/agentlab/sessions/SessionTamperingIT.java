package dev.agentlab.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Modifies sessions and links, as an attacker with write access to the database but without the
/// keys of the service can.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionTamperingIT {
  @RegisterExtension private final TestServer server = new TestServer();

  private String createKey() {
    return server
        .client()
        .post("/api/keys", "{\"name\": \"of a test\", \"scopes\": [\"agents:read\"]}")
        .json()
        .get("key")
        .asString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "expires_at = expires_at + interval '1 microsecond'",
        "last_used_at = last_used_at + interval '1 microsecond'",
        "key_id = (SELECT key_id FROM api_keys WHERE type = 'admin'),"
            + " key_hash = (SELECT key_hash FROM api_keys WHERE type = 'admin')",
        "key_id = NULL, key_hash = NULL, issuer = 'a', subject = 'a', name = 'a', scopes = '{keys:admin}',"
            + " checked_at = now()",
        "id = gen_random_uuid()",
        "mac = ''"
      })
  void modifiedSessionIsInvalid(String set) {
    server.execute("DELETE FROM sessions");
    Browser browser = Browser.signIn(server, createKey());
    Browser other = Browser.signIn(server, server.adminKey());

    server.execute(
        "UPDATE sessions SET %s WHERE key_id <> (SELECT key_id FROM api_keys WHERE type = 'admin')"
            .formatted(set));

    Await.value(401, browser::status);
    assertThat(other.status()).isEqualTo(200);
  }

  @Test
  void deletedSessionEnds() {
    Browser browser = Browser.signIn(server, createKey());
    assertThat(browser.status()).isEqualTo(200);

    server.execute("DELETE FROM sessions");

    Await.value(401, browser::status);
  }

  @Test
  void linkForAnotherKeyIsInvalid() {
    String url =
        server.client().as(createKey()).post("/api/session/links", "").json().get("url").asString();
    server.execute(
        """
        UPDATE sign_in_links SET key_id = api_keys.key_id, key_hash = api_keys.key_hash
        FROM api_keys WHERE type = 'admin'
        """);

    assertThat(
            Browser.post(server, "{\"link\": \"%s\"}".formatted(URI.create(url).getFragment()))
                .status())
        .isEqualTo(401);
  }
}
