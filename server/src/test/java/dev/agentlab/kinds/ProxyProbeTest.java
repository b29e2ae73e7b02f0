package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProbeStage.Name;
import dev.agentlab.kinds.ProbeStage.Status;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.testing.TestProxy;
import dev.agentlab.upstream.CertificateAuthorities;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/// The diagnosis of providers that are reached through a proxy.
class ProxyProbeTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 10_000);

  @TempDir private static Path folder;
  private static TestCertificates certificates;

  private final EventLoops loops = new EventLoops();
  private final List<UpstreamClient> clients = new ArrayList<>();

  @BeforeAll
  static void createCertificates() throws Exception {
    certificates = TestCertificates.create(folder, "dns:llm.test");
  }

  @AfterEach
  void stop() throws Exception {
    for (UpstreamClient client : clients) {
      client.stop(TIMEOUT);
    }
    loops.stop(TIMEOUT);
  }

  @Test
  void providerBehindProxyAndCompanyAuthorityPasses() throws Exception {
    try (TestProxy proxy = TestProxy.start();
        FakeUpstream upstream =
            FakeUpstream.startTls(
                certificates.serverContext(), FakeUpstream.json("{\"data\": [{\"id\": \"m\"}]}"))) {
      ObjectNode config = config(upstream.url("llm.test", "/v1").toString());
      config
          .withObject("options")
          .put("proxy", "http://proxy.test:%d".formatted(proxy.port()))
          .put("proxy_credentials", "lab:hunter2hunter2")
          .put("ca_certificates", certificates.authorityPem());

      assertThat(probe(ProxySettings.DIRECT, config).models()).containsExactly(new Model("m"));

      assertThat(proxy.request()).anyMatch(it -> it.startsWith("proxy-authorization: Basic "));
      assertThat(upstream.request().header("Authorization")).contains("Bearer sk-0123456789");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          407 Auth | false | requires a user name | in the URL of upstream.proxy
          407 Auth | true  | requires a user name | options.proxy_credentials
          403 No   | false | rules of the proxy   | NO_PROXY
          403 No   | true  | rules of the proxy   | options.proxy to none
          502 No   | false | cannot resolve or    | log of the proxy
          502 No   | true  | cannot resolve or    | log of the proxy
          """)
  void refusedTunnelNamesStageCauseAndFix(String status, boolean own, String cause, String fix)
      throws Exception {
    String response = "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n".formatted(status);
    try (TestProxy proxy = TestProxy.startRefusing(response)) {
      ProbeStage failed = failed(probe("http://proxy.test:%d".formatted(proxy.port()), own));

      assertThat(failed.name()).isEqualTo(Name.CONNECT);
      assertThat(failed.cause().orElseThrow()).contains(cause);
      assertThat(failed.fix().orElseThrow()).contains(fix);
    }
  }

  @ParameterizedTest
  @CsvSource({"false, upstream.proxy", "true, options.proxy"})
  void unreachableProxyNamesItsSetting(boolean own, String setting) throws Exception {
    int port;
    try (TestProxy proxy = TestProxy.start()) {
      port = proxy.port();
    }
    ProbeStage refused = failed(probe("http://proxy.test:%d".formatted(port), own));
    ProbeStage unresolved = failed(probe("http://unknown.test", own));

    assertThat(refused.name()).isEqualTo(Name.CONNECT);
    assertThat(refused.cause().orElseThrow()).contains("The proxy is not running");
    assertThat(refused.fix().orElseThrow()).contains("host and port in " + setting);
    assertThat(unresolved.name()).isEqualTo(Name.RESOLVE);
    assertThat(unresolved.cause().orElseThrow()).contains("host name of the proxy");
    assertThat(unresolved.fix().orElseThrow()).contains("host and port in " + setting);
  }

  @Test
  void untrustedAuthorityNamesTheOptionAndTheSetting() throws Exception {
    try (TestProxy proxy = TestProxy.start();
        FakeUpstream upstream =
            FakeUpstream.startTls(certificates.serverContext(), FakeUpstream.json("{}"))) {
      ProxySettings service =
          ProxySettings.of(HttpProxy.parse("http://proxy.test:%d".formatted(proxy.port())));
      ProbeStage failed =
          failed(probe(service, config(upstream.url("llm.test", "/v1").toString())));

      assertThat(failed.name()).isEqualTo(Name.TLS);
      assertThat(failed.cause().orElseThrow()).contains("whose proxy inspects TLS");
      assertThat(failed.fix().orElseThrow())
          .contains("options.ca_certificates", "upstream.ca_file", "UPSTREAM_CA_FILE");
    }
  }

  /// Probes a provider through its own proxy or that of the service.
  private ProbeReport probe(String proxy, boolean own) {
    ObjectNode config = config("https://llm.test/v1");
    if (own) {
      config.withObject("options").put("proxy", proxy);
    }
    return probe(own ? ProxySettings.DIRECT : ProxySettings.of(HttpProxy.parse(proxy)), config);
  }

  private ProbeReport probe(ProxySettings service, ObjectNode config) {
    UpstreamClient client =
        new UpstreamClient(
            loops,
            new EgressPolicy(true, List.of()),
            ProxyProbeTest::resolve,
            TIMEOUT,
            new MemoryBudget(64 << 20),
            service,
            CertificateAuthorities.NONE);
    clients.add(client);
    return new ProviderProbe(client, LIMITS).run(KINDS.build(KINDS.parse(config)));
  }

  private static List<InetAddress> resolve(String host) throws UnknownHostException {
    if (host.equals("proxy.test")) {
      return List.of(InetAddress.getLoopbackAddress());
    }
    throw new UnknownHostException(host);
  }

  private static ObjectNode config(String url) {
    ObjectNode config = Json.MAPPER.createObjectNode().put("name", "openai").put("base_url", url);
    config.putObject("options").put("api_key", "sk-0123456789");
    return config;
  }

  private static ProbeStage failed(ProbeReport report) {
    return report.stages().stream()
        .filter(stage -> stage.status() == Status.FAILED)
        .findFirst()
        .orElseThrow();
  }
}
