package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.server.TestClient;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.TestCertificates;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The addresses on which the service listens, and its TLS.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ListenE2ETest {
  @TempDir private Path folder;

  @Test
  void serviceWithoutApiKeysMustListenOnLoopback() throws Exception {
    Result refused =
        Program.run(
            folder,
            Map.of(
                "AUTH_ENABLED",
                "false",
                "SERVER_HOST",
                "0.0.0.0",
                "SERVER_PORT",
                Integer.toString(Program.freePort())),
            "serve");

    assertThat(refused.code()).isEqualTo(78);
    assertThat(refused.err())
        .contains("auth.enabled", "AUTH_ENABLED", "loopback", "127.0.0.1", "0.0.0.0", "SERVER_HOST")
        .doesNotContain("\tat ");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void configuredCertificateIsTrustedByLocalCommands() throws Exception {
    TestCertificates certificates = TestCertificates.create(folder, "dns:localhost,ip:127.0.0.1");
    certificates.writePem(folder);
    TestServers.prepare(folder.resolve("data"));
    int port = Program.freePort();
    Files.writeString(
        folder.resolve("config.toml"),
        """
        [server]
        host = "127.0.0.1"
        port = %d
        tls_cert = "cert.pem"
        tls_key = "key.pem"
        [logging]
        format = "text"
        """
            .formatted(port));
    try (Program program = Program.start(folder, Map.of("SERVER_PORT", Integer.toString(port)));
        HttpClient http =
            HttpClient.newBuilder().sslContext(certificates.clientContext()).build()) {
      TestClient client =
          new TestClient(URI.create("https://127.0.0.1:" + port), http, _ -> {}, Optional.empty());
      Await.until(
          "the service responds over TLS", () -> !program.isAlive() || status(client) == 200);
      assertThat(program.isAlive()).as(program.log()).isTrue();
      assertThat(client.get("/api/agents").status()).isEqualTo(401);
      assertThat(client.as(program.key().orElseThrow()).get("/api/agents").status()).isEqualTo(200);
      assertThat(program.status("/readyz")).as("without TLS").isNotEqualTo(200);

      for (Map<String, String> environment :
          List.<Map<String, String>>of(
              Map.of(), Map.of("AGENT_LAB_URL", "https://localhost:" + port))) {
        Result listed =
            Program.run(folder, environment, "agent", "list", "--json", "--config", ".");
        assertThat(listed.code()).as(listed.err()).isZero();
        assertThat(listed.out()).contains("\"total\" : 0");
      }
      Result doctor = Program.run(folder, Map.of(), "doctor");
      assertThat(doctor.code()).as(doctor.out() + doctor.err()).isZero();
      assertThat(program.stop()).as(program.log()).isZero();
    }
  }

  private static int status(TestClient client) {
    try {
      return client.get("/readyz").status();
    } catch (IllegalStateException _) {
      return 0;
    }
  }
}
