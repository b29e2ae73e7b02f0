package dev.agentlab.config;

import dev.agentlab.secrets.Secret;
import java.time.Duration;
import java.util.Locale;

/// Which PostgreSQL holds the data, and the pool of connections to it.
///
/// @param host of the external server, as are `port`, `password` and `sslmode`
/// @param password empty when the mode is embedded and none is set
/// @param maxOpenConns at least 1
/// @param maxIdleConns 0 … maxOpenConns
/// @param connMaxLifetime after which a connection is replaced; zero for never
/// @param connTimeout how long a caller waits for a connection
public record DatabaseConfig(
    Mode mode,
    String host,
    int port,
    String name,
    String user,
    Secret password,
    SslMode sslmode,
    int maxOpenConns,
    int maxIdleConns,
    Duration connMaxLifetime,
    Duration connTimeout) {

  /// Who runs the server.
  public enum Mode {
    /// This service does, inside the data folder.
    EMBEDDED,
    /// Somebody else does.
    EXTERNAL
  }

  /// How far a connection is encrypted and the server's certificate checked, as libpq defines it.
  public enum SslMode {
    DISABLE,
    ALLOW,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    /// As libpq spells it: `verify-full`.
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
