package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.agentlab.security.Scope;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The server over TLS.
class TlsConfigurationTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final byte[] LARGE =
      ("data: " + "x".repeat(64 * 1024) + "\n\n").getBytes(StandardCharsets.UTF_8);

  @TempDir private static Path authority;
  private static TestCertificates certificates;

  @TempDir private Path folder;
  private RouteServer server;
  private final SubmissionPublisher<byte[]> events = new SubmissionPublisher<>();
  private final AtomicLong flooded = new AtomicLong();
  private final CompletableFuture<Void> floodEnded = new CompletableFuture<>();
  private final CountDownLatch left = new CountDownLatch(1);
  private final CountDownLatch waiting = new CountDownLatch(1);

  @BeforeAll
  static void createCertificates() throws Exception {
    certificates = TestCertificates.create(authority, "dns:localhost,ip:127.0.0.1");
  }

  @BeforeEach
  void start() throws Exception {
    server = RouteServer.of(settings(), routes());
  }

  private HttpSettings settings() throws Exception {
    certificates.writePem(folder);
    TlsFiles files = new TlsFiles(folder.resolve("cert.pem"), folder.resolve("key.pem"));
    return RouteServer.withTls(RouteServer.settings(), files, LIMIT);
  }

  private Route[] routes() {
    return new Route[] {
      Route.get("/hello", "Hello")
          .requires(Scope.PUBLIC)
          .returnsText(200, "text/plain")
          .handledBy(_ -> Response.text(200, "text/plain", "hello")),
      Route.post("/takes", "Takes")
          .requires(Scope.PUBLIC)
          .accepts(Object.class)
          .returnsEmpty(204)
          .handledBy(_ -> Response.noContent()),
      Route.get("/events", "Events")
          .requires(Scope.PUBLIC)
          .returnsEvents(200, String.class)
          .handledBy(_ -> Response.events(events, TestRoutes::lastEvent)),
      Route.get("/flood", "Unlimited events")
          .requires(Scope.PUBLIC)
          .returnsEvents(200, String.class)
          .handledBy(_ -> Response.events(this::flood, TestRoutes::lastEvent)),
      Route.get("/waits", "Waits for a disconnect")
          .requires(Scope.PUBLIC)
          .returnsEmpty(204)
          .handledBy(request -> {
            request.onCancel(left::countDown);
            waiting.countDown();
            Await.open(left);
            return Response.noContent();
          })
    };
  }

  private void flood(Flow.Subscriber<? super byte[]> to) {
    Semaphore demand = new Semaphore(0);
    Thread source =
        Thread.ofVirtual()
            .unstarted(() -> {
              try {
                while (true) {
                  demand.acquire();
                  flooded.incrementAndGet();
                  to.onNext(LARGE);
                }
              } catch (InterruptedException e) {
                floodEnded.complete(null);
              }
            });
    to.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long parts) {
            demand.release((int) parts);
          }

          @Override
          public void cancel() {
            source.interrupt();
          }
        });
    source.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void requestSucceedsOverTls(String version) throws Exception {
    SSLSocket socket = connectTls();
    socket.setEnabledProtocols(new String[] {version});
    try (RawHttpConnection wire = new RawHttpConnection(socket)) {
      RawHttpConnection.RawResponse response = wire.send("GET /hello HTTP/1.1", "").readResponse();

      assertThat(response.text()).isEqualTo("hello");
      assertThat(response.header("Strict-Transport-Security")).isEqualTo("max-age=31536000");
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      assertThat(socket.getSession().getCipherSuite()).containsAnyOf("GCM", "CHACHA20");
    }
  }

  @Test
  void http11IsNegotiatedIfHttp2IsOffered() throws Exception {
    SSLSocket socket = connectTls();
    var parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
    socket.setSSLParameters(parameters);
    try (RawHttpConnection wire = new RawHttpConnection(socket)) {
      assertThat(wire.send("GET /hello HTTP/1.1", "").readResponse().status()).isEqualTo(200);
      assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
    }
  }

  @Test
  void tls11IsRejected() throws Exception {
    // A ClientHello of TLS 1.1 that offers ECDHE-ECDSA with AES in CBC mode.
    String hello = "0302" + "00".repeat(32) + "00" + "0002c009" + "0100";
    String handshake = "01" + "%06x".formatted(hello.length() / 2) + hello;
    String packet = "160302" + "%04x".formatted(handshake.length() / 2) + handshake;
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HexFormat.of().parseHex(packet));
      byte[] response = wire.socket().getInputStream().readAllBytes();

      // A fatal alert: protocol_version.
      assertThat(HexFormat.of().formatHex(response)).startsWith("15").endsWith("0246");
    }
  }

  @Test
  void weakCipherSuitesAreRejected() throws Exception {
    SSLSocket socket = connectTls();
    socket.setEnabledProtocols(new String[] {"TLSv1.2"});
    socket.setEnabledCipherSuites(
        Arrays.stream(socket.getSupportedCipherSuites())
            .filter(suite -> suite.contains("_CBC_"))
            .toArray(String[]::new));
    try (socket) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void plaintextHttpIsClosedWithoutResponse() throws Exception {
    try (LogCapture log = LogCapture.of("io.vertx", Level.WARN);
        RawHttpConnection wire = server.connect()) {
      wire.send("GET /hello HTTP/1.1", "");
      byte[] response = wire.socket().getInputStream().readAllBytes();

      assertThat(new String(response, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP");
      assertThat(log.lines()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "16", "160301", "16030100c8010000c40303"})
  void incompleteHandshakeTimesOut(String begun) throws Exception {
    long began = System.nanoTime();
    try (RawHttpConnection wire = server.connect()) {
      wire.sendRaw(HexFormat.of().parseHex(begun));

      wire.socket().getInputStream().readAllBytes();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMIT.multipliedBy(4));
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  @Test
  void slowHeadsAndBodiesTimeOut() throws Exception {
    try (RawHttpConnection head = new RawHttpConnection(connectTls());
        RawHttpConnection body = new RawHttpConnection(connectTls())) {
      head.sendRaw("GET /hello HTTP/1.1\r\nHost: a\r\n");
      body.sendRaw("POST /takes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
      body.sendRaw("Content-Length: 7\r\n\r\n{\"a\":");

      assertThat(head.isClosed()).isTrue();
      assertThat(body.readResponse().status()).isEqualTo(408);
    }
  }

  @Test
  void disconnectRunsAction() throws Exception {
    try (RawHttpConnection wire = new RawHttpConnection(connectTls())) {
      wire.send("GET /waits HTTP/1.1", "");
      Await.open(waiting);
    }
    Await.open(left);
  }

  @Test
  void eventsAreSentImmediately() throws Exception {
    try (RawHttpConnection wire = new RawHttpConnection(connectTls())) {
      wire.send("GET /events HTTP/1.1", "");
      Await.until("the stream is subscribed to", events::hasSubscribers);
      events.submit("data: 1\n\n".getBytes(StandardCharsets.UTF_8));
      assertThat(wire.readHead().header("content-type")).isEqualTo("text/event-stream");
      assertThat(wire.readChunk()).isEqualTo("data: 1\n\n");
      events.submit("data: 2\n\n".getBytes(StandardCharsets.UTF_8));
      assertThat(wire.readChunk()).isEqualTo("data: 2\n\n");
      events.close();
      assertThat(wire.readChunk()).isEmpty();
    }
  }

  @Test
  void stalledReaderStopsTheSourceAndTimesOut() throws Exception {
    try (RawHttpConnection wire = new RawHttpConnection(connectTls())) {
      wire.send("GET /flood HTTP/1.1", "");
      floodEnded.get(10, TimeUnit.SECONDS);

      // At most what the socket buffers of both sides hold.
      assertThat(flooded.get()).isLessThan(1_000);
    }
  }

  @Test
  void activeReaderDoesNotTimeOut() throws Exception {
    try (RawHttpConnection wire = new RawHttpConnection(connectTls())) {
      wire.send("GET /flood HTTP/1.1", "").readHead();
      long until = System.nanoTime() + LIMIT.multipliedBy(3).toNanos();
      while (System.nanoTime() < until) {
        assertThat(wire.readChunk()).isNotEmpty();
        Thread.sleep(20);
      }
    }
  }

  @Test
  void changedCertificateIsReloaded() throws Exception {
    X509Certificate before = presentedCertificate();
    TestCertificates.create(folder, "dns:localhost,ip:127.0.0.1").writePem(folder);
    touch();

    server.server().reloadCertificate();

    assertThat(presentedCertificate(false)).isNotEqualTo(before);
  }

  @Test
  void certificateWithoutMatchingKeyIsNotReloaded() throws Exception {
    X509Certificate before = presentedCertificate();
    String key = Files.readString(folder.resolve("key.pem"));
    TestCertificates.create(folder, "dns:localhost,ip:127.0.0.1").writePem(folder);
    String other = Files.readString(folder.resolve("key.pem"));
    Files.writeString(folder.resolve("key.pem"), key);
    touch();
    server.server().reloadCertificate();
    assertThat(presentedCertificate()).isEqualTo(before);

    Files.writeString(folder.resolve("key.pem"), other);
    touch();
    server.server().reloadCertificate();
    assertThat(presentedCertificate(false)).isNotEqualTo(before);
  }

  /// Advances the modification times, because the clock of the file system may be too coarse.
  private void touch() throws IOException {
    for (String file : List.of("cert.pem", "key.pem")) {
      Path path = folder.resolve(file);
      Files.setLastModifiedTime(
          path, FileTime.fromMillis(Files.getLastModifiedTime(path).toMillis() + 2_000));
    }
  }

  private X509Certificate presentedCertificate() throws Exception {
    return presentedCertificate(true);
  }

  private X509Certificate presentedCertificate(boolean trusted) throws Exception {
    var context = trusted ? certificates.clientContext() : TrustAllManager.context();
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private SSLSocket connectTls() throws Exception {
    Socket socket =
        certificates
            .clientContext()
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), server.port());
    return (SSLSocket) socket;
  }
}
