package dev.agentlab.upstream;

import static dev.agentlab.upstream.TestClients.LOCAL;
import static dev.agentlab.upstream.TestClients.LOOPBACK;
import static dev.agentlab.upstream.TestClients.NOBODY;
import static dev.agentlab.upstream.TestClients.limits;
import static org.assertj.core.api.Assertions.assertThat;

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
  static void makeCertificates() throws Exception {
    certificates = TestCertificates.of(folder, "dns:llm.test,ip:127.0.0.1");
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void checksTheCertificateAgainstTheHostOfTheUrl() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.secure(certificates.server(), FakeUpstream.json("{}"))) {
      TestClients.Getter client = clients.trusting(certificates);

      assertThat(client.get(upstream.url("llm.test", "/"), Map.of()).status()).isEqualTo(200);
      assertThat(upstream.request().serverName()).contains("llm.test");
      assertThat(client.failure(upstream.url("other.test", "/")).kind())
          .isEqualTo(Kind.TLS_WRONG_HOST);
    }
  }

  @Test
  void checksTheCertificateOfAnAddress() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.secure(certificates.server(), FakeUpstream.json("{}"))) {
      assertThat(clients.trusting(certificates).get(upstream.url("/"), Map.of()).status())
          .isEqualTo(200);
    }
  }

  @Test
  void trustsNoUnknownAuthority() throws Exception {
    try (FakeUpstream upstream =
        FakeUpstream.secure(certificates.server(), FakeUpstream.json("{}"))) {
      assertThat(clients.of(LOCAL).failure(upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.TLS_UNTRUSTED);
      assertThat(upstream.isIdle()).isTrue();
    }
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    TestCertificates expired =
        TestCertificates.of(folder, "dns:llm.test", "-startdate", "-10d", "-validity", "1");
    try (FakeUpstream upstream = FakeUpstream.secure(expired.server(), FakeUpstream.json("{}"))) {
      assertThat(clients.trusting(expired).failure(upstream.url("llm.test", "/")).kind())
          .isEqualTo(Kind.TLS_EXPIRED);
    }
  }

  @Test
  void saysThatAPortDoesNotSpeakTls() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.answering("HTTP/1.1 400 Bad Request\r\n\r\n")) {
      assertThat(clients.of(NOBODY).failure(overTls(upstream.url("/"))).kind())
          .isEqualTo(Kind.TLS_NOT_SPOKEN);
    }
  }

  @Test
  void boundsATlsHandshakeThatHangs() throws Exception {
    UpstreamLimits limits =
        limits(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(10), 1_000);
    try (FakeUpstream upstream = FakeUpstream.answering((_, _) -> {})) {
      assertThat(clients.of(LOOPBACK, NOBODY, limits).failure(overTls(upstream.url("/"))).kind())
          .isEqualTo(Kind.TLS_TIMEOUT);
    }
  }

  private static URI overTls(URI url) {
    return URI.create(url.toString().replace("http:", "https:"));
  }
}
