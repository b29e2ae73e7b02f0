package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TableTotalsIT {
  private final Database database = TestPostgres.startMigrated();

  @AfterEach
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  @Test
  void totalFollowsEveryKindOfWrite() {
    write(
        "INSERT INTO providers (name, config) SELECT 'p' || i, '{}' FROM generate_series(1, 9) i");
    assertThat(total()).isEqualTo(9);
    write("UPDATE providers SET version = version + 1");
    assertThat(total()).isEqualTo(9);
    write(
        """
        INSERT INTO providers (name, config) VALUES ('p1', '{}'), ('p10', '{}')
        ON CONFLICT (name) DO UPDATE SET config = excluded.config\
        """);
    assertThat(total()).isEqualTo(10);
    write("DELETE FROM providers WHERE name IN ('p1', 'p2', 'none')");
    assertThat(total()).isEqualTo(8);
    write("TRUNCATE providers CASCADE");
    assertThat(total()).isZero();
  }

  @Test
  void agentsHaveTheirOwnTotal() {
    write("INSERT INTO agents (name, config) SELECT 'a' || i, '{}' FROM generate_series(1, 9) i");
    write("DELETE FROM agents WHERE name = 'a1'");
    assertThat(number("SELECT sum(total) FROM table_totals WHERE table_name = 'agents'"))
        .isEqualTo(8);
    assertThat(total()).isZero();
  }

  @Test
  void rolledBackWritesDoNotCount() {
    assertThatThrownBy(() ->
            database.write(connection -> {
              execute(connection, insert("duplicate"));
              return execute(connection, insert("duplicate"));
            }))
        .isInstanceOf(UniqueViolationException.class);
    assertThat(total()).isZero();
  }

  @Test
  void totalIsExactAfterConcurrentWrites() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < 8; writer++) {
        String prefix = "w%d-".formatted(writer);
        writers.add(threads.submit(() -> insertAndDeleteSome(prefix)));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
    assertThat(total()).isEqualTo(8 * 20).isEqualTo(number("SELECT count(*) FROM providers"));
  }

  private void insertAndDeleteSome(String prefix) {
    for (int i = 0; i < 30; i++) {
      write(insert(prefix + i));
      if (i % 3 == 0) {
        write("DELETE FROM providers WHERE name = '%s'".formatted(prefix + i));
      }
    }
  }

  private long total() {
    return number("SELECT sum(total) FROM table_totals WHERE table_name = 'providers'");
  }

  private long number(String query) {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(query)) {
        row.next();
        return row.getLong(1);
      }
    });
  }

  private void write(String sql) {
    database.write(connection -> execute(connection, sql));
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  private static String insert(String name) {
    return "INSERT INTO providers (name, config) VALUES ('%s', '{}')".formatted(name);
  }
}
