package dev.agentlab.server;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.config.Config;
import dev.agentlab.config.DatabaseMode;
import dev.agentlab.config.EffectiveSetting;
import dev.agentlab.config.Setting;
import dev.agentlab.config.Settings;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaName;
import dev.agentlab.vault.Replica;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The program that runs, its database, its replicas and its configuration.
@SchemaName("About")
record About(
    @SchemaDescription("The version of the program; `development` if it is not packaged.")
        String version,
    @SchemaDescription(
            "The first digits of the commit that the program was built from, with `-dirty` at the end if"
                + " the sources had changes; left out if it is not known.")
        Optional<String> commit,
    @SchemaDescription("The version of the Java runtime.") String java,
    @SchemaDescription("When the replica that answers was started.") Instant startedAt,
    DatabaseInfo database,
    @SchemaDescription("The running replicas, the one that answers first.") List<Replica> replicas,
    @SchemaDescription("The configuration in force of the replica that answers.")
        List<SettingInfo> configuration) {
  About {
    replicas = List.copyOf(replicas);
    configuration = List.copyOf(configuration);
  }

  /// The database.
  @SchemaName("DatabaseInfo")
  record DatabaseInfo(
      Mode mode,
      @SchemaDescription("The version of PostgreSQL.") String version,
      @SchemaDescription("The version of the schema: the number of the last migration.")
          long migration) {}

  /// Which server the service uses, as in the setting `database.mode`.
  enum Mode {
    EMBEDDED,
    EXTERNAL;

    static Mode of(DatabaseMode mode) {
      return valueOf(mode.name());
    }

    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// A setting in force.
  @SchemaName("SettingInfo")
  record SettingInfo(
      String key,
      @SchemaDescription("The value as written in the environment; `***` for a secret that is set.")
          String value,
      @SchemaDescription("The source of the value, such as `default` or `config.toml`.")
          String source,
      @SchemaDescription("The environment variable that overrides the setting.") String variable,
      String description) {}

  /// The settings of a configuration, without secrets.
  static List<SettingInfo> settings(Config config) {
    Map<String, String> descriptions =
        Settings.ALL.stream().collect(Collectors.toMap(Setting::key, Setting::description));
    return config.settings().stream().map(it -> info(it, descriptions)).toList();
  }

  private static SettingInfo info(EffectiveSetting setting, Map<String, String> descriptions) {
    return new SettingInfo(
        setting.key(),
        setting.value(),
        setting.source(),
        setting.environment(),
        descriptions.getOrDefault(setting.key(), ""));
  }
}
