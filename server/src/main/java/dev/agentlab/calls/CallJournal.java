package dev.agentlab.calls;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.modelclient.CallLedger;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.secrets.PrivateFile;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The records of calls on disk, until they are in the database. A record is written before its
/// call ends for the client, so that it survives a kill of the process; once a second all of them
/// are forced to the disk. Thread-safe.
///
/// The journal is a folder of segments, which [JournalSender] reads and removes. Processes that
/// share a data folder have a folder each, and a starting one takes the segments of those that have
/// ended. If its size reaches the limit, or it cannot be written, new calls are rejected until
/// there is room again.
public final class CallJournal implements CallLedger {
  private static final Logger LOG = LoggerFactory.getLogger(CallJournal.class);

  static final Duration FORCE_INTERVAL = Duration.ofSeconds(1);

  private static final long MAX_SEGMENT_BYTES = 4L << 20;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private static final String LOCK_FILE = "lock";

  /// The maximum number of processes that share a data folder.
  private static final int MAX_PROCESSES = 100;

  private final Path parent;
  private final long maxBytes;
  private final long segmentBytes;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private @Nullable FileChannel lockFile;
  private @Nullable Thread forcing;

  /// Guards all following fields, for no longer than a write.
  private final Object lock = new Object();

  /// The length of each segment, by its number.
  private final SortedMap<Long, Long> lengths = new TreeMap<>();

  /// The segment to which frames are appended; null before the first.
  private @Nullable RandomAccessFile current;

  private long currentNumber;

  /// Former segments that are not on disk yet.
  private final List<RandomAccessFile> unforced = new ArrayList<>();

  /// Frames that could not be written.
  private final Deque<byte[]> unwritten = new ArrayDeque<>();

  private boolean isForced = true;
  private long sentBytes;

  /// The folder of this process.
  private volatile Path folder;

  private volatile boolean isOpen;
  private volatile boolean isFailing;
  private final AtomicLong bytes = new AtomicLong();

  /// @param parent is created if it does not exist
  /// @param maxBytes the size at which calls are rejected
  public CallJournal(Path parent, long maxBytes, MeterRegistry metrics) {
    this(parent, maxBytes, MAX_SEGMENT_BYTES, metrics);
  }

  /// @param segmentBytes the size from which a segment is complete
  CallJournal(Path parent, long maxBytes, long segmentBytes, MeterRegistry metrics) {
    this.parent = parent;
    this.folder = parent;
    this.maxBytes = maxBytes;
    this.segmentBytes = segmentBytes;
    Gauge.builder("agentlab.calls.journal", this, it -> it.bytes.get())
        .baseUnit("bytes")
        .description("size of the journal of call records")
        .register(metrics);
    Gauge.builder("agentlab.calls.unsent", this, CallJournal::unsentBytes)
        .baseUnit("bytes")
        .description("size of the call records that are not in the database yet")
        .register(metrics);
  }

  /// Opens the journal. What earlier processes left in it is kept.
  ///
  /// @throws IOException if the folder cannot be used, with a message for the operator
  public void open() throws IOException {
    try {
      openFolder();
    } catch (IOException e) {
      throw new IOException(
          "the records of calls cannot be kept in %s: %s; data_dir (SERVICE_DATA_DIR) selects another folder"
              .formatted(parent, e.getMessage()),
          e);
    }
  }

  private void openFolder() throws IOException {
    PrivateFile.createDirectory(parent);
    folder = lockFolder();
    synchronized (lock) {
      for (Path file : list(folder)) {
        OptionalLong number = JournalSegment.numberOf(file);
        if (number.isPresent()) {
          lengths.put(number.getAsLong(), Files.size(file));
        }
      }
      currentNumber = lengths.isEmpty() ? 0 : lengths.lastKey();
      adoptSegments();
      bytes.set(lengths.values().stream().mapToLong(Long::longValue).sum());
      isOpen = true;
    }
    if (bytes.get() > 0) {
      LOG.atInfo()
          .addKeyValue("bytes", bytes.get())
          .log("an earlier process left records of calls, which are sent to the database");
    }
    forcing = Thread.ofPlatform().daemon().name("call-journal").start(this::forceRepeatedly);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /// Locks the first folder that no other process uses.
  private Path lockFolder() throws IOException {
    for (int number = 1; number <= MAX_PROCESSES; number++) {
      Path own = parent.resolve(Integer.toString(number));
      PrivateFile.createDirectory(own);
      Optional<FileChannel> locked = tryLock(own);
      if (locked.isPresent()) {
        lockFile = locked.get();
        return own;
      }
    }
    throw new IOException("%d other processes use it".formatted(MAX_PROCESSES));
  }

  private static Optional<FileChannel> tryLock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(LOCK_FILE),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            PrivateFile.OWNER_ONLY);
    boolean isLocked = false;
    try {
      isLocked = channel.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      // Another journal in this process.
    } finally {
      if (!isLocked) {
        channel.close();
      }
    }
    return isLocked ? Optional.of(channel) : Optional.empty();
  }

  /// Moves the segments of processes that have ended from their folders to this one.
  private void adoptSegments() throws IOException {
    for (Path other : list(parent)) {
      if (!other.equals(folder) && Files.isDirectory(other)) {
        Optional<FileChannel> locked = tryLock(other);
        if (locked.isPresent()) {
          try (FileChannel _ = locked.get()) {
            adoptSegments(other);
          }
        }
      }
    }
  }

  private void adoptSegments(Path other) throws IOException {
    for (Path file : list(other)) {
      if (JournalSegment.numberOf(file).isPresent()) {
        currentNumber++;
        Path adopted =
            Files.move(
                file,
                folder.resolve(JournalSegment.fileName(currentNumber)),
                StandardCopyOption.ATOMIC_MOVE);
        lengths.put(currentNumber, Files.size(adopted));
      }
    }
  }

  /// The reason why no model is called now; empty if there is room for the records of calls.
  public Optional<String> unreadyReason() {
    if (!isOpen) {
      return Optional.of("no model is called now: the service is starting or stopping");
    }
    if (isFailing) {
      return Optional.of(
          "no model is called now: the records of calls cannot be written to the data folder");
    }
    return bytes.get() >= maxBytes
        ? Optional.of(
            "no model is called now: the records of calls cannot be sent to the database, and their"
                + " journal is full")
        : Optional.empty();
  }

  @Override
  public void requireRoom() {
    unreadyReason()
        .ifPresent(reason -> {
          throw new UnavailableException(reason, RETRY_AFTER);
        });
  }

  @Override
  public void append(CallRecord call) {
    try {
      append(CallEncoder.encode(call));
    } catch (RuntimeException | Error e) {
      LOG.error("a record of a call is lost: it cannot be encoded", e);
    }
  }

  /// Appends an encoded record.
  void append(byte[] record) {
    byte[] frame = JournalFrame.of(record);
    synchronized (lock) {
      if (!unwritten.isEmpty()) {
        unwritten.add(frame);
        writeUnwritten();
      } else if (!tryWrite(frame)) {
        unwritten.add(frame);
      }
    }
  }

  private void writeUnwritten() {
    while (!unwritten.isEmpty() && tryWrite(unwritten.getFirst())) {
      var _ = unwritten.removeFirst();
    }
  }

  private boolean tryWrite(byte[] frame) {
    try {
      RandomAccessFile file = current;
      if (file == null || length() >= segmentBytes) {
        file = startSegment();
      }
      write(file, frame);
      isForced = false;
      if (isFailing && unwritten.size() <= 1) {
        isFailing = false;
        LOG.info("the records of calls are written again");
      }
      return true;
    } catch (IOException e) {
      if (!isFailing) {
        isFailing = true;
        LOG.error("cannot write the records of calls to {}; calls are rejected", folder, e);
      }
      return false;
    }
  }

  private long length() {
    return lengths.getOrDefault(currentNumber, 0L);
  }

  private RandomAccessFile startSegment() throws IOException {
    long number = currentNumber + 1;
    Path file = folder.resolve(JournalSegment.fileName(number));
    Files.deleteIfExists(file);
    Path created = Files.createFile(file, PrivateFile.OWNER_ONLY);
    RandomAccessFile opened = new RandomAccessFile(created.toFile(), "rw");
    completeSegment();
    current = opened;
    currentNumber = number;
    lengths.put(number, 0L);
    return opened;
  }

  private void completeSegment() {
    RandomAccessFile file = current;
    if (file != null) {
      unforced.add(file);
      current = null;
    }
  }

  private void write(RandomAccessFile file, byte[] frame) throws IOException {
    try {
      // One system call, and not one of a channel, which an interrupt would close.
      file.write(frame);
    } catch (IOException e) {
      removePart(file, e);
      throw e;
    }
    lengths.merge(currentNumber, (long) frame.length, Long::sum);
    long _ = bytes.addAndGet(frame.length);
  }

  /// Removes the part of a frame that was written.
  private void removePart(RandomAccessFile file, IOException cause) {
    try {
      file.setLength(length());
      file.seek(length());
    } catch (IOException e) {
      cause.addSuppressed(e);
      // A reader takes the part for the end of the segment.
      completeSegment();
    }
  }

  /// The segments, in the order in which they were written.
  List<JournalSegment> segments() {
    synchronized (lock) {
      List<JournalSegment> segments = new ArrayList<>(lengths.size());
      lengths.forEach((number, length) ->
          segments.add(
              new JournalSegment(
                  number,
                  folder.resolve(JournalSegment.fileName(number)),
                  length,
                  current == null || number != currentNumber)));
      return Collections.unmodifiableList(segments);
    }
  }

  /// Records how far the first segment is in the database.
  void markSent(long newSentBytes) {
    synchronized (lock) {
      sentBytes = newSentBytes;
    }
  }

  private double unsentBytes() {
    synchronized (lock) {
      return bytes.get() - sentBytes;
    }
  }

  /// Completes the segment to which frames are appended; later ones are appended to another.
  void complete(long number) {
    synchronized (lock) {
      if (number == currentNumber) {
        completeSegment();
      }
    }
  }

  /// Deletes a complete segment, which is in the database.
  void delete(JournalSegment segment) throws IOException {
    Files.deleteIfExists(segment.file());
    forget(segment);
  }

  /// Renames a complete segment that cannot be read, so that an operator can examine it.
  ///
  /// @return the new name
  Path setAside(JournalSegment segment) throws IOException {
    Path damaged = folder.resolve(segment.file().getFileName() + ".damaged");
    Path moved = Files.move(segment.file(), damaged, StandardCopyOption.REPLACE_EXISTING);
    forget(segment);
    return moved;
  }

  private void forget(JournalSegment segment) {
    synchronized (lock) {
      Long length = lengths.remove(segment.number());
      long _ = bytes.addAndGet(length == null ? 0 : -length);
      sentBytes = 0;
    }
  }

  /// The file for records that the database rejects.
  Path rejectedFile() {
    return folder.resolve("rejected.jsonl");
  }

  private void forceRepeatedly() {
    try {
      while (!stopping.await(FORCE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        force();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Writes the records to disk, also those that could not be written before.
  private void force() {
    List<RandomAccessFile> former;
    RandomAccessFile last;
    synchronized (lock) {
      writeUnwritten();
      former = List.copyOf(unforced);
      unforced.clear();
      last = isForced ? null : current;
      isForced = true;
    }
    try {
      for (RandomAccessFile file : former) {
        try (file) {
          file.getFD().sync();
        }
      }
      if (last != null) {
        last.getFD().sync();
      }
      if (last != null || !former.isEmpty()) {
        PrivateFile.syncDirectory(folder);
      }
    } catch (IOException e) {
      LOG.error("cannot write the records of calls to the disk of {}", folder, e);
    }
  }

  /// Closes the journal, after the last call has ended.
  ///
  /// @param timeout the longest time to wait
  public void close(Duration timeout) throws IOException, InterruptedException {
    isOpen = false;
    stopping.countDown();
    Thread thread = forcing;
    if (thread == null) {
      return;
    }
    thread.join(timeout);
    force();
    synchronized (lock) {
      if (!unwritten.isEmpty()) {
        LOG.error("{} records of calls are lost: they cannot be written", unwritten.size());
      }
      RandomAccessFile file = current;
      if (file != null) {
        file.close();
        current = null;
        if (lengths.size() == 1 && sentBytes == bytes.get()) {
          Files.deleteIfExists(folder.resolve(JournalSegment.fileName(currentNumber)));
        }
      }
    }
    FileChannel locked = lockFile;
    if (locked != null) {
      locked.close();
    }
  }
}
