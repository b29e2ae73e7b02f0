package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What each key is called, what it is by default, where it ends up and what it refuses.
class SettingDefinitionsTest {
  @TempDir Path directory;

  @Test
  void everyKeyHasARowHere() {
    assertThat(SettingDefinitions.ALL)
        .extracting(key -> key.path() + " " + key.environment())
        .isEqualTo(
            SettingRow.all().stream().map(row -> row.key() + " " + row.environment()).toList());
  }

  @Test
  void everyDeclaredKeyIsListed() {
    long declared =
        Arrays.stream(SettingDefinitions.class.getDeclaredFields())
            .filter(field -> field.getType() == SettingDefinition.class)
            .count();
    assertThat(SettingDefinitions.ALL).doesNotHaveDuplicates().hasSize((int) declared);
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void aKeyThatNobodySetsHasItsDefault(SettingRow row) {
    Object byDefault =
        row.byDefault() instanceof Path path ? directory.resolve(path) : row.byDefault();
    assertLoaded(Map.of(), row, byDefault, "default");
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void aFileOverridesTheDefault(SettingRow row) throws IOException {
    write(row, row.samples().toml());
    assertLoaded(row, Map.of(), row.samples().fromFile(), "config.toml");
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void theEnvironmentOverridesTheFile(SettingRow row) throws IOException {
    write(row, row.samples().toml());
    assertLoaded(
        row,
        Map.of(row.environment(), row.samples().text()),
        row.samples().fromEnvironment(),
        "environment " + row.environment());
  }

  @ParameterizedTest
  @MethodSource("dev.agentlab.config.SettingRow#all")
  void aWrongValueIsRefusedWithWhatIsAccepted(SettingRow row) throws IOException {
    write(row, row.samples().wrong());
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> EffectiveConfig.load(directory, row.surroundings()))
        .satisfies(e -> {
          ConfigFault fault = e.faults().getFirst();
          assertThat(fault.key()).isEqualTo(row.key());
          assertThat(fault.source()).isEqualTo("config.toml");
          assertThat(fault.value()).isPresent();
          assertThat(fault.problem()).isEqualTo("must be " + row.samples().accepted());
        });
  }

  private void assertLoaded(
      SettingRow row, Map<String, String> variables, Object value, String source) {
    Map<String, String> environment = new HashMap<>(row.surroundings());
    environment.putAll(variables);
    assertLoaded(environment, row, value, source);
  }

  private void assertLoaded(
      Map<String, String> environment, SettingRow row, Object value, String source) {
    EffectiveConfig effective = EffectiveConfig.load(directory, environment);
    assertThat(row.part().apply(effective.config())).isEqualTo(value);
    assertThat(effective.settings())
        .filteredOn(setting -> setting.key().equals(row.key()))
        .extracting(EffectiveSetting::source, EffectiveSetting::environment)
        .containsExactly(tuple(source, row.environment()));
  }

  private void write(SettingRow row, String toml) throws IOException {
    // Dotted keys need no table header.
    Files.writeString(directory.resolve("config.toml"), row.key() + " = " + toml + "\n");
  }
}
