package dev.agentlab.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.calls.RouteStatistics.Totals;
import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The records of calls in PostgreSQL.
class PostgresCallsIT {
  private static final Optional<Caller> ANYONE = Optional.empty();
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final CallQuery ALL = query(1_000);

  private final Database database = TestPostgres.startMigrated();
  private Instant now = NOON;
  private final Calls calls = Calls.of(database, DAY.multipliedBy(3), () -> now);

  @AfterEach
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  private static CallQuery query(int limit) {
    return query(limit, Optional.empty());
  }

  private static CallQuery query(int limit, Optional<String> after) {
    return new CallQuery(
        Optional.empty(),
        Optional.empty(),
        after.map(CallCursor::parse),
        limit,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of());
  }

  private void insert(CallRecord... records) {
    calls.insert(Stream.of(records).map(CallEncoder::encode).toList());
  }

  private long partitions() {
    return database.<Long>read(connection ->
        new SqlStatement(
                connection,
                "SELECT count(*) AS count FROM pg_inherits WHERE inhparent = 'calls'::regclass")
            .one(row -> row.number("count")));
  }

  @Test
  void repeatedInsertAddsNoRow() {
    List<byte[]> records =
        List.of(
            CallEncoder.encode(TestCalls.record("a", NOON)),
            CallEncoder.encode(TestCalls.record("a", NOON)));
    calls.insert(records);
    calls.insert(records);
    assertThat(calls.search(ALL, ANYONE).data()).hasSize(2);
  }

  @Test
  void recordIsReadAsItWasWritten() {
    Instant precise = NOON.plusNanos(123_456_789);
    insert(TestCalls.record("a", precise));
    Call call = calls.find("a", ANYONE);
    assertThat(call.startedAt()).isEqualTo(NOON.plusNanos(123_456_000));
    assertThat(call.tags()).containsOnly(Map.entry("team", "a"));
    assertThat(call.tokens().input()).contains(7L);
    assertThat(call.tokens().cachedInput()).isEmpty();
    assertThat(call.tokens().source()).isEqualTo("reported");
    assertThat(call.durationUs()).isEqualTo(10_000);
    assertThat(call.losses().orElseThrow()).containsExactly("The member x was ignored.");
    assertThat(call.attempts().orElseThrow())
        .containsExactly(
            new Call.Attempt("openai/m", "openai", "m", "success", Optional.empty(), 5_000));
    assertThat(calls.find("provider-a", ANYONE)).isEqualTo(call);
    assertThat(calls.find(call.id().toString(), ANYONE)).isEqualTo(call);
  }

  @Test
  void newestOfSeveralCallsIsFound() {
    insert(
        TestCalls.record("same", NOON),
        TestCalls.record("same", NOON.plus(DAY)),
        TestCalls.record("same", NOON.minus(DAY)));
    assertThat(calls.find("same", ANYONE).startedAt()).isEqualTo(NOON.plus(DAY));
    assertThat(calls.find("provider-same", ANYONE).startedAt()).isEqualTo(NOON.plus(DAY));
  }

  @Test
  void idOfACallPrecedesARepeatedRequestId() {
    insert(TestCalls.record("first", NOON));
    Call first = calls.find("first", ANYONE);
    insert(TestCalls.record(first.id().toString(), NOON.plus(DAY)));
    assertThat(calls.find(first.id().toString(), ANYONE).requestId()).isEqualTo("first");
  }

  @Test
  void unknownIdsAreNotFound() {
    insert(TestCalls.record("a", NOON));
    for (String id : List.of("b", "", "0\0", CallIds.create(NOON).toString(), "\ud800")) {
      assertThatThrownBy(() -> calls.find(id, ANYONE)).isInstanceOf(CallException.NotFound.class);
    }
    Caller other = new Caller(Caller.Kind.KEY, "k2", "", GrantSet.NONE);
    assertThatThrownBy(() -> calls.find("a", Optional.of(other)))
        .isInstanceOf(CallException.NotFound.class);
  }

  @Test
  void pagesContainEachCallOnceOverPartitions() {
    for (int i = 0; i < 25; i++) {
      insert(TestCalls.record("r" + i, NOON.plusSeconds(i * 10_000L)));
    }
    insert(TestCalls.record("same time", NOON), TestCalls.record("same time", NOON));
    List<String> pages = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      CallPage page = calls.search(query(4, next), ANYONE);
      page.data().forEach(it -> pages.add(it.id().toString()));
      next = page.next();
    } while (next.isPresent());
    List<Call> all = calls.search(ALL, ANYONE).data();
    assertThat(pages).hasSize(27).doesNotHaveDuplicates();
    assertThat(pages)
        .containsExactlyElementsOf(all.stream().map(it -> it.id().toString()).toList());
    assertThat(all.getFirst().requestId()).isEqualTo("r24");
  }

  @Test
  void partitionIsCreatedForEachDayByConcurrentReplicas() {
    List<CompletableFuture<Void>> replicas =
        Stream.generate(() -> Calls.of(database, DAY.multipliedBy(3), () -> now))
            .limit(8)
            .map(replica ->
                CompletableFuture.runAsync(() -> {
                  for (int day = 0; day < 5; day++) {
                    replica.insert(
                        List.of(
                            CallEncoder.encode(
                                TestCalls.record("r", NOON.plus(DAY.multipliedBy(day))))));
                  }
                }))
            .toList();
    replicas.forEach(CompletableFuture::join);
    assertThat(partitions()).isEqualTo(5);
    assertThat(calls.search(ALL, ANYONE).data()).hasSize(40);
  }

  @Test
  void partitionsOlderThanTheRetentionAreDropped() {
    for (int day = 0; day < 6; day++) {
      insert(TestCalls.record("day " + day, NOON.plus(DAY.multipliedBy(day))));
    }
    now = NOON.plus(DAY.multipliedBy(5));
    assertThat(calls.dropExpired()).isEqualTo(2);
    assertThat(calls.dropExpired()).isZero();
    assertThat(calls.search(ALL, ANYONE).data())
        .extracting(Call::requestId)
        .containsExactly("day 5", "day 4", "day 3", "day 2");
  }

  @Test
  void droppedPartitionIsCreatedAgain() {
    insert(TestCalls.record("a", NOON));
    database.<Integer>write(
        connection -> new SqlStatement(connection, "DROP TABLE calls_20260301").update());
    insert(TestCalls.record("b", NOON));
    assertThat(calls.search(ALL, ANYONE).data()).extracting(Call::requestId).containsExactly("b");
  }

  @Test
  void invalidRecordIsRejected() {
    byte[] valid = CallEncoder.encode(TestCalls.record("a", NOON));
    for (String invalid :
        List.of(
            "x",
            "{}",
            "{\"started_at\": \"now\"}",
            "{\"started_at\": \"2026-03-01T12:00:00Z\"}",
            new String(valid, StandardCharsets.UTF_8).replace("\"duration_us\":", "\"x\":"),
            new String(valid, StandardCharsets.UTF_8).replace("laptop", "\\u0000"))) {
      assertThatThrownBy(
              () -> calls.insert(List.of(valid, invalid.getBytes(StandardCharsets.UTF_8))))
          .as(invalid)
          .isInstanceOf(RejectedRecordsException.class);
    }
    assertThat(calls.search(ALL, ANYONE).data()).isEmpty();
  }

  @Test
  void textsThatPostgresCannotStoreAreReplaced() {
    insert(TestCalls.record("a\0b\ud800" + "x".repeat(300), NOON));
    assertThat(calls.search(ALL, ANYONE).data().getFirst().requestId())
        .isEqualTo("a\ufffdb\ufffd" + "x".repeat(252));
  }

  @Test
  void statisticsCountCallsAndAttemptsByTarget() {
    Instant recent = NOON.minusSeconds(60);
    Optional<Throwable> failure = Optional.of(new IllegalStateException());
    insert(
        TestCalls.ofRoute(recent, Optional.empty(), TestCalls.success("openai/m")),
        TestCalls.ofRoute(
            recent,
            Optional.empty(),
            TestCalls.attempt("openai/m", "timed_out"),
            TestCalls.success("azure/m")),
        TestCalls.ofRoute(
            recent,
            failure,
            TestCalls.attempt("openai/m", "refused"),
            TestCalls.attempt("openai/m", "refused"),
            TestCalls.attempt("azure/m", "internal_error")),
        TestCalls.ofRoute(
            NOON.minus(Duration.ofHours(2)), Optional.empty(), TestCalls.success("openai/m")),
        TestCalls.ofRoute(NOON.minus(DAY), Optional.empty(), TestCalls.success("openai/m")),
        TestCalls.record("another", recent));

    RouteStatistics statistics = calls.routeStatistics(TestCalls.ROUTE);
    Totals total = statistics.hour().all();
    assertThat(total.calls()).isEqualTo(3);
    assertThat(total.failed()).isOne();
    assertThat(total.moved()).isOne();
    assertThat(total.endedInError()).isOne();
    assertThat(total.errors()).isEqualTo(Map.of("internal_error", 1L));
    assertThat(total.tokens()).isEqualTo(Map.of("input", 21L, "output", 27L));
    assertThat(total.duration().p95Us()).contains(10_000L);
    assertThat(total.firstContent().p50Us()).contains(3_000L);

    assertThat(statistics.hour().targets())
        .extracting(RouteStatistics.TargetTotals::target)
        .containsExactly("azure/m", "openai/m");
    Totals azure = statistics.hour().targets().getFirst().totals();
    assertThat(azure.calls()).isEqualTo(2);
    assertThat(azure.failed()).isOne();
    assertThat(azure.moved()).isZero();
    assertThat(azure.endedInError()).isOne();
    Totals openai = statistics.hour().targets().getLast().totals();
    assertThat(openai.calls()).isEqualTo(3);
    assertThat(openai.failed()).isEqualTo(2);
    assertThat(openai.moved()).isOne();
    assertThat(openai.errors()).isEqualTo(Map.of("refused", 2L, "timed_out", 1L));
    assertThat(openai.tokens()).isEqualTo(Map.of("input", 7L, "output", 9L));
    assertThat(statistics.day().all().calls()).isEqualTo(5);
  }

  @Test
  void statisticsOfUnknownRouteAreEmpty() {
    Totals total = calls.routeStatistics(TestCalls.ROUTE).day().all();
    assertThat(total.calls()).isZero();
    assertThat(total.tokens()).isEmpty();
    assertThat(total.duration().p50Us()).isEmpty();
  }
}
