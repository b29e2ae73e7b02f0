package dev.agentlab.audit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.agentlab.audit.VerificationReport.Defect;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.http.LogCapture;
import dev.agentlab.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is done to the trail, head and all, and shows only to who remembers what it was.
class AuditHeadMemoryIT {
  private static final int ROWS = 9;

  /// The statements of SECURITY.md that begin a new trail.
  private static final String WIPE =
      """
      TRUNCATE audit;
      UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex'), mac = ''\
      """;

  private final TestTrail trail = new TestTrail().withRows(ROWS);
  private final Path file = trail.folder.resolve("audit.head");

  @AfterEach
  void stop() throws Exception {
    trail.chain.stop(Duration.ofSeconds(5));
    trail.stop();
  }

  private static VerificationReport verify(AuditReader log) {
    return log.verify(Optional.empty(), () -> true);
  }

  /// Of a service that is started over the same folder now.
  private VerificationReport verifyAfterARestart() {
    return verify(trail.reader(trail.chain()));
  }

  private AuditHead head() {
    return trail.verifyWithoutStoredHead().head();
  }

  /// Runs for a while and stops.
  private void remembered() throws Exception {
    trail.chain.start();
    trail.chain.stop(Duration.ofSeconds(30));
    assertThat(file).hasContent("%d:%s".formatted(head().seq(), head().hash().hex()));
  }

  @Test
  void whatWasRecordedIsInAPrivateFileSoonAfter() throws Exception {
    trail.chain.start();
    trail.record(TestTrail.created("one more"));
    String expected = "%d:%s\n".formatted(ROWS + 1, head().hash().hex());

    Await.value(expected, () -> Files.exists(file) ? Files.readString(file) : "");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(trail.verify().intact()).isTrue();
  }

  @Test
  void emptiedTrailIsBrokenForTheServiceThatWroteItAndAfterItsRestart() throws Exception {
    remembered();
    trail.tamper(WIPE);

    Defect missing = new Defect(1, "the row is missing: the trail continued to 9");
    assertThat(trail.verify().firstBroken()).contains(missing);
    assertThat(verifyAfterARestart().firstBroken()).contains(missing);
    assertThat(trail.verifyWithoutStoredHead().intact()).isTrue();
  }

  @Test
  void recordingGoesOnAfterAnEmptiedTrailAndTheLogSaysWhatIsMissing() throws Exception {
    remembered();
    trail.tamper(WIPE);
    trail.record(TestTrail.created("goes on"));
    try (LogCapture log = LogCapture.of(AuditHeadMemory.class)) {
      trail.memory.look();
      trail.memory.look();

      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().getFirst().getLevel()).isEqualTo(Level.ERROR);
      assertThat(log.lines().getFirst().getFormattedMessage())
          .contains("ends with row 1", "row 9", "audit.head");
    }
    assertThat(trail.verify().firstBroken())
        .contains(new Defect(2, "the row is missing: the trail continued to 9"));
  }

  @Test
  void anotherTrailInItsPlaceStaysBrokenHoweverLongItGrows() throws Exception {
    remembered();
    trail.tamper(WIPE);
    trail.withRows(ROWS + 3);
    trail.memory.look();

    Defect other = new Defect(ROWS, "the row differs from the stored head");
    assertThat(trail.verify().firstBroken()).contains(other);
    assertThat(verifyAfterARestart().firstBroken()).contains(other);
  }

  @Test
  void anotherTrailIsNotRememberedForHoldingTheRow() throws Exception {
    trail.execute("CREATE TABLE kept AS SELECT * FROM audit WHERE seq = 9");
    remembered();
    AuditHead known = trail.memory.head().orElseThrow();
    trail.tamper(WIPE);
    trail.withRows(ROWS + 3);
    trail.tamper("DELETE FROM audit WHERE seq = 9; INSERT INTO audit SELECT * FROM kept");
    trail.memory.look();

    assertThat(trail.memory.head()).contains(known);
  }

  @Test
  void olderStatePutBackIsBroken() throws Exception {
    trail.execute("CREATE TABLE older AS SELECT * FROM audit_head");
    trail.withRows(3);
    remembered();
    trail.tamper(
        """
        DELETE FROM audit WHERE seq > 9;
        UPDATE audit_head SET seq = older.seq, hash = older.hash, mac = older.mac FROM older
        """);

    assertThat(trail.verifyWithoutStoredHead().intact()).isTrue();
    assertThat(trail.verify().firstBroken())
        .contains(new Defect(10, "the row is missing: the trail continued to 12"));
  }

  @Test
  void whatWasVerifiedIsRemembered() {
    assertThat(trail.verify().intact()).isTrue();
    trail.tamper(WIPE);

    assertThat(trail.verify().intact()).isFalse();
  }

  @Test
  void whatWasRolledBackIsNotMissed() {
    trail.memory.look();
    try {
      trail.database.write(connection -> {
        trail.trail.record(connection, TestTrail.created("one"));
        trail.trail.record(connection, TestTrail.created("other"));
        trail.chain.runOnce();
        throw new DatabaseException("not to be committed", null);
      });
    } catch (DatabaseException _) {
      // As it was to be.
    }
    trail.withRows(3);
    trail.memory.look();

    assertThat(trail.verify().intact()).isTrue();
    assertThat(trail.memory.head().map(AuditHead::seq)).contains(ROWS + 3L);
  }

  @Test
  void replicasRememberARowEach() {
    AuditChain other = trail.chain();
    other.memory().look();
    trail.withRows(2);
    trail.memory.look();

    assertThat(verify(trail.reader(other)).intact()).isTrue();
    assertThat(trail.verify().intact()).isTrue();
  }

  @Test
  void whoDeletesTheFileOfAStoppedServiceHasItForget() throws Exception {
    remembered();
    trail.tamper(WIPE);
    Files.delete(file);

    assertThat(verifyAfterARestart().intact()).isTrue();
  }

  @Test
  void withoutAFolderToWriteToItWarnsOnceAndGoesOn() throws Exception {
    Files.createDirectories(trail.folder.getParent());
    Files.createFile(trail.folder);
    try (LogCapture log = LogCapture.of(AuditHeadFile.class)) {
      AuditHeadFile unwritable = new AuditHeadFile(file);
      unwritable.keep(head());
      unwritable.keep(AuditHead.START);
      remembersWithoutAFile();

      List<Level> levels = log.lines().stream().map(line -> line.getLevel()).toList();
      assertThat(levels).containsOnlyOnce(Level.WARN);
    }
  }

  private void remembersWithoutAFile() {
    trail.memory.look();
    trail.tamper(WIPE);
    assertThat(trail.verify().intact()).isFalse();
  }

  @Test
  void whatIsNoHeadIsReplaced() throws Exception {
    Files.createDirectories(trail.folder);
    Files.writeString(file, "9:garbage\n");

    remembered();
    assertThat(trail.verify().intact()).isTrue();
  }
}
