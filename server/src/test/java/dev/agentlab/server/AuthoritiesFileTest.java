package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.config.Config;
import dev.agentlab.config.ConfigException;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.upstream.CertificateAuthorities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file of the setting `upstream.ca_file`.
class AuthoritiesFileTest {
  @TempDir private Path folder;

  @Test
  void fileIsReadRelativeToTheConfiguration() throws Exception {
    String pem = TestCertificates.create(folder, "dns:llm.test").authorityPem();
    Files.writeString(folder.resolve("company.pem"), pem);

    assertThat(ComponentSettings.authorities(config("company.pem")))
        .isEqualTo(CertificateAuthorities.parsePem(pem));
    assertThat(ComponentSettings.authorities(Config.load(folder, Map.of())))
        .isEqualTo(CertificateAuthorities.NONE);
  }

  @Test
  void unusableFileIsAnErrorOfItsSetting() throws Exception {
    Files.writeString(folder.resolve("empty.pem"), "");
    for (String file : new String[] {"missing.pem", "empty.pem"}) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> ComponentSettings.authorities(config(file)))
          .withMessageStartingWith(
              "upstream.ca_file = %s (environment UPSTREAM_CA_FILE): must be".formatted(file));
    }
  }

  private Config config(String file) {
    return Config.load(folder, Map.of("UPSTREAM_CA_FILE", file));
  }
}
