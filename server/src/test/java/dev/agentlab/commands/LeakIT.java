package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.agentlab.json.Json;
import dev.agentlab.server.Canaries;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.vault.TestVault;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/// Sends secrets in every place that accepts one, calls every route with valid and invalid
/// requests, and verifies that no response, log line, metric or table contains a secret.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LeakIT {
  /// The loggers whose level the service never lowers, in any configuration.
  private static final List<String> FIXED_LEVEL_LOGGERS =
      List.of("io.netty", "io.vertx", "com.zaxxer.hikari", "software.amazon.awssdk");

  private final Canaries canaries = new Canaries();
  private final TestServer server = new TestServer();
  private final LeakRecorder recorder = new LeakRecorder(canaries, server);

  private final EchoUpstream echo = new EchoUpstream();
  private final FakeUpstream upstream = FakeUpstream.start(echo);
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeAll
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void sendSecrets() {
    canaries.known("the database's password", server.databasePassword());
    log.start();
    root.setLevel(Level.TRACE);
    FIXED_LEVEL_LOGGERS.forEach(
        name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.WARN));
    root.addAppender(log);
    server.start();
    canaries.known("the key-encryption key", TestVault.KEY.reveal());
    new LeakScenario(canaries, server, upstream, recorder).run();
  }

  @AfterAll
  void stop() throws IOException {
    root.detachAppender(log);
    FIXED_LEVEL_LOGGERS.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(null));
    root.setLevel(Level.INFO);
    server.stop();
    upstream.close();
  }

  @Test
  void responsesMetricsAndCommandsContainNoSecret() {
    assertThat(recorder.recordings()).hasSizeGreaterThan(100);
    assertThat(echo.count()).isGreaterThan(100);
    assertThat(recorder.leaks(recorder.recordings())).isEmpty();
  }

  @Test
  void noResponseIsHtml() {
    assertThat(recorder.recordings().values())
        .noneMatch(it -> it.contains("content-type: text/html"));
  }

  @Test
  void logContainsNoSecret() {
    Map<String, String> lines = new LinkedHashMap<>();
    for (ILoggingEvent event : List.copyOf(log.list)) {
      lines.put(
          lines.size() + " " + event.getLevel() + " " + event.getLoggerName(),
          event.getFormattedMessage()
              + event.getMDCPropertyMap()
              + event.getKeyValuePairs()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }
    assertThat(lines).isNotEmpty();
    assertThat(recorder.leaks(lines)).isEmpty();
  }

  @Test
  void databaseContainsNoSecret() {
    Map<String, String> dump = server.dump();

    assertThat(dump).hasSizeGreaterThan(4);
    assertThat(recorder.leaks(dump)).isEmpty();
  }

  @Test
  void deliberateLeakIsDetected() {
    String secret = canaries.plant("on purpose");
    String name = Json.MAPPER.writeValueAsString("shows " + secret);
    Answer answer =
        server
            .client()
            .post("/api/providers", "{\"name\": %s, \"config\": %s}".formatted(name, ollama("x")));
    assertThat(answer.status()).isEqualTo(201);
    LoggerFactory.getLogger(LeakIT.class).debug("a secret {}", secret);

    assertThat(canaries.in(answer.text())).containsExactly("on purpose");
    assertThat(recorder.leaks(server.dump()).toString()).contains("on purpose");
    assertThat(log.list)
        .anyMatch(it -> canaries.in(it.getFormattedMessage()).contains("on purpose"));
    // The secret remains where it was planted: in the log and, as a provider name, in the audit
    // trail.
    canaries.forget("on purpose");
  }

  private static String ollama(String host) {
    return "{\"name\": \"ollama\", \"base_url\": \"http://%s\"}".formatted(host);
  }
}
