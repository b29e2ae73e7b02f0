package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.secrets.Secret;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.testing.TestProxy;
import dev.agentlab.upstream.UpstreamException.Kind;
import dev.agentlab.upstream.UpstreamException.Route;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Verifies calls through proxies: what the proxy receives, what the egress policy checks, and
/// which connections are shared.
class UpstreamProxyTest {
  private static final EgressPolicy DENY_LOOPBACK = new EgressPolicy(false, List.of());
  private static final EgressPolicy ALLOW_LOOPBACK = new EgressPolicy(true, List.of());
  private static final Secret CREDENTIALS = Secret.of("lab:hunter2hunter2");
  private static final String AUTHORIZATION =
      "Basic "
          + Base64.getEncoder()
              .encodeToString("lab:hunter2hunter2".getBytes(StandardCharsets.UTF_8));

  @TempDir private static Path folder;
  private static TestCertificates certificates;
  private static CertificateAuthorities authorities;

  private final EventLoops loops = new EventLoops();
  private final List<UpstreamClient> clients = new ArrayList<>();
  private final Queue<String> lookups = new ConcurrentLinkedQueue<>();
  private TestProxy proxy;
  private FakeUpstream upstream;

  @BeforeAll
  static void createCertificates() throws Exception {
    certificates = TestCertificates.create(folder, "dns:llm.test");
    authorities = CertificateAuthorities.parsePem(certificates.authorityPem());
  }

  @BeforeEach
  void start() throws Exception {
    proxy = TestProxy.start();
    upstream = FakeUpstream.startTls(certificates.serverContext(), FakeUpstream.json("{}"));
  }

  @AfterEach
  void stop() throws Exception {
    for (UpstreamClient client : clients) {
      client.stop(TestClients.LIMITS.totalTimeout());
    }
    loops.stop(TestClients.LIMITS.totalTimeout());
    proxy.close();
    upstream.close();
  }

  @Test
  void secureCallIsTunnelledWithoutResolvingItsName() throws Exception {
    UpstreamClient client = client(DENY_LOOPBACK, through(proxy.port()));

    assertThat(get(client, upstream.url("llm.test", "/v1")).status()).isEqualTo(200);

    assertThat(proxy.request().getFirst())
        .isEqualTo("CONNECT llm.test:%d HTTP/1.1".formatted(upstream.port()));
    FakeUpstream.Request request = upstream.request();
    assertThat(request.requestLine()).isEqualTo("GET /v1 HTTP/1.1");
    assertThat(request.serverName()).contains("llm.test");
    assertThat(lookups).containsExactly("proxy.test");
  }

  @Test
  void plainCallIsSentInAbsoluteForm() throws Exception {
    try (FakeUpstream plain = FakeUpstream.start(FakeUpstream.json("{}"))) {
      UpstreamClient client = client(DENY_LOOPBACK, through(plain.port()));

      assertThat(get(client, URI.create("http://llm.test:8080/v1?a=b")).status()).isEqualTo(200);
      FakeUpstream.Request request = plain.request();

      assertThat(request.requestLine()).isEqualTo("GET http://llm.test:8080/v1?a=b HTTP/1.1");
      assertThat(request.header("Host")).contains("llm.test:8080");
      assertThat(request.header("Proxy-Authorization")).contains(AUTHORIZATION);
      assertThat(lookups).containsExactly("proxy.test");
    }
  }

  @Test
  void onlyTheProxyReceivesItsCredentials() throws Exception {
    UpstreamClient client = client(DENY_LOOPBACK, through(proxy.port()));

    get(client, upstream.url("llm.test", "/"));

    assertThat(proxy.request()).anyMatch(it -> it.endsWith(": " + AUTHORIZATION));
    assertThat(upstream.request().header("Proxy-Authorization")).isEmpty();
  }

  @Test
  void addressInIpv6IsNamedInBrackets() throws Exception {
    UpstreamClient client = client(DENY_LOOPBACK, through(proxy.port()));

    // The proxy connects to loopback, whose certificate does not contain the address.
    assertThat(failure(client, url("https://[2606:4700::1]:%d/")).kind())
        .isEqualTo(Kind.TLS_WRONG_HOST);
    assertThat(proxy.request().getFirst())
        .isEqualTo("CONNECT [2606:4700:0:0:0:0:0:1]:%d HTTP/1.1".formatted(upstream.port()));
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 407 Proxy Authentication Required, PROXY_CREDENTIALS",
    "HTTP/1.1 403 Forbidden, PROXY_DENIED",
    "HTTP/1.0 404 status: 502, PROXY_DENIED",
    "HTTP/1.1 502 Bad Gateway, PROXY_FAILED",
    "HTTP/1.1 504 Gateway Timeout, PROXY_FAILED",
    "SSH-2.0-OpenSSH_9.6, PROXY_INVALID",
    "'', PROXY_INVALID",
  })
  void refusedTunnelNamesItsReason(String status, Kind kind) throws Exception {
    String response = status.isEmpty() ? "" : status + "\r\nContent-Length: 0\r\n\r\n";
    try (TestProxy refusing = TestProxy.startRefusing(response)) {
      UpstreamException failure =
          failure(client(DENY_LOOPBACK, through(refusing.port())), upstream.url("llm.test", "/"));

      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure.route()).isEqualTo(Route.SERVICE_PROXY);
      assertThat(failure)
          .hasMessage(
              "https://llm.test:%d through the proxy of the service: %s"
                  .formatted(upstream.port(), kind));
      assertThat(stackTrace(failure)).doesNotContain("hunter2", AUTHORIZATION, "proxy.test");
    }
  }

  @Test
  void silentProxyTimesOut() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      UpstreamLimits limits =
          TestClients.limits(
              Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofSeconds(10), 1_000);
      UpstreamClient client = client(DENY_LOOPBACK, through(silent.getLocalPort()));

      assertThat(failure(client, upstream.url("llm.test", "/"), limits).kind())
          .isEqualTo(Kind.CONNECT_TIMEOUT);
    }
  }

  @Test
  void deniedPlainCallIsTheResponseOfTheProxy() throws Exception {
    try (FakeUpstream plain =
        FakeUpstream.start(FakeUpstream.response("407 No", "text/html", "hunter2"))) {
      UpstreamClient client = client(DENY_LOOPBACK, through(plain.port()));

      assertThat(failure(client, URI.create("http://llm.test/")).kind())
          .isEqualTo(Kind.PROXY_CREDENTIALS);
    }
  }

  @Test
  void unreachableProxyIsNamed() throws Exception {
    proxy.close();
    UpstreamClient client = client(DENY_LOOPBACK, through(proxy.port()));

    assertThat(failure(client, upstream.url("llm.test", "/")))
        .hasMessageContaining("through the proxy of the service: connection refused");
    HttpProxy unknown = HttpProxy.parse("http://unknown.test");
    assertThat(
            failure(
                client(DENY_LOOPBACK, ProxySettings.of(unknown)), upstream.url("llm.test", "/")))
        .hasMessageContaining("through the proxy of the service: the name has no address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/",
        "http://169.254.169.254/",
        "https://10.0.0.5/",
        "http://[fd00:ec2::254]/",
        "https://metadata.google.internal/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://sub.metadata.google.internal/",
        "http://METADATA/",
        "http://instance-data.ec2.internal/",
      })
  void deniedHostsAreDeniedThroughProxiesToo(String url) throws Exception {
    for (NetworkOptions network : List.of(NetworkOptions.DEFAULT, own(through(proxy.port())))) {
      UpstreamException failure =
          failure(client(ALLOW_LOOPBACK, through(proxy.port())), URI.create(url), network);

      assertThat(failure.kind()).isEqualTo(Kind.DENIED_BY_POLICY);
    }
    assertThat(proxy.isIdle()).isTrue();
    assertThat(lookups).isEmpty();
  }

  @Test
  void proxyOfTheServiceMayBeWhereverTheOperatorPutsIt() {
    for (String denied : List.of("http://169.254.169.254:80", "http://[fd00:ec2::254]:80")) {
      ProxySettings metadata = ProxySettings.of(HttpProxy.parse(denied));

      assertThat(failure(client(ALLOW_LOOPBACK, metadata), upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.DENIED_BY_POLICY);
    }
    assertThat(
            get(client(DENY_LOOPBACK, through(proxy.port())), upstream.url("llm.test", "/"))
                .status())
        .isEqualTo(200);
  }

  @Test
  void egressPolicyAppliesToAnUpstreamsOwnProxy() {
    UpstreamException failure =
        failure(
            client(DENY_LOOPBACK, ProxySettings.DIRECT),
            upstream.url("llm.test", "/"),
            own(through(proxy.port())));

    assertThat(failure.kind()).isEqualTo(Kind.DENIED_BY_POLICY);
    assertThat(failure.denial().orElseThrow().remedy().orElseThrow()).contains("EGRESS_LOOPBACK");
    assertThat(failure).hasMessageContaining("through its proxy: 127.0.0.1 is loopback");
    assertThat(proxy.isIdle()).isTrue();
  }

  @Test
  void everyAddressOfAnOwnProxyIsChecked() {
    HttpProxy mixed = HttpProxy.parse("http://mixed.test:%d".formatted(proxy.port()));

    assertThat(
            failure(
                    client(ALLOW_LOOPBACK, ProxySettings.DIRECT),
                    upstream.url("llm.test", "/"),
                    own(ProxySettings.of(mixed)))
                .kind())
        .isEqualTo(Kind.DENIED_BY_POLICY);
    assertThat(proxy.isIdle()).isTrue();
  }

  @Test
  void ownProxyPrecedesThatOfTheService() throws Exception {
    try (TestProxy other = TestProxy.start()) {
      UpstreamClient client = client(ALLOW_LOOPBACK, through(proxy.port()));

      get(client, upstream.url("llm.test", "/"), own(through(other.port())));

      assertThat(other.request().getFirst()).startsWith("CONNECT llm.test");
      assertThat(proxy.isIdle()).isTrue();
      assertThat(
              failure(client, upstream.url("direct.test", "/"), own(ProxySettings.DIRECT)).kind())
          .isEqualTo(Kind.TLS_WRONG_HOST);
      assertThat(proxy.isIdle()).isTrue();
      assertThat(lookups).contains("direct.test");
    }
  }

  @Test
  void hostsOfThisMachineAreCalledDirectly() throws Exception {
    try (FakeUpstream plain = FakeUpstream.start(FakeUpstream.json("{}"))) {
      UpstreamClient client = client(ALLOW_LOOPBACK, through(proxy.port()));

      get(client, plain.url("localhost", "/"));
      get(client, plain.url("127.0.0.1", "/"), own(through(proxy.port())));

      assertThat(plain.request().requestLine()).isEqualTo("GET / HTTP/1.1");
      assertThat(plain.request().header("Proxy-Authorization")).isEmpty();
      assertThat(proxy.isIdle()).isTrue();
    }
  }

  @Test
  void connectionsAreSharedPerProxyAndCredentials() throws Exception {
    UpstreamClient client = client(ALLOW_LOOPBACK, through(proxy.port()));
    ProxySettings otherUser =
        ProxySettings.of(
            HttpProxy.parse("http://other:pass@proxy.test:%d".formatted(proxy.port())));
    URI url = upstream.url("llm.test", "/");

    get(client, url);
    get(client, url);
    get(client, url, own(otherUser));

    assertThat(upstream.request().connection()).isEqualTo(1);
    assertThat(upstream.request().connection()).isEqualTo(1);
    assertThat(upstream.request().connection()).isEqualTo(2);
    proxy.request();
    assertThat(proxy.request()).noneMatch(it -> it.endsWith(AUTHORIZATION));
    assertThat(proxy.isIdle()).isTrue();
  }

  @Test
  void connectionsAreSharedPerTrustedAuthorities() throws Exception {
    UpstreamClient client =
        client(ALLOW_LOOPBACK, ProxySettings.DIRECT, CertificateAuthorities.NONE);
    NetworkOptions trusting =
        new NetworkOptions(
            Optional.empty(), authorities, Optional.empty(), Optional.empty(), Optional.empty());
    URI url = upstream.url("llm.test", "/");

    assertThat(failure(client, url).kind()).isEqualTo(Kind.TLS_UNTRUSTED);
    assertThat(get(client, url, trusting).status()).isEqualTo(200);
    assertThat(get(client, url, trusting).status()).isEqualTo(200);
    assertThat(failure(client, url).kind()).isEqualTo(Kind.TLS_UNTRUSTED);

    int first = upstream.request().connection();
    assertThat(upstream.request().connection()).isEqualTo(first);
    assertThat(failure(client, upstream.url("other.test", "/"), trusting).kind())
        .isEqualTo(Kind.TLS_WRONG_HOST);
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private URI url(String format) {
    return URI.create(format.formatted(upstream.port()));
  }

  private static ProxySettings through(int port) {
    return ProxySettings.of(
        HttpProxy.parse("http://proxy.test:%d".formatted(port)).withCredentials(CREDENTIALS));
  }

  private static NetworkOptions own(ProxySettings proxies) {
    return new NetworkOptions(
        Optional.of(proxies),
        CertificateAuthorities.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private UpstreamClient client(EgressPolicy egress, ProxySettings proxies) {
    return client(egress, proxies, authorities);
  }

  private UpstreamClient client(
      EgressPolicy egress, ProxySettings proxies, CertificateAuthorities trusted) {
    UpstreamClient client =
        new UpstreamClient(
            loops,
            egress,
            this::resolve,
            TestClients.LIMITS.connectTimeout(),
            new MemoryBudget(64 << 20),
            proxies,
            trusted);
    clients.add(client);
    return client;
  }

  private List<InetAddress> resolve(String host) throws UnknownHostException {
    lookups.add(host);
    return switch (host) {
      case "mixed.test" ->
          List.of(InetAddress.getLoopbackAddress(), InetAddress.ofLiteral("169.254.169.254"));
      case "unknown.test" -> throw new UnknownHostException(host);
      default -> List.of(InetAddress.getLoopbackAddress());
    };
  }

  private static UpstreamResponse get(UpstreamClient client, URI url) {
    return get(client, url, NetworkOptions.DEFAULT);
  }

  private static UpstreamResponse get(UpstreamClient client, URI url, NetworkOptions network) {
    return client.send(
        UpstreamRequest.get(url, Map.of(), Map.of()).withNetwork(network),
        TestClients.LIMITS,
        new Cancellation());
  }

  private static UpstreamException failure(UpstreamClient client, URI url) {
    return failure(client, url, NetworkOptions.DEFAULT);
  }

  private static UpstreamException failure(UpstreamClient client, URI url, NetworkOptions network) {
    return catchThrowableOfType(UpstreamException.class, () -> get(client, url, network));
  }

  private static UpstreamException failure(UpstreamClient client, URI url, UpstreamLimits limits) {
    return catchThrowableOfType(
        UpstreamException.class,
        () ->
            client.send(UpstreamRequest.get(url, Map.of(), Map.of()), limits, new Cancellation()));
  }
}
