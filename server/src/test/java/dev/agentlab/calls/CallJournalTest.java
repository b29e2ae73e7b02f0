package dev.agentlab.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.testing.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The journal and its sender on real files, with a database in memory.
class CallJournalTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long ROOM = 1 << 20;

  @TempDir private Path folder;

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<String> inserted = new ArrayList<>();
  private final List<CallJournal> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (CallJournal journal : opened) {
      journal.close(SECOND);
    }
  }

  private CallJournal open(long maxBytes, long segmentBytes) throws IOException {
    CallJournal journal =
        new CallJournal(folder, maxBytes, segmentBytes, new SimpleMeterRegistry());
    journal.open();
    opened.add(journal);
    return journal;
  }

  /// Ends a journal as a kill does, and opens it again.
  private CallJournal reopen() throws Exception {
    for (CallJournal journal : opened) {
      List<byte[]> files = new ArrayList<>();
      List<Path> paths = files();
      for (Path path : paths) {
        files.add(Files.readAllBytes(path));
      }
      journal.close(SECOND);
      for (int i = 0; i < paths.size(); i++) {
        Files.write(paths.get(i), files.get(i));
      }
    }
    opened.clear();
    return open(ROOM, ROOM);
  }

  private List<Path> files() throws IOException {
    return files("1");
  }

  private List<Path> files(String process) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(process))) {
      return files.filter(it -> JournalSegment.numberOf(it).isPresent()).sorted().toList();
    }
  }

  private static void append(CallJournal journal, String... records) {
    for (String record : records) {
      journal.append(record.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void send(CallJournal journal) {
    send(sender(journal));
  }

  private static void send(JournalSender sender) {
    while (sender.trySend()) {
      // Until nothing is left.
    }
  }

  private JournalSender sender(CallJournal journal) {
    return new JournalSender(
        journal,
        records -> records.forEach(it -> inserted.add(new String(it, StandardCharsets.UTF_8))),
        metrics);
  }

  @Test
  void recordsAreSentInOrderOverSegments() throws Exception {
    CallJournal journal = open(ROOM, 100);
    String[] records =
        IntStream.range(0, 50).mapToObj("record %d"::formatted).toArray(String[]::new);
    append(journal, records);
    assertThat(files()).hasSizeGreaterThan(5);

    send(journal);
    assertThat(inserted).containsExactly(records);
    assertThat(files()).as("sent segments are deleted").hasSize(1);
  }

  @Test
  void sentRecordsLeaveNoFileAfterClose() throws Exception {
    CallJournal journal = open(ROOM, ROOM);
    append(journal, "a", "b");
    send(journal);
    journal.close(SECOND);
    assertThat(files()).isEmpty();
  }

  @Test
  void recordsOfKilledProcessAreSentByTheNext() throws Exception {
    append(open(ROOM, ROOM), "a", "b");
    CallJournal next = reopen();
    append(next, "c");
    send(next);
    assertThat(inserted).containsExactly("a", "b", "c");
  }

  @Test
  void sentRecordsAreSentAgainAfterAKill() throws Exception {
    CallJournal first = open(ROOM, ROOM);
    append(first, "a", "b");
    send(first);
    send(reopen());
    assertThat(inserted).containsExactly("a", "b", "a", "b");
  }

  @Test
  void tornFrameAtTheEndIsDropped() throws Exception {
    append(open(ROOM, ROOM), "first", "second");
    Path segment = files().getFirst();
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.setLength(file.length() - 2);
    }
    CallJournal next = reopen();
    send(next);
    assertThat(inserted).containsExactly("first");
    assertThat(files()).isEmpty();
    assertThat(damagedSegments()).isZero();
  }

  @Test
  void zerosAtTheEndAreDropped() throws Exception {
    append(open(ROOM, ROOM), "first");
    try (OutputStream end = Files.newOutputStream(files().getFirst(), StandardOpenOption.APPEND)) {
      end.write(new byte[5_000]);
    }
    send(reopen());
    assertThat(inserted).containsExactly("first");
    assertThat(damagedSegments()).isZero();
  }

  @Test
  void damagedFrameSkipsToTheNextSegment() throws Exception {
    CallJournal journal = open(ROOM, 40);
    append(journal, "record 1", "record 2", "record 3", "record 4", "record 5");
    Path segment = files().getFirst();
    byte[] bytes = Files.readAllBytes(segment);
    bytes[JournalFrame.HEADER_BYTES + 8 + JournalFrame.HEADER_BYTES + 3] ^= 1;
    Files.write(segment, bytes);

    send(journal);
    assertThat(inserted).contains("record 1", "record 5").doesNotContain("record 2", "record 3");
    assertThat(damagedSegments()).isOne();
    assertThat(segment.resolveSibling(segment.getFileName() + ".damaged")).hasBinaryContent(bytes);
  }

  private double damagedSegments() {
    return metrics.counter("agentlab.calls.damaged.segments").count();
  }

  @Test
  void rejectedRecordIsKeptAndOthersAreInserted() throws Exception {
    CallJournal journal = open(ROOM, ROOM);
    append(journal, "a", "b", "bad", "c");
    JournalSender sender =
        new JournalSender(
            journal,
            records -> {
              List<String> texts =
                  records.stream().map(it -> new String(it, StandardCharsets.UTF_8)).toList();
              if (texts.contains("bad")) {
                throw new RejectedRecordsException(new IllegalArgumentException("bad"));
              }
              inserted.addAll(texts);
            },
            metrics);
    sender.trySend();
    assertThat(inserted).containsExactly("a", "b", "c");
    assertThat(journal.rejectedFile()).hasContent("bad");
    assertThat(metrics.counter("agentlab.calls.rejected").count()).isOne();
  }

  @Test
  void failedInsertIsRepeatedWithoutLoss() throws Exception {
    CallJournal journal = open(ROOM, ROOM);
    append(journal, "a");
    JournalSender unavailable =
        new JournalSender(
            journal,
            _ -> {
              throw new UnavailableException("the database is unavailable", SECOND);
            },
            metrics);
    assertThat(unavailable.trySend()).isFalse();
    append(journal, "b");
    send(journal);
    assertThat(inserted).containsExactly("a", "b");
  }

  @Test
  void fullJournalRejectsCallsUntilItIsSent() throws Exception {
    CallJournal journal = open(200, 100);
    for (int i = 0; i < 30; i++) {
      append(journal, "record " + i);
    }
    assertThatThrownBy(journal::requireRoom)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("full");
    send(journal);
    assertThatCode(journal::requireRoom).doesNotThrowAnyException();
    assertThat(inserted).hasSize(30);
  }

  @Test
  void journalThatIsNotOpenRejectsCalls() {
    CallJournal journal = new CallJournal(folder, ROOM, metrics);
    assertThatThrownBy(journal::requireRoom).isInstanceOf(UnavailableException.class);
  }

  @Test
  void fullDiskRejectsCallsAndLosesNoRecord() throws Exception {
    assumeTrue(
        TestServers.run(
            "mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", folder.toString()));
    try {
      CallJournal journal = open(ROOM, 16 << 10);
      JournalSender sender = sender(journal);
      int count = 0;
      while (!isRejecting(journal)) {
        append(journal, "record %d ".formatted(count++) + "x".repeat(1_000));
      }
      append(journal, "record %d ".formatted(count++) + "x".repeat(1_000));
      assertThatThrownBy(journal::requireRoom).hasMessageContaining("data folder");

      send(sender);
      Await.until("the records are written", () -> !isRejecting(journal));
      append(journal, "record %d ".formatted(count++) + "x".repeat(1_000));
      send(sender);
      assertThat(inserted.stream().map(it -> it.substring(0, it.indexOf('x'))))
          .containsExactlyElementsOf(
              IntStream.range(0, count).mapToObj("record %d "::formatted).toList());
      close();
      opened.clear();
    } finally {
      TestServers.run("umount", "-l", folder.toString());
    }
  }

  private static boolean isRejecting(CallJournal journal) {
    try {
      journal.requireRoom();
      return false;
    } catch (UnavailableException _) {
      return true;
    }
  }

  @Test
  void processesThatShareAFolderHaveSegmentsOfTheirOwn() throws Exception {
    CallJournal first = open(ROOM, ROOM);
    CallJournal second = open(ROOM, ROOM);
    append(first, "a");
    append(second, "b");
    assertThat(files("1")).hasSize(1);
    assertThat(files("2")).hasSize(1);
    send(second);
    assertThat(inserted).containsExactly("b");
  }

  @Test
  void segmentsOfEndedProcessesAreTaken() throws Exception {
    CallJournal first = open(ROOM, ROOM);
    CallJournal second = open(ROOM, ROOM);
    append(first, "a");
    append(second, "b");
    second.close(SECOND);
    CallJournal third = open(ROOM, ROOM);
    first.close(SECOND);
    CallJournal fourth = open(ROOM, ROOM);
    append(fourth, "c");
    send(third);
    send(fourth);
    assertThat(inserted).containsExactly("b", "a", "c");
  }

  @Test
  void filesAreOnlyForTheirOwner() throws Exception {
    Path own = folder.resolve("calls");
    CallJournal journal = new CallJournal(own, ROOM, metrics);
    journal.open();
    opened.add(journal);
    journal.append(TestCalls.record("r1", Instant.now()));
    assertThat(permissions(own)).isEqualTo("rwx------");
    assertThat(permissions(own.resolve("1"))).isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(own.resolve("1"))) {
      assertThat(files.toList())
          .hasSize(2)
          .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
