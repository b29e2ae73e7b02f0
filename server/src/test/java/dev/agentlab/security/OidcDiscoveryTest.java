package dev.agentlab.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.json.Json;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.testing.TestProxy;
import dev.agentlab.upstream.CertificateAuthorities;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.UpstreamClient;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OidcDiscoveryTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final String KEYS = new JWKSet(OidcFixture.RSA.toPublicJWK()).toString();

  @TempDir private Path folder;

  @Test
  void keysAreFetchedThroughProxyWithAuthoritiesOfService() throws Exception {
    TestCertificates certificates = TestCertificates.create(folder, "dns:id.test");
    EventLoops loops = new EventLoops();
    try (TestProxy proxy = TestProxy.start();
        FakeUpstream provider =
            FakeUpstream.startTls(
                certificates.serverContext(),
                (request, out) ->
                    out.write(
                        FakeUpstream.json(document(request)).getBytes(StandardCharsets.UTF_8)))) {
      UpstreamClient client =
          new UpstreamClient(
              loops,
              new EgressPolicy(false, List.of()),
              OidcDiscoveryTest::resolve,
              TIMEOUT,
              new MemoryBudget(64 << 20),
              ProxySettings.of(HttpProxy.parse("http://proxy.test:%d".formatted(proxy.port()))),
              CertificateAuthorities.parsePem(certificates.authorityPem()));
      try {
        List<JWK> keys =
            new OidcDiscovery("https://id.test:%d".formatted(provider.port()), client).fetchKeys();

        assertThat(keys).extracting(JWK::getKeyID).containsExactly("rsa");
        assertThat(proxy.request().getFirst()).startsWith("CONNECT id.test:");
      } finally {
        client.stop(TIMEOUT);
        loops.stop(TIMEOUT);
      }
    }
  }

  /// The discovery document or the keys, by the path of the request.
  private static String document(FakeUpstream.Request request) {
    if (request.requestLine().contains("/keys ")) {
      return KEYS;
    }
    String issuer = "https://" + request.header("Host").orElseThrow();
    return Json.MAPPER
        .createObjectNode()
        .put("issuer", issuer)
        .put("jwks_uri", issuer + "/keys")
        .toString();
  }

  private static List<InetAddress> resolve(String host) throws UnknownHostException {
    if (host.equals("proxy.test")) {
      return List.of(InetAddress.getLoopbackAddress());
    }
    throw new UnknownHostException(host);
  }
}
