package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.ALLOW_LOOPBACK;
import static dev.agentlab.upstream.TestClients.LOOPBACK_RESOLVER;
import static dev.agentlab.upstream.TestClients.NO_ADDRESS;
import static dev.agentlab.upstream.TestClients.limits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.upstream.UpstreamException.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Verifies how the client authenticates the host of a URL.
class UpstreamTlsTest {
  @TempDir private static Path folder;
  private static TestCertificates certificates;

  private final TestClients clients = new TestClients();

  @BeforeAll
  static void createCertificates() throws Exception {
    certificates = TestCertificates.create(folder, "dns:llm.test,ip:127.0.0.1");
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void certificateMustMatchTheHostOfTheUrl() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.startTls(certificates.serverContext(), FakeUpstream.json("{}"))) {
      TestClients.LimitedClient client = clients.createTrusting(certificates);

      assertThat(client.get(upstream.url("llm.test", "/"), Map.of()).status()).isEqualTo(200);
      assertThat(upstream.request().serverName()).contains("llm.test");
      assertThat(client.failure(upstream.url("other.test", "/")).kind())
          .isEqualTo(Kind.TLS_WRONG_HOST);
    }
  }

  @Test
  void certificateForAnAddressIsAccepted() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.startTls(certificates.serverContext(), FakeUpstream.json("{}"))) {
      assertThat(clients.createTrusting(certificates).get(upstream.url("/"), Map.of()).status())
          .isEqualTo(200);
    }
  }

  @Test
  void unknownAuthorityIsNotTrusted() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.startTls(certificates.serverContext(), FakeUpstream.json("{}"))) {
      assertThat(clients.create(LOOPBACK_RESOLVER).failure(upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.TLS_UNTRUSTED);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void expiredCertificateIsRejected() throws Exception {
    TestCertificates expired =
        TestCertificates.create(folder, "dns:llm.test", "-startdate", "-10d", "-validity", "1");
    try (FakeUpstream upstream =
        FakeUpstream.startTls(expired.serverContext(), FakeUpstream.json("{}"))) {
      assertThat(clients.createTrusting(expired).failure(upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.TLS_EXPIRED);
    }
  }

  @Test
  void portWithoutTlsFailsAsUnsupported() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start("HTTP/1.1 400 Bad Request\r\n\r\n")) {
      assertThat(clients.create(NO_ADDRESS).failure(withHttps(upstream.url("/"))).kind())
          .isEqualTo(Kind.TLS_UNSUPPORTED);
    }
  }

  @Test
  void hangingTlsHandshakeTimesOut() throws Exception {
    UpstreamLimits limits =
        limits(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(10), 1_000);
    try (FakeUpstream upstream = FakeUpstream.start((_, _) -> {})) {
      assertThat(
              clients
                  .create(ALLOW_LOOPBACK, NO_ADDRESS, limits)
                  .failure(withHttps(upstream.url("/")))
                  .kind())
          .isEqualTo(Kind.TLS_TIMEOUT);
    }
  }

  private static URI withHttps(URI url) {
    return URI.create(url.toString().replace("http:", "https:"));
  }
}
