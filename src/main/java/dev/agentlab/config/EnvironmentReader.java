package dev.agentlab.config;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.secrets.Secret;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads the configuration that environment variables hold. One that is empty is not set, unless it
/// is for a list: that is then the empty one.
record EnvironmentReader(Map<String, String> environment, SettingValues values) {
  /// Every variable that the configuration is read from.
  private static final List<String> KNOWN =
      Stream.concat(
              Settings.ALL.stream().map(Setting::variable),
              Stream.of(Settings.OVERLAY, Settings.DATABASE_DSN))
          .toList();

  /// A variable with one of these must be known: it may be a misspelt one.
  private static final Set<String> PREFIXES =
      KNOWN.stream()
          .map(name -> name.substring(0, name.indexOf('_') + 1))
          .collect(Collectors.toSet());

  /// Kubernetes describes every service of a namespace in variables that begin with its name, which
  /// may be `server` or `database`.
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          ".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");

  private static final Pattern SERVICE_LINK_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  EnvironmentReader {
    Map<String, String> ours = new TreeMap<>(environment);
    ours.entrySet().removeIf(variable -> isServiceLink(variable.getKey(), variable.getValue()));
    environment = ours;
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && SERVICE_LINK_ADDRESS.matcher(value).matches());
  }

  /// Takes the value of every key that has a variable, and of `DATABASE_DSN`.
  void read() {
    for (Setting<?> key : Settings.ALL) {
      String text = value(key.variable());
      boolean emptied = key.isList() && environment.containsKey(key.variable());
      if (!text.isEmpty() || emptied) {
        values.take(key, text, "environment " + key.variable());
      }
    }
    if (!value(Settings.DATABASE_DSN).isEmpty()) {
      readDsn(value(Settings.DATABASE_DSN));
    }
  }

  /// A DSN is the whole database, so that none of a file's is left over; only the `sslmode` that it
  /// does not name is: connections never become less secure by that.
  private void readDsn(String text) {
    DatabaseUri dsn;
    try {
      dsn = DatabaseUri.parse(text);
    } catch (InvalidInputException e) {
      e.errors().forEach(this::rejectDsn);
      return;
    }
    Map<Setting<?>, String> parts = new LinkedHashMap<>();
    parts.put(Settings.DATABASE_MODE, DatabaseMode.EXTERNAL.name().toLowerCase(Locale.ROOT));
    parts.put(Settings.DATABASE_HOST, dsn.host());
    parts.put(Settings.DATABASE_PORT, Integer.toString(dsn.port()));
    parts.put(Settings.DATABASE_NAME, dsn.database());
    parts.put(Settings.DATABASE_USER, dsn.user());
    parts.put(Settings.DATABASE_PASSWORD, dsn.password().map(Secret::reveal).orElse(""));
    dsn.sslMode().ifPresent(mode -> parts.put(Settings.DATABASE_SSLMODE, mode.toString()));
    List<String> contradicting = new ArrayList<>();
    parts.forEach((key, part) -> {
      values.take(key, part, "environment " + Settings.DATABASE_DSN);
      String other = value(key.variable());
      if (!other.isEmpty() && !other.equals(part)) {
        contradicting.add(key.variable());
      }
    });
    if (!contradicting.isEmpty()) {
      rejectDsn(
          "contradicts %s; set either %s or those"
              .formatted(String.join(", ", contradicting), Settings.DATABASE_DSN));
    }
  }

  private void rejectDsn(FieldError error) {
    String part = error.field().replaceFirst("^dsn\\.?", "");
    rejectDsn((part + " " + error.message()).strip());
  }

  private void rejectDsn(String problem) {
    values.fault(
        new ConfigFault(Settings.DATABASE_DSN, Optional.of("***"), "environment", problem));
  }

  /// Says which variables look like ours and are not. The value is not shown: it may be a password.
  void checkNames() {
    Set<String> known = new HashSet<>(KNOWN);
    if (values.isValid(Settings.SECRETS_ENV)) {
      known.addAll(values.valueOf(Settings.SECRETS_ENV));
    }
    environment.forEach((name, value) -> {
      boolean ours = PREFIXES.contains(name.substring(0, name.indexOf('_') + 1));
      if (ours && !value.isEmpty() && !known.contains(name)) {
        String problem = "is not a known variable; the nearest is " + Spelling.nearest(name, KNOWN);
        values.fault(new ConfigFault(name, Optional.empty(), "environment", problem));
      }
    });
  }

  private String value(String name) {
    return environment.getOrDefault(name, "");
  }
}
