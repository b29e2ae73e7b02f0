package dev.agentlab.vault;

import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.Database;
import dev.agentlab.database.OutageRetry;
import dev.agentlab.database.Transactions;
import java.sql.Connection;
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

  private static final int BATCH = 200;
  private static final Duration POLL = Duration.ofMillis(50);

  private final Database database;
  private final String table;
  private final PostgresPlainRows<K> rows;

  public PostgresPlainSecrets(Database database, String table, PostgresPlainRows<K> rows) {
    this.database = database;
    this.table = table;
    this.rows = rows;
  }

  /// How far it has come.
  ///
  /// @param last empty once there are no more rows
  private record Step<K>(int sealed, Optional<K> last) {}

  /// Returns once no secret is in the open. Waits while the database is away.
  public void seal() throws InterruptedException {
    Optional<K> after = Optional.empty();
    long sealed = 0;
    do {
      Optional<K> from = after;
      Step<K> step = OutageRetry.retryWhileUnavailable(() -> next(from));
      sealed += step.sealed();
      after = step.last();
    } while (after.isPresent());
    if (sealed > 0) {
      LOG.info("sealed the secrets of {} rows of {}", sealed, table);
    }
  }

  private Step<K> next(Optional<K> after) throws InterruptedException {
    PostgresPlainRows.Part<K> part =
        database.read(connection ->
            Transactions.run(connection, reading -> rows.next(reading, after, BATCH)));
    return new Step<>(seal(part.plain()), part.last());
  }

  private int seal(List<K> plain) throws InterruptedException {
    while (!plain.isEmpty()) {
      Optional<Integer> sealed =
          database.write(connection ->
              AdvisoryLock.PLAINTEXT_SECRETS.tryAcquireForTransaction(connection)
                  ? Optional.of(seal(connection, plain))
                  : Optional.empty());
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
}
