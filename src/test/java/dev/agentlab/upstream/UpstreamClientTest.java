package dev.agentlab.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.secrets.Secret;
import dev.agentlab.upstream.UpstreamException.Kind;
import io.vertx.core.net.TrustOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class UpstreamClientTest {
  private static final EgressPolicy LOOPBACK = new EgressPolicy(true, List.of());
  private static final UpstreamLimits LIMITS =
      limits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10), 100_000);
  private static final UpstreamLimits SHORT =
      limits(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(600), 1_000);
  private static final Resolver NOBODY =
      host -> {
        throw new UnknownHostException(host);
      };
  private static final Resolver LOCAL = _ -> List.of(InetAddress.getLoopbackAddress());

  @TempDir private static Path folder;
  private static TestCertificates certificates;

  private final EventLoops loops = new EventLoops();
  private final List<UpstreamClient> clients = new ArrayList<>();

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates = TestCertificates.of(folder, "dns:llm.test,ip:127.0.0.1");
  }

  @AfterEach
  void stop() throws TimeoutException {
    for (UpstreamClient client : clients) {
      client.stop(Duration.ofSeconds(5));
    }
    loops.stop(Duration.ofSeconds(5));
  }

  @Test
  void answersWithStatusHeadersAndBody() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(FakeUpstream.response("418 I'm a teapot", "text/plain", "grüße"))) {
      UpstreamResponse response = client(NOBODY).get(upstream.url("/a/b?c=%20d"), Map.of());

      assertThat(response.status()).isEqualTo(418);
      assertThat(response.header("Content-Type")).contains("text/plain");
      assertThat(response.body()).isEqualTo("grüße");
      assertThat(upstream.request().line()).isEqualTo("GET /a/b?c=%20d HTTP/1.1");
    }
  }

  @Test
  void sendsTheHeadersGivenAndKeepsTheHostOfTheUrl() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      client(LOCAL).get(upstream.url("llm.test", "/"), Map.of("X-API-Key", Secret.of("abc")));

      FakeUpstream.Request request = upstream.request();
      assertThat(request.header("X-API-Key")).contains("abc");
      assertThat(request.header("Host")).contains("llm.test:" + upstream.port());
      assertThat(request.header("Accept")).contains("application/json");
    }
  }

  @Test
  void aHeaderThatHttpDoesNotAllowFailsAtOnceAndIsNotRepeated() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      Map<String, Secret> header = Map.of("X-API-Key", Secret.of("sk-canary\nX: y"));
      long began = System.nanoTime();

      IllegalStateException fault =
          catchThrowableOfType(
              IllegalStateException.class, () -> client(NOBODY).get(upstream.url("/"), header));

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMITS.firstByte());
      assertThat(fault).isNotNull();
      StringWriter trace = new StringWriter();
      fault.printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString()).doesNotContain("canary");
    }
  }

  @Test
  void reachesAnIpv6AddressInBrackets() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
      CompletableFuture<String> head = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try (var socket = listener.accept()) {
              byte[] bytes = new byte[4_000];
              head.complete(new String(bytes, 0, socket.getInputStream().read(bytes), UTF_8));
              socket.getOutputStream().write(FakeUpstream.json("{}").getBytes(UTF_8));
            } catch (Exception e) {
              head.completeExceptionally(e);
            }
          });
      URI url = URI.create("http://[::1]:%d/".formatted(listener.getLocalPort()));

      assertThat(client(NOBODY).get(url, Map.of()).status()).isEqualTo(200);
      assertThat(head.get()).contains("[0:0:0:0:0:0:0:1]:" + listener.getLocalPort());
    }
  }

  @Test
  void resolvesOnceSoThatALaterForbiddenAddressIsNeverSeen() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Resolver rebinding =
        _ ->
            asked.incrementAndGet() == 1
                ? List.of(InetAddress.getLoopbackAddress())
                : List.of(InetAddress.ofLiteral("169.254.169.254"));
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      UpstreamResponse response = client(rebinding).get(upstream.url("rebind.test", "/"), Map.of());

      assertThat(response.status()).isEqualTo(200);
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void refusesANameWithOneForbiddenAddressAmongSeveral() {
    Resolver mixed =
        _ -> List.of(InetAddress.getLoopbackAddress(), InetAddress.ofLiteral("10.1.2.3"));

    UpstreamException refused = failure(client(mixed), URI.create("http://mixed.test/"));

    assertThat(refused.kind()).isEqualTo(Kind.REFUSED_BY_POLICY);
    assertThat(refused.refusal().orElseThrow().remedy().orElseThrow())
        .contains("10.1.2.3", "egress.private_networks", "EGRESS_PRIVATE_NETWORKS");
  }

  @Test
  void refusesAForbiddenAddressWithoutConnecting() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      Getter strict = client(new EgressPolicy(false, List.of()), LOCAL, LIMITS);

      assertThat(failure(strict, upstream.url("/")).kind()).isEqualTo(Kind.REFUSED_BY_POLICY);
      assertThat(failure(strict, upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.REFUSED_BY_POLICY);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void keptConnectionsAreNotSharedBetweenNamesOfOneAddress() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      Getter client = client(LOCAL);
      client.get(upstream.url("one.test", "/"), Map.of());
      client.get(upstream.url("one.test", "/"), Map.of());
      client.get(upstream.url("two.test", "/"), Map.of());

      assertThat(upstream.request().connection()).isEqualTo(1);
      assertThat(upstream.request().connection()).isEqualTo(1);
      assertThat(upstream.request().connection()).isEqualTo(2);
    }
  }

  @Test
  void keptConnectionIsNotUsedForAnotherAddressOfTheSameName() throws Exception {
    List<String> addresses = new ArrayList<>(List.of("127.0.0.1", "127.0.0.2"));
    Resolver moving = _ -> List.of(InetAddress.ofLiteral(addresses.removeFirst()));
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      Getter client = client(moving);
      client.get(upstream.url("moving.test", "/"), Map.of());

      // Nothing listens on the second address.
      assertThat(failure(client, upstream.url("moving.test", "/")).kind())
          .isEqualTo(Kind.CONNECT_REFUSED);
    }
  }

  @Test
  void triesTheNextAddressWhenOneRefuses() throws Exception {
    Resolver two =
        _ -> List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.getLoopbackAddress());
    try (FakeUpstream upstream = FakeUpstream.answering(FakeUpstream.json("{}"))) {
      assertThat(client(two).get(upstream.url("two.test", "/"), Map.of()).status()).isEqualTo(200);
    }
  }

  @Test
  void saysThatNothingListens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    URI url = URI.create("http://127.0.0.1:%d/".formatted(port));

    assertThat(failure(client(NOBODY), url).kind()).isEqualTo(Kind.CONNECT_REFUSED);
  }

  @Test
  void saysThatANameHasNoAddress() {
    UpstreamException failure = failure(client(NOBODY), URI.create("http://nowhere.test/"));

    assertThat(failure.kind()).isEqualTo(Kind.UNRESOLVED);
    assertThat(failure).hasMessage("http://nowhere.test: the name has no address");
  }

  @Test
  void walksAwayFromAResolverThatHangs() {
    Resolver hanging =
        host -> {
          FakeUpstream.pause(Duration.ofSeconds(60));
          throw new UnknownHostException(host);
        };

    assertThat(failure(client(LOOPBACK, hanging, SHORT), URI.create("http://slow.test/")).kind())
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
      assertThat(failure(client(LOOPBACK, NOBODY, SHORT), upstream.url("/")).kind())
          .isEqualTo(Kind.TIMEOUT);
      assertThat(upstream.disconnect()).isEqualTo(1);
    }
  }

  @Test
  void boundsAnAnswerThatNeverBegins() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering((_, _) -> {})) {
      assertThat(failure(client(LOOPBACK, NOBODY, SHORT), upstream.url("/")).kind())
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
      assertThat(failure(client(NOBODY), upstream.url("/")).kind()).isEqualTo(Kind.TOO_LARGE);
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
      assertThat(failure(client(NOBODY), upstream.url("/")).kind()).isEqualTo(Kind.TOO_LARGE);
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
      assertThat(failure(client(NOBODY), upstream.url("/")).kind()).isEqualTo(Kind.CUT_OFF);
    }
  }

  @Test
  void doesNotAskAgainWhenANewConnectionIsClosed() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering((_, out) -> out.close())) {
      assertThat(failure(client(NOBODY), upstream.url("/")).kind()).isEqualTo(Kind.RESET);
      upstream.request();
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void asksAgainWhenAKeptConnectionTurnsOutClosed() throws Exception {
    AtomicInteger count = new AtomicInteger();
    FakeUpstream.Script closesOnTheSecond =
        (_, out) -> {
          if (count.incrementAndGet() == 2) {
            out.close();
          } else {
            out.write(FakeUpstream.json("{}").getBytes(UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.answering(closesOnTheSecond)) {
      Getter client = client(NOBODY);
      client.get(upstream.url("/"), Map.of());

      assertThat(client.get(upstream.url("/"), Map.of()).status()).isEqualTo(200);
      assertThat(count).hasValue(3);
    }
  }

  @Test
  void saysThatAnAnswerIsNotHttp() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering("220 mail.test ESMTP\r\n\r\n")) {
      assertThat(failure(client(NOBODY), upstream.url("/")).kind()).isEqualTo(Kind.PROTOCOL);
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
  void whatIsNoHttpIsRepeatedNeitherInTheLogNorInTheFailure(String answer) throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    try (FakeUpstream upstream =
        FakeUpstream.answering((_, out) -> {
          out.write(answer.getBytes(UTF_8));
          out.close();
        })) {
      assertThat(failure(client(NOBODY), upstream.url("/")).getMessage()).doesNotContain("hunter2");
      assertThat(log.list)
          .extracting(
              it -> it.getFormattedMessage() + ThrowableProxyUtil.asString(it.getThrowableProxy()))
          .noneMatch(it -> it.contains("hunter2"));
    } finally {
      root.detachAppender(log);
    }
  }

  @Test
  void doesNotFollowARedirect() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.answering(
            "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")) {
      UpstreamResponse response = client(NOBODY).get(upstream.url("/"), Map.of());

      assertThat(response.status()).isEqualTo(302);
      assertThat(response.header("location")).contains("http://169.254.169.254/");
    }
  }

  @Test
  void interruptingTheWaitingThreadClosesTheCallAtOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (FakeUpstream upstream = FakeUpstream.answering((_, _) -> asked.countDown())) {
      Getter client = client(NOBODY);
      CompletableFuture<UpstreamException> failure = new CompletableFuture<>();
      Thread caller =
          Thread.ofVirtual().start(() -> failure.complete(failure(client, upstream.url("/"))));
      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      long before = System.nanoTime();
      caller.interrupt();

      assertThat(failure.get(5, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(upstream.disconnect()).isEqualTo(1);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void checksTheCertificateAgainstTheHostOfTheUrl() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.secure(certificates.server(), FakeUpstream.json("{}"))) {
      Getter client = trusting(certificates);

      assertThat(client.get(upstream.url("llm.test", "/"), Map.of()).status()).isEqualTo(200);
      assertThat(upstream.request().serverName()).contains("llm.test");
      assertThat(failure(client, upstream.url("other.test", "/")).kind())
          .isEqualTo(Kind.TLS_WRONG_HOST);
    }
  }

  @Test
  void checksTheCertificateOfAnAddress() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.secure(certificates.server(), FakeUpstream.json("{}"))) {
      assertThat(trusting(certificates).get(upstream.url("/"), Map.of()).status()).isEqualTo(200);
    }
  }

  @Test
  void trustsNoUnknownAuthority() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.secure(certificates.server(), FakeUpstream.json("{}"))) {
      assertThat(failure(client(LOCAL), upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.TLS_UNTRUSTED);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    TestCertificates expired =
        TestCertificates.of(folder, "dns:llm.test", "-startdate", "-10d", "-validity", "1");
    try (FakeUpstream upstream = FakeUpstream.secure(expired.server(), FakeUpstream.json("{}"))) {
      assertThat(failure(trusting(expired), upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.TLS_EXPIRED);
    }
  }

  @Test
  void saysThatAPortDoesNotSpeakTls() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering("HTTP/1.1 400 Bad Request\r\n\r\n")) {
      assertThat(failure(client(NOBODY), overTls(upstream.url("/"))).kind())
          .isEqualTo(Kind.TLS_NOT_SPOKEN);
    }
  }

  @Test
  void boundsATlsHandshakeThatHangs() throws Exception {
    UpstreamLimits limits =
        limits(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(10), 1_000);
    try (FakeUpstream upstream = FakeUpstream.answering((_, _) -> {})) {
      assertThat(failure(client(LOOPBACK, NOBODY, limits), overTls(upstream.url("/"))).kind())
          .isEqualTo(Kind.TLS_TIMEOUT);
    }
  }

  private Getter client(Resolver resolver) {
    return client(LOOPBACK, resolver, LIMITS);
  }

  private Getter client(EgressPolicy egress, Resolver resolver, UpstreamLimits limits) {
    return client(egress, resolver, limits, Optional.empty());
  }

  private Getter trusting(TestCertificates certificates) throws Exception {
    return client(LOOPBACK, LOCAL, LIMITS, Optional.of(certificates.trust()));
  }

  private Getter client(
      EgressPolicy egress, Resolver resolver, UpstreamLimits limits, Optional<TrustOptions> trust) {
    UpstreamClient client = new UpstreamClient(loops, egress, resolver, limits.connect(), trust);
    clients.add(client);
    return new Getter(client, limits);
  }

  /// A client that fetches within limits of its own.
  private record Getter(UpstreamClient client, UpstreamLimits limits) {
    UpstreamResponse get(URI url, Map<String, Secret> headers) {
      return client.send(UpstreamRequest.get(url, headers, Map.of()), limits, new Cancellation());
    }
  }

  private static UpstreamLimits limits(
      Duration resolve, Duration connect, Duration total, int body) {
    return new UpstreamLimits(resolve, connect, total, total, total, body);
  }

  private static URI overTls(URI url) {
    return URI.create(url.toString().replace("http:", "https:"));
  }

  private static UpstreamException failure(Getter client, URI url) {
    return catchThrowableOfType(UpstreamException.class, () -> client.get(url, Map.of()));
  }
}
