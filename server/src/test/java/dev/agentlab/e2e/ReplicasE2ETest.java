package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Several replicas on one database.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ReplicasE2ETest {
  private static final int REPLICAS = 8;
  private static final Pattern MIGRATED = Pattern.compile("migrated the database: (\\S+) up");

  @TempDir private Path folder;

  private final List<Program> replicas = new ArrayList<>();

  @AfterEach
  void stop() {
    replicas.forEach(Program::terminate);
    replicas.forEach(Program::close);
  }

  @Test
  void concurrentStartsMigrateAnEmptyDatabaseOnce(@TempDir Path data) throws Exception {
    try (ExternalPostgres postgres = ExternalPostgres.roomy(data)) {
      Map<String, String> environment = new TreeMap<>(postgres.environment());
      environment.put("AGENT_LAB_JAVA_OPTS", "-Xmx96m -XX:TieredStopAtLevel=1");
      environment.put("SECRETS_KEY", "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=");
      for (int i = 0; i < REPLICAS; i++) {
        Path own = Files.createDirectory(folder.resolve("replica" + i));
        replicas.add(Program.start(own, environment));
      }
      for (Program replica : replicas) {
        replica.awaitReady();
      }

      List<String> applied = replicas.stream().flatMap(ReplicasE2ETest::migrations).toList();
      assertThat(applied).isNotEmpty().doesNotHaveDuplicates();
      int last =
          applied.stream().mapToInt(it -> Integer.parseInt(it.substring(0, 6))).max().orElseThrow();
      assertThat(history(postgres)).isEqualTo(Integer.toString(last));
      assertThat(replicas).allSatisfy(it -> assertThat(it.log()).doesNotContain("ERROR"));

      List<String> keys = replicas.stream().flatMap(it -> it.key().stream()).toList();
      assertThat(keys).hasSize(1);
      Answer created =
          replicas
              .getFirst()
              .client()
              .as(keys.getFirst())
              .post(
                  "/api/providers",
                  """
                  {"name": "x", "config": {"name": "ollama", "base_url": "http://127.0.0.1",
                   "options": {"auth_type": "bearer", "token": "for all replicas"}}}\
                  """);
      assertThat(replicas)
          .allSatisfy(it ->
              assertThat(it.client().as(keys.getFirst()).get(created.header("Location")).status())
                  .isEqualTo(200));
    }
  }

  private static Stream<String> migrations(Program replica) {
    return MIGRATED.matcher(replica.log()).results().map((MatchResult found) -> found.group(1));
  }

  /// The recorded schema versions, separated by commas.
  private static String history(ExternalPostgres postgres) throws Exception {
    String sql =
        """
        SELECT string_agg(version::text, ', ') FROM agent_lab_migrations
        """;
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
