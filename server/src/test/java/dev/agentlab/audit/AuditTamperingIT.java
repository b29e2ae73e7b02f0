package dev.agentlab.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.audit.VerificationReport.Defect;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.http.LogCapture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Modifies the audit trail as the owner of the database can with triggers disabled.
class AuditTamperingIT {
  private static final int ROWS = 9;
  private static final int TARGET_SEQ = 5;

  private final TestTrail trail = new TestTrail().withRows(ROWS);

  @AfterEach
  void stop() throws Exception {
    trail.stop();
  }

  private Defect firstDefect() {
    VerificationReport report = trail.verify();
    assertThat(report.intact()).isFalse();
    return report.firstBroken().orElseThrow();
  }

  private Defect unexpected(AuditHead noted) {
    VerificationReport report = trail.verify(noted);
    assertThat(report.intact()).isFalse();
    assertThat(report.firstBroken()).isEmpty();
    return report.unexpected().orElseThrow();
  }

  @Test
  void unmodifiedTrailIsIntact() {
    VerificationReport report = trail.verify();

    assertThat(report.intact()).isTrue();
    assertThat(report.firstBroken()).isEmpty();
    assertThat(report.rows()).isEqualTo(ROWS);
    assertThat(report.head().seq()).isEqualTo(ROWS);
    assertThat(trail.verify(report.head()).intact()).isTrue();
  }

  static Stream<String> changes() {
    Stream<String> texts =
        Stream.of(
                "caller_kind",
                "caller_id",
                "caller_name",
                "address",
                "request_id",
                "action",
                "kind",
                "resource_id",
                "resource_name")
            .flatMap(column -> Stream.of(column + " = ''", column + " = " + column + " || 'x'"));
    return Stream.concat(
        texts,
        Stream.of(
            "seq = 500",
            "seq = 9000000000000000000",
            "at = at + interval '1 microsecond'",
            "at = 'infinity'",
            "address = NULL",
            "request_id = NULL",
            "address = request_id, request_id = address",
            "before = NULL",
            "after = 'null'",
            "before = after, after = before",
            "before = jsonb_set(before, '{z}', '1.00')",
            "after = jsonb_set(after, '{z}', '1.2')",
            "previous_hash = set_byte(previous_hash, 31, 255 - get_byte(previous_hash, 31))",
            "previous_hash = ''",
            "hash = set_byte(hash, 0, 255 - get_byte(hash, 0))",
            "hash = previous_hash"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void changeOfAnyColumnIsDetectedInItsRow(String change) {
    trail.tamper("UPDATE audit SET %s WHERE seq = %d".formatted(change, TARGET_SEQ));
    assertThat(firstDefect().seq()).isEqualTo(TARGET_SEQ);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, TARGET_SEQ, ROWS})
  void modifiedRowIsDetectedAtAnyPosition(int seq) {
    trail.tamper("UPDATE audit SET caller_id = 'someone else' WHERE seq = " + seq);

    VerificationReport report = trail.verify();
    assertThat(report.firstBroken())
        .contains(new Defect(seq, "the hash does not match the content of the row"));
    assertThat(report.rows()).isEqualTo(seq - 1);
    assertThat(report.head().seq()).isEqualTo(seq - 1);
  }

  @Test
  void missingRowInTheMiddleIsDetected() {
    trail.tamper("DELETE FROM audit WHERE seq = " + TARGET_SEQ);
    assertThat(firstDefect()).isEqualTo(new Defect(TARGET_SEQ, "the row is missing"));
  }

  @Test
  void closedGapIsDetected() {
    trail.tamper(
        """
        DELETE FROM audit WHERE seq = 5;
        UPDATE audit SET seq = seq - 1000 WHERE seq > 5;
        UPDATE audit SET seq = seq + 999 WHERE seq < 0;
        UPDATE audit_head SET seq = 8
        """
            .replace("UPDATE audit SET seq = seq - 1000", dropSeqCheck()));
    assertThat(firstDefect().seq()).isEqualTo(TARGET_SEQ);
  }

  private static String dropSeqCheck() {
    return "ALTER TABLE audit DROP CONSTRAINT audit_seq_check;\nUPDATE audit SET seq = seq - 1000";
  }

  @Test
  void truncatedTrailIsDetected() {
    trail.tamper("DELETE FROM audit WHERE seq > 6");
    assertThat(firstDefect()).isEqualTo(new Defect(7, "the row is missing"));
  }

  @Test
  void truncatedTrailWithAMatchingHeadIsDetected() {
    trail.tamper(
        """
        DELETE FROM audit WHERE seq > 6;
        UPDATE audit_head SET seq = 6, hash = (SELECT hash FROM audit WHERE seq = 6)
        """);
    assertThat(firstDefect().seq()).isEqualTo(7);
    assertThatThrownBy(() -> trail.record(TestTrail.created("hides it")))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("audit trail");
    assertThat(firstDefect().seq()).isEqualTo(7);
  }

  @Test
  void truncatedTrailWithAnOlderHeadIsDetectedByTheExpectedHead() {
    trail.execute("CREATE TABLE older AS SELECT * FROM audit_head");
    trail.withRows(3);
    AuditHead stored = trail.verify().head();
    trail.tamper(
        """
        DELETE FROM audit WHERE seq > 9;
        UPDATE audit_head SET seq = older.seq, hash = older.hash, mac = older.mac FROM older
        """);

    assertThat(trail.verify().intact()).isTrue();
    assertThat(unexpected(stored).seq()).isEqualTo(12);
    assertThat(unexpected(stored).why())
        .startsWith("there is no such row, the trail ends at row 9");
  }

  @Test
  void emptiedTrailIsDetectedByTheExpectedHead() {
    AuditHead stored = trail.verify().head();
    trail.tamper(
        """
        DELETE FROM audit;
        UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex'), mac = ''
        """);
    assertThat(unexpected(stored).seq()).isEqualTo(ROWS);
  }

  @Test
  void replacedTrailIsDetectedByTheExpectedHead() {
    AuditHead stored = trail.verify().head();
    trail.tamper(
        """
        DELETE FROM audit;
        UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex'), mac = ''
        """);
    trail.withRows(ROWS + 1);

    assertThat(trail.verify().intact()).isTrue();
    assertThat(unexpected(stored).seq()).isEqualTo(ROWS);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, TARGET_SEQ, ROWS, ROWS + 1, Long.MAX_VALUE})
  void forgedExpectedHeadIsReportedButNotLogged(long seq) {
    try (LogCapture log = LogCapture.of(AuditReader.class)) {
      VerificationReport report = trail.verify(new AuditHead(seq, new AuditHash("ab".repeat(32))));

      assertThat(report.intact()).isFalse();
      assertThat(report.firstBroken()).isEmpty();
      assertThat(report.rows()).isEqualTo(ROWS);
      assertThat(report.unexpected().orElseThrow().seq()).isEqualTo(seq);
      assertThat(report.unexpected().orElseThrow().why())
          .contains("the expected head is of another trail or mistyped");
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void forgedExpectedHeadDoesNotSuppressTheErrorLog() {
    trail.tamper("UPDATE audit SET caller_id = 'x' WHERE seq = 7");
    try (LogCapture log = LogCapture.of(AuditReader.class)) {
      VerificationReport report =
          trail.verify(new AuditHead(TARGET_SEQ, new AuditHash("ab".repeat(32))));

      assertThat(report.firstBroken().orElseThrow().seq()).isEqualTo(7);
      assertThat(report.unexpected().orElseThrow().seq()).isEqualTo(TARGET_SEQ);
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().getFirst().getFormattedMessage()).contains("row 7");
    }
  }

  @Test
  void swappedRowsAreDetected() {
    trail.tamper(
        """
        UPDATE audit SET seq = 100 WHERE seq = 3;
        UPDATE audit SET seq = 3 WHERE seq = 7;
        UPDATE audit SET seq = 7 WHERE seq = 100
        """);
    assertThat(firstDefect().seq()).isEqualTo(3);
  }

  @Test
  void copiedRowAtTheEndIsDetected() {
    trail.tamper(
        """
        INSERT INTO audit SELECT 10, at, caller_kind, caller_id, caller_name, address, request_id,
          action, kind, resource_id, resource_name, before, after,
          (SELECT hash FROM audit WHERE seq = 9), hash FROM audit WHERE seq = 4
        """);
    assertThat(firstDefect().seq()).isEqualTo(10);
    assertThatThrownBy(() -> trail.record(TestTrail.created("has the same seq")))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("audit trail");
  }

  @Test
  void insertedRowInTheMiddleIsDetected() {
    trail.tamper(
        """
        UPDATE audit SET seq = seq + 1000 WHERE seq > 4;
        UPDATE audit SET seq = seq - 999 WHERE seq > 1000;
        INSERT INTO audit SELECT 5, at, caller_kind, caller_id, caller_name, address, request_id,
          action, kind, resource_id, resource_name, before, after, hash, hash
          FROM audit WHERE seq = 4
        """);
    assertThat(firstDefect().seq()).isEqualTo(5);
  }

  @Test
  void rowBeforeTheFirstIsDetected() {
    trail.tamper(
        """
        ALTER TABLE audit DROP CONSTRAINT audit_seq_check;
        INSERT INTO audit SELECT -7000000000, at, caller_kind, caller_id, caller_name, address,
          request_id, action, kind, resource_id, resource_name, before, after, previous_hash, hash
          FROM audit WHERE seq = 1
        """);
    assertThat(firstDefect().seq()).isEqualTo(-7_000_000_000L);
  }

  @Test
  void duplicateRowIsDetected() {
    trail.tamper(
        """
        ALTER TABLE audit DROP CONSTRAINT audit_pkey;
        DROP INDEX idx_audit_entry_id;
        INSERT INTO audit SELECT * FROM audit WHERE seq = 4
        """);
    assertThat(firstDefect().seq()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 8",
        "UPDATE audit_head SET seq = 10",
        "UPDATE audit_head SET hash = mac",
        "UPDATE audit_head SET mac = hash",
        "UPDATE audit_head SET mac = ''",
        "UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex'), mac = ''"
      })
  void modifiedHeadIsDetectedAndStopsRecording(String sql) {
    trail.tamper(sql);
    assertThat(firstDefect().seq()).isBetween(1L, 10L);
    assertThatThrownBy(() -> trail.record(TestTrail.created("goes on")))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("audit trail");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE audit SET caller_id = 'x' WHERE seq = 1",
        "UPDATE audit SET caller_id = 'x' WHERE false",
        "DELETE FROM audit WHERE seq = 1",
        "TRUNCATE audit",
        "INSERT INTO audit SELECT * FROM audit ON CONFLICT (seq) DO UPDATE SET caller_id = 'x'",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE audit_head SET seq = 8",
        "UPDATE audit_head SET hash = ''",
        "INSERT INTO audit_head (seq, hash, mac) VALUES (1, '', '')"
      })
  void enabledTriggersRejectChangesByTheTableOwner(String sql) {
    assertThatThrownBy(() -> trail.execute(sql))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("audit trail");
    assertThat(trail.verify().intact()).isTrue();
  }
}
