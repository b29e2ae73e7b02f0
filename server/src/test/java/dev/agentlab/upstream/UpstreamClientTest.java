package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.LIMITS;
import static dev.agentlab.upstream.TestClients.LOOPBACK_RESOLVER;
import static dev.agentlab.upstream.TestClients.NO_ADDRESS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.secrets.Secret;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.UpstreamException.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpstreamClientTest {
  private final TestClients clients = new TestClients();

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void responseHasStatusHeadersAndBody() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(FakeUpstream.response("418 I'm a teapot", "text/plain", "grüße"))) {
      UpstreamResponse response =
          clients.create(NO_ADDRESS).get(upstream.url("/a/b?c=%20d"), Map.of());

      assertThat(response.status()).isEqualTo(418);
      assertThat(response.header("Content-Type")).contains("text/plain");
      assertThat(response.text()).isEqualTo("grüße");
      assertThat(upstream.request().requestLine()).isEqualTo("GET /a/b?c=%20d HTTP/1.1");
    }
  }

  @Test
  void requestHasGivenHeadersAndHostOfTheUrl() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      clients
          .create(LOOPBACK_RESOLVER)
          .get(upstream.url("llm.test", "/"), Map.of("X-API-Key", Secret.of("abc")));

      FakeUpstream.Request request = upstream.request();
      assertThat(request.header("X-API-Key")).contains("abc");
      assertThat(request.header("Host")).contains("llm.test:" + upstream.port());
      assertThat(request.header("Accept")).contains("application/json");
    }
  }

  @Test
  void invalidHeaderFailsImmediatelyWithoutDisclosure() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      Map<String, Secret> header = Map.of("X-API-Key", Secret.of("sk-canary\nX: y"));
      long start = System.nanoTime();

      IllegalStateException failure =
          catchThrowableOfType(
              IllegalStateException.class,
              () -> clients.create(NO_ADDRESS).get(upstream.url("/"), header));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMITS.firstByteTimeout());
      assertThat(failure).isNotNull();
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString()).doesNotContain("canary");
    }
  }

  @Test
  void ipv6AddressInBracketsIsCalled() throws Exception {
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

      assertThat(clients.create(NO_ADDRESS).get(url, Map.of()).status()).isEqualTo(200);
      assertThat(head.get()).contains("[0:0:0:0:0:0:0:1]:" + listener.getLocalPort());
    }
  }

  @Test
  void nameIsResolvedOncePerCall() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    Resolver rebinding =
        _ ->
            lookups.incrementAndGet() == 1
                ? List.of(InetAddress.getLoopbackAddress())
                : List.of(InetAddress.ofLiteral("169.254.169.254"));
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      UpstreamResponse response =
          clients.create(rebinding).get(upstream.url("rebind.test", "/"), Map.of());

      assertThat(response.status()).isEqualTo(200);
      assertThat(lookups).hasValue(1);
    }
  }

  @Test
  void nameWithOneForbiddenAddressIsDenied() {
    Resolver mixed =
        _ -> List.of(InetAddress.getLoopbackAddress(), InetAddress.ofLiteral("10.1.2.3"));

    UpstreamException failure = clients.create(mixed).failure(URI.create("http://mixed.test/"));

    assertThat(failure.kind()).isEqualTo(Kind.DENIED_BY_POLICY);
    assertThat(failure.denial().orElseThrow().remedy().orElseThrow())
        .contains("10.1.2.3", "egress.private_networks", "EGRESS_PRIVATE_NETWORKS");
  }

  @Test
  void forbiddenAddressIsDeniedWithoutConnecting() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      TestClients.LimitedClient strict =
          clients.create(new EgressPolicy(false, List.of()), LOOPBACK_RESOLVER, LIMITS);

      assertThat(strict.failure(upstream.url("/")).kind()).isEqualTo(Kind.DENIED_BY_POLICY);
      assertThat(strict.failure(upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.DENIED_BY_POLICY);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void keptConnectionsAreNotSharedBetweenNamesOfOneAddress() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      TestClients.LimitedClient client = clients.create(LOOPBACK_RESOLVER);
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
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      TestClients.LimitedClient client = clients.create(moving);
      client.get(upstream.url("moving.test", "/"), Map.of());

      // Nothing listens on the second address.
      assertThat(client.failure(upstream.url("moving.test", "/")).kind())
          .isEqualTo(Kind.CONNECT_REFUSED);
    }
  }

  @Test
  void nextAddressIsTriedWhenConnectionIsRefused() throws Exception {
    Resolver two =
        _ -> List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.getLoopbackAddress());
    try (FakeUpstream upstream = FakeUpstream.start(FakeUpstream.json("{}"))) {
      assertThat(clients.create(two).get(upstream.url("two.test", "/"), Map.of()).status())
          .isEqualTo(200);
    }
  }

  @Test
  void closedPortFailsAsConnectionRefused() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    URI url = URI.create("http://127.0.0.1:%d/".formatted(port));

    assertThat(clients.create(NO_ADDRESS).failure(url).kind()).isEqualTo(Kind.CONNECT_REFUSED);
  }

  @Test
  void nameWithoutAddressFailsAsUnresolved() {
    UpstreamException failure =
        clients.create(NO_ADDRESS).failure(URI.create("http://nowhere.test/"));

    assertThat(failure.kind()).isEqualTo(Kind.UNRESOLVED);
    assertThat(failure).hasMessage("http://nowhere.test: the name has no address");
  }

  @Test
  void requestOnClosedNewConnectionIsNotRetried() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start((_, out) -> out.close())) {
      assertThat(clients.create(NO_ADDRESS).failure(upstream.url("/")).kind())
          .isEqualTo(Kind.RESET);
      upstream.request();
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void requestOnStaleConnectionIsRetried() throws Exception {
    AtomicInteger count = new AtomicInteger();
    FakeUpstream.Script closesOnTheSecond =
        (_, out) -> {
          if (count.incrementAndGet() == 2) {
            out.close();
          } else {
            out.write(FakeUpstream.json("{}").getBytes(UTF_8));
          }
        };
    try (FakeUpstream upstream = FakeUpstream.start(closesOnTheSecond)) {
      TestClients.LimitedClient client = clients.create(NO_ADDRESS);
      client.get(upstream.url("/"), Map.of());

      assertThat(client.get(upstream.url("/"), Map.of()).status()).isEqualTo(200);
      assertThat(count).hasValue(3);
    }
  }

  @Test
  void redirectIsNotFollowed() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.start(
            "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")) {
      UpstreamResponse response = clients.create(NO_ADDRESS).get(upstream.url("/"), Map.of());

      assertThat(response.status()).isEqualTo(302);
      assertThat(response.header("location")).contains("http://169.254.169.254/");
    }
  }

  @Test
  void interruptClosesTheConnectionImmediately() throws Exception {
    CountDownLatch requested = new CountDownLatch(1);
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> requested.countDown())) {
      TestClients.LimitedClient client = clients.create(NO_ADDRESS);
      CompletableFuture<UpstreamException> failure = new CompletableFuture<>();
      Thread caller =
          Thread.ofVirtual().start(() -> failure.complete(client.failure(upstream.url("/"))));
      assertThat(requested.await(10, TimeUnit.SECONDS)).isTrue();
      long start = System.nanoTime();
      caller.interrupt();

      assertThat(failure.get(5, TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
      assertThat(upstream.disconnect()).isEqualTo(1);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }
  }
}
