package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.config.DatabaseConfig.Mode;
import dev.agentlab.config.LoggingConfig.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `config.toml` at the root of the project.
class ShippedConfigTest {
  private static final Path ROOT = Path.of("");
  private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^#(?=[a-z_]+ = )");

  @TempDir Path directory;

  @Test
  void itBindsLoopbackLogsTextAndRunsItsOwnDatabase() {
    Config config = EffectiveConfig.load(ROOT, Map.of()).config();
    assertThat(config.server().host()).isEqualTo("127.0.0.1");
    assertThat(config.logging().format()).isEqualTo(Format.TEXT);
    assertThat(config.database().mode()).isEqualTo(Mode.EMBEDDED);
    assertThat(config.database().name()).isEqualTo("agent_lab");
    assertThat(config.database().user()).isEqualTo("agent_lab");
    assertThat(config.database().password().reveal()).isEqualTo("agent_lab");
  }

  @Test
  void itNeedsOnlyAHostForAnExternalDatabase() {
    Config config = EffectiveConfig.load(ROOT, Map.of("DATABASE_HOST", "db")).config();
    assertThat(config.database().mode()).isEqualTo(Mode.EXTERNAL);
  }

  @Test
  void itNamesEveryKeyAndItsVariable() throws IOException {
    String text = Files.readString(ROOT.resolve("config.toml"));
    Files.writeString(directory.resolve("config.toml"), COMMENTED_OUT.matcher(text).replaceAll(""));
    List<EffectiveSetting> settings = EffectiveConfig.load(directory, Map.of()).settings();
    assertThat(settings).allMatch(setting -> setting.source().equals("config.toml"));
    assertThat(settings)
        .allSatisfy(
            setting -> assertThat(text).containsPattern("[( ]" + setting.environment() + "[,)]"));
  }

  @Test
  void whatIsCommentedOutIsTheDefault() throws IOException {
    String text = Files.readString(ROOT.resolve("config.toml"));
    Files.writeString(directory.resolve("config.toml"), COMMENTED_OUT.matcher(text).replaceAll(""));
    assertThat(EffectiveConfig.load(directory, Map.of()).config())
        .usingRecursiveComparison()
        .ignoringFields("dataDir")
        .isEqualTo(EffectiveConfig.load(ROOT, Map.of()).config());
  }
}
