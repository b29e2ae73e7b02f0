package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rows that this process recorded and does not know to be chained: nothing in the database
/// shows that one was removed before it was chained. Safe for all threads.
final class UnchainedRowTracker {
  private static final Logger LOG = LoggerFactory.getLogger(UnchainedRowTracker.class);

  /// A transaction counts as ended only if it had ended when this looked for its row.
  private static final String STATE =
      """
      SELECT entry_id,
        EXISTS (SELECT FROM audit WHERE audit.entry_id = recorded.entry_id),
        EXISTS (SELECT FROM audit_unchained WHERE audit_unchained.entry_id = recorded.entry_id)
          OR NOT pg_visible_in_snapshot(xact, pg_current_snapshot()),
        CASE WHEN pg_visible_in_snapshot(xact, pg_current_snapshot())
          THEN pg_xact_status(xact) END = 'committed'
      FROM (
        SELECT entry_id, transaction::text::xid8 AS xact
        FROM unnest(?::uuid[], ?::bigint[]) AS given (entry_id, transaction)
      ) AS recorded
      """;

  /// The ids of their transactions, by their own.
  private final Map<UUID, Long> rows = new ConcurrentHashMap<>();

  private final AtomicLong removed = new AtomicLong();

  private record State(UUID id, boolean isChained, boolean isPending, boolean isCommitted) {}

  /// Notes a row, before its transaction has ended.
  void add(UUID id, long transaction) {
    rows.put(id, transaction);
  }

  /// Forgets rows that are chained.
  void chained(Collection<UUID> ids) {
    ids.forEach(rows::remove);
  }

  List<UUID> ids() {
    return List.copyOf(rows.keySet());
  }

  /// How many were found to be removed.
  long removed() {
    return removed.get();
  }

  /// Looks for rows, and forgets those that are chained, were rolled back or were removed.
  void check(Database database, Collection<UUID> ids) {
    Map<UUID, Long> left = new HashMap<>(rows);
    left.keySet().retainAll(ids);
    if (left.isEmpty()) {
      return;
    }
    for (State state : database.read(connection -> states(connection, left))) {
      boolean isGone = !state.isChained() && !state.isPending();
      // Whoever forgets it counts it.
      if ((state.isChained() || isGone)
          && rows.remove(state.id()) != null
          && isGone
          && state.isCommitted()) {
        removed.incrementAndGet();
        LOG.error(
            "the audit trail lost a row that was recorded and not yet chained: {}", state.id());
      }
    }
  }

  private static List<State> states(Connection connection, Map<UUID, Long> rows)
      throws SQLException {
    List<Map.Entry<UUID, Long>> entries = List.copyOf(rows.entrySet());
    try (PreparedStatement statement = connection.prepareStatement(STATE)) {
      statement.setArray(
          1, connection.createArrayOf("uuid", entries.stream().map(Map.Entry::getKey).toArray()));
      statement.setArray(
          2,
          connection.createArrayOf("bigint", entries.stream().map(Map.Entry::getValue).toArray()));
      return Rows.all(
          statement,
          row ->
              new State(
                  row.getObject(1, UUID.class),
                  row.getBoolean(2),
                  row.getBoolean(3),
                  row.getBoolean(4)));
    }
  }
}
