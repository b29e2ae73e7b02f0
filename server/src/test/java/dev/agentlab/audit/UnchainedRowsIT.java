package dev.agentlab.audit;

import static dev.agentlab.audit.TestTrail.changed;
import static dev.agentlab.audit.TestTrail.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.agentlab.audit.VerificationReport.Defect;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.http.LogCapture;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.testing.Await;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows that are recorded but not chained yet.
class UnchainedRowsIT {
  private static final int CHAINED = 3;

  private final TestTrail trail = new TestTrail().withRows(CHAINED);

  @AfterEach
  void stop() throws Exception {
    trail.chain.stop(Duration.ofSeconds(5));
    trail.stop();
  }

  private Defect firstDefect() {
    VerificationReport report = trail.verify();
    assertThat(report.intact()).isFalse();
    return report.firstBroken().orElseThrow();
  }

  private List<String> names() {
    AuditQuery everything =
        new AuditQuery(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return trail.reader.search(everything, new PageRequest(1, 100)).data().stream()
        .map(AuditEvent::resourceName)
        .toList();
  }

  @Test
  void verificationCountsUnchainedRows() {
    trail.recordUnchained(created("a"));
    trail.recordUnchained(changed("b"));

    VerificationReport report = trail.verify();
    assertThat(report.firstBroken()).isEmpty();
    assertThat(report.rows()).isEqualTo(CHAINED);
    assertThat(report.unchained()).isEqualTo(2);

    trail.chain.chain(true);
    report = trail.verify();
    assertThat(report.intact()).isTrue();
    assertThat(report.rows()).isEqualTo(CHAINED + 2);
    assertThat(report.unchained()).isZero();
  }

  @Test
  void rowsAreChainedInTheBackground() {
    trail.chain.start();
    trail.recordUnchained(changed("a"));

    Await.until("the row is chained", trail::verify, it -> it.rows() == CHAINED + 1);
    assertThat(trail.verify().firstBroken()).isEmpty();
  }

  @Test
  void anotherReplicaChainsTheRowsOfACrashedReplica() {
    // The first replica crashed and does not chain its rows.
    trail.recordUnchained(created("a"));
    trail.recordUnchained(changed("b"));
    AuditChainWorker other = trail.chain();
    other.runOnce();

    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + 2);
    assertThat(names()).startsWith("b", "a");
  }

  @Test
  void listingIncludesCommittedUnchainedRows() {
    trail.recordUnchained(created("a"));
    assertThat(names()).startsWith("a");
  }

  @Test
  void rowsThatCannotBeChainedAreLoggedOnce() {
    AuditChainWorker chain =
        new AuditChainWorker(trail.database, TestTrail.key("the key"), Duration.ZERO);
    chain.runOnce();
    trail.recordUnchained(created("waits"));
    trail.database.write(connection -> {
      try (Statement statement = connection.createStatement();
          LogCapture log = LogCapture.of(AuditChainWorker.class)) {
        statement.execute("SELECT FROM audit_head FOR UPDATE");
        chain.runOnce();
        chain.runOnce();
        assertThat(log.lines()).hasSize(1);
        assertThat(log.lines().getFirst().getLevel()).isEqualTo(Level.ERROR);
      }
      return true;
    });
    assertThat(chain.chain(false)).isTrue();
    assertThat(trail.verify().unchained()).isZero();
  }

  @Test
  void writersDoNotWaitForEachOther() {
    trail.database.write(connection -> {
      trail.trail.record(connection, created("commits last"));
      trail.record(created("commits first"));
      return true;
    });

    // The row committed last has the lower position, and is chained although the other row was
    // chained before its commit.
    assertThat(names()).startsWith("commits last", "commits first");
    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + 2);
  }

  @Test
  void rowsOfSeveralBatchesAreChainedInOrder() {
    int rows = 2 * PostgresUnchainedRows.BATCH_SIZE + 1;
    trail.database.write(connection -> {
      for (int row = 0; row < rows; row++) {
        trail.trail.record(connection, created("row " + row));
      }
      return true;
    });
    trail.chain.chain(false);

    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + rows);
    assertThat(names()).startsWith("row " + (rows - 1), "row " + (rows - 2));
  }

  @Test
  void rowLargerThanABatchIsChained() {
    AuditEntry.Resource resource = new AuditEntry.Resource("thing", "id", "large");
    String text = "{'text': '%s'}".formatted("x".repeat(5 << 20));
    trail.recordUnchained(AuditEntry.created(resource, TestTrail.json(text)));
    trail.recordUnchained(AuditEntry.created(resource, TestTrail.json(text)));
    trail.chain.chain(false);

    assertThat(trail.verify().unchained()).isZero();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + 2);
  }

  @Test
  void stateThatCannotBeStoredFailsItsChange() {
    AuditEntry.Resource resource = new AuditEntry.Resource("thing", "id", "name");
    assertThatThrownBy(() ->
            trail.recordUnchained(
                AuditEntry.created(resource, TestTrail.json("{'text': '\\u0000'}"))))
        .isInstanceOf(DatabaseException.class);
    assertThat(trail.verify().unchained()).isZero();
  }

  static Stream<String> changes() {
    return Stream.of(
        "entry_id = gen_random_uuid()",
        "at = at - interval '1 microsecond'",
        "caller_kind = 'service'",
        "caller_id = 'x'",
        "caller_name = 'x'",
        "address = NULL",
        "request_id = NULL",
        "action = 'thing.created'",
        "kind = 'x'",
        "resource_id = 'x'",
        "resource_name = 'x'",
        "before = NULL",
        "after = before, before = after",
        "after = after || ' '",
        "mac = set_byte(mac, 0, 255 - get_byte(mac, 0))");
  }

  @ParameterizedTest
  @MethodSource("changes")
  void modifiedUnchainedRowIsDetectedAndNotChained(String change) {
    trail.recordUnchained(changed("victim"));
    trail.tamper("UPDATE audit_unchained SET " + change);

    assertThat(firstDefect().seq()).isEqualTo(CHAINED + 1);
    assertThatThrownBy(() -> trail.chain.chain(true))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("unchained row was modified");
    assertThatThrownBy(() -> trail.recordUnchained(created("stays unprotected")))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("the audit trail cannot be continued");
    assertThat(firstDefect().seq()).isEqualTo(CHAINED + 1);
    assertThat(trail.verify().rows()).isEqualTo(CHAINED);
  }

  @Test
  void forgedUnchainedRowIsDetectedAndNotChained() {
    trail.execute(
        """
        INSERT INTO audit_unchained (entry_id, at, caller_kind, caller_id, caller_name, action, kind,
          resource_id, resource_name, mac)
        VALUES (gen_random_uuid(), now(), 'key', 'k1', 'laptop', 'thing.created', 'thing', 'id', 'x', '')
        """);
    assertThat(firstDefect().why())
        .contains("unchained row was modified, or created with another key");
    assertThatThrownBy(() -> trail.chain.chain(true)).isInstanceOf(DatabaseException.class);
  }

  @Test
  void reinsertedChainedRowIsDetectedAndNotChainedAgain() {
    trail.recordUnchained(created("once"));
    trail.execute("CREATE TABLE kept AS SELECT * FROM audit_unchained");
    trail.chain.chain(true);
    trail.execute("INSERT INTO audit_unchained OVERRIDING SYSTEM VALUE SELECT * FROM kept");

    assertThat(firstDefect().why()).contains("inserted again");
    assertThatThrownBy(() -> trail.chain.chain(true))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("inserted again");
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + 1);
  }

  @Test
  void removedUnchainedRowIsDetectedByItsRecorder() {
    trail.recordUnchained(created("stays"));
    trail.recordUnchained(created("victim"));
    try (LogCapture log = LogCapture.of(UnchainedRowTracker.class)) {
      trail.tamper("DELETE FROM audit_unchained WHERE resource_name = 'victim'");
      trail.chain.runOnce();
      trail.chain.runOnce();

      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().getFirst().getLevel()).isEqualTo(Level.ERROR);
    }
    assertThat(trail.verify().firstBroken())
        .contains(new Defect(CHAINED + 2, "rows were removed before they were chained: 1"));
  }

  @Test
  void rolledBackRowIsNotReportedAsRemoved() {
    assertThatThrownBy(() ->
            trail.database.write(connection -> {
              trail.trail.record(connection, created("never"));
              trail.chain.runOnce();
              throw new IllegalStateException("roll back");
            }))
        .isInstanceOf(IllegalStateException.class);
    trail.chain.runOnce();

    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED);
  }

  @Test
  void rowChainedByAnotherReplicaIsNotReportedAsRemoved() {
    trail.recordUnchained(created("a"));
    trail.chain().runOnce();
    trail.chain.runOnce();

    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().head().seq()).isEqualTo(CHAINED + 1L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE audit_unchained SET caller_id = 'x'",
        "DELETE FROM audit_unchained",
        "TRUNCATE audit_unchained"
      })
  void enabledTriggersRejectChangesByTheTableOwner(String sql) {
    trail.recordUnchained(created("a"));
    assertThatThrownBy(() -> trail.execute(sql))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("audit trail");
    assertThat(trail.verify().unchained()).isEqualTo(1);
  }

  @Test
  void trailOfThePreviousReleaseStaysIntactAndContinues() {
    trail.tamper("UPDATE audit SET entry_id = NULL");
    assertThat(trail.verify().firstBroken()).isEmpty();
    trail.record(created("after the update"));

    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + 1);
  }

  @Test
  void concurrentReplicasChainEachRowOnce() throws Exception {
    int replicas = 4;
    for (int row = 0; row < 50; row++) {
      trail.recordUnchained(created("row " + row));
    }
    CountDownLatch ready = new CountDownLatch(replicas);
    try (ExecutorService threads = Executors.newFixedThreadPool(replicas)) {
      List<Future<?>> running =
          Stream.generate(trail::chain)
              .limit(replicas)
              .<Future<?>>map(chain ->
                  threads.submit(() -> {
                    ready.countDown();
                    ready.await();
                    chain.chain(true);
                    return true;
                  }))
              .toList();
      for (Future<?> each : running) {
        each.get();
      }
    }
    assertThat(trail.verify().firstBroken()).isEmpty();
    assertThat(trail.verify().rows()).isEqualTo(CHAINED + 50L);
    assertThat(trail.verify().unchained()).isZero();
  }
}
