package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.LOOPBACK;
import static dev.agentlab.upstream.TestClients.NOBODY;
import static dev.agentlab.upstream.TestClients.SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
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
  void walksAwayFromAResolverThatHangs() {
    Resolver hanging =
        host -> {
          FakeUpstream.pause(Duration.ofSeconds(60));
          throw new UnknownHostException(host);
        };

    assertThat(clients.of(LOOPBACK, hanging, SHORT).failure(URI.create("http://slow.test/")).kind())
        .isEqualTo(Kind.RESOLVE_TIMEOUT);
  }

  @Test
  void boundsTheWholeAnswerNotOnlyItsHead() throws Exception {
    FakeUpstream.Script trickle =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".getBytes(UTF_8));
          for (int i = 0; i < 500; i++) {
            out.write('x');
            out.flush();
            FakeUpstream.pause(Duration.ofMillis(50));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.answering(trickle)) {
      assertThat(clients.of(LOOPBACK, NOBODY, SHORT).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.TIMEOUT);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void boundsAnAnswerThatNeverBegins() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering((_, _) -> {})) {
      assertThat(clients.of(LOOPBACK, NOBODY, SHORT).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.TIMEOUT);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void cutsABodyThatNeverEnds() throws Exception {
    FakeUpstream.Script endless =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(UTF_8));
          while (true) {
            out.write("4\r\nabcd\r\n".getBytes(UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.answering(endless)) {
      assertThat(clients.of(NOBODY).failure(upstream.url("/")).kind()).isEqualTo(Kind.TOO_LARGE);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void cutsAHeadThatNeverEnds() throws Exception {
    FakeUpstream.Script endless =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
          while (true) {
            out.write("X-More: and more\r\n".getBytes(UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.answering(endless)) {
      assertThat(clients.of(NOBODY).failure(upstream.url("/")).kind()).isEqualTo(Kind.TOO_LARGE);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void doesNotTakeATruncatedBodyForAWholeOne() throws Exception {
    FakeUpstream.Script truncated =
        (_, out) -> {
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".getBytes(UTF_8));
          out.close();
        };
    try (FakeUpstream upstream = FakeUpstream.answering(truncated)) {
      assertThat(clients.of(NOBODY).failure(upstream.url("/")).kind()).isEqualTo(Kind.CUT_OFF);
    }
  }

  @Test
  void saysThatAnAnswerIsNotHttp() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering("220 mail.test ESMTP\r\n\r\n")) {
      assertThat(clients.of(NOBODY).failure(upstream.url("/")).kind()).isEqualTo(Kind.PROTOCOL);
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
  void whatIsNoHttpIsRepeatedNeitherInTheLogNorInTheFailure(String response) throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          out.write(response.getBytes(UTF_8));
          out.close();
        })) {
      assertThat(clients.of(NOBODY).failure(upstream.url("/")).getMessage())
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
