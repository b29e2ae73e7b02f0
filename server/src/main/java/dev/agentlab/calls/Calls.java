package dev.agentlab.calls;

import dev.agentlab.database.Database;
import dev.agentlab.security.Caller;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The records of calls in the database. Safe for all threads; all methods block, and throw
/// [dev.agentlab.errors.UnavailableException] if the database is unavailable.
///
/// A parameter `owner` restricts a method to the calls of a caller and of the keys that it owns.
public interface Calls {

  /// The calls in a database.
  ///
  /// @param retention how long calls are kept
  static Calls of(Database database, Duration retention, InstantSource clock) {
    return new PostgresCalls(database, retention, clock);
  }

  /// Inserts records in the form of [CallEncoder]. Those that exist are ignored.
  ///
  /// @throws RejectedRecordsException if the database rejects one of them for its content; none is
  ///   inserted
  void insert(List<byte[]> records);

  /// Finds calls, the newest first.
  CallPage search(CallQuery query, Optional<Caller> owner);

  /// Finds a call with all details.
  ///
  /// @param id its id, or else that of its HTTP request or that of its provider, of which the
  ///   newest call is found
  /// @throws CallException.NotFound if there is none
  Call find(String id, Optional<Caller> owner);

  /// The statistics of the calls of a route.
  RouteStatistics routeStatistics(UUID route);

  /// Drops the partitions whose calls are all older than the retention.
  ///
  /// @return the number of partitions
  int dropExpired();
}
