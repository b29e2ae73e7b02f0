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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A whole table in memory, beside another process that changes it.
@Timeout(60)
class TableSnapshotIT {
  private static final String APPLICATION = "agent-lab changes";

  private final Dsn dsn =
      ((DatabaseSettings.External) TestPostgres.migratedDatabase().server()).dsn();
  private final Replica other = new Replica(TestPostgres.settings(dsn));
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger loading = new AtomicInteger();
  private final AtomicInteger mostLoading = new AtomicInteger();

  @AfterEach
  void stop() {
    other.close();
  }

  private TableSnapshot<Integer> snapshot(Replica replica) {
    return new TableSnapshot<>(replica.changes(), "providers", () -> count(replica));
  }

  private int count(Replica replica) {
    loads.incrementAndGet();
    mostLoading.accumulateAndGet(loading.incrementAndGet(), Math::max);
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

  private void awaitKept(TableSnapshot<Integer> snapshot) {
    Await.until(
        "it is kept",
        () -> {
          int before = loads.get();
          snapshot.get();
          Thread.sleep(1_200);
          snapshot.get();
          return loads.get() == before;
        });
  }

  @Test
  void itIsLoadedOnceAndAgainAfterAChangeElsewhere() {
    try (Replica here = new Replica(TestPostgres.settings(dsn))) {
      TableSnapshot<Integer> snapshot = snapshot(here);
      assertThat(snapshot.present()).isEmpty();
      awaitKept(snapshot);
      for (int i = 1; i <= 20; i++) {
        UUID _ = other.insert("p" + i);
        long changed = System.nanoTime();
        int asked = snapshot.get();
        while (asked != i) {
          assertThat(Duration.ofNanos(System.nanoTime() - changed))
              .isLessThan(Duration.ofSeconds(1));
          asked = snapshot.get();
        }
        assertThat(snapshot.present()).contains(i);
      }
    }
  }

  @Test
  void aChangeOfThisProcessIsSeenAtOnce() {
    try (Replica here = new Replica(TestPostgres.settings(dsn))) {
      TableSnapshot<Integer> snapshot = snapshot(here);
      for (int i = 1; i <= 50; i++) {
        int before = i;
        UUID _ =
            here.changes()
                .changing("providers", UUID.randomUUID(), () -> here.insert("p" + before));
        assertThat(snapshot.get()).isEqualTo(i);
      }
    }
  }

  @Test
  void whileChangesAreNotHeardItIsLoadedOnceASecondForAll() throws Exception {
    try (PostgresProxy proxy = new PostgresProxy(dsn, APPLICATION)) {
      proxy.mode(PostgresProxy.Mode.DEAF);
      try (Replica remote = new Replica(TestPostgres.settings(proxy.dsn()));
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        TableSnapshot<Integer> snapshot = snapshot(remote);
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        List<Future<?>> askers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          askers.add(
              threads.submit(() -> {
                while (System.nanoTime() < end) {
                  int _ = snapshot.get();
                  Thread.sleep(1);
                }
                return null;
              }));
        }
        for (Future<?> asker : askers) {
          asker.get();
        }
        assertThat(loads.get()).isBetween(3, 5);
        assertThat(mostLoading).hasValue(1);
      }
    }
  }

  @Test
  void whileTheDatabaseIsAwayThereIsNone() throws Exception {
    try (Replica here = new Replica(TestPostgres.settings(dsn))) {
      TableSnapshot<Integer> snapshot = snapshot(here);
      awaitKept(snapshot);
      here.database().stop(Duration.ofSeconds(5));
      here.changes().stop(Duration.ofSeconds(5));
      Await.until("there is none", snapshot::present, Optional::isEmpty);

      int before = loads.get();
      for (int i = 0; i < 100; i++) {
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(snapshot::get);
      }
      assertThat(loads.get() - before).isLessThan(5);
    }
  }
}
