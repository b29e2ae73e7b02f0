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

/// Writes each event as a line of its layout, in the order of the events.
///
/// A thread that logs while another thread writes adds its line to a queue, and the other thread
/// writes it. So a thousand requests a second share system calls without waiting for each other. If
/// the output blocks and the queue is full, logging threads wait (back-pressure).
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final int MAX_QUEUED_LINES = 1_000;

  private final Layout<ILoggingEvent> layout;
  private final OutputStream out;
  private final Queue<byte[]> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queuedLines = new AtomicInteger();
  private final Lock writeLock = new ReentrantLock();

  /// @param out not closed by the appender
  LineAppender(Layout<ILoggingEvent> layout, OutputStream out) {
    this.layout = layout;
    this.out = new BufferedOutputStream(out);
  }

  @Override
  protected void append(ILoggingEvent event) {
    queue.add(layout.doLayout(event).getBytes(StandardCharsets.UTF_8));
    if (queuedLines.incrementAndGet() > MAX_QUEUED_LINES) {
      writeLock.lock();
      writeAndUnlock();
    }
    // Repeated after unlocking: another thread may have queued a line just before the unlock.
    while (!queue.isEmpty() && writeLock.tryLock()) {
      writeAndUnlock();
    }
  }

  /// Writes all queued lines, for a process that is about to exit: the exit may stop the thread
  /// that was to write them.
  ///
  /// @param timeout how long to wait if the output blocks
  void flush(Duration timeout) {
    try {
      if (writeLock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        writeAndUnlock();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeAndUnlock() {
    try {
      byte[] line = queue.poll();
      while (line != null) {
        queuedLines.decrementAndGet();
        out.write(line);
        line = queue.poll();
      }
      out.flush();
    } catch (IOException e) {
      addError("cannot write the log", e);
    } finally {
      writeLock.unlock();
    }
  }
}
