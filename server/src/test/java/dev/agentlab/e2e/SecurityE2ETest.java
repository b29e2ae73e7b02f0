package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.e2e.Program.Result;
import dev.agentlab.server.Canaries;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The security of a service from its first start: a key that can run only one agent, a database
/// and a log without plaintext secrets, rotation of the key-encryption key, and an audit trail that
/// detects tampering.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SecurityE2ETest {
  private static final String HELLO = "{\"prompt\": \"Hello\"}";
  private static final int DENIED = 7;
  private static final int CHECK_FAILED = 6;
  private static final int TAMPERED = 3;
  private static final int ROTATIONS = 3;

  @TempDir private Path folder;

  private final Canaries canaries = new Canaries();
  private final String token = canaries.plantPlain("the provider's token");

  @Test
  void keyForOneAgentRunsOnlyThatAgentAndNoSecretLeaks(@TempDir Path elsewhere) throws Exception {
    try (FakeUpstream upstream = AuthenticatedUpstream.requiring(token)) {
      String key;
      try (Program program = Program.serve(folder, Map.of("LOGGING_LEVEL", "debug"))) {
        assertPrivate("data/admin.key");
        assertPrivate("data/master.key");
        plantKey("the admin key", program.key().orElseThrow());
        register(program, upstream);
        key = createKeyForOneAgent(program);
        assertAgentRuns(program, key);
        assertOtherRoutesAreForbidden(program, key);
        assertMissingKeyIsExplained(program, elsewhere);
        rotateSecrets(program);
        assertTamperingIsDetected(program);
        key = replaceKey(program, key);
        assertNoSecretLeaks(program);
        assertThat(program.stop()).as(program.log()).isZero();
      }
      try (Program program = Program.serve(folder, Map.of())) {
        assertAgentRuns(program, key);
        assertThat(chat(program, "other").json().at("/choices/0/message/content").asString())
            .isEqualTo(AuthenticatedUpstream.ANSWER);
        assertThat(command(program, "audit", "verify").out()).startsWith("intact");
        revoke(program, key);
        assertNoSecretLeaks(program);
        assertThat(program.stop()).as(program.log()).isZero();
      }
    }
  }

  private void assertPrivate(String file) throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))))
        .as(file)
        .isEqualTo("rw-------");
  }

  /// Plants the secret part of a key; the prefix is public.
  private void plantKey(String where, String key) {
    canaries.known(where, key.substring(key.lastIndexOf('_') + 1));
  }

  private void register(Program program, FakeUpstream upstream) throws Exception {
    command(program, "provider", "add", "simulator", "--kind", "simulated");
    String url = upstream.url("/v1").toString();
    command(
        program,
        "provider",
        "add",
        "company",
        "--kind",
        "openai-compatible",
        "--base-url",
        url,
        "--option",
        "auth_type=bearer",
        "--secret-env",
        "token=COMPANY_KEY",
        "--require-test");
    command(program, "agent", "add", "helper", "--provider", "simulator", "--model", "any");
    command(program, "agent", "add", "other", "--provider", "company", "--model", "any");
    assertThat(chat(program, "other").status()).isEqualTo(200);
  }

  private String createKeyForOneAgent(Program program) throws Exception {
    Result created = command(program, "key", "create", "ci", "--scope", "invoke:helper");
    assertThat(created.out()).matches("agl_key_[0-9A-Za-z]+_[0-9A-Za-z]{49}\n");
    assertThat(created.err()).contains("scopes: invoke:helper", "shown only once");
    String key = created.out().strip();
    plantKey("the key", key);
    assertThat(command(program, "key", "list").out()).contains("ci", "active");
    return key;
  }

  /// Runs the agent in every way that the key permits.
  private void assertAgentRuns(Program program, String key) throws Exception {
    String id = id(program, "helper");
    Result whole = commandWith(program, key, "agent", "chat", id, "Hello", "--no-stream");
    assertThat(whole.code()).as(whole.err()).isZero();
    Result streamed = commandWith(program, key, "agent", "chat", id, "Hello");
    assertThat(streamed.code()).as(streamed.err()).isZero();
    assertThat(streamed.out()).isNotBlank().isEqualTo(whole.out());

    Result byName = commandWith(program, key, "agent", "chat", "helper", "Hello");
    assertThat(byName.code()).as(byName.err()).isZero();
    assertThat(byName.out()).isEqualTo(whole.out());
  }

  private void assertOtherRoutesAreForbidden(Program program, String key) throws Exception {
    TestClient limited = program.client().as(key);
    String own = id(program, "helper");
    String other = id(program, "other");
    assertThat(limited.post(run(other), HELLO).status()).isEqualTo(403);
    assertThat(limited.get("/api/agents/" + own).status()).isEqualTo(403);

    List<ScopedRoute> routes = ScopedRoute.of(program.client());
    assertThat(routes).hasSizeGreaterThan(25);
    for (ScopedRoute route : routes) {
      assertThat(route.call(limited, other)).as("%s", route).isIn(401, 403);
      if (route.isRun()) {
        assertThat(route.call(limited, own)).as("%s", route).isNotIn(401, 403);
      } else {
        assertThat(route.call(limited, own)).as("%s", route).isIn(401, 403);
      }
    }
    for (String[] refused :
        List.of(
            new String[] {"agent", "list"},
            new String[] {"key", "list"},
            new String[] {"secrets", "rotate"},
            new String[] {"audit", "verify"})) {
      Result result = commandWith(program, key, refused);
      assertThat(result.code()).as(result.err()).isEqualTo(DENIED);
      assertThat(result.err())
          .contains("AGENT_LAB_KEY lacks the required scope", "agent-lab key self");
    }
  }

  private void assertMissingKeyIsExplained(Program program, Path elsewhere) throws Exception {
    Answer unknown = program.client().withoutKey().get("/api/agents");
    assertThat(unknown.status()).isEqualTo(401);
    assertThat(unknown.header("WWW-Authenticate")).isEqualTo("Bearer");
    Result refused =
        Program.run(elsewhere, Map.of("AGENT_LAB_URL", program.url().toString()), "agent", "list");
    assertThat(refused.code()).isEqualTo(DENIED);
    assertThat(refused.err()).contains("no API key found", "--key-file FILE", "AGENT_LAB_KEY");
  }

  private void rotateSecrets(Program program) throws Exception {
    Path file = folder.resolve("data/master.key");
    String id = id(program, "other");
    AtomicBoolean running = new AtomicBoolean(true);
    try (ExecutorService caller = Executors.newSingleThreadExecutor()) {
      Future<List<Integer>> statuses =
          caller.submit(() -> {
            List<Integer> answers = new ArrayList<>();
            while (running.get()) {
              answers.add(program.client().post(run(id), HELLO).status());
            }
            return answers;
          });
      try {
        for (int i = 0; i < ROTATIONS; i++) {
          String before = Files.readString(file);
          plantKeyEncryptionKey("key-encryption key " + i, before);
          assertThat(command(program, "secrets", "rotate").out())
              .contains("rewrapped with the key", "removed from master.key");
          assertThat(Files.readString(file)).doesNotContain(before.strip());
        }
      } finally {
        running.set(false);
      }
      assertThat(statuses.get()).hasSizeGreaterThan(ROTATIONS).containsOnly(200);
    }
    plantKeyEncryptionKey("the last key-encryption key", Files.readString(file));
    assertPrivate("data/master.key");
    assertThat(command(program, "secrets", "status").out()).containsPattern("outdated +0");
  }

  private void plantKeyEncryptionKey(String where, String text) {
    canaries.known(where, text.strip());
    byte[] bytes = Base64.getDecoder().decode(text.strip());
    canaries.known(where + ", its bytes", HexFormat.of().formatHex(bytes));
  }

  /// Modifies a row as the owner of the database can, and asserts that it is detected.
  private void assertTamperingIsDetected(Program program) throws Exception {
    assertThat(command(program, "audit", "verify").out()).startsWith("intact: ");
    tamper(program, "resource_name = resource_name || '!'");
    Result broken = program.run("audit", "verify");
    assertThat(broken.code()).isEqualTo(CHECK_FAILED);
    assertThat(broken.out()).startsWith("broken at row %d: ".formatted(TAMPERED));
    tamper(program, "resource_name = rtrim(resource_name, '!')");
    assertThat(command(program, "audit", "verify").out()).startsWith("intact: ");
  }

  private static void tamper(Program program, String change) throws SQLException {
    try (Connection database = program.connectToDatabase();
        Statement statement = database.createStatement()) {
      statement.execute("ALTER TABLE audit DISABLE TRIGGER USER");
      int rows =
          statement.executeUpdate(
              "UPDATE audit SET %s WHERE seq IN (%d, %d)"
                  .formatted(change, TAMPERED, TAMPERED + 1));
      assertThat(rows).isEqualTo(2);
      statement.execute("ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_kept");
    }
  }

  private String replaceKey(Program program, String key) throws Exception {
    String next = command(program, "key", "rotate", "ci", "--overlap", "0s", "-q").out().strip();
    plantKey("the next key", next);
    assertThat(next).isNotEqualTo(key);
    assertKeyIsRejected(program, key);
    assertAgentRuns(program, next);
    return next;
  }

  private void revoke(Program program, String key) throws Exception {
    command(program, "key", "revoke", "ci");
    assertKeyIsRejected(program, key);
  }

  private void assertKeyIsRejected(Program program, String key) throws Exception {
    String id = id(program, "helper");
    assertThat(program.client().as(key).post(run(id), HELLO).status()).isEqualTo(401);
    Result refused = commandWith(program, key, "agent", "chat", id, "Hello");
    assertThat(refused.code()).isEqualTo(DENIED);
    assertThat(refused.err()).contains("AGENT_LAB_KEY was rejected");
  }

  /// Searches all rows of the database and the log for secrets.
  private void assertNoSecretLeaks(Program program) throws SQLException {
    String dump;
    try (Connection database = program.connectToDatabase()) {
      dump = DatabaseDump.of(database);
    }
    assertThat(dump).contains("helper", "company", "invoke:", "provider.created");
    assertThat(canaries.in(dump)).isEmpty();
    assertThat(canaries.in(program.log())).isEmpty();
  }

  private static String id(Program program, String agent) {
    return program.client().get("/api/agents/" + agent).json().path("id").asString();
  }

  private static String run(String id) {
    return "/api/agents/%s/chat".formatted(id);
  }

  private static Answer chat(Program program, String agent) {
    return program.client().post(run(id(program, agent)), HELLO);
  }

  /// Runs a command with the admin key, which must succeed.
  private Result command(Program program, String... arguments) throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("AGENT_LAB_URL", program.url().toString());
    environment.put("COMPANY_KEY", token);
    Result result = Program.run(folder, environment, arguments);
    assertThat(result.code()).as(result.err() + result.out()).isZero();
    return result;
  }

  /// Runs a command with another key.
  private Result commandWith(Program program, String key, String... arguments) throws Exception {
    return Program.run(
        folder, Map.of("AGENT_LAB_URL", program.url().toString(), "AGENT_LAB_KEY", key), arguments);
  }
}
