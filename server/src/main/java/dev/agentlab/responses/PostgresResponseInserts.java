package dev.agentlab.responses;

import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.Completions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Inserts responses. One statement inserts those of all threads that have waited for the one
/// before: each of them alone would cost several times as much. Thread-safe.
final class PostgresResponseInserts {
  private static final String TEXT = "text";
  private static final int MAX_ROWS = 100;
  private static final long MAX_CHARACTERS = 8 << 20;

  private static final String INSERT =
      """
      INSERT INTO responses (owner, id, previous, model, provider, content, expires_at)
      SELECT owner, id, previous, model, provider, content, now() + make_interval(secs => seconds)
      FROM unnest(:owners, :ids, :previous, :models, :providers, :contents, :seconds)
        AS given (owner, id, previous, model, provider, content, seconds)
      ON CONFLICT (owner, id) DO NOTHING
      """;

  private final Database database;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean inserting = new AtomicBoolean();

  /// A row.
  ///
  /// @param content encrypted
  record ResponseRow(
      UUID owner, StoredResponse response, Optional<String> content, Duration period) {}

  private record Waiting(ResponseRow row, CompletableFuture<Void> done) {}

  PostgresResponseInserts(Database database) {
    this.database = database;
  }

  /// Inserts a row, unless the owner has a response with this id.
  ///
  /// @throws dev.agentlab.database.ForeignKeyViolationException if the owner has been deleted
  /// @throws UnavailableException if the database is unavailable
  void insert(ResponseRow row) {
    Waiting mine = new Waiting(row, new CompletableFuture<>());
    waiting.add(mine);
    if (!inserting.getAndSet(true)) {
      var _ = Thread.startVirtualThread(this::insertWaiting);
    }
    Completions.join(mine.done());
  }

  /// Inserts until none waits. Runs on one thread at a time.
  private void insertWaiting() {
    do {
      for (List<Waiting> batch = takeBatch(); !batch.isEmpty(); batch = takeBatch()) {
        insertTogether(batch);
      }
      inserting.set(false);
    } while (!waiting.isEmpty() && !inserting.getAndSet(true));
  }

  private List<Waiting> takeBatch() {
    List<Waiting> batch = new ArrayList<>();
    long characters = 0;
    Waiting next = waiting.peek();
    while (next != null
        && batch.size() < MAX_ROWS
        && (batch.isEmpty() || characters + length(next) <= MAX_CHARACTERS)) {
      characters += length(next);
      batch.add(waiting.remove());
      next = waiting.peek();
    }
    return batch;
  }

  private static int length(Waiting it) {
    return it.row().content().map(String::length).orElse(0);
  }

  private void insertTogether(List<Waiting> batch) {
    try {
      insert(batch);
      batch.forEach(it -> it.done().complete(null));
    } catch (UnavailableException e) {
      // The others would wait as long, and fail too.
      batch.forEach(it -> it.done().completeExceptionally(e));
      for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
        next.done().completeExceptionally(e);
      }
    } catch (Throwable e) { // An error too: no thread may wait for ever.
      if (batch.size() == 1) {
        batch.getFirst().done().completeExceptionally(e);
      } else {
        // Only the one that cannot be inserted fails.
        batch.forEach(it -> insertTogether(List.of(it)));
      }
    }
  }

  private void insert(List<Waiting> batch) {
    Database.Work<Integer> work =
        connection ->
            new SqlStatement(connection, INSERT)
                .bindArray("owners", "uuid", values(batch, ResponseRow::owner))
                .bindArray("ids", TEXT, values(batch, row -> row.response().id()))
                .bindArray(
                    "previous", TEXT, values(batch, row -> row.response().previous().orElse(null)))
                .bindArray("models", TEXT, values(batch, row -> row.response().model()))
                .bindArray("providers", TEXT, values(batch, row -> row.response().provider()))
                .bindArray("contents", TEXT, values(batch, row -> row.content().orElse(null)))
                .bindArray("seconds", "int8", values(batch, row -> row.period().toSeconds()))
                .update();
    int _ = database.runOnce(work);
  }

  private static @Nullable Object[] values(
      List<Waiting> batch, Function<ResponseRow, @Nullable Object> column) {
    return batch.stream().map(Waiting::row).map(column).toArray();
  }
}
