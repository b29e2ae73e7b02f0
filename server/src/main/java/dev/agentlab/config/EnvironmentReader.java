package dev.agentlab.config;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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

/// Reads settings from environment variables. An empty variable counts as not set, or as the empty
/// list for a list. A variable of a secret with [#FILE] at the end of its name has the path of a
/// file with the value instead. The variables of proxies are read if no setting has their value.
final class EnvironmentReader {
  private static final String FILE = "_FILE";

  /// The variables of secrets.
  private static final List<String> SECRETS =
      Stream.concat(
              Settings.ALL.stream().filter(it -> it.type().masked()).map(Setting::variable),
              Stream.of(Settings.DATABASE_DSN))
          .toList();

  /// All variables that set something.
  private static final List<String> KNOWN =
      Stream.of(
              Settings.ALL.stream().map(Setting::variable),
              Stream.of(Settings.OVERLAY, Settings.DATABASE_DSN),
              SECRETS.stream().map(it -> it + FILE))
          .flatMap(it -> it)
          .toList();

  /// An unknown variable with one of these prefixes is probably misspelt.
  private static final Set<String> PREFIXES =
      KNOWN.stream()
          .map(name -> name.substring(0, name.indexOf('_') + 1))
          .collect(Collectors.toSet());

  /// Kubernetes sets variables that begin with the names of the services of a namespace, such as
  /// `server` or `database`.
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          ".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");

  private static final Pattern ENTRY_SEPARATOR = Pattern.compile("[,\\s]+");

  private static final Pattern SERVICE_LINK_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private final Path folder;
  private final Map<String, String> environment;
  private final SettingValues values;

  /// @param folder the folder of relative paths
  EnvironmentReader(Path folder, Map<String, String> environment, SettingValues values) {
    this.folder = folder;
    this.environment = new TreeMap<>(environment);
    this.environment
        .entrySet()
        .removeIf(variable -> isServiceLink(variable.getKey(), variable.getValue()));
    this.values = values;
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && SERVICE_LINK_ADDRESS.matcher(value).matches());
  }

  /// Sets the value of each setting whose variable is set, and those that `DATABASE_DSN` describes.
  void read() {
    SECRETS.forEach(this::readFile);
    for (Setting<?> key : Settings.ALL) {
      String text = value(key.variable());
      boolean emptied = key.isList() && environment.containsKey(key.variable());
      if (!text.isEmpty() || emptied) {
        values.set(key, text, source(key.variable()));
      }
    }
    if (!value(Settings.DATABASE_DSN).isEmpty()) {
      readDsn(value(Settings.DATABASE_DSN));
    }
    readProxies();
  }

  /// Sets a variable to the content of the file that another one names.
  private void readFile(String name) {
    String path = value(name + FILE);
    if (path.isEmpty()) {
      return;
    }
    if (!value(name).isEmpty()) {
      rejectFile(name, path, "contradicts %s; set only one of them".formatted(name));
      return;
    }
    try {
      environment.put(name, SecretFile.read(folder.resolve(path)).reveal());
    } catch (InvalidPathException _) {
      rejectFile(name, path, "must be a path");
    } catch (SecretFile.UnreadableException e) {
      rejectFile(name, path, "names a file that " + e.getMessage());
    }
  }

  private void rejectFile(String name, String path, String problem) {
    values.reject(
        new ConfigError(
            name + FILE, Optional.of(SettingValues.shown(path)), "environment", problem));
  }

  /// The source of a variable's value.
  private String source(String name) {
    return "environment " + name + (value(name + FILE).isEmpty() ? "" : FILE);
  }

  /// Sets the proxies that no setting sets, from the variables that other programs use too. The
  /// lower-case name of a variable precedes, as in curl. A proxy of a setting also serves http.
  private void readProxies() {
    if (values.isSet(Settings.UPSTREAM_PROXY)) {
      values.copyUnlessSet(Settings.UPSTREAM_PROXY, Settings.UPSTREAM_HTTP_PROXY);
    } else {
      readProxy(Settings.UPSTREAM_PROXY, "https_proxy");
      readProxy(Settings.UPSTREAM_HTTP_PROXY, "http_proxy");
    }
    if (!values.isSet(Settings.UPSTREAM_NO_PROXY)) {
      String name = nameOf("no_proxy");
      // Other programs ignore an entry that they do not understand.
      String entries =
          ENTRY_SEPARATOR
              .splitAsStream(value(name))
              .filter(Settings.UPSTREAM_NO_PROXY.type()::accepts)
              .filter(entry -> !entry.isEmpty())
              .collect(Collectors.joining(", "));
      if (!entries.isEmpty()) {
        values.set(Settings.UPSTREAM_NO_PROXY, entries, "environment " + name);
      }
    }
  }

  private void readProxy(Setting<?> setting, String lowerCaseName) {
    String name = nameOf(lowerCaseName);
    if (!values.isSet(setting) && !value(name).isEmpty()) {
      values.set(setting, value(name), "environment " + name);
    }
  }

  /// The name of a variable as it is set: in lower case, else in upper case.
  private String nameOf(String lowerCaseName) {
    return value(lowerCaseName).isEmpty() ? lowerCaseName.toUpperCase(Locale.ROOT) : lowerCaseName;
  }

  /// A DSN replaces all settings of the database, so that none of a file is mixed with it. Only
  /// `sslmode` is kept if the DSN has none, so that a connection never becomes less secure.
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
      values.set(key, part, source(Settings.DATABASE_DSN));
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
    values.reject(
        new ConfigError(Settings.DATABASE_DSN, Optional.of("***"), "environment", problem));
  }

  /// Rejects unknown variables with a known prefix. Their values are not shown: they may be
  /// secrets.
  void checkNames() {
    Set<String> known = new HashSet<>(KNOWN);
    if (values.isValid(Settings.SECRETS_ENV)) {
      known.addAll(values.valueOf(Settings.SECRETS_ENV));
    }
    environment.forEach((name, value) -> {
      boolean ours = PREFIXES.contains(name.substring(0, name.indexOf('_') + 1));
      if (ours && !value.isEmpty() && !known.contains(name)) {
        String problem = "is not a known variable; the nearest is " + Spelling.nearest(name, KNOWN);
        values.reject(new ConfigError(name, Optional.empty(), "environment", problem));
      }
    });
  }

  private String value(String name) {
    return environment.getOrDefault(name, "");
  }
}
