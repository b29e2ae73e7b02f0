package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// Repeatedly updates a row through one replica, reads it through the cache of another, and asserts
/// that no value is returned more than one second after its replacement.
final class StalenessAssertion {
  private static final long MAX_STALENESS_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration INTERVAL = Duration.ofMillis(3);

  private final TestReplica writer;
  private final TestReplica reader;
  private final UUID id;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /// The committed numbers by the time at which their commit was acknowledged.
  private final ConcurrentNavigableMap<Long, Long> stored = new ConcurrentSkipListMap<>();

  /// The fault during which the row is read.
  interface Fault {
    void run() throws Exception;
  }

  private StalenessAssertion(TestReplica writer, TestReplica reader) {
    this.writer = writer;
    this.reader = reader;
    id = writer.insert("0");
  }

  /// Asserts the bound during a fault.
  ///
  /// @throws AssertionError if the cache returns an older value before the fault ends
  static void assertBoundedDuring(TestReplica writer, TestReplica reader, Fault fault)
      throws Exception {
    StalenessAssertion staleness = new StalenessAssertion(writer, reader);
    Thread writing = Thread.ofVirtual().start(() -> staleness.repeat(staleness.new Writer()));
    Thread reading = Thread.ofVirtual().start(() -> staleness.repeat(staleness::read));
    try {
      fault.run();
    } catch (Throwable e) {
      // A stale value may be the cause.
      staleness.failures.forEach(e::addSuppressed);
      throw e;
    } finally {
      staleness.stopped.set(true);
      writing.join();
      reading.join();
    }
    assertThat(staleness.failures).isEmpty();
    assertThat(staleness.stored).hasSizeGreaterThan(10);
  }

  private final class Writer implements Runnable {
    private long number;

    @Override
    public void run() {
      number++;
      writer.update(id, Long.toString(number));
      stored.put(System.nanoTime(), number);
    }
  }

  private void read() {
    long requestedAt = System.nanoTime();
    long actual = Long.parseLong(reader.name(id));
    Map.Entry<Long, Long> oldestAllowed = stored.floorEntry(requestedAt - MAX_STALENESS_NANOS);
    if (oldestAllowed != null) {
      assertThat(actual).isGreaterThanOrEqualTo(oldestAllowed.getValue());
    }
  }

  private void repeat(Runnable step) {
    while (!stopped.get()) {
      try {
        step.run();
        Thread.sleep(INTERVAL);
      } catch (UnavailableException e) {
        // No value is not a stale value.
      } catch (Throwable e) {
        failures.add(e);
        return;
      }
    }
  }
}
