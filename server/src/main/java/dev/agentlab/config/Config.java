package dev.agentlab.config;

import dev.agentlab.net.Authority;
import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The configuration in force, valid. Immutable; printed it shows no secret.
///
/// @param values of each of [Settings#ALL]; paths are resolved against the folder of the file
/// @param settings the same for people, in the order of [Settings#ALL]; secrets are masked
/// @param secretVariables the environment variables that `secrets.env` names and that are set
public record Config(
    Map<Setting<?>, Object> values,
    List<EffectiveSetting> settings,
    Map<String, Secret> secretVariables) {

  public Config {
    values = Map.copyOf(values);
    settings = List.copyOf(settings);
    secretVariables = Map.copyOf(secretVariables);
  }

  /// Layers the defaults, `config.toml`, `config.<SERVICE_ENV>.toml` and the environment, the later
  /// over the earlier.
  ///
  /// @param folder of the files, which need not exist
  /// @throws ConfigException with all errors
  public static Config load(Path folder, Map<String, String> environment) {
    return ConfigLoader.load(folder, environment);
  }

  /// The value of a setting.
  @SuppressWarnings("unchecked") // each value was parsed by its setting's type
  public <T> T get(Setting<T> setting) {
    return (T) Objects.requireNonNull(values.get(setting), setting::key);
  }

  /// The same configuration with another value of one setting.
  public <T> Config with(Setting<T> setting, T value) {
    Map<Setting<?>, Object> changed = new HashMap<>(values);
    changed.put(setting, value);
    return new Config(changed, settings, secretVariables);
  }

  /// The exception for a value that cannot be used, such as the path of a file that does not exist.
  ///
  /// @param problem what is accepted, as the rest of a sentence about the setting
  public ConfigException rejection(Setting<?> setting, String problem) {
    return settings.stream()
        .filter(it -> it.key().equals(setting.key()))
        .map(it ->
            new ConfigException(
                new ConfigError(it.key(), Optional.of(it.value()), it.source(), problem)))
        .findFirst()
        .orElseThrow();
  }

  /// The scheme of the service's address.
  public String scheme() {
    return get(Settings.SERVER_TLS_CERT).isPresent() ? "https" : "http";
  }

  /// Whether providers may be called on loopback addresses.
  public boolean isLoopbackAllowed() {
    return switch (get(Settings.EGRESS_LOOPBACK)) {
      case ALLOW -> true;
      case DENY -> false;
      // With another host, a local proxy may forward requests of remote callers.
      case AUTO ->
          ConfigRules.isLoopback(get(Settings.SERVER_HOST))
              && get(Settings.SERVER_ALLOWED_HOSTS).isEmpty()
              && get(Settings.SERVER_PUBLIC_URL)
                  .map(it -> Authority.parse(URI.create(it).getRawAuthority()).host().isLoopback())
                  .orElse(true);
    };
  }
}
