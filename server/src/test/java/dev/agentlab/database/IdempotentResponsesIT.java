package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.database.IdempotentResponses.IdempotentResult;
import dev.agentlab.errors.IdempotencyException;
import dev.agentlab.json.Json;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
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

class IdempotentResponsesIT {
  private static final IdempotentResponses KEYS = new IdempotentResponses("POST /things", it -> it);

  private final Database database = TestPostgres.startMigrated();

  @AfterEach
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  @Test
  void expiredResponsesAreDeletedInBatches() {
    database.write(IdempotentResponsesIT::insertExpired);

    assertThat(execute("a")).isEqualTo("made");
    assertThat(database.read(IdempotentResponsesIT::count)).isEqualTo(901);
  }

  @Test
  void concurrentDeletesDoNotBlockRequests() {
    database.write(IdempotentResponsesIT::insertExpired);

    long left =
        database.write(other -> {
          try (Statement statement = other.createStatement()) {
            statement.execute("DELETE FROM idempotency_keys WHERE key <= '0500'");
          }
          execute("a");
          return database.read(IdempotentResponsesIT::count);
        });
    assertThat(left).isEqualTo(901);
    assertThat(database.read(IdempotentResponsesIT::count)).isEqualTo(401);
  }

  @Test
  void keyIsScopedToItsCaller() {
    Caller.Kind key = Caller.Kind.KEY;
    assertThat(runAs(key, "one", () -> execute("a", "x", "of one"))).isEqualTo("of one");
    assertThat(runAs(key, "two", () -> execute("a", "x", "of two"))).isEqualTo("of two");
    assertThat(runAs(Caller.Kind.TOKEN, "one", () -> execute("a", "y", "of a token")))
        .isEqualTo("of a token");

    assertThat(runAs(key, "one", () -> execute("a", "x", "again"))).isEqualTo("of one");
    assertThat(runAs(key, "two", () -> execute("a", "x", "again"))).isEqualTo("of two");
    assertThatThrownBy(() -> runAs(key, "two", () -> execute("a", "y", "again")))
        .isInstanceOf(IdempotencyException.class);
  }

  @Test
  void keyInUseIsAvailableToAnotherCaller() {
    Caller.Kind key = Caller.Kind.KEY;
    String made =
        runAs(
            key,
            "one",
            () ->
                database.write(connection ->
                    KEYS.executeOnce(
                            connection,
                            Optional.of("a"),
                            "x",
                            String.class,
                            () -> {
                              assertThatThrownBy(() -> execute("a", "x", "late"))
                                  .isInstanceOf(IdempotencyException.class);
                              return runAs(key, "two", () -> execute("a", "x", "of two"));
                            })
                        .response()));
    assertThat(made).isEqualTo("of two");
  }

  @Test
  void replayedResponseIsIdentical() {
    String text = "{\"longest\":1.50,\"long\":[1e2,\"\\u0001\"],\"b\":null,\"a\":{}}";
    JsonNode response = Json.MAPPER.readTree(text);
    for (int i = 0; i < 2; i++) {
      IdempotentResult<JsonNode> result =
          database.write(connection ->
              KEYS.executeOnce(connection, Optional.of("a"), "x", JsonNode.class, () -> response));
      assertThat(result.response().toString()).isEqualTo(response.toString());
      assertThat(result.isNew()).isEqualTo(i == 0);
    }
  }

  private static <T> T runAs(Caller.Kind kind, String id, Supplier<T> action) {
    Caller caller = new Caller(kind, id, "same name", GrantSet.NONE);
    return new Actor(caller, Optional.empty(), Optional.empty()).call(action);
  }

  private String execute(String key) {
    return execute(key, "request", "made");
  }

  private String execute(String key, String request, String response) {
    return database.write(connection ->
        KEYS.executeOnce(connection, Optional.of(key), request, String.class, () -> response)
            .response());
  }

  private static long insertExpired(Connection connection) throws SQLException {
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
