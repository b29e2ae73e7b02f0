package dev.agentlab.audit;

import static dev.agentlab.audit.TestTrail.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.json.Json;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class AuditTrailIT {
  private static final AuditQuery EVERYTHING = query("", "", "", "");

  private final TestTrail trail = new TestTrail();

  @AfterEach
  void stop() throws Exception {
    trail.stop();
  }

  private static AuditQuery query(String action, String kind, String resource, String caller) {
    return new AuditQuery(
        optional(action),
        optional(kind),
        optional(resource),
        optional(caller),
        Optional.empty(),
        Optional.empty());
  }

  private static Optional<String> optional(String text) {
    return Optional.of(text).filter(it -> !it.isEmpty());
  }

  private static PageRequest page(long page, long size) {
    return new PageRequest(page, size);
  }

  private List<Long> findSeqs(AuditQuery query) {
    return seqs(trail.reader.search(query, page(1, 100)));
  }

  private static List<Long> seqs(Page<AuditEvent> page) {
    return page.data().stream().map(AuditEvent::seq).toList();
  }

  @Test
  void concurrentVerificationIsRejected() {
    trail.withRows(1);
    AtomicInteger refused = new AtomicInteger();
    VerificationReport report =
        trail.reader.verify(
            Optional.empty(),
            () -> {
              assertThatExceptionOfType(UnavailableException.class)
                  .isThrownBy(trail::verify)
                  .withMessageContaining("already running");
              refused.incrementAndGet();
              return true;
            });
    assertThat(report.intact()).isTrue();
    assertThat(refused).hasValue(1);
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> trail.reader.verify(Optional.empty(), () -> false))
        .withMessageContaining("client disconnected");
    assertThat(trail.verify().intact()).isTrue();
  }

  @Test
  void emptyTrailIsIntactWithHeadZero() {
    VerificationReport report = trail.verify();
    assertThat(report.intact()).isTrue();
    assertThat(report.rows()).isZero();
    assertThat(report.head()).isEqualTo(AuditHead.START);
    assertThat(trail.verify(AuditHead.START).intact()).isTrue();
    assertThat(trail.reader.search(EVERYTHING, page(1, 0)).total()).isZero();
  }

  @Test
  void eventContainsCallerActionResourceAndAddress() {
    Instant before = Instant.now().minusSeconds(60);
    trail.record(TestTrail.changed("it"));

    AuditEvent event = trail.reader.search(EVERYTHING, page(1, 0)).data().getFirst();
    assertThat(event.seq()).isEqualTo(1);
    assertThat(event.at()).isBetween(before, Instant.now().plusSeconds(60));
    assertThat(event.callerKind()).isEqualTo("key");
    assertThat(event.callerId()).isEqualTo("k1");
    assertThat(event.callerName()).isEqualTo("laptop");
    assertThat(event.address()).contains("192.0.2.7");
    assertThat(event.requestId()).contains("request-1");
    assertThat(event.action()).isEqualTo("thing.changed");
    assertThat(event.kind()).isEqualTo("thing");
    assertThat(event.resourceId()).isEqualTo("id of it");
    assertThat(event.resourceName()).isEqualTo("it");
    assertThat(Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(event)).at("/after/z"))
        .hasToString("1.10");
    assertThat(event.previousHash()).isEqualTo(AuditHead.START.hash());
    assertThat(event.hash()).isEqualTo(trail.verify().head().hash());
  }

  @Test
  void eventOfTheServiceHasNoRequest() {
    trail.database.write(connection -> {
      trail.trail.record(
          connection, AuditEntry.done("rotated", new AuditEntry.Resource("secrets", "-", "")));
      return true;
    });
    AuditEvent event = trail.reader.search(EVERYTHING, page(1, 0)).data().getFirst();
    assertThat(event.callerKind()).isEqualTo("service");
    assertThat(event.address()).isEmpty();
    assertThat(event.requestId()).isEmpty();
    assertThat(event.before()).isEmpty();
    assertThat(event.after()).isEmpty();
    assertThat(trail.verify().intact()).isTrue();
  }

  @Test
  void transactionCanRecordSeveralChanges() {
    trail.database.write(connection -> {
      trail.trail.record(connection, created("a"));
      trail.trail.record(connection, created("b"));
      return true;
    });
    assertThat(findSeqs(EVERYTHING)).containsExactly(2L, 1L);
    assertThat(trail.verify().intact()).isTrue();
  }

  @Test
  void rolledBackChangeLeavesNeitherRowNorGap() {
    trail.withRows(2);
    assertThatThrownBy(() ->
            trail.database.write(connection -> {
              trail.trail.record(connection, created("never"));
              throw new IllegalStateException("roll back");
            }))
        .isInstanceOf(IllegalStateException.class);
    trail.record(created("next"));

    assertThat(findSeqs(EVERYTHING)).containsExactly(3L, 2L, 1L);
    assertThat(trail.verify().intact()).isTrue();
  }

  @Test
  void concurrentWritersAndReplicasCreateOneChainWithoutGaps() throws Exception {
    int writers = 8;
    int each = 40;
    AtomicInteger verified = new AtomicInteger();
    AuditChainWorker other = trail.chain();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers + 3)) {
      List<Future<?>> running = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        String name = "w%d-".formatted(writer);
        running.add(
            threads.submit(() -> {
              for (int i = 0; i < each; i++) {
                trail.recordUnchained(i % 3 == 0 ? TestTrail.changed(name + i) : created(name + i));
              }
            }));
      }
      BooleanSupplier isRunning = () -> running.stream().anyMatch(it -> !it.isDone());
      List<Future<?>> others =
          List.of(
              threads.submit(() -> {
                while (isRunning.getAsBoolean()) {
                  assertThat(trail.verify().firstBroken()).isEmpty();
                  verified.incrementAndGet();
                }
              }),
              threads.submit(() -> runUntilFinished(trail.chain, isRunning)),
              threads.submit(() -> runUntilFinished(other, isRunning)));
      for (Future<?> writer : running) {
        writer.get();
      }
      for (Future<?> reader : others) {
        reader.get();
      }
    }
    other.runOnce();
    VerificationReport report = trail.verify();
    assertThat(report.firstBroken()).isEmpty();
    assertThat(report.rows()).isEqualTo((long) writers * each);
    assertThat(verified).hasPositiveValue();
    // The changes of each writer keep their order.
    for (int writer = 0; writer < writers; writer++) {
      String prefix = "w%d-".formatted(writer);
      assertThat(
              trail.reader.search(query("", "thing", "", ""), page(1, 100)).data().stream()
                  .map(AuditEvent::resourceName)
                  .filter(name -> name.startsWith(prefix))
                  .map(name -> Integer.valueOf(name.substring(prefix.length()))))
          .isSortedAccordingTo(Comparator.reverseOrder());
    }
  }

  private static void runUntilFinished(AuditChainWorker chain, BooleanSupplier isRunning) {
    while (isRunning.getAsBoolean()) {
      chain.runOnce();
    }
  }

  @Test
  void heldChainLockDelaysNeitherWritersNorReaders() {
    trail.withRows(1);
    trail.database.write(connection -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT FROM audit_head FOR UPDATE");
      }
      trail.recordUnchained(created("waits to be chained"));
      trail.chain.chain(false);
      assertThat(trail.verify().rows()).isEqualTo(1);
      assertThat(trail.verify().unchained()).isEqualTo(1);
      assertThat(findSeqs(EVERYTHING)).containsExactly(1L);
      return true;
    });
    assertThat(findSeqs(EVERYTHING)).containsExactly(2L, 1L);
    assertThat(trail.verify().unchained()).isZero();
  }

  @Test
  void defectBeyondTheFirstBatchIsDetected() {
    trail.withRows(140);
    trail.tamper("DELETE FROM audit WHERE seq = 129");
    assertThat(trail.verify().firstBroken().orElseThrow().seq()).isEqualTo(129);
  }

  @Test
  void anotherKeyVerifiesNoRowAndRecordsNothing() {
    trail.withRows(3);
    KeyedHash other = TestTrail.key("another key");
    VerificationReport report =
        new AuditReader(trail.database, other, new PageLimits(20, 100), trail.chain)
            .verify(Optional.empty(), () -> true);
    assertThat(report.firstBroken().orElseThrow().seq()).isEqualTo(1);
    AuditChainWorker chain = new AuditChainWorker(trail.database, other);
    Database.Work<Boolean> recording =
        connection -> {
          AuditTrail.of(other, chain).record(connection, created("x"));
          return true;
        };
    trail.database.write(recording);
    for (Runnable continuation :
        List.<Runnable>of(() -> chain.chain(true), () -> trail.database.write(recording))) {
      assertThatThrownBy(continuation::run)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("another key");
    }
  }

  @Test
  void verificationEndsWhenItIsNoLongerWanted() {
    trail.withRows(1);
    assertThatThrownBy(() -> trail.reader.verify(Optional.empty(), () -> false))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void filtersApplyAloneAndCombined() {
    trail.withRows(4);
    new Actor(
            new Caller(Caller.Kind.TOKEN, "sub", "user", GrantSet.NONE),
            Optional.empty(),
            Optional.empty())
        .call(() ->
            trail.database.write(connection -> {
              trail.trail.record(
                  connection,
                  AuditEntry.done(
                      "rotated", new AuditEntry.Resource("secrets", "id of t4", "secrets")));
              return true;
            }));

    assertThat(findSeqs(query("thing.created", "", "", ""))).containsExactly(4L, 2L);
    assertThat(findSeqs(query("thing.create", "", "", ""))).isEmpty();
    assertThat(findSeqs(query("", "secrets", "", ""))).containsExactly(5L);
    assertThat(findSeqs(query("", "", "id of t4", ""))).containsExactly(5L, 4L);
    assertThat(findSeqs(query("", "", "", "sub"))).containsExactly(5L);
    assertThat(findSeqs(query("", "thing", "id of t4", "k1"))).containsExactly(4L);
    assertThat(findSeqs(query("", "thing", "id of t4", "sub"))).isEmpty();
  }

  @Test
  void timeFilterIncludesFromAndExcludesTo() {
    trail.withRows(3);
    Instant second = trail.reader.search(EVERYTHING, page(1, 0)).data().get(1).at();
    Optional<String> any = Optional.empty();
    assertThat(findSeqs(new AuditQuery(any, any, any, any, Optional.of(second), Optional.empty())))
        .containsExactly(3L, 2L);
    assertThat(findSeqs(new AuditQuery(any, any, any, any, Optional.empty(), Optional.of(second))))
        .containsExactly(1L);
    assertThat(
            findSeqs(
                new AuditQuery(
                    any,
                    any,
                    any,
                    any,
                    Optional.of(second.minus(Duration.ofDays(1))),
                    Optional.of(second))))
        .containsExactly(1L);
  }

  @Test
  void pagesContainEveryRowOnceFilteredOrNot() {
    trail.withRows(7);
    for (AuditQuery query : List.of(EVERYTHING, query("", "thing", "", ""))) {
      Page<AuditEvent> second = trail.reader.search(query, page(2, 3));
      assertThat(seqs(second)).containsExactly(4L, 3L, 2L);
      assertThat(second.total()).isEqualTo(7);
      assertThat(second.totalPages()).isEqualTo(3);
      assertThat(seqs(trail.reader.search(query, page(3, 3)))).containsExactly(1L);
      assertThat(seqs(trail.reader.search(query, page(4, 3)))).isEmpty();
      assertThat(seqs(trail.reader.search(query, page(Long.MAX_VALUE, 100)))).isEmpty();
      assertThat(seqs(trail.reader.search(query, page(-1, 1000)))).hasSize(7);
    }
  }

  @Test
  void secretHashChangesOnlyWithTheSecret() {
    trail.record(withToken("token-1234567890"));
    trail.record(withToken("token-1234567890"));
    trail.record(withToken("token-1234567891"));

    List<String> tokens =
        trail.reader.search(EVERYTHING, page(1, 0)).data().stream()
            .map(event -> event.after().orElseThrow().json())
            .toList();
    assertThat(tokens.get(1)).isEqualTo(tokens.get(2)).isNotEqualTo(tokens.get(0));
    assertThat(tokens)
        .allSatisfy(
            it -> assertThat(it).contains("\"set\": true", "\"hash\": ").doesNotContain("7890"));
  }

  @Test
  void stateDeeperThanTheApiAcceptsIsRecordedAndReturned() {
    ResourceState state =
        hash -> {
          JsonNode deep = hash.apply(Secret.of("token-1234567890"));
          for (int depth = 0; depth < 300; depth++) {
            deep = JsonNodeFactory.instance.arrayNode().add(deep);
          }
          return deep;
        };
    trail.record(AuditEntry.created(new AuditEntry.Resource("thing", "id", "name"), state));

    assertThat(Json.MAPPER.writeValueAsString(trail.reader.search(EVERYTHING, page(1, 0))))
        .contains("[".repeat(300) + "{\"set\": true", "]".repeat(300));
    assertThat(trail.verify().intact()).isTrue();
  }

  private static AuditEntry withToken(String token) {
    return AuditEntry.created(
        new AuditEntry.Resource("thing", "id", "name"),
        hash -> JsonNodeFactory.instance.objectNode().set("token", hash.apply(Secret.of(token))));
  }
}
