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

/// Classifies SQL errors by SQLSTATE (PostgreSQL manual, appendix A) and maps them to exceptions.
final class SqlErrorClassifier {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /// The SQLSTATE "connection does not exist".
  static final String NO_CONNECTION = "08003";

  private static final String UNIQUE_VIOLATION = "23505";

  /// The second is reported by PostgreSQL 18 and later for a restricted delete.
  private static final Set<String> FOREIGN_KEY_VIOLATIONS = Set.of("23503", "23001");

  /// Reported by the driver, such as when the SSL mode requires TLS and the server has none.
  private static final String CONNECTION_REJECTED = "08004";

  /// The classes of transient errors: connection, transaction rollback (deadlock), insufficient
  /// resources (memory, disk, connections), system error (disk).
  private static final Set<String> TRANSIENT_CLASSES = Set.of("08", "40", "53", "58");

  /// Further transient errors: statement timeout, idle-in-transaction timeout, lock timeout, server
  /// shutdown, crash and startup, and a standby that is not the primary.
  private static final Set<String> TRANSIENT_STATES =
      Set.of("57014", "25P03", "55P03", "57P01", "57P02", "57P03", "25006");

  private SqlErrorClassifier() {}

  /// Maps an error to an exception whose message is safe for callers of the API if it is transient.
  static RuntimeException toException(SQLException error) {
    if (isTransient(error)) {
      return new UnavailableException("the database is unavailable", RETRY_AFTER, error);
    }
    if (UNIQUE_VIOLATION.equals(error.getSQLState())) {
      return new UniqueViolationException(constraint(error), error);
    }
    if (FOREIGN_KEY_VIOLATIONS.contains(String.valueOf(error.getSQLState()))) {
      return new ForeignKeyViolationException(constraint(error), error);
    }
    return new DatabaseException("the database rejected the request: " + error.getMessage(), error);
  }

  /// Maps an error to an exception with a message for the operator.
  ///
  /// @param message the operation that failed, followed in the result by the message of the error
  static RuntimeException toException(String message, SQLException error) {
    String detailed = "%s: %s".formatted(message, error.getMessage());
    return isTransient(error)
        ? new UnavailableException(detailed, RETRY_AFTER, error)
        : new DatabaseException(detailed, error);
  }

  /// Whether the connection is dead and the operation may succeed on another one. Excludes a socket
  /// timeout, because waiting for a second connection would take too long.
  static boolean isDeadConnection(SQLException error) {
    String state = String.valueOf(error.getSQLState());
    return (state.startsWith("08") || state.startsWith("57P"))
        && !(error instanceof SQLTransientConnectionException)
        && !(error.getCause() instanceof SocketTimeoutException);
  }

  /// Whether the same operation may succeed later.
  static boolean isTransient(SQLException error) {
    if (error instanceof SQLTransientConnectionException) {
      return true;
    }
    String state = error.getSQLState();
    if (state == null || state.length() != 5 || state.equals(CONNECTION_REJECTED)) {
      return false;
    }
    return TRANSIENT_CLASSES.contains(state.substring(0, 2)) || TRANSIENT_STATES.contains(state);
  }

  private static String constraint(SQLException error) {
    return Optional.of(error)
        .filter(PSQLException.class::isInstance)
        .map(PSQLException.class::cast)
        .map(PSQLException::getServerErrorMessage)
        .map(ServerErrorMessage::getConstraint)
        .orElse("");
  }
}
