package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdempotencyKeysIT {
  private static final IdempotencyKeys KEYS = new IdempotencyKeys("POST /things", it -> it);

  private final Database database = TestPostgres.startMigrated();

  @AfterEach
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  @Test
  void manyExpiredAnswersAreRemovedAFewAtATime() {
    database.write(IdempotencyKeysIT::expireThousand);

    assertThat(make("a")).isEqualTo("made");
    assertThat(database.read(IdempotencyKeysIT::count)).isEqualTo(901);
  }

  @Test
  void expiredAnswersThatAnotherRemovesDoNotHoldUpARequest() {
    database.write(IdempotencyKeysIT::expireThousand);

    long left =
        database.write(other -> {
          try (Statement statement = other.createStatement()) {
            statement.execute("DELETE FROM idempotency_keys WHERE key <= '0500'");
          }
          make("a");
          return database.read(IdempotencyKeysIT::count);
        });
    assertThat(left).isEqualTo(901);
    assertThat(database.read(IdempotencyKeysIT::count)).isEqualTo(401);
  }

  private String make(String key) {
    return database.write(connection ->
        KEYS.once(connection, Optional.of(key), "request", String.class, () -> "made"));
  }

  private static long expireThousand(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(
          """
          INSERT INTO idempotency_keys (route, key, request_hash, response, created_at)
          SELECT 'POST /things', lpad(i::text, 4, '0'), '', '{}', now() - interval '25 hours'
          FROM generate_series(1, 1000) i\
          """);
    }
  }

  private static long count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM idempotency_keys")) {
      row.next();
      return row.getLong(1);
    }
  }
}
