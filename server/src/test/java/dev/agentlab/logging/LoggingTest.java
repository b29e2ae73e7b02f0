package dev.agentlab.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {

  @ParameterizedTest
  @CsvSource({"DEBUG, 4", "INFO, 3", "WARN, 2", "ERROR, 1"})
  void eventsBelowTheLevelAreNotLogged(LogLevel level, int lines) {
    LogOutput log = new LogOutput(level, LogFormat.TEXT);
    Logger logger = log.logger("a");
    logger.trace("trace");
    logger.debug("debug");
    logger.info("info");
    logger.warn("warn");
    logger.error("error");
    assertThat(log.lines()).hasSize(lines);
  }

  @Test
  void noisyLibrariesLogOnlyFromWarnOn() {
    LogOutput log = new LogOutput(LogLevel.DEBUG, LogFormat.TEXT);
    for (String name :
        List.of("io.netty.a", "io.vertx.a", "com.zaxxer.hikari.a", "software.amazon.awssdk.a")) {
      log.logger(name).info("hidden");
      log.logger(name).warn("shown");
    }
    assertThat(log.lines()).hasSize(4).allMatch(line -> line.endsWith("shown"));
  }

  @Test
  void noisyLibrariesDoNotLogBelowTheConfiguredLevel() {
    LogOutput log = new LogOutput(LogLevel.ERROR, LogFormat.TEXT);
    log.logger("io.netty.a").warn("hidden");
    log.logger("io.netty.a").error("shown");
    assertThat(log.lines()).hasSize(1);
  }

  /// A program that logs before and after each of two configurations.
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Logger log = LoggerFactory.getLogger(Program.class);
      log.info("hidden before");
      log.warn("before");
      Logging.configure(LogLevel.INFO, LogFormat.JSON);
      log.info("json");
      Logging.configure(LogLevel.INFO, LogFormat.TEXT);
      log.info("text");
    }
  }

  @Test
  void onlyWarningsGoToStandardErrorUntilConfigured(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      program.destroyForcibly();
    }
    assertThat(Files.readAllLines(err))
        .singleElement()
        .asString()
        .endsWith(" WARN  LoggingTest$Program: before");
    assertThat(Files.readAllLines(out)).hasSize(2);
    assertThat(Files.readAllLines(out).getFirst()).startsWith("{").contains("\"message\":\"json\"");
    assertThat(Files.readAllLines(out).getLast()).endsWith(" INFO  LoggingTest$Program: text");
    assertThat(program.exitValue()).isZero();
  }
}
