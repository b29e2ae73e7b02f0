package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.logging.LogFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `config.toml` at the root of the project.
class ShippedConfigTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^#(?=[a-z_]+ = )");

  @TempDir Path directory;

  @Test
  void shippedFileListensOnLoopbackWithItsOwnDatabase() {
    Config config = Config.load(ROOT, Map.of());
    assertThat(config.get(Settings.SERVER_HOST)).isEqualTo("127.0.0.1");
    assertThat(config.get(Settings.LOGGING_FORMAT)).isEqualTo(LogFormat.TEXT);
    assertThat(config.get(Settings.DATABASE_MODE)).isEqualTo(DatabaseMode.EMBEDDED);
    assertThat(config.get(Settings.DATABASE_NAME)).isEqualTo("agent_lab");
    assertThat(config.get(Settings.DATABASE_USER)).isEqualTo("agent_lab");
    assertThat(config.get(Settings.DATABASE_PASSWORD).reveal()).isEqualTo("agent_lab");
  }

  @Test
  void externalDatabaseNeedsOnlyItsHost() {
    Config config = Config.load(ROOT, Map.of("DATABASE_HOST", "db"));
    assertThat(config.get(Settings.DATABASE_MODE)).isEqualTo(DatabaseMode.EXTERNAL);
  }

  @Test
  void shippedFileIsWrittenFromTheSettings() throws IOException {
    assertWritten(ROOT.resolve("config.toml"), SettingsDocument.toml());
  }

  @Test
  void documentedTableIsWrittenFromTheSettings() throws IOException {
    Path guide = ROOT.resolve("docs/configuration.md");
    String text = Files.readString(guide);
    int start = text.indexOf("| setting |");
    assertWritten(guide, text.substring(0, start) + SettingsDocument.markdown());
  }

  /// `-Dwrite.documents=true` writes the file instead.
  private static void assertWritten(Path file, String text) throws IOException {
    if (Boolean.getBoolean("write.documents")) {
      Files.writeString(file, text);
    }
    assertThat(Files.readString(file)).isEqualTo(text);
  }

  @Test
  void commentedOutValuesAreTheDefaults() throws IOException {
    String text = Files.readString(ROOT.resolve("config.toml"));
    Files.writeString(directory.resolve("config.toml"), COMMENTED_OUT.matcher(text).replaceAll(""));
    Config all = Config.load(directory, Map.of());
    Config shipped = Config.load(ROOT, Map.of());
    assertThat(all.settings())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("source")
        .isEqualTo(shipped.settings());
  }
}
