package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A readiness check of the database: whether the server responds and the schema has no pending
/// migration. It uses a connection outside the pool, because a busy pool does not make the server
/// unavailable.
///
/// Thread-safe. Concurrent callers share one check.
final class DatabaseReadinessProbe {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseReadinessProbe.class);
  private static final long VALIDITY_NANOS = Duration.ofMillis(500).toNanos();
  private static final long TIMEOUT_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Optional<String> NO_RESPONSE = Optional.of("the database does not respond");
  private static final String TOO_MANY_CONNECTIONS = "53300";

  private final DataSource source;
  private @Nullable Check latest;

  private record Check(long startedAt, CompletableFuture<Optional<String>> result) {}

  DatabaseReadinessProbe(DataSource source) {
    this.source = source;
  }

  /// The reason why the database is not ready, from a check of the last 500 ms or a new one that
  /// takes at most 1 s; empty if it is ready.
  Optional<String> unreadyReason() {
    Check check = currentCheck();
    long left = check.startedAt() + TIMEOUT_NANOS - System.nanoTime();
    try {
      return check.result().get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return NO_RESPONSE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NO_RESPONSE;
    }
  }

  private synchronized Check currentCheck() {
    Check last = latest;
    if (last != null) {
      boolean fresh = System.nanoTime() - last.startedAt() < VALIDITY_NANOS;
      if (fresh || !last.result().isDone()) {
        return last;
      }
    }
    Check next = new Check(System.nanoTime(), new CompletableFuture<>());
    latest = next;
    // Completes in all cases: until it does, no other check starts.
    next.result()
        .completeAsync(this::check, task -> Thread.ofVirtual().name("database-probe").start(task));
    return next;
  }

  private Optional<String> check() {
    try (Connection connection = source.getConnection()) {
      return pendingReason(Migrator.state(connection).pendingMigrations());
    } catch (SQLException e) {
      LOG.debug("database did not respond", e);
      return TOO_MANY_CONNECTIONS.equals(e.getSQLState()) ? Optional.empty() : NO_RESPONSE;
    }
  }

  private static Optional<String> pendingReason(List<Migration> pending) {
    if (pending.isEmpty()) {
      return Optional.empty();
    }
    String others = pending.size() == 1 ? "" : " and %d later ones".formatted(pending.size() - 1);
    return Optional.of(
        "the database lacks the migration %s%s; run `agent-lab migrate -up` to apply it"
            .formatted(pending.getFirst().name(), others));
  }
}
