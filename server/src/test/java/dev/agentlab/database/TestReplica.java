package dev.agentlab.database;

import dev.agentlab.testing.Await;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/// The database components of one process: a pool, a change feed, and a cache of provider names.
final class TestReplica implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  /// The value of the cache for a row that does not exist.
  static final String ABSENT = "none";

  private final Database database;
  private final ChangeFeed changes;
  private final RowCache<String> names;
  private final TableSnapshot<List<String>> allNames;
  private final AtomicInteger loads = new AtomicInteger();

  TestReplica(DatabaseSettings settings) {
    database = TestPostgres.start(settings);
    changes = new ChangeFeed(database);
    names = new RowCache<>(changes, "providers", this::load);
    allNames = new TableSnapshot<>(changes, "providers", this::storedNames);
    changes.start();
  }

  Database database() {
    return database;
  }

  ChangeFeed changes() {
    return changes;
  }

  /// The names of all rows, in memory.
  TableSnapshot<List<String>> names() {
    return allNames;
  }

  private List<String> storedNames() {
    return database.read(connection -> {
      try (PreparedStatement select = connection.prepareStatement("SELECT name FROM providers");
          ResultSet rows = select.executeQuery()) {
        List<String> all = new ArrayList<>();
        while (rows.next()) {
          all.add(rows.getString(1));
        }
        return all;
      }
    });
  }

  String name(UUID id) {
    return names.get(id);
  }

  private String load(UUID id) {
    loads.incrementAndGet();
    return storedName(id);
  }

  /// Reads the name from the database.
  String storedName(UUID id) {
    return database.read(connection -> {
      try (PreparedStatement select =
          connection.prepareStatement("SELECT name FROM providers WHERE id = ?")) {
        select.setObject(1, id);
        try (ResultSet row = select.executeQuery()) {
          return row.next() ? row.getString(1) : ABSENT;
        }
      }
    });
  }

  /// The number of loads by the cache.
  int loads() {
    return loads.get();
  }

  UUID insert(String name) {
    return database.write(connection -> {
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO providers (name, config) VALUES (?, '{}') RETURNING id")) {
        insert.setString(1, name);
        try (ResultSet row = insert.executeQuery()) {
          row.next();
          return row.getObject(1, UUID.class);
        }
      }
    });
  }

  /// Deletes a row without the change feed of this process, as another process would.
  void delete(UUID id) {
    database.write(connection -> {
      try (PreparedStatement delete =
          connection.prepareStatement("DELETE FROM providers WHERE id = ?")) {
        delete.setObject(1, id);
        return delete.executeUpdate();
      }
    });
  }

  /// Updates a row without the change feed of this process, as another process would.
  void update(UUID id, String name) {
    int updated =
        database.write(connection -> {
          try (PreparedStatement update =
              connection.prepareStatement("UPDATE providers SET name = ? WHERE id = ?")) {
            update.setString(1, name);
            update.setObject(2, id);
            return update.executeUpdate();
          }
        });
    if (updated != 1) {
      throw new IllegalStateException("no row " + id);
    }
  }

  void execute(String sql, UUID... parameters) {
    database.write(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setObject(i + 1, parameters[i]);
        }
        return statement.execute();
      }
    });
  }

  /// Waits until the row's name is returned from the cache.
  void awaitCached(UUID id) {
    Await.until(
        "the name is cached",
        () -> {
          int before = loads();
          name(id);
          return loads() == before;
        });
  }

  @Override
  public void close() {
    try {
      changes.stop(STOP_TIMEOUT);
      database.stop(STOP_TIMEOUT);
    } catch (InterruptedException | SQLException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
