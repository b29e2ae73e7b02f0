package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.testing.Await;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tests [TableSnapshot] while another process changes the table.
class TableSnapshotIT {
  private static final Duration MAX_AGE = Duration.ofSeconds(1);
  private static final String APPLICATION = "agent-lab changes";

  private final Dsn dsn =
      ((DatabaseSettings.External) TestPostgres.migratedDatabase().server()).dsn();
  private final TestReplica other = new TestReplica(TestPostgres.settings(dsn));
  private final AtomicLong time = new AtomicLong();
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger loading = new AtomicInteger();
  private final AtomicInteger maxLoading = new AtomicInteger();

  @AfterEach
  void stop() {
    other.close();
  }

  private TableSnapshot<Integer> snapshot(TestReplica replica) {
    return new TableSnapshot<>(replica.changes(), "providers", () -> count(replica));
  }

  /// Creates a snapshot whose clock advances by [#advance] only.
  private TableSnapshot<Integer> snapshotWithManualClock(TestReplica replica) {
    return new TableSnapshot<>(
        replica.changes(), "providers", () -> count(replica), time::incrementAndGet);
  }

  private void advance(Duration passed) {
    time.addAndGet(passed.toNanos());
  }

  private int count(TestReplica replica) {
    loads.incrementAndGet();
    maxLoading.accumulateAndGet(loading.incrementAndGet(), Math::max);
    try {
      return replica
          .database()
          .read(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT count(*) FROM providers");
                ResultSet row = select.executeQuery()) {
              row.next();
              return row.getInt(1);
            }
          });
    } finally {
      loading.decrementAndGet();
    }
  }

  /// Waits until the value is cached because the change feed is current, whatever its age.
  private void awaitCached(TableSnapshot<Integer> snapshot) {
    Await.until(
        "the value is cached",
        () -> {
          int before = loads.get();
          snapshot.get();
          advance(MAX_AGE);
          snapshot.get();
          return loads.get() == before;
        });
  }

  @Test
  void snapshotIsReloadedAfterRemoteChange() {
    // Inserts are not notified, so deletes.
    List<UUID> rows = IntStream.range(0, 20).mapToObj(i -> other.insert("p" + i)).toList();
    try (TestReplica here = new TestReplica(TestPostgres.settings(dsn))) {
      TableSnapshot<Integer> cached = snapshotWithManualClock(here);
      assertThat(cached.getIfCurrent()).isEmpty();
      awaitCached(cached);
      TableSnapshot<Integer> snapshot = snapshot(here);
      for (int left = rows.size() - 1; left >= 0; left--) {
        other.delete(rows.get(left));
        long changedAt = System.nanoTime();
        int count = snapshot.get();
        while (count != left) {
          assertThat(Duration.ofNanos(System.nanoTime() - changedAt)).isLessThan(MAX_AGE);
          count = snapshot.get();
        }
        // The value is loaded again if it was loaded before the notification arrived.
        Optional<Integer> present =
            Await.until(
                "the value is current",
                () -> {
                  int _ = snapshot.get();
                  return snapshot.getIfCurrent();
                },
                Optional::isPresent);
        assertThat(present).contains(left);
      }
    }
  }

  @Test
  void localChangeIsVisibleImmediately() {
    try (TestReplica here = new TestReplica(TestPostgres.settings(dsn))) {
      TableSnapshot<Integer> snapshot = snapshot(here);
      for (int i = 1; i <= 50; i++) {
        int before = i;
        UUID _ =
            here.changes()
                .invalidateAfter("providers", UUID.randomUUID(), () -> here.insert("p" + before));
        assertThat(snapshot.get()).isEqualTo(i);
      }
    }
  }

  @Test
  void interruptedFeedReloadsSnapshotOncePerSecond() throws Exception {
    try (PostgresProxy proxy = new PostgresProxy(dsn, APPLICATION)) {
      proxy.mode(PostgresProxy.Mode.DROP_NOTIFICATIONS);
      try (TestReplica remote = new TestReplica(TestPostgres.settings(proxy.dsn()));
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        TableSnapshot<Integer> snapshot = snapshotWithManualClock(remote);
        for (int second = 1; second <= 3; second++) {
          List<Future<?>> readers = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            readers.add(
                threads.submit(() -> {
                  for (int read = 0; read < 100; read++) {
                    int _ = snapshot.get();
                  }
                }));
          }
          for (Future<?> reader : readers) {
            reader.get();
          }
          assertThat(loads).hasValue(second);
          advance(MAX_AGE);
        }
        assertThat(maxLoading).hasValue(1);
      }
    }
  }

  @Test
  void snapshotIsEmptyWhileDatabaseIsUnavailable() throws Exception {
    try (TestReplica here = new TestReplica(TestPostgres.settings(dsn))) {
      TableSnapshot<Integer> snapshot = snapshotWithManualClock(here);
      awaitCached(snapshot);
      here.database().stop(Duration.ofSeconds(5));
      here.changes().stop(Duration.ofSeconds(5));
      advance(MAX_AGE);
      Await.until("the snapshot has no value", snapshot::getIfCurrent, Optional::isEmpty);

      int before = loads.get();
      for (int i = 0; i < 100; i++) {
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(snapshot::get);
      }
      assertThat(loads).hasValue(before + 1);
    }
  }
}
