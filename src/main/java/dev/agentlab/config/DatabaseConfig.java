package dev.agentlab.config;

import dev.agentlab.secrets.Secret;
import java.time.Duration;

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
}
