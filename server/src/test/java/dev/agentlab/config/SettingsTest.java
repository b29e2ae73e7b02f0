package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The default of each setting, its sources, and what it rejects.
class SettingsTest {
  @TempDir Path directory;

  @Test
  void everySettingIsTested() {
    assertThat(Settings.ALL)
        .doesNotHaveDuplicates()
        .isEqualTo(SettingRow.all().stream().map(SettingRow::setting).toList());
  }

  @Test
  void descriptionsAreSentences() {
    assertThat(Settings.ALL).extracting(Setting::description).allMatch(text -> text.endsWith("."));
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void unsetSettingHasItsDefault(SettingRow row) {
    Object expected =
        row.defaultValue() instanceof Path path ? directory.resolve(path) : row.defaultValue();
    assertLoaded(Map.of(), row, expected, "default");
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void fileOverridesDefault(SettingRow row) throws IOException {
    write(row, row.samples().toml());
    assertLoaded(row, Map.of(), row.samples().fromFile(), "config.toml");
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void environmentOverridesFile(SettingRow row) throws IOException {
    write(row, row.samples().toml());
    assertLoaded(
        row,
        Map.of(row.setting().variable(), row.samples().text()),
        row.samples().fromEnvironment(),
        "environment " + row.setting().variable());
  }

  static Stream<SettingRow> secrets() {
    return SettingRow.all().stream().filter(row -> row.setting().type().masked());
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void secretIsReadFromTheFileThatItsVariableNames(SettingRow row) throws IOException {
    Files.writeString(directory.resolve("secret"), row.samples().text() + "\n");
    assertLoaded(
        row,
        Map.of(row.setting().variable() + "_FILE", "secret"),
        row.samples().fromEnvironment(),
        "environment " + row.setting().variable() + "_FILE");
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void invalidValueIsRejectedWithWhatIsAccepted(SettingRow row) throws IOException {
    write(row, row.samples().wrong());
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Config.load(directory, row.prerequisites()))
        .satisfies(e -> {
          ConfigError fault = e.errors().getFirst();
          assertThat(fault.key()).isEqualTo(row.setting().key());
          assertThat(fault.source()).isEqualTo("config.toml");
          assertThat(fault.value()).isPresent();
          assertThat(fault.problem()).isEqualTo("must be " + row.samples().accepted());
        });
  }

  private void assertLoaded(
      SettingRow row, Map<String, String> variables, Object value, String source) {
    Map<String, String> environment = new HashMap<>(row.prerequisites());
    environment.putAll(variables);
    assertLoaded(environment, row, value, source);
  }

  private void assertLoaded(
      Map<String, String> environment, SettingRow row, Object value, String source) {
    Config config = Config.load(directory, environment);
    assertThat(config.get(row.setting())).isEqualTo(value);
    assertThat(config.settings())
        .filteredOn(setting -> setting.key().equals(row.setting().key()))
        .extracting(EffectiveSetting::source, EffectiveSetting::environment)
        .containsExactly(tuple(source, row.setting().variable()));
  }

  private void write(SettingRow row, String toml) throws IOException {
    // Dotted keys need no table header.
    Files.writeString(directory.resolve("config.toml"), row.setting().key() + " = " + toml + "\n");
  }
}
