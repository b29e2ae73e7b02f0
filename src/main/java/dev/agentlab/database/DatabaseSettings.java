package dev.agentlab.database;

import java.nio.file.Path;
import java.time.Duration;

/// Which PostgreSQL to use, and how many connections to it.
public record DatabaseSettings(Server server, Pool pool) {

  /// Where the server is.
  public sealed interface Server {}

  /// A server of our own, kept below the data folder.
  public record Embedded(Path dataDir) implements Server {}

  /// A server that someone else runs.
  public record External(Dsn dsn) implements Server {}

  /// The connections kept to it.
  ///
  /// @param maxOpen at least 1
  /// @param maxIdle at most `maxOpen`: so many stay open when nothing happens
  /// @param maxLifetime after which a connection is replaced; zero: never; below 30 s counts as 30
  ///   s
  /// @param connTimeout how long opening a connection, or waiting for a free one, may take at most.
  ///   The database gives up sooner by itself (2 s and 1 s), so that a caller hears soon
  public record Pool(int maxOpen, int maxIdle, Duration maxLifetime, Duration connTimeout) {
    public Pool {
      if (maxOpen < 1 || maxIdle < 0 || maxIdle > maxOpen) {
        throw new IllegalArgumentException(
            "connections: 0 <= idle (%d) <= open (%d) and open >= 1".formatted(maxIdle, maxOpen));
      }
      if (maxLifetime.isNegative() || connTimeout.isNegative() || connTimeout.isZero()) {
        throw new IllegalArgumentException(
            "connections: lifetime (%s) >= 0 and timeout (%s) > 0"
                .formatted(maxLifetime, connTimeout));
      }
    }
  }
}
