package dev.agentlab.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Encryption of a connection to PostgreSQL and verification of the server's certificate, as in
/// libpq. The `verify-*` modes read the trusted certificates from `~/.postgresql/root.crt`.
public enum SslMode {
  DISABLE,
  ALLOW,
  PREFER,
  REQUIRE,
  VERIFY_CA,
  VERIFY_FULL;

  /// The mode with this name, as in `verify-full`.
  public static Optional<SslMode> named(String name) {
    return Arrays.stream(values()).filter(mode -> mode.toString().equals(name)).findFirst();
  }

  public static List<String> names() {
    return Arrays.stream(values()).map(SslMode::toString).toList();
  }

  /// As libpq spells it: `verify-full`.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
