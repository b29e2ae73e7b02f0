package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.testing.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests the trust manager over real TLS connections.
class TlsTrustTest {
  private static final String LIST = "GET /api/providers?page=1";

  @TempDir private static Path folder;

  /// For the address of the service, issued by a separate authority.
  private static TestCertificates named;

  /// For another host name.
  private static TestCertificates misnamed;

  private static TestCertificates expired;

  @BeforeAll
  static void createCertificates() throws Exception {
    named = TestCertificates.create(folder, "ip:127.0.0.1");
    misnamed = TestCertificates.create(folder, "dns:lab.test");
    expired =
        TestCertificates.create(
            folder, "ip:127.0.0.1", "-startdate", "2020/01/01 00:00:00", "-validity", "1");
  }

  private static FakeService service(TestCertificates certificates) throws Exception {
    return new FakeService(Optional.of(certificates.serverContext()))
        .on(LIST, 200, "{\"data\": [], \"total\": 0}");
  }

  private static Path pem(TestCertificates certificates, String name) throws Exception {
    return certificates.writePem(Files.createDirectories(folder.resolve(name))).resolve("cert.pem");
  }

  @Test
  void unknownAuthorityIsNotTrusted() throws Exception {
    try (FakeService service = service(named)) {
      CommandRun run = CommandRun.With.service(service).run("provider", "list");

      assertThat(run.code()).isEqualTo(3);
      assertThat(run.err()).contains("certificat", "--ca-file").doesNotContain("serve`");
      assertThat(service.requests()).isEmpty();
    }
  }

  @Test
  void authorityInFileIsTrusted() throws Exception {
    String file = pem(named, "named").toString();
    try (FakeService service = service(named)) {
      CommandRun.With with = CommandRun.With.service(service);

      assertThat(with.run("provider", "list", "--ca-file", file).code()).isZero();
      assertThat(with.environment("AGENT_LAB_CA", file).run("provider", "list").code()).isZero();
    }
  }

  @Test
  void otherHostNameIsNotTrusted() throws Exception {
    String file = pem(misnamed, "misnamed").toString();
    try (FakeService service = service(misnamed)) {
      assertThat(CommandRun.With.service(service).run("provider", "list", "--ca-file", file).code())
          .isEqualTo(3);
    }
  }

  @Test
  void serviceCertificateIsTrustedForAnyHostName() throws Exception {
    Path own = pem(misnamed, "own");
    try (FakeService service = service(misnamed);
        ApiClient api = client(service, own)) {
      assertThatCode(() -> api.get("/api/providers?page=1")).doesNotThrowAnyException();
    }
  }

  @Test
  void otherCertificateIsNotTrusted() throws Exception {
    Path own = pem(misnamed, "other");
    try (FakeService service = service(named);
        ApiClient api = client(service, own)) {
      assertThatThrownBy(() -> api.get("/api/providers?page=1")).isInstanceOf(CommandFailure.class);
    }
  }

  @Test
  void expiredServiceCertificateIsNotTrusted() throws Exception {
    Path own = pem(expired, "expired");
    try (FakeService service = service(expired);
        ApiClient api = client(service, own)) {
      assertThatThrownBy(() -> api.get("/api/providers?page=1")).isInstanceOf(CommandFailure.class);
    }
  }

  private static ApiClient client(FakeService service, Path own) {
    return new ApiClient(
        ServiceAddress.parse(service.url()),
        new ClientCredential.Missing("none is needed"),
        Optional.of(TlsTrust.createContext(Optional.empty(), Optional.of(own))));
  }

  @Test
  void fileWithoutCertificatesIsRejected() throws IOException {
    Files.writeString(folder.resolve("no.pem"), "hello");
    CommandRun.With with = CommandRun.With.directory(folder);
    String[] list = {"provider", "list", "--url", "https://127.0.0.1:1", "--ca-file"};

    assertThat(with.run(FakeProviders.append(list, "no.pem")))
        .satisfies(run -> assertThat(run.code()).isEqualTo(2))
        .satisfies(run -> assertThat(run.err()).contains("no.pem contains no PEM certificates"));
    assertThat(with.run(FakeProviders.append(list, "absent.pem")).err())
        .contains("file not found: " + folder.resolve("absent.pem"));
  }
}
