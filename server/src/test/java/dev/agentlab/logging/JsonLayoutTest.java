package dev.agentlab.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

class JsonLayoutTest {
  private final LogOutput log = new LogOutput(LogLevel.INFO, LogFormat.JSON);
  private final Logger logger = log.logger("dev.agentlab.server.Server");

  @Test
  void lineHasTimeLevelLoggerAndMessage() {
    Instant before = Instant.now().minusMillis(1);
    logger.info("listening on {}", 8080);

    JsonNode line = line();
    assertThat(line.propertyNames()).containsExactly("time", "level", "logger", "message");
    assertThat(line.get("time").stringValue()).matches("\\d{4}-\\d\\d-\\d\\dT.*\\.\\d{3}Z");
    assertThat(Instant.parse(line.get("time").stringValue())).isBetween(before, Instant.now());
    assertThat(line.get("level").stringValue()).isEqualTo("INFO");
    assertThat(line.get("logger").stringValue()).isEqualTo("dev.agentlab.server.Server");
    assertThat(line.get("message").stringValue()).isEqualTo("listening on 8080");
  }

  @Test
  void keyValuePairsAreMembersAndNumbersStayNumbers() {
    logger
        .atInfo()
        .addKeyValue("status", 200)
        .addKeyValue("ratio", 0.5)
        .addKeyValue("nothing", Double.NaN)
        .addKeyValue("cached", true)
        .addKeyValue("took", Duration.ofMillis(3))
        .addKeyValue("token", Secret.of("a long enough secret"))
        .log("request");

    assertThat(line().toString())
        .endsWith(
            """
            "message":"request","status":200,"ratio":0.5,"nothing":"NaN","cached":true,\
            "took":"PT0.003S","token":"***"}\
            """);
  }

  @Test
  void duplicateKeyGetsUnderscoreSuffix() {
    logger.atInfo().addKeyValue("message", "b").addKeyValue("message", "c").log("a");

    JsonNode line = line();
    assertThat(line.get("message").stringValue()).isEqualTo("a");
    assertThat(line.get("message_").stringValue()).isEqualTo("b");
    assertThat(line.get("message__").stringValue()).isEqualTo("c");
  }

  @Test
  void requestIdIsAMember() {
    try (var _ = MDC.putCloseable(Logging.REQUEST_ID, "r-1")) {
      logger.info("request");
    }
    assertThat(line().get("request_id").stringValue()).isEqualTo("r-1");
  }

  @Test
  void stackTraceIsAMemberOfTheSameLine() {
    logger.error("failed", new IllegalStateException("outer", new RuntimeException("inner\nline")));

    assertThat(line().get("error").stringValue())
        .startsWith("java.lang.IllegalStateException: outer")
        .contains("Caused by: java.lang.RuntimeException: inner\nline", "JsonLayoutTest.java");
  }

  @Property(tries = 5_000)
  void anyTextIsLoggedAsOneJsonLine(
      @ForAll("texts") String message, @ForAll("texts") String key, @ForAll("texts") String value) {
    LogOutput capture = new LogOutput(LogLevel.INFO, LogFormat.JSON);
    capture
        .logger("a")
        .atInfo()
        .addKeyValue(key, value)
        .setCause(new RuntimeException(message))
        .setMessage(message)
        .log();

    JsonNode line = Json.MAPPER.readTree(single(capture.lines()));
    assertThat(line.get("message").stringValue()).isEqualTo(wellFormed(message));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().all(),
        Arbitraries.strings().withChars("\n\r\t\0\u001b\"\\\u0085\u2028\ud83d\ude00{}é"));
  }

  /// The text after encoding in UTF-8, which replaces unpaired surrogates.
  private static String wellFormed(String text) {
    return new String(text.getBytes(UTF_8), UTF_8);
  }

  private JsonNode line() {
    return Json.MAPPER.readTree(single(log.lines()));
  }

  private static String single(List<String> lines) {
    assertThat(lines).hasSize(1);
    return lines.getFirst();
  }
}
