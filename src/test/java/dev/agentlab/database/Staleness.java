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

/// Changes a row again and again through one replica, reads it through another's cache, and holds
/// that to what it promises: nothing that was overtaken more than a second before it was asked.
final class Staleness {
  private static final long BOUND = Duration.ofSeconds(1).toNanos();
  private static final Duration PAUSE = Duration.ofMillis(3);

  private final Replica writer;
  private final Replica reader;
  private final UUID id;
  private final AtomicBoolean enough = new AtomicBoolean();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  /// Numbers by when they were known to be stored.
  private final ConcurrentNavigableMap<Long, Long> stored = new ConcurrentSkipListMap<>();

  /// What happens meanwhile.
  interface Disturbance {
    void happen() throws Exception;
  }

  private Staleness(Replica writer, Replica reader) {
    this.writer = writer;
    this.reader = reader;
    id = writer.insert("0");
  }

  /// @throws AssertionError if something older is given before the disturbance is over
  static void isBoundedDuring(Replica writer, Replica reader, Disturbance disturbance)
      throws Exception {
    Staleness staleness = new Staleness(writer, reader);
    Thread writing = Thread.ofVirtual().start(() -> staleness.repeat(staleness.new Writing()));
    Thread reading = Thread.ofVirtual().start(() -> staleness.repeat(staleness::read));
    try {
      disturbance.happen();
    } catch (Throwable e) {
      // What was given too old may be why it did not end well.
      staleness.failures.forEach(e::addSuppressed);
      throw e;
    } finally {
      staleness.enough.set(true);
      writing.join();
      reading.join();
    }
    assertThat(staleness.failures).isEmpty();
    assertThat(staleness.stored).hasSizeGreaterThan(10);
  }

  private final class Writing implements Runnable {
    private long number;

    @Override
    public void run() {
      number++;
      writer.update(id, Long.toString(number));
      stored.put(System.nanoTime(), number);
    }
  }

  private void read() {
    long asked = System.nanoTime();
    long given = Long.parseLong(reader.name(id));
    Map.Entry<Long, Long> due = stored.floorEntry(asked - BOUND);
    if (due != null) {
      assertThat(given).isGreaterThanOrEqualTo(due.getValue());
    }
  }

  private void repeat(Runnable step) {
    while (!enough.get()) {
      try {
        step.run();
        Thread.sleep(PAUSE);
      } catch (UnavailableException e) {
        // No answer is no old answer.
      } catch (Throwable e) {
        failures.add(e);
        return;
      }
    }
  }
}
