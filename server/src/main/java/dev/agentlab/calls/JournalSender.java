package dev.agentlab.calls;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.PrivateFile;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the records of a journal to the database, on a thread of its own. It reads them from the
/// files only, those of an earlier process first, and begins each file at its start: the database
/// ignores a record that it has already. A file is deleted when all of it is in the database.
public final class JournalSender {
  private static final Logger LOG = LoggerFactory.getLogger(JournalSender.class);

  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final int MAX_BATCH_RECORDS = 1_000;
  private static final int MAX_BATCH_BYTES = 2 << 20;

  private final CallJournal journal;
  private final CallInserts inserts;
  private final Counter damaged;
  private final Counter rejected;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  /// The following fields are confined to the thread.
  private Optional<OpenSegment> open = Optional.empty();

  private boolean isFailing;

  /// Inserts records into the database.
  interface CallInserts {
    /// Inserts records; those that exist are ignored.
    ///
    /// @throws RejectedRecordsException if the database rejects one of them for its content; none
    ///   is inserted
    /// @throws UnavailableException if the database is unavailable
    void insert(List<byte[]> records);
  }

  /// A segment that is read.
  ///
  /// @param file its position is where the next frame begins
  private record OpenSegment(long number, RandomAccessFile file) {}

  /// What was read of a segment.
  ///
  /// @param end why reading ended; empty after a complete frame
  private record Batch(List<byte[]> records, Optional<JournalFrame.Read> end) {}

  public JournalSender(CallJournal journal, Calls calls, MeterRegistry metrics) {
    this(journal, calls::insert, metrics);
  }

  JournalSender(CallJournal journal, CallInserts inserts, MeterRegistry metrics) {
    this.journal = journal;
    this.inserts = inserts;
    damaged =
        Counter.builder("agentlab.calls.damaged.segments")
            .description("files of the journal of call records that cannot be read")
            .register(metrics);
    rejected =
        Counter.builder("agentlab.calls.rejected")
            .description("records of calls that the database rejected")
            .register(metrics);
  }

  /// Starts sending, once the journal is open.
  public void start() {
    thread = Thread.ofVirtual().name("call-sender").start(this::run);
  }

  /// Sends the remaining records and stops. What cannot be sent stays in the journal.
  ///
  /// @param timeout the longest time to wait
  public void stop(Duration timeout) throws InterruptedException {
    Thread running = thread;
    if (running != null) {
      // An interrupt would break the connection in use.
      stopping.countDown();
      running.join(timeout);
    }
  }

  private void run() {
    try {
      boolean isStopping = false;
      while (!isStopping) {
        isStopping = stopping.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        boolean hasMore = true;
        while (hasMore) {
          hasMore = trySend();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      closeSegment();
    }
  }

  /// Sends a batch, unless that fails.
  ///
  /// @return whether there may be more records now
  boolean trySend() {
    try {
      boolean hasMore = send();
      if (isFailing) {
        isFailing = false;
        LOG.info("the records of calls are sent to the database again");
      }
      return hasMore;
    } catch (UnavailableException | IOException e) {
      reportFailure(e);
    } catch (Throwable e) {
      // A failure of any kind must not end the thread.
      reportFailure(e);
    }
    // The batch is read again.
    closeSegment();
    return false;
  }

  private void reportFailure(Throwable failure) {
    if (!isFailing) {
      isFailing = true;
      if (failure instanceof UnavailableException) {
        LOG.warn(
            "the records of calls stay in the journal while the database is unavailable: {}",
            failure.getMessage());
      } else {
        LOG.error("cannot send the records of calls, which stay in the journal", failure);
      }
    }
  }

  private boolean send() throws IOException {
    List<JournalSegment> segments = journal.segments();
    if (segments.isEmpty()) {
      return false;
    }
    JournalSegment segment = segments.getFirst();
    RandomAccessFile file = open(segment);
    Batch batch = read(file, segment.length());
    if (!batch.records().isEmpty()) {
      insert(batch.records());
      journal.markSent(file.getFilePointer());
    }
    boolean isRead = batch.end().isPresent() || file.getFilePointer() >= segment.length();
    if (batch.end().isPresent() && batch.end().get() instanceof JournalFrame.Read.Damaged) {
      setAside(segment);
      return true;
    }
    if (isRead && segment.isComplete()) {
      if (batch.end().isPresent()) {
        LOG.warn(
            "{} ends with an incomplete record, which is dropped: the process or the machine stopped while it was written",
            segment.file());
      }
      closeSegment();
      journal.delete(segment);
      return segments.size() > 1;
    }
    return !isRead;
  }

  private RandomAccessFile open(JournalSegment segment) throws IOException {
    if (open.isPresent() && open.get().number() == segment.number()) {
      return open.get().file();
    }
    closeSegment();
    RandomAccessFile file = new RandomAccessFile(segment.file().toFile(), "r");
    open = Optional.of(new OpenSegment(segment.number(), file));
    return file;
  }

  private void closeSegment() {
    if (open.isPresent()) {
      try {
        open.get().file().close();
      } catch (IOException e) {
        LOG.debug("cannot close a segment of the journal", e);
      }
      open = Optional.empty();
    }
  }

  private static Batch read(RandomAccessFile file, long length) throws IOException {
    List<byte[]> records = new ArrayList<>();
    int bytes = 0;
    while (records.size() < MAX_BATCH_RECORDS && bytes < MAX_BATCH_BYTES) {
      long start = file.getFilePointer();
      Optional<JournalFrame.Read> read = JournalFrame.read(file, length);
      if (read.isPresent() && read.get() instanceof JournalFrame.Read.Complete(byte[] payload)) {
        records.add(payload);
        bytes += payload.length;
      } else {
        file.seek(start);
        return new Batch(records, read);
      }
    }
    return new Batch(records, Optional.empty());
  }

  private void setAside(JournalSegment segment) throws IOException {
    closeSegment();
    journal.complete(segment.number());
    Path kept = journal.setAside(segment);
    damaged.increment();
    LOG.error(
        "{} was modified or is damaged, so that the records in the rest of it are not sent; it is kept as {}",
        segment.file(),
        kept);
  }

  /// Inserts records. If the database rejects one for its content, the others are inserted.
  private void insert(List<byte[]> records) throws IOException {
    try {
      inserts.insert(records);
    } catch (RejectedRecordsException e) {
      if (records.size() == 1) {
        reject(records.getFirst(), e);
      } else {
        int middle = records.size() / 2;
        insert(records.subList(0, middle));
        insert(records.subList(middle, records.size()));
      }
    }
  }

  private void reject(byte[] record, RejectedRecordsException cause) throws IOException {
    Path file = journal.rejectedFile();
    if (!Files.exists(file)) {
      Path _ = Files.createFile(file, PrivateFile.OWNER_ONLY);
    }
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      out.write(record);
      out.write('\n');
    }
    rejected.increment();
    LOG.error("the database rejected a record of a call, which is kept in {}", file, cause);
  }
}
