package dev.agentlab.config;

import dev.agentlab.net.Host;
import java.util.Optional;

/// The rules about several settings at once, and the defaults that depend on other settings.
final class ConfigRules {
  private final SettingValues values;

  private ConfigRules(SettingValues values) {
    this.values = values;
  }

  /// Completes the values, and adds an error for each broken rule.
  static void apply(SettingValues values) {
    ConfigRules rules = new ConfigRules(values);
    rules.requireLoopbackWithoutAuthentication();
    rules.completeDatabase();
    rules.completeProxies();
    rules.requireTogether(Settings.SERVER_TLS_CERT, Settings.SERVER_TLS_KEY);
    rules.requireTogether(Settings.AUTH_OIDC_ISSUER, Settings.AUTH_OIDC_AUDIENCE);
    rules.requireWith(Settings.AUTH_OIDC_CLIENT_ID, Settings.AUTH_OIDC_ISSUER);
    rules.requireWith(Settings.AUTH_OIDC_CLIENT_SECRET, Settings.AUTH_OIDC_CLIENT_ID);
    rules.limit(Settings.DATABASE_MAX_IDLE_CONNS, Settings.DATABASE_MAX_OPEN_CONNS);
    rules.limit(Settings.PAGINATION_DEFAULT_PAGE_SIZE, Settings.PAGINATION_MAX_PAGE_SIZE);
    rules.requireKeyWithPreviousKeys();
  }

  private void completeDatabase() {
    values.setDefault(
        Settings.DATABASE_MODE, values.isSet(Settings.DATABASE_HOST) ? "external" : "embedded");
    values.setDefault(Settings.DATABASE_HOST, "localhost");
    if (!values.isValid(Settings.DATABASE_MODE)) {
      return;
    }
    if (values.valueOf(Settings.DATABASE_MODE) == DatabaseMode.EMBEDDED) {
      values.setDefault(Settings.DATABASE_NAME, "agent_lab");
      values.setDefault(Settings.DATABASE_USER, "agent_lab");
      values.setDefault(Settings.DATABASE_PASSWORD, "");
    } else {
      requireForExternalDatabase(Settings.DATABASE_NAME);
      requireForExternalDatabase(Settings.DATABASE_USER);
      requireForExternalDatabase(Settings.DATABASE_PASSWORD);
    }
  }

  private void completeProxies() {
    values.setDefault(Settings.UPSTREAM_PROXY, "");
    values.setDefault(Settings.UPSTREAM_HTTP_PROXY, "");
    values.setDefault(Settings.UPSTREAM_NO_PROXY, "");
  }

  private void requireForExternalDatabase(Setting<?> setting) {
    if (!values.isSet(setting)) {
      String problem =
          "is required for an external database: set it in config.toml or as " + setting.variable();
      values.reject(new ConfigError(setting.key(), Optional.empty(), "not set", problem));
    }
  }

  /// Without authentication every caller may do everything.
  private void requireLoopbackWithoutAuthentication() {
    if (!values.isValid(Settings.AUTH_ENABLED)
        || !values.isValid(Settings.SERVER_HOST)
        || values.valueOf(Settings.AUTH_ENABLED)
        || isLoopback(values.valueOf(Settings.SERVER_HOST))) {
      return;
    }
    String problem =
        "must be true unless server.host is a loopback address such as 127.0.0.1; it is %s (%s)"
            .formatted(
                SettingValues.shown(values.valueOf(Settings.SERVER_HOST)),
                values.source(Settings.SERVER_HOST));
    values.reject(
        new ConfigError(
            Settings.AUTH_ENABLED.key(),
            Optional.of("false"),
            values.source(Settings.AUTH_ENABLED),
            problem));
  }

  private void requireTogether(
      Setting<? extends Optional<?>> one, Setting<? extends Optional<?>> other) {
    requireWith(one, other);
    requireWith(other, one);
  }

  /// Requires a setting if another one is set.
  private void requireWith(
      Setting<? extends Optional<?>> set, Setting<? extends Optional<?>> required) {
    if (values.isValid(set)
        && values.isValid(required)
        && values.valueOf(set).isPresent()
        && values.valueOf(required).isEmpty()) {
      String problem =
          "is required with %s (%s): set it in config.toml or as %s"
              .formatted(set.key(), values.source(set), required.variable());
      values.reject(new ConfigError(required.key(), Optional.empty(), "not set", problem));
    }
  }

  /// A default is lowered to the limit; a value that was set is an error.
  private void limit(Setting<Integer> setting, Setting<Integer> limit) {
    if (!values.isValid(setting) || !values.isValid(limit)) {
      return;
    }
    int value = values.valueOf(setting);
    int most = values.valueOf(limit);
    if (value > most && values.source(setting).equals(SettingValues.DEFAULT)) {
      values.set(setting, Integer.toString(most), SettingValues.DEFAULT);
    } else if (value > most) {
      String problem =
          "must be at most %s, which is %d (%s)".formatted(limit.key(), most, values.source(limit));
      values.reject(
          new ConfigError(
              setting.key(),
              Optional.of(Integer.toString(value)),
              values.source(setting),
              problem));
    }
  }

  private void requireKeyWithPreviousKeys() {
    if (values.isValid(Settings.SECRETS_KEY)
        && values.isValid(Settings.SECRETS_PREVIOUS_KEYS)
        && values.valueOf(Settings.SECRETS_KEY).isEmpty()
        && !values.valueOf(Settings.SECRETS_PREVIOUS_KEYS).isEmpty()) {
      values.reject(
          new ConfigError(
              Settings.SECRETS_PREVIOUS_KEYS.key(),
              Optional.of("***"),
              values.source(Settings.SECRETS_PREVIOUS_KEYS),
              "must come with the key that replaces them: set %s, or %s"
                  .formatted(Settings.SECRETS_KEY.key(), Settings.SECRETS_KEY.variable())));
    }
  }

  static boolean isLoopback(String host) {
    return Host.parseSetting(host).map(Host::isLoopback).orElse(false);
  }
}
