package dev.agentlab.vault;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The rows of a table, some of them with secrets in the open, in the order of their keys.
public interface PostgresPlainRows<K> {
  /// Rows to have in memory at a time, few because another release may have stored any size:
  /// `setFetchSize` of what looks at them.
  int AT_A_TIME = 4;

  /// Looks at the next rows, [#AT_A_TIME].
  ///
  /// @param connection in a transaction, without which they would all come at once
  /// @param after where to go on; from the first row if empty
  Part<K> next(Connection connection, Optional<K> after, int most) throws SQLException;

  /// Seals the secrets of a row, if it is there and any are still in the open. Nothing else about
  /// the row changes, nor when it was changed.
  ///
  /// @param connection in a transaction
  /// @return whether any were
  boolean seal(Connection connection, K key) throws SQLException;

  /// Some rows in a row.
  ///
  /// @param plain those with secrets in the open
  /// @param last the last of all of them; empty if there are no more
  record Part<K>(List<K> plain, Optional<K> last) {
    public Part {
      plain = List.copyOf(plain);
    }
  }
}
