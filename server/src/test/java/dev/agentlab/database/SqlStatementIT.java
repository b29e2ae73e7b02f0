package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SqlStatementIT {
  private final Database database = TestPostgres.startMigrated();

  @AfterAll
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  @Test
  void parameterIsSetAtEachPlace() {
    String sql = "SELECT :one::int + :two::int * :one::int AS value";
    long value =
        database.read(connection ->
            new SqlStatement(connection, sql)
                .bind("one", 2)
                .bind("two", 3)
                .one(row -> row.number("value")));
    assertThat(value).isEqualTo(8);
  }

  @Test
  void castsAndLiteralsAreNotParameters() {
    String sql = "SELECT '12:30:00'::time::text || ' it''s :no ' || :yes AS value";
    String value =
        database.read(connection ->
            new SqlStatement(connection, sql).bind("yes", "ok").one(row -> row.text("value")));
    assertThat(value).isEqualTo("12:30:00 it's :no ok");
  }

  @Test
  void valuesOfEachTypeAreReadAsWritten() {
    UUID id = UUID.randomUUID();
    Instant time = Instant.parse("2026-11-29T12:00:00.123456Z");
    String sql =
        """
        SELECT :text::text AS text, :id::uuid AS id, :number::bigint AS number, :flag::bool AS flag,
          :time::timestamptz AS time, :bytes::bytea AS bytes, :texts::text[] AS texts,
          :json::jsonb AS json
        """;
    database.read(connection ->
        new SqlStatement(connection, sql)
            .bind("text", Optional.of("text"))
            .bind("id", id)
            .bind("number", 5L)
            .bind("flag", true)
            .bind("time", time)
            .bind("bytes", new byte[] {1, 2})
            .bindArray("texts", "text", new String[] {"a", "b"})
            .bind("json", "{\"a\":1}")
            .one(row -> {
              assertThat(row.text("text")).isEqualTo("text");
              assertThat(row.uuid("id")).isEqualTo(id);
              assertThat(row.number("number")).isEqualTo(5);
              assertThat(row.bool("flag")).isTrue();
              assertThat(row.instant("time")).isEqualTo(time);
              assertThat(row.bytes("bytes")).containsExactly(1, 2);
              assertThat(row.texts("texts")).containsExactly("a", "b");
              assertThat(row.text("json")).isEqualTo("{\"a\": 1}");
              return row;
            }));
  }

  @Test
  void nullIsReadOnlyAsOptional() {
    readNull(row -> {
      assertThat(row.optionalText("value")).isEmpty();
      assertThat(row.optionalUuid("value")).isEmpty();
      assertThat(row.optionalNumber("value")).isEmpty();
      assertThat(row.optionalInstant("value")).isEmpty();
      assertThat(row.optionalBytes("value")).isEmpty();
      return row;
    });
    for (RowMapper<?> mapper :
        List.<RowMapper<?>>of(
            row -> row.text("value"),
            row -> row.number("value"),
            row -> row.bool("value"),
            row -> row.instant("value"))) {
      assertThatThrownBy(() -> readNull(mapper))
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("the column value is null");
    }
  }

  private <T> T readNull(RowMapper<T> mapper) {
    return database.read(connection ->
        new SqlStatement(connection, "SELECT :value AS value")
            .bind("value", Optional.empty())
            .one(mapper));
  }

  @Test
  void unknownOrMissingParameterIsRejected() {
    String sql = "SELECT :known::int AS value";
    assertThatThrownBy(
            () -> database.read(connection -> new SqlStatement(connection, sql).bind("unknown", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(":unknown");
    assertThatThrownBy(
            () -> database.read(connection -> new SqlStatement(connection, sql).update()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(":known");
  }

  @Test
  void sameTextReusesThePreparedStatement() {
    String sql = "SELECT name FROM providers WHERE id = :id";
    List<String> prepared =
        database.read(connection -> {
          for (int i = 0; i < 10; i++) {
            new SqlStatement(connection, sql).bind("id", UUID.randomUUID()).first(row -> row);
          }
          return new SqlStatement(
                  connection,
                  "SELECT statement FROM pg_prepared_statements WHERE statement LIKE :sql")
              .bind("sql", "SELECT name FROM providers%")
              .all(row -> row.text("statement"));
        });
    assertThat(prepared).hasSize(1);
  }
}
