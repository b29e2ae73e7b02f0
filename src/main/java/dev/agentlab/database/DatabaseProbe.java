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
final class DatabaseProbe {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseProbe.class);
  private static final long FRESH_NANOS = Duration.ofMillis(500).toNanos();
  private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Optional<String> NO_ANSWER = Optional.of("the database does not respond");
  private static final String TOO_MANY_CONNECTIONS = "53300";

  private final DataSource source;
  private @Nullable Question latest;

  private record Question(long askedAt, CompletableFuture<Optional<String>> answer) {}

  DatabaseProbe(DataSource source) {
    this.source = source;
  }

  /// The reason why the database is not ready, from a check of the last 500 ms or a new one that
  /// takes at most 1 s; empty if it is ready.
  Optional<String> unreadyReason() {
    Question check = question();
    long left = check.askedAt() + PATIENCE_NANOS - System.nanoTime();
    try {
      return check.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return NO_ANSWER;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NO_ANSWER;
    }
  }

  private synchronized Question question() {
    Question last = latest;
    if (last != null) {
      boolean fresh = System.nanoTime() - last.askedAt() < FRESH_NANOS;
      if (fresh || !last.answer().isDone()) {
        return last;
      }
    }
    Question next = new Question(System.nanoTime(), new CompletableFuture<>());
    latest = next;
    // Completes in all cases: until it does, no other check starts.
    next.answer()
        .completeAsync(this::ask, task -> Thread.ofVirtual().name("database-probe").start(task));
    return next;
  }

  private Optional<String> ask() {
    try (Connection connection = source.getConnection()) {
      return lacked(Migrator.state(connection).missing());
    } catch (SQLException e) {
      LOG.debug("database did not respond", e);
      return TOO_MANY_CONNECTIONS.equals(e.getSQLState()) ? Optional.empty() : NO_ANSWER;
    }
  }

  private static Optional<String> lacked(List<Migration> pending) {
    if (pending.isEmpty()) {
      return Optional.empty();
    }
    String others = pending.size() == 1 ? "" : " and %d later ones".formatted(pending.size() - 1);
    return Optional.of(
        "the database lacks the migration %s%s; run `agent-lab migrate -up` to apply it"
            .formatted(pending.getFirst().name(), others));
  }
}
