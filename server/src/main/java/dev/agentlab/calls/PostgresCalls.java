package dev.agentlab.calls;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.net.Uuids;
import dev.agentlab.security.Caller;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// The PostgreSQL-backed calls.
final class PostgresCalls implements Calls {
  /// The SQLSTATE of a row without a partition, among others.
  private static final String CHECK_VIOLATION = "23514";

  /// The classes of errors about the content of rows: data, integrity, program limits.
  private static final Set<String> CONTENT_CLASSES = Set.of("22", "23", "54");

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final Database database;
  private final Duration retention;
  private final InstantSource clock;
  private final PostgresCallPartitions partitions = new PostgresCallPartitions();

  /// The days whose partitions exist. One that is dropped meanwhile is created again.
  private final Set<LocalDate> days = ConcurrentHashMap.newKeySet();

  PostgresCalls(Database database, Duration retention, InstantSource clock) {
    this.database = database;
    this.retention = retention;
    this.clock = clock;
  }

  @Override
  public void insert(List<byte[]> records) {
    try {
      createPartitions(records);
      try {
        insertRows(records);
      } catch (DatabaseException e) {
        if (!CHECK_VIOLATION.equals(state(e))) {
          throw e;
        }
        days.clear();
        createPartitions(records);
        insertRows(records);
      }
    } catch (DatabaseException e) {
      if (CONTENT_CLASSES.contains(state(e).substring(0, 2))) {
        throw new RejectedRecordsException(e);
      }
      throw e;
    } catch (IllegalArgumentException e) {
      throw new RejectedRecordsException(e);
    }
  }

  private static String state(DatabaseException e) {
    String state = e.getCause() instanceof SQLException cause ? cause.getSQLState() : null;
    return state == null || state.length() != 5 ? "00000" : state;
  }

  private void insertRows(List<byte[]> records) {
    int _ = database.write(connection -> PostgresCallRows.insert(connection, records));
  }

  private void createPartitions(List<byte[]> records) {
    Set<LocalDate> missing = new TreeSet<>();
    for (byte[] record : records) {
      LocalDate day = CallEncoder.day(record);
      if (!days.contains(day)) {
        missing.add(day);
      }
    }
    for (LocalDate day : missing) {
      boolean _ = database.write(connection -> partitions.create(connection, day));
      days.add(day);
    }
  }

  @Override
  public CallPage search(CallQuery query, Optional<Caller> owner) {
    PostgresCallFilter filter = PostgresCallFilter.of(query);
    List<Call> found =
        database.read(
            connection -> PostgresCallRows.find(connection, filter, query.limit() + 1, owner));
    if (found.size() <= query.limit()) {
      return new CallPage(found, Optional.empty());
    }
    List<Call> page = found.subList(0, query.limit());
    return new CallPage(page, Optional.of(CallCursor.of(page.getLast()).toString()));
  }

  @Override
  public Call find(String id, Optional<Caller> owner) {
    if (!JsonbValidator.isStorable(id)) {
      throw new CallException.NotFound(id);
    }
    return database
        .read(connection -> {
          Optional<UUID> uuid = Uuids.parse(id);
          // Before the others, because a client may have repeated an id of another call.
          Optional<Call> found =
              uuid.isEmpty()
                  ? Optional.empty()
                  : PostgresCallRows.findById(connection, uuid.get(), owner);
          return found.isPresent() ? found : PostgresCallRows.findByRequest(connection, id, owner);
        })
        .orElseThrow(() -> new CallException.NotFound(id));
  }

  @Override
  public RouteStatistics routeStatistics(UUID route) {
    Instant now = clock.instant();
    return database.read(connection ->
        new RouteStatistics(
            new PostgresRouteStatistics(connection, route, now.minus(HOUR)).read(),
            new PostgresRouteStatistics(connection, route, now.minus(DAY)).read()));
  }

  @Override
  public int dropExpired() {
    LocalDate oldest = LocalDate.ofInstant(clock.instant().minus(retention), ZoneOffset.UTC);
    int dropped = 0;
    for (LocalDate day : database.read(partitions::days)) {
      if (day.isBefore(oldest) && drop(day)) {
        dropped++;
        days.remove(day);
      }
    }
    return dropped;
  }

  private boolean drop(LocalDate day) {
    try {
      return database.write(connection -> partitions.tryDrop(connection, day));
    } catch (UnavailableException _) {
      // A long query or a backup reads calls.
      return false;
    }
  }
}
