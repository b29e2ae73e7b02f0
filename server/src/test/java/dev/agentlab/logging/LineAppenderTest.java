package dev.agentlab.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;

class LineAppenderTest {
  private static final int THREADS = 16;
  private static final int LINES = 500;

  /// A stream whose writes block until it is opened.
  private static final class BlockingStream extends OutputStream {
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      entered.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      written.write(bytes, offset, length);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    List<String> lines() {
      return written.toString(StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static Logger logger(OutputStream out) {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(MDC.getMDCAdapter());
    Logging.configure(context, LogLevel.INFO, LogFormat.TEXT, out);
    return context.getLogger("a");
  }

  @Test
  void linesOfEachThreadAreWrittenOnceAndInOrder() throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Logger logger = logger(out);
    List<Thread> threads = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      String name = "thread" + thread + "-";
      threads.add(
          Thread.ofVirtual()
              .start(() -> IntStream.range(0, LINES).forEach(line -> logger.info(name + line))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(THREADS * LINES);
    for (int thread = 0; thread < THREADS; thread++) {
      String name = ": thread" + thread + "-";
      assertThat(lines.stream().filter(line -> line.contains(name)).map(line -> after(line, name)))
          .isEqualTo(IntStream.range(0, LINES).mapToObj(Integer::toString).toList());
    }
  }

  private static String after(String line, String name) {
    return line.substring(line.indexOf(name) + name.length());
  }

  @Test
  void threadsDoNotWaitForAWritingThread() throws InterruptedException {
    BlockingStream out = new BlockingStream();
    Logger logger = logger(out);
    Thread writing = Thread.ofPlatform().start(() -> logger.info("first"));
    assertThat(out.entered.await(10, TimeUnit.SECONDS)).isTrue();
    Thread other = Thread.ofPlatform().start(() -> logger.info("second"));
    assertThat(other.join(Duration.ofSeconds(10))).isTrue();
    out.open.countDown();
    writing.join();
    assertThat(out.lines()).hasSize(2).last().asString().endsWith("second");
  }

  @Test
  void flushWritesLinesQueuedForAnotherThread() throws InterruptedException {
    BlockingStream out = new BlockingStream();
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(MDC.getMDCAdapter());
    LineAppender appender = Logging.configure(context, LogLevel.INFO, LogFormat.TEXT, out);
    Logger logger = context.getLogger("a");
    Thread writing = Thread.ofPlatform().start(() -> logger.info("first"));
    assertThat(out.entered.await(10, TimeUnit.SECONDS)).isTrue();
    logger.info("last");
    Thread ending = Thread.ofPlatform().start(() -> appender.flush(Duration.ofSeconds(10)));
    assertThat(ending.join(Duration.ofMillis(200))).isFalse();
    out.open.countDown();
    ending.join();
    assertThat(out.lines()).hasSize(2).last().asString().endsWith("last");
    writing.join();
  }

  @Test
  void flushTimesOutOnBlockedOutput() throws InterruptedException {
    BlockingStream out = new BlockingStream();
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(MDC.getMDCAdapter());
    LineAppender appender = Logging.configure(context, LogLevel.INFO, LogFormat.TEXT, out);
    Thread writing = Thread.ofPlatform().start(() -> context.getLogger("a").info("first"));
    assertThat(out.entered.await(10, TimeUnit.SECONDS)).isTrue();
    appender.flush(Duration.ofMillis(50));
    assertThat(out.lines()).isEmpty();
    out.open.countDown();
    writing.join();
  }

  @Test
  void loggingWaitsWhileOutputBlocksAndQueueIsFull() throws InterruptedException {
    BlockingStream out = new BlockingStream();
    Logger logger = logger(out);
    Thread writing = Thread.ofPlatform().start(() -> logger.info("first"));
    assertThat(out.entered.await(10, TimeUnit.SECONDS)).isTrue();
    Thread flood =
        Thread.ofPlatform()
            .start(() -> IntStream.range(0, 2_000).forEach(_ -> logger.info("more")));
    assertThat(flood.join(Duration.ofMillis(500))).isFalse();
    out.open.countDown();
    flood.join();
    writing.join();
    assertThat(out.lines()).hasSize(2_001);
  }
}
