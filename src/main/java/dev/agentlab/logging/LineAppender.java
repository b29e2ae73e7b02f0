package dev.agentlab.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/// Writes each event as the line its layout makes, in the order of the events.
///
/// Whoever logs while another thread writes leaves the line to that thread, so that a thousand
/// requests a second share their system calls and none waits for another. Once many lines are left
/// over, because nobody reads the output, logging waits.
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final int MOST_WAITING = 1_000;

  private final Layout<ILoggingEvent> layout;
  private final OutputStream out;
  private final Queue<byte[]> lines = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Lock writing = new ReentrantLock();

  /// @param out is not closed
  LineAppender(Layout<ILoggingEvent> layout, OutputStream out) {
    this.layout = layout;
    this.out = new BufferedOutputStream(out);
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(layout.doLayout(event).getBytes(StandardCharsets.UTF_8));
    if (waiting.incrementAndGet() > MOST_WAITING) {
      writing.lock();
      writeAndUnlock();
    }
    // Again after it is unlocked: what came just before was left to this thread.
    while (!lines.isEmpty() && writing.tryLock()) {
      writeAndUnlock();
    }
  }

  /// Returns once all that was logged before is written, for a process that is about to end: its
  /// last lines may have been left to a thread that would not live to write them.
  ///
  /// @param most how long to wait for an output that nobody reads
  void flush(Duration most) {
    try {
      if (writing.tryLock(most.toNanos(), TimeUnit.NANOSECONDS)) {
        writeAndUnlock();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeAndUnlock() {
    try {
      byte[] line = lines.poll();
      while (line != null) {
        waiting.decrementAndGet();
        out.write(line);
        line = lines.poll();
      }
      out.flush();
    } catch (IOException e) {
      addError("the log cannot be written", e);
    } finally {
      writing.unlock();
    }
  }
}
