package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.UnavailableException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlErrorClassifierTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "08001", "08006", "57P01", "57P02", "57P03", "57014", "53100", "53300", "55P03", "40001",
        "40P01", "25006", "58030"
      })
  void transientErrorIsUnavailable(String state) {
    assertThat(SqlErrorClassifier.toException(new SQLException("away", state)))
        .isInstanceOf(UnavailableException.class)
        .hasMessageNotContaining("away");
  }

  @ParameterizedTest
  @ValueSource(strings = {"28P01", "3D000", "42601", "22P05", "08004", "", "8"})
  void permanentErrorIsDatabaseException(String state) {
    assertThat(SqlErrorClassifier.toException(new SQLException("no", state)))
        .isExactlyInstanceOf(DatabaseException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"23503", "23001"})
  void foreignKeyErrorIsForeignKeyViolation(String state) {
    assertThat(SqlErrorClassifier.toException(new SQLException("no", state)))
        .isInstanceOf(ForeignKeyViolationException.class);
  }

  @Test
  void exhaustedPoolIsUnavailable() {
    assertThat(SqlErrorClassifier.toException(new SQLTransientConnectionException("timed out")))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void operatorMessageHasOperationAndCause() {
    assertThat(SqlErrorClassifier.toException("cannot migrate", new SQLException("away", "08001")))
        .hasMessage("cannot migrate: away");
  }

  @Test
  void closedConnectionIsDeadButTimedOutOneIsNot() {
    assertThat(SqlErrorClassifier.isDeadConnection(new SQLException("closed", "08006"))).isTrue();
    assertThat(SqlErrorClassifier.isDeadConnection(new SQLException("shutting down", "57P01")))
        .isTrue();
    assertThat(
            SqlErrorClassifier.isDeadConnection(
                new SQLException("silent", "08006", new SocketTimeoutException())))
        .isFalse();
    assertThat(
            SqlErrorClassifier.isDeadConnection(
                new SQLTransientConnectionException("timed out", "08006", null)))
        .isFalse();
  }
}
