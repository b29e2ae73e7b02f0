package dev.agentlab.database;

import dev.agentlab.postgres.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;

/// The settings of the database: the server and the connection pool.
public record DatabaseSettings(Server server, Pool pool) {

  /// The PostgreSQL server to use.
  public sealed interface Server {}

  /// An embedded server, with its files in the data folder.
  ///
  /// @param upgrade copies the database of an older major version of PostgreSQL, at the start
  public record Embedded(Path dataDir, EmbeddedPostgres.DatabaseCopy upgrade) implements Server {}

  /// An external server.
  public record External(Dsn dsn) implements Server {}

  /// The settings of the connection pool.
  ///
  /// @param maxOpen the maximum number of connections, at least 1
  /// @param maxIdle the number of idle connections to keep, at most `maxOpen`
  /// @param maxLifetime the age at which a connection is replaced; zero for never; lower values
  ///   than 30 s are raised to 30 s
  /// @param connTimeout an upper bound for opening a connection and for waiting for a free one; the
  ///   effective timeouts are at most 2 s and 1 s
  public record Pool(int maxOpen, int maxIdle, Duration maxLifetime, Duration connTimeout) {
    public Pool {
      if (maxOpen < 1 || maxIdle < 0 || maxIdle > maxOpen) {
        throw new IllegalArgumentException(
            "must be 0 <= maxIdle <= maxOpen and maxOpen >= 1, was maxIdle=%d maxOpen=%d"
                .formatted(maxIdle, maxOpen));
      }
      if (maxLifetime.isNegative() || connTimeout.isNegative() || connTimeout.isZero()) {
        throw new IllegalArgumentException(
            "must be maxLifetime >= 0 and connTimeout > 0, was maxLifetime=%s connTimeout=%s"
                .formatted(maxLifetime, connTimeout));
      }
    }
  }
}
