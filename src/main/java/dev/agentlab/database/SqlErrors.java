package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// Sorts failures by what a caller can do about them, by SQLSTATE (PostgreSQL manual, appendix A).
final class SqlErrors {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /// The state of a failure for want of a connection.
  static final String NO_CONNECTION = "08003";

  private static final String UNIQUE_VIOLATION = "23505";

  /// The second is what PostgreSQL 18 and later say where a delete is restricted.
  private static final Set<String> FOREIGN_KEY_VIOLATIONS = Set.of("23503", "23001");

  /// The driver's own refusal, as when the server has no TLS and the mode demands it.
  private static final String REJECTED = "08004";

  /// Classes of states that pass: connection, transaction rollback (deadlock), resources (memory,
  /// disk, connections), the server's system (its disk).
  private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "53", "58");

  /// Single states that pass: a time limit, for a statement or for doing nothing in a transaction,
  /// a lock not had in time, a server that shuts down, crashed or starts, and a standby that is no
  /// longer or not yet the primary.
  private static final Set<String> PASSING_STATES =
      Set.of("57014", "25P03", "55P03", "57P01", "57P02", "57P03", "25006");

  private SqlErrors() {}

  /// The failure as a caller of the service may see it.
  static RuntimeException of(SQLException failure) {
    if (isPassing(failure)) {
      return new UnavailableException("the database cannot answer now", RETRY_AFTER, failure);
    }
    if (UNIQUE_VIOLATION.equals(failure.getSQLState())) {
      return new UniqueViolationException(constraint(failure), failure);
    }
    if (FOREIGN_KEY_VIOLATIONS.contains(String.valueOf(failure.getSQLState()))) {
      return new ForeignKeyViolationException(constraint(failure), failure);
    }
    return new DatabaseException("the database refused: " + failure.getMessage(), failure);
  }

  /// The failure as the operator may see it.
  ///
  /// @param action what was tried
  static RuntimeException of(String action, SQLException failure) {
    String message = "%s: %s".formatted(action, failure.getMessage());
    return isPassing(failure)
        ? new UnavailableException(message, RETRY_AFTER, failure)
        : new DatabaseException(message, failure);
  }

  /// Whether the connection was found dead, which another one may not be. A connection that kept
  /// silent does not count: to wait for a second one would take too long.
  static boolean isDeadConnection(SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    return (state.startsWith("08") || state.startsWith("57P"))
        && !(failure instanceof SQLTransientConnectionException)
        && !(failure.getCause() instanceof SocketTimeoutException);
  }

  /// Whether the same may succeed a little later.
  static boolean isPassing(SQLException failure) {
    if (failure instanceof SQLTransientConnectionException) {
      return true;
    }
    String state = failure.getSQLState();
    if (state == null || state.length() != 5 || state.equals(REJECTED)) {
      return false;
    }
    return PASSING_CLASSES.contains(state.substring(0, 2)) || PASSING_STATES.contains(state);
  }

  private static String constraint(SQLException failure) {
    return Optional.of(failure)
        .filter(PSQLException.class::isInstance)
        .map(PSQLException.class::cast)
        .map(PSQLException::getServerErrorMessage)
        .map(ServerErrorMessage::getConstraint)
        .orElse("");
  }
}
