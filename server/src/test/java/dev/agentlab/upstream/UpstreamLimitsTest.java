package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.ALLOW_LOOPBACK;
import static dev.agentlab.upstream.TestClients.NO_ADDRESS;
import static dev.agentlab.upstream.TestClients.SHORT_LIMITS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamException.Kind;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// Verifies the limits for upstreams that do not respond, send too much, or do not send valid HTTP.
class UpstreamLimitsTest {
  private final TestClients clients = new TestClients();

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void hangingResolverTimesOut() {
    Resolver hanging =
        host -> {
          FakeUpstream.pause(Duration.ofSeconds(60));
          throw new UnknownHostException(host);
        };

    assertThat(
            clients
                .create(ALLOW_LOOPBACK, hanging, SHORT_LIMITS)
                .failure(URI.create("http://slow.test/"))
                .kind())
        .isEqualTo(Kind.RESOLVE_TIMEOUT);
  }

  @Test
  void slowBodyTimesOut() throws Exception {
    FakeUpstream.Script trickle =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".getBytes(UTF_8));
          for (int i = 0; i < 500; i++) {
            out.write('x');
            out.flush();
            FakeUpstream.pause(Duration.ofMillis(50));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.start(trickle)) {
      assertThat(
              clients
                  .create(ALLOW_LOOPBACK, NO_ADDRESS, SHORT_LIMITS)
                  .failure(upstream.url("/"))
                  .kind())
          .isEqualTo(Kind.TIMEOUT);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void missingResponseTimesOut() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      assertThat(
              clients
                  .create(ALLOW_LOOPBACK, NO_ADDRESS, SHORT_LIMITS)
                  .failure(upstream.url("/"))
                  .kind())
          .isEqualTo(Kind.TIMEOUT);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void endlessBodyIsTooLarge() throws Exception {
    FakeUpstream.Script endless =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(UTF_8));
          while (true) {
            out.write("4\r\nabcd\r\n".getBytes(UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.start(endless)) {
      assertThat(clients.create(NO_ADDRESS).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.TOO_LARGE);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void endlessHeadIsTooLarge() throws Exception {
    FakeUpstream.Script endless =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
          while (true) {
            out.write("X-More: and more\r\n".getBytes(UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.start(endless)) {
      assertThat(clients.create(NO_ADDRESS).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.TOO_LARGE);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void truncatedBodyIsDetected() throws Exception {
    FakeUpstream.Script truncated =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".getBytes(UTF_8));
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.start(truncated)) {
      assertThat(clients.create(NO_ADDRESS).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.TRUNCATED);
    }
  }

  @Test
  void nonHttpResponseFailsAsProtocolError() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start("220 mail.test ESMTP\r\n\r\n")) {
      assertThat(clients.create(NO_ADDRESS).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.PROTOCOL);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2\r\n\r\n",
        "hunter2/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 hunter2 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: hunter2\u0001\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: hunter2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n",
      })
  void invalidHttpIsNotDisclosedInLogOrException(String response) throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    try (FakeUpstream upstream =
        FakeUpstream.start((_, out) -> {
          out.write(response.getBytes(UTF_8));
          out.close();
        })) {
      assertThat(clients.create(NO_ADDRESS).failure(upstream.url("/")).getMessage())
          .doesNotContain("hunter2");
      assertThat(log.list)
          .extracting(
              it -> it.getFormattedMessage() + ThrowableProxyUtil.asString(it.getThrowableProxy()))
          .noneMatch(it -> it.contains("hunter2"));
    } finally {
      root.detachAppender(log);
    }
  }
}
