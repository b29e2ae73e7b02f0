package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentlab.testing.TestCertificates;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateAuthoritiesTest {
  @TempDir private static Path folder;
  private static TestCertificates certificates;

  @BeforeAll
  static void createCertificates() throws Exception {
    certificates = TestCertificates.create(folder, "dns:llm.test");
  }

  @Test
  void certificatesAreReadBesideOtherText() throws Exception {
    String pem = certificates.authorityPem();
    String other = TestCertificates.create(folder, "dns:llm.test").authorityPem();

    CertificateAuthorities authorities =
        CertificateAuthorities.parsePem("# Company\r\n" + pem + "\n# Other\n" + other + pem);

    assertThat(authorities.certificates()).hasSize(2);
    assertThat(authorities)
        .isEqualTo(CertificateAuthorities.parsePem(other + pem.replace("\n", "\r\n")));
  }

  @Test
  void privateKeyIsRejectedWithoutItsText() throws Exception {
    certificates.writePem(folder);
    String key = Files.readString(folder.resolve("key.pem"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> CertificateAuthorities.parsePem(certificates.authorityPem() + key))
        .withMessageContaining("such as a private key")
        .withMessageNotContaining(key.lines().toList().get(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "company-ca.pem",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMII=A\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA",
        "-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----",
      })
  void otherTextIsRejected(String pem) {
    assertThatIllegalArgumentException().isThrownBy(() -> CertificateAuthorities.parsePem(pem));
  }

  @Test
  void authoritiesOfTheJdkStayTrusted() throws Exception {
    CertificateAuthorities added = CertificateAuthorities.parsePem(certificates.authorityPem());
    TrustManagerFactory standard =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    standard.init((java.security.KeyStore) null);
    Vertx vertx = Vertx.vertx();
    try {
      TrustManagerFactory trust = new AuthorityTrustOptions(added).getTrustManagerFactory(vertx);

      assertThat(issuers(trust)).containsAll(issuers(standard)).containsAll(added.certificates());
    } finally {
      vertx.close().await();
    }
  }

  private static List<java.security.cert.X509Certificate> issuers(TrustManagerFactory trust) {
    return Arrays.asList(((X509TrustManager) trust.getTrustManagers()[0]).getAcceptedIssuers());
  }
}
