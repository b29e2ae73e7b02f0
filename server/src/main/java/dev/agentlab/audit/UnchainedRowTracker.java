package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
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

/// Tracks the rows that this process recorded until they are chained, because the database does not
/// show whether a row was removed before it was chained. Safe for all threads.
final class UnchainedRowTracker {
  private static final Logger LOG = LoggerFactory.getLogger(UnchainedRowTracker.class);

  /// A transaction counts as ended only if the snapshot that searched for its row sees it as ended.
  private static final String FIND_STATES =
      """
      SELECT entry_id,
        EXISTS (SELECT FROM audit WHERE audit.entry_id = recorded.entry_id) AS is_chained,
        EXISTS (SELECT FROM audit_unchained WHERE audit_unchained.entry_id = recorded.entry_id)
          OR NOT pg_visible_in_snapshot(xact, pg_current_snapshot()) AS is_pending,
        CASE WHEN pg_visible_in_snapshot(xact, pg_current_snapshot())
          THEN pg_xact_status(xact) END IS NOT DISTINCT FROM 'committed' AS is_committed
      FROM (
        SELECT entry_id, transaction::text::xid8 AS xact
        FROM unnest(:ids::uuid[], :transactions::bigint[]) AS given (entry_id, transaction)
      ) AS recorded
      """;

  /// The transaction ids by row id.
  private final Map<UUID, Long> transactions = new ConcurrentHashMap<>();

  private final AtomicLong removedCount = new AtomicLong();

  private record State(UUID id, boolean isChained, boolean isPending, boolean isCommitted) {}

  /// Tracks a row of a transaction that has not ended yet.
  void add(UUID id, long transaction) {
    transactions.put(id, transaction);
  }

  /// Stops tracking rows that are chained.
  void remove(Collection<UUID> ids) {
    ids.forEach(transactions::remove);
  }

  List<UUID> ids() {
    return List.copyOf(transactions.keySet());
  }

  /// The number of rows that were found to be removed.
  long removedCount() {
    return removedCount.get();
  }

  /// Checks rows, and stops tracking those that are chained, rolled back or removed.
  void check(Database database, Collection<UUID> ids) {
    Map<UUID, Long> checked = new HashMap<>(transactions);
    checked.keySet().retainAll(ids);
    if (checked.isEmpty()) {
      return;
    }
    for (State state : database.read(connection -> states(connection, checked))) {
      boolean isGone = !state.isChained() && !state.isPending();
      // Only the thread that removes the entry counts it.
      if ((state.isChained() || isGone)
          && transactions.remove(state.id()) != null
          && isGone
          && state.isCommitted()) {
        removedCount.incrementAndGet();
        LOG.error(
            "a recorded row of the audit trail was removed before it was chained: {}", state.id());
      }
    }
  }

  private static List<State> states(Connection connection, Map<UUID, Long> rows)
      throws SQLException {
    List<Map.Entry<UUID, Long>> entries = List.copyOf(rows.entrySet());
    return new SqlStatement(connection, FIND_STATES)
        .bindArray("ids", "uuid", entries.stream().map(Map.Entry::getKey).toArray())
        .bindArray("transactions", "bigint", entries.stream().map(Map.Entry::getValue).toArray())
        .all(row ->
            new State(
                row.uuid("entry_id"),
                row.bool("is_chained"),
                row.bool("is_pending"),
                row.bool("is_committed")));
  }
}
