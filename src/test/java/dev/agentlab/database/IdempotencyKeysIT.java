package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.database.IdempotencyKeys.Once;
import dev.agentlab.errors.IdempotencyException;
import dev.agentlab.json.Json;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Grants;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

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

  @Test
  void aKeyIsItsCallersOwn() {
    Caller.Kind key = Caller.Kind.KEY;
    assertThat(as(key, "one", () -> make("a", "x", "of one"))).isEqualTo("of one");
    assertThat(as(key, "two", () -> make("a", "x", "of two"))).isEqualTo("of two");
    assertThat(as(Caller.Kind.TOKEN, "one", () -> make("a", "y", "of a token")))
        .isEqualTo("of a token");

    assertThat(as(key, "one", () -> make("a", "x", "again"))).isEqualTo("of one");
    assertThat(as(key, "two", () -> make("a", "x", "again"))).isEqualTo("of two");
    assertThatThrownBy(() -> as(key, "two", () -> make("a", "y", "again")))
        .isInstanceOf(IdempotencyException.class);
  }

  @Test
  void aKeyInUseIsFreeForAnotherCaller() {
    Caller.Kind key = Caller.Kind.KEY;
    String made =
        as(
            key,
            "one",
            () ->
                database.write(connection ->
                    KEYS.once(
                            connection,
                            Optional.of("a"),
                            "x",
                            String.class,
                            () -> {
                              assertThatThrownBy(() -> make("a", "x", "late"))
                                  .isInstanceOf(IdempotencyException.class);
                              return as(key, "two", () -> make("a", "x", "of two"));
                            })
                        .answer()));
    assertThat(made).isEqualTo("of two");
  }

  @Test
  void aReplayIsTheSameToTheByte() {
    String text = "{\"longest\":1.50,\"long\":[1e2,\"\\u0001\"],\"b\":null,\"a\":{}}";
    JsonNode response = Json.MAPPER.readTree(text);
    for (int i = 0; i < 2; i++) {
      Once<JsonNode> result =
          database.write(connection ->
              KEYS.once(connection, Optional.of("a"), "x", JsonNode.class, () -> response));
      assertThat(result.answer().toString()).isEqualTo(response.toString());
      assertThat(result.made()).isEqualTo(i == 0);
    }
  }

  private static <T> T as(Caller.Kind kind, String id, Supplier<T> action) {
    Caller caller = new Caller(kind, id, "same name", Grants.EVERYTHING);
    return new Actor(caller, Optional.empty(), Optional.empty()).doing(action);
  }

  private String make(String key) {
    return make(key, "request", "made");
  }

  private String make(String key, String request, String response) {
    return database.write(connection ->
        KEYS.once(connection, Optional.of(key), request, String.class, () -> response).answer());
  }

  private static long expireThousand(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(
          """
          INSERT INTO idempotency_keys
            (route, caller_kind, caller_id, key, request_hash, response, created_at)
          SELECT 'POST /things', 'service', 'service', lpad(i::text, 4, '0'), '', '{}', now() - interval '25 hours'
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
