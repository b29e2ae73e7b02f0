package dev.agentlab.logging;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;

class TextLayoutTest {
  private static final String TIME =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) ";

  private final LogOutput log = new LogOutput(LogLevel.INFO, LogFormat.TEXT);
  private final Logger logger = log.logger("dev.agentlab.server.Server");

  @Test
  void lineHasTimeLevelLoggerAndMessage() {
    logger.info("listening on {}", 8080);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .matches(TIME + "INFO  Server: listening on 8080");
  }

  @Test
  void keyValuePairsFollowTheMessage() {
    try (var _ = MDC.putCloseable(Logging.REQUEST_ID, "r-1")) {
      logger
          .atWarn()
          .addKeyValue("status", 200)
          .addKeyValue("agent", "a \"b\"")
          .addKeyValue("empty", "")
          .log("request");
    }
    assertThat(log.lines())
        .singleElement()
        .asString()
        .matches(
            TIME
                + "WARN  Server: request status=200 agent=\"a \\\\\"b\\\\\"\" empty=\"\""
                + " request_id=r-1");
  }

  @Test
  void stackTraceIsIndentedBelowItsLine() {
    logger.error("failed", new IllegalStateException("outer\n2026-01-01 forged"));
    assertThat(log.lines()).hasSizeGreaterThan(2);
    assertThat(log.lines().getFirst()).matches(TIME + "ERROR Server: failed");
    assertThat(log.lines().get(1)).isEqualTo("    java.lang.IllegalStateException: outer");
    assertThat(log.lines().get(2)).isEqualTo("    2026-01-01 forged");
    assertThat(log.lines().get(3)).startsWith("        at dev.agentlab.logging.TextLayoutTest");
  }

  @Test
  void controlCharactersAreEscaped() {
    logger.atInfo().addKeyValue("path", "/a\r\nb").log("a\tb\u001b[31mc\u0085\ud83d\ude00");
    assertThat(log.lines())
        .singleElement()
        .asString()
        .endsWith("Server: a\\tb\\u001b[31mc\\u0085\ud83d\ude00 path=/a\\r\\nb");
  }

  @Property
  void anyMessageIsOneLine(@ForAll String message, @ForAll String value) {
    LogOutput capture = new LogOutput(LogLevel.INFO, LogFormat.TEXT);
    capture.logger("a").atInfo().addKeyValue("key", value).setMessage(message).log();
    assertThat(capture.lines())
        .singleElement()
        .asString()
        .satisfies(line -> assertThat(line.chars()).noneMatch(Character::isISOControl));
  }
}
