package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.cli.FakeService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCommandTest {
  @TempDir private Path folder;

  private CommandRun.With with(String toml) throws IOException {
    Files.writeString(folder.resolve("config.toml"), toml);
    return ServiceRun.in(folder);
  }

  @Test
  void valuesArePrintedWithSourceAndMaskedSecrets() throws IOException {
    CommandRun run =
        with("[database]\npassword = \"hunter2\"\n")
            .environment("SERVER_PORT", "9999")
            .run("config");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .containsPattern("server\\.port +9999 +environment SERVER_PORT +SERVER_PORT")
        .containsPattern("database\\.password +\\*\\*\\* +config\\.toml")
        .containsPattern("shutdown_timeout +30s +default")
        .doesNotContain("hunter2");
  }

  @Test
  void jsonContainsFolderAndSettings() throws IOException {
    CommandRun run = with("").environment("SERVER_PORT", "9999").run("config", "--json", "-q");

    assertThat(run.json().path("folder").asString()).isEqualTo(folder.toString());
    assertThat(run.json().path("settings"))
        .anySatisfy(setting -> {
          assertThat(setting.path("key").asString()).isEqualTo("server.port");
          assertThat(setting.path("value").asString()).isEqualTo("9999");
          assertThat(setting.path("source").asString()).isEqualTo("environment SERVER_PORT");
        });
    assertThat(run.err()).isEmpty();
  }

  @Test
  void everyErrorIsOneLineAndFolderIsNamed() throws IOException {
    CommandRun run = with("colour = 1\n").environment("SERVER_PORT", "http").run("config");

    assertThat(run.code()).isEqualTo(78);
    assertThat(run.err().lines())
        .hasSize(3)
        .last()
        .isEqualTo("the configuration is read in " + folder);
    assertThat(run.err()).contains("colour", "server.port = ").doesNotContain("Exception");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, http://127.0.0.1:1",
    "::, http://127.0.0.1:1",
    "127.0.0.2, http://127.0.0.2:1",
    "::1, http://[::1]:1",
    "localhost, http://localhost:1",
  })
  void configOptionSelectsServiceAddress(String host, String url) throws IOException {
    CommandRun run =
        with("")
            .environment("SERVER_HOST", host)
            .environment("SERVER_PORT", "1")
            .environment("AGENT_LAB_URL", "")
            .run("provider", "list", "--config", ".");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("is not reachable at " + url + ";");
  }

  @Test
  void configOptionSelectsPrintedConfiguration() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("config.toml"), "server.port = 9999");

    assertThat(with("server.port = 1").run("config", "--config", "other").out())
        .containsPattern("server\\.port +9999 +config\\.toml");
  }

  @Test
  void configOptionWithoutConfigFileIsRejected() {
    CommandRun run = ServiceRun.in(folder).run("provider", "list", "--config", "etc");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("--config: " + folder.resolve("etc") + " does not contain config.toml");
  }

  @Test
  void configuredHostOfAnotherMachineIsRejected() throws IOException {
    CommandRun run =
        with("server.host = '192.0.2.1'")
            .environment("AGENT_LAB_KEY", "eyJhbGci.eyJzdWIi.c2ln-_")
            .run("doctor");

    assertThat(run.out())
        .containsPattern(
            "✗ connection +server\\.host: must be an address of this machine, was \"192\\.0\\.2\\.1\"")
        .contains("--url");
  }

  @Test
  void currentFolderConfigurationDoesNotRedirectKey() throws IOException {
    String key = "eyJhbGci.eyJzdWIi.c2ln-_";
    try (FakeService service =
        new FakeService().on("GET /api/providers?page=1", 200, "{\"data\": [], \"total\": 0}")) {
      CommandRun.With with =
          with("server = { host = '127.0.0.1', port = %d }".formatted(service.port()))
              .environment("AGENT_LAB_KEY", key);

      with.run("provider", "list");
      assertThat(service.requests()).isEmpty();

      with.run("provider", "list", "--config", ".");
      assertThat(service.requests().getLast().header("Authorization")).isEqualTo("Bearer " + key);
    }
  }
}
