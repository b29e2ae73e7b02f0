package dev.agentlab.vault;

import dev.agentlab.database.Database;
import dev.agentlab.errors.UnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Goes through the rows of a table and seals the secrets that an earlier release stored in the
/// open. Several replicas may do it at once, and one that was interrupted goes on the next time.
public final class PostgresPlainSecrets<K> {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresPlainSecrets.class);

  /// "alplain" in ASCII.
  private static final long LOCK = 0x616c_706c_6169_6eL;

  private static final int BATCH = 200;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final Database database;
  private final String table;
  private final PostgresPlainRows<K> rows;

  public PostgresPlainSecrets(Database database, String table, PostgresPlainRows<K> rows) {
    this.database = database;
    this.table = table;
    this.rows = rows;
  }

  /// Returns once no secret is in the open. Waits while the database is away.
  public void seal() throws InterruptedException {
    Optional<K> after = Optional.empty();
    long sealed = 0;
    while (true) {
      try {
        Optional<K> from = after;
        PostgresPlainRows.Part<K> part =
            database.read(connection -> rows.next(connection, from, BATCH));
        if (part.last().isEmpty()) {
          break;
        }
        sealed += seal(part.plain());
        after = part.last();
      } catch (UnavailableException e) {
        Thread.sleep(RETRY);
      }
    }
    if (sealed > 0) {
      LOG.info("sealed the secrets of {} rows of {}", sealed, table);
    }
  }

  private int seal(List<K> plain) throws InterruptedException {
    while (!plain.isEmpty()) {
      Optional<Integer> sealed =
          database.write(connection ->
              claim(connection) ? Optional.of(seal(connection, plain)) : Optional.empty());
      if (sealed.isPresent()) {
        return sealed.get();
      }
      Thread.sleep(POLL);
    }
    return 0;
  }

  private int seal(Connection connection, List<K> plain) throws SQLException {
    int sealed = 0;
    for (K key : plain) {
      sealed += rows.seal(connection, key) ? 1 : 0;
    }
    return sealed;
  }

  /// Lets one replica at a time seal.
  private static boolean claim(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_try_advisory_xact_lock(?)")) {
      statement.setLong(1, LOCK);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }
}
