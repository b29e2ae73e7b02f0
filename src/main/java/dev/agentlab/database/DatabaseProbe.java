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

/// Asks, when it is asked, whether the server answers and at which version the schema is, on a
/// connection beside the pool: a pool that is busy is no server that is away.
///
/// Safe for all threads; callers at the same time share one question.
final class DatabaseProbe {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseProbe.class);
  private static final long FRESH_NANOS = Duration.ofMillis(500).toNanos();
  private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Optional<String> NO_ANSWER = Optional.of("the database does not answer");
  private static final String TOO_MANY_CONNECTIONS = "53300";

  private final DataSource source;
  private @Nullable Question latest;

  private record Question(long askedAt, CompletableFuture<Optional<String>> answer) {}

  DatabaseProbe(DataSource source) {
    this.source = source;
  }

  /// What the server lacks, as of the last half second, or known within one second; empty if
  /// nothing.
  Optional<String> unreadyReason() {
    Question question = question();
    long left = question.askedAt() + PATIENCE_NANOS - System.nanoTime();
    try {
      return question.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
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
    // Answered whatever happens: as long as it is not, no other is asked.
    next.answer()
        .completeAsync(
            this::ask, asking -> Thread.ofVirtual().name("database-probe").start(asking));
    return next;
  }

  private Optional<String> ask() {
    try (Connection connection = source.getConnection()) {
      return lacked(Migrator.state(connection).missing());
    } catch (SQLException e) {
      LOG.debug("the database does not answer", e);
      return TOO_MANY_CONNECTIONS.equals(e.getSQLState()) ? Optional.empty() : NO_ANSWER;
    }
  }

  private static Optional<String> lacked(List<Migration> missing) {
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    String others = missing.size() == 1 ? "" : " and %d after it".formatted(missing.size() - 1);
    return Optional.of(
        "the database lacks the migration %s%s; `agent-lab migrate -up` takes it"
            .formatted(missing.getFirst().name(), others));
  }
}
