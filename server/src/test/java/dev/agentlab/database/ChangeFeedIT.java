package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Tests [ChangeFeed] and [RowCache] with two replicas of one database.
class ChangeFeedIT {
  private static final String APPLICATION = "agent-lab changes";
  private static final Logger LOG = (Logger) LoggerFactory.getLogger(ChangeFeed.class);

  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final Dsn dsn = ((DatabaseSettings.External) settings.server()).dsn();
  private final TestReplica one = new TestReplica(settings);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void capture() {
    log.start();
    LOG.setLevel(Level.INFO);
    LOG.addAppender(log);
  }

  @AfterEach
  void stop() {
    LOG.setLevel(null);
    LOG.detachAppender(log);
    one.close();
  }

  @Test
  void rowIsCachedAfterFirstRead() {
    UUID id = one.insert("a");
    one.awaitCached(id);
    assertThat(one.name(id)).isEqualTo("a");
  }

  @Test
  void remoteChangeIsVisibleAndThenCached() {
    UUID id = one.insert("a");
    try (TestReplica other = new TestReplica(settings)) {
      other.awaitCached(id);
      one.update(id, "b");
      Await.value("b", () -> other.name(id));
      other.awaitCached(id);
      one.execute("DELETE FROM providers WHERE id = ?", id);
      Await.value(TestReplica.ABSENT, () -> other.name(id));
    }
  }

  @Test
  void insertSendsNoNotification() throws Exception {
    Set<String> tables = Set.of("providers", "agents");
    try (NotificationConnection listening =
        NotificationConnection.open(one.database().connectionFactory().orElseThrow())) {
      UUID id = one.insert("a");
      assertThat(listening.heartbeat(tables)).noneMatch(it -> it.startsWith("providers"));
      one.update(id, "b");
      assertThat(listening.heartbeat(tables)).contains("providers " + id);
    }
  }

  @Test
  void listenerErrorsDoNotStopTheFeed() {
    AtomicInteger errors = new AtomicInteger();
    one.changes()
        .subscribe(
            "agents",
            new ChangeListener() {
              @Override
              public void onChange(UUID id) {
                onChange();
              }

              @Override
              public void onChange() {
                errors.incrementAndGet();
                throw new StackOverflowError();
              }

              @Override
              public void onInterruption() {
                if (errors.get() < 3) {
                  onChange();
                }
              }
            });
    one.execute("SELECT pg_notify('agent_lab_changes', 'agents')");
    Await.until("the listener has failed three times", errors::get, it -> it >= 3);
    one.awaitCached(one.insert("a"));
  }

  @Test
  void bulkChangesAreVisible() {
    UUID id = one.insert("a");
    UUID next = UUID.randomUUID();
    one.awaitCached(id);
    one.execute("UPDATE providers SET name = name || ' more'");
    Await.value("a more", () -> one.name(id));
    one.awaitCached(id);
    one.awaitCached(next);
    one.execute("UPDATE providers SET id = ?", next);
    Await.value(TestReplica.ABSENT, () -> one.name(id));
    Await.value("a more", () -> one.name(next));
    one.awaitCached(next);
    one.execute("TRUNCATE providers CASCADE");
    Await.value(TestReplica.ABSENT, () -> one.name(next));
  }

  @Test
  void localChangeIsVisibleImmediately() {
    UUID id = one.insert("0");
    for (int i = 1; i <= 200; i++) {
      String name = Integer.toString(i);
      one.name(id);
      one.changes()
          .invalidateAfter(
              "providers",
              id,
              () -> {
                one.update(id, name);
                return name;
              });
      assertThat(one.name(id)).isEqualTo(name);
    }
  }

  @Test
  void localChangeOfUnknownOutcomeIsVisibleImmediately() {
    UUID id = one.insert("a");
    one.awaitCached(id);
    try {
      one.changes()
          .invalidateAfter(
              "providers",
              id,
              () -> {
                one.update(id, "b");
                throw new IllegalStateException("the connection broke, after the commit or before");
              });
    } catch (IllegalStateException e) {
      assertThat(one.name(id)).isEqualTo("b");
    }
  }

  @Test
  void valueLoadedBeforeLocalChangeIsNotCached() throws Exception {
    UUID id = one.insert("old");
    one.awaitCached(id);
    SlowLoad slow = new SlowLoad();
    CompletableFuture<String> early = slow.begin(id);
    one.changes()
        .invalidateAfter(
            "providers",
            id,
            () -> {
              one.update(id, "new");
              return id;
            });
    slow.end();
    assertThat(early.get()).isEqualTo("old");
    assertThat(slow.names.get(id)).isEqualTo("new");
  }

  @Test
  void valueLoadedBeforeRemoteChangeIsNotCached() throws Exception {
    UUID id = one.insert("old");
    SlowLoad slow = new SlowLoad();
    RowCache<String> notifiedLater = new RowCache<>(one.changes(), "providers", one::storedName);
    one.awaitCached(id);
    Await.value("old", () -> notifiedLater.get(id));
    CompletableFuture<String> early = slow.begin(id);
    one.update(id, "new");
    Await.value("new", () -> notifiedLater.get(id));
    slow.end();
    assertThat(early.get()).isEqualTo("old");
    assertThat(slow.names.get(id)).isEqualTo("new");
  }

  @Test
  void valueLoadedDuringChangeOfAnotherRowIsCached() throws Exception {
    UUID id = one.insert("cached");
    UUID another = one.insert("old");
    // Retries if the feed was interrupted because the machine was busy.
    Await.until(
        "the row is loaded once",
        () -> {
          SlowLoad slow = new SlowLoad();
          RowCache<String> notifiedLater =
              new RowCache<>(one.changes(), "providers", one::storedName);
          String next = notifiedLater.get(another) + " and new";
          CompletableFuture<String> early = slow.begin(id);
          one.update(another, next);
          Await.value(next, () -> notifiedLater.get(another));
          slow.end();
          early.get();
          slow.names.get(id);
          return slow.loads.get() == 1;
        });
  }

  /// A cache whose first load reads the row and then blocks until [#end].
  private final class SlowLoad {
    private final CountDownLatch read = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger loads = new AtomicInteger();
    private final RowCache<String> names = new RowCache<>(one.changes(), "providers", this::load);

    private String load(UUID id) {
      String name = one.storedName(id);
      if (loads.getAndIncrement() == 0) {
        read.countDown();
        awaitUninterrupted(released);
      }
      return name;
    }

    CompletableFuture<String> begin(UUID id) throws InterruptedException {
      CompletableFuture<String> result = CompletableFuture.supplyAsync(() -> names.get(id));
      read.await();
      return result;
    }

    void end() {
      released.countDown();
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void evictionKeepsRowsInUse() {
    UUID hot = one.insert("hot");
    List<UUID> cold = IntStream.range(0, 9).mapToObj(i -> one.insert("cold " + i)).toList();
    one.awaitCached(hot);
    AtomicInteger hotLoads = new AtomicInteger();
    AtomicInteger coldLoads = new AtomicInteger();
    RowCache<String> small =
        new RowCache<>(
            one.changes(),
            "providers",
            id -> {
              (id.equals(hot) ? hotLoads : coldLoads).incrementAndGet();
              return one.storedName(id);
            },
            4);
    // Retries if the feed was interrupted because the machine was busy.
    Await.until(
        "the used row stays cached",
        () -> {
          hotLoads.set(0);
          coldLoads.set(0);
          for (int round = 0; round < 5; round++) {
            for (UUID id : cold) {
              small.get(id);
              small.get(hot);
            }
          }
          return hotLoads.get() <= 1;
        });
    assertThat(coldLoads.get()).isGreaterThan(5 * (cold.size() - 4));
  }

  @Test
  void terminatedListenerDoesNotIncreaseStaleness() throws Exception {
    try (TestReplica other = new TestReplica(settings)) {
      StalenessAssertion.assertBoundedDuring(
          other,
          one,
          () -> {
            for (int i = 0; i < 5; i++) {
              one.awaitCached(other.insert("cached " + i));
              killListeners();
            }
            one.awaitCached(other.insert("cached last"));
          });
    }
    assertThat(messages(Level.WARN)).allMatch(it -> it.contains("change feed interrupted"));
    assertThat(messages(Level.INFO)).contains("change feed restored");
  }

  private void killListeners() {
    one.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'"
            .formatted(APPLICATION));
  }

  @Test
  void halfOpenConnectionDoesNotIncreaseStaleness() throws Exception {
    try (PostgresProxy proxy = new PostgresProxy(dsn, APPLICATION);
        TestReplica remote = new TestReplica(TestPostgres.settings(proxy.dsn()))) {
      UUID id = one.insert("cached");
      remote.awaitCached(id);
      StalenessAssertion.assertBoundedDuring(
          one,
          remote,
          () -> {
            proxy.mode(PostgresProxy.Mode.FROZEN);
            int before = remote.loads();
            Await.until("every read queries the database", remote::loads, it -> it > before + 200);
            proxy.mode(PostgresProxy.Mode.PASS);
            remote.awaitCached(id);
          });
    }
  }

  @Test
  void poolerThatDropsNotificationsDisablesCaching() throws Exception {
    UUID id = one.insert("0");
    try (PostgresProxy proxy = new PostgresProxy(dsn, APPLICATION)) {
      proxy.mode(PostgresProxy.Mode.DROP_NOTIFICATIONS);
      try (TestReplica remote = new TestReplica(TestPostgres.settings(proxy.dsn()))) {
        Await.until(
            "the pooler is logged",
            () -> messages(Level.WARN),
            all -> all.stream().anyMatch(it -> it.contains("pooler")));
        for (int i = 1; i <= 300; i++) {
          one.update(id, Integer.toString(i));
          assertThat(remote.name(id)).isEqualTo(Integer.toString(i));
          assertThat(remote.loads()).isEqualTo(i);
        }
        assertThat(messages(Level.WARN)).hasSize(1);
        proxy.mode(PostgresProxy.Mode.PASS);
        remote.awaitCached(id);
        assertThat(messages(Level.INFO)).containsExactly("change feed restored");
      }
    }
  }

  @Test
  void tableWithoutEnabledTriggerIsNotCached() throws Exception {
    UUID id = one.insert("cached");
    one.awaitCached(id);
    try (TestReplica other = new TestReplica(settings)) {
      StalenessAssertion.assertBoundedDuring(
          other,
          one,
          () -> {
            TestPostgres.execute(dsn, "ALTER TABLE providers DISABLE TRIGGER providers_changed");
            int before = one.loads();
            Await.until("every read queries the database", one::loads, it -> it > before + 200);
            TestPostgres.execute(dsn, "ALTER TABLE providers ENABLE TRIGGER providers_changed");
            one.awaitCached(id);
          });
    }
  }

  @Test
  void nothingIsCachedBeforeStartAndAfterStop() throws Exception {
    UUID id = one.insert("0");
    ChangeFeed changes = new ChangeFeed(one.database());
    RowCache<String> names = new RowCache<>(changes, "providers", one::storedName);
    assertNotCached(id, names);
    changes.start();
    Await.until("the change feed is current", changes::isCurrent);
    changes.stop(Duration.ofSeconds(5));
    assertNotCached(id, names);
    assertThat(messages(Level.WARN)).isEmpty();
  }

  private void assertNotCached(UUID id, RowCache<String> names) {
    for (int i = 0; i < 50; i++) {
      one.update(id, Integer.toString(i));
      assertThat(names.get(id)).isEqualTo(Integer.toString(i));
    }
  }

  private List<String> messages(Level level) {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel().equals(level))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }
}
