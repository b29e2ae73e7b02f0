package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.testing.TestCertificates;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCertificateTest {
  @TempDir private static Path authority;
  private static TestCertificates certificates;

  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();

  @BeforeAll
  static void createCertificates() throws Exception {
    certificates = TestCertificates.create(authority, "dns:a.test");
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void validCertificateHasNoWarnings() throws Exception {
    certificates.writePem(folder);
    Files.setPosixFilePermissions(
        folder.resolve("key.pem"), PosixFilePermissions.fromString("rw-------"));

    assertThat(read().warnings(Instant.now())).isEmpty();
  }

  @Test
  void allMissingFilesAreReported() {
    assertThatThrownBy(this::read)
        .hasMessageContaining("server.tls_cert (SERVER_TLS_CERT): file not found")
        .hasMessageContaining("server.tls_key (SERVER_TLS_KEY): file not found");
  }

  @Test
  void invalidCertificateIsReported() throws Exception {
    certificates.writePem(folder);
    Files.writeString(folder.resolve("cert.pem"), "nonsense");

    assertThatThrownBy(this::read)
        .hasMessageContaining("SERVER_TLS_CERT")
        .hasMessageContaining("does not contain a certificate in PEM");
  }

  @Test
  void invalidKeyIsReportedWithoutItsContent() throws Exception {
    certificates.writePem(folder);
    for (String label : new String[] {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"}) {
      Files.writeString(
          folder.resolve("key.pem"),
          "-----BEGIN %s-----\nc2VjcmV0\n-----END %s-----\n".formatted(label, label));

      assertThatThrownBy(this::read)
          .hasMessageContaining("SERVER_TLS_KEY")
          .hasMessageContaining("PKCS#8")
          .hasMessageNotContaining("c2VjcmV0");
    }
  }

  @Test
  void keyOfAnotherCertificateIsReported() throws Exception {
    certificates.writePem(folder);
    for (String algorithm : new String[] {"EC", "RSA"}) {
      byte[] other =
          KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate().getEncoded();
      Files.writeString(
          folder.resolve("key.pem"),
          "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
              .formatted(Base64.getMimeEncoder().encodeToString(other)));

      assertThatThrownBy(this::read)
          .hasMessageContaining("is not the private key of the first certificate in");
    }
  }

  @Test
  void expiryAndExposedKeyGiveWarnings() throws Exception {
    TestCertificates.create(folder, "dns:a.test", "-startdate", "-3d", "-validity", "1")
        .writePem(folder);
    Files.setPosixFilePermissions(
        folder.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(read().warnings(Instant.now()))
        .anyMatch(warning -> warning.contains("has expired"))
        .anyMatch(warning -> warning.contains("chmod 600"));
    assertThat(read().warnings(Instant.now().minus(Duration.ofDays(5))))
        .anyMatch(warning -> warning.contains("is not valid before"));
    assertThat(read().warnings(Instant.now().minus(Duration.ofHours(60))))
        .anyMatch(warning -> warning.contains("expires at"));
  }

  private ServerCertificate read() {
    return ServerCertificate.read(
        new TlsFiles(folder.resolve("cert.pem"), folder.resolve("key.pem")), vertx);
  }
}
