package dev.agentlab.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The current row of a query result, with the values of its columns by name. Valid only within a
/// [RowMapper]. A value that is null is an error, except in the `optional…` methods.
public final class Row {
  private final ResultSet result;

  Row(ResultSet result) {
    this.result = result;
  }

  public String text(String column) throws SQLException {
    return required(column, result.getString(column));
  }

  public Optional<String> optionalText(String column) throws SQLException {
    return Optional.ofNullable(result.getString(column));
  }

  /// The elements of a `text[]`, without nulls and nested arrays.
  public List<String> texts(String column) throws SQLException {
    return required(column, result.getArray(column)).getArray() instanceof String[] texts
        ? Arrays.stream(texts).filter(Objects::nonNull).toList()
        : List.of();
  }

  public UUID uuid(String column) throws SQLException {
    return required(column, result.getObject(column, UUID.class));
  }

  public Optional<UUID> optionalUuid(String column) throws SQLException {
    return Optional.ofNullable(result.getObject(column, UUID.class));
  }

  public long number(String column) throws SQLException {
    return optionalNumber(column).orElseThrow(() -> nullColumn(column));
  }

  public OptionalLong optionalNumber(String column) throws SQLException {
    long value = result.getLong(column);
    return result.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  public boolean bool(String column) throws SQLException {
    boolean value = result.getBoolean(column);
    return required(column, result.wasNull() ? null : value);
  }

  public Instant instant(String column) throws SQLException {
    return optionalInstant(column).orElseThrow(() -> nullColumn(column));
  }

  public Optional<Instant> optionalInstant(String column) throws SQLException {
    return Optional.ofNullable(result.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  public byte[] bytes(String column) throws SQLException {
    return required(column, result.getBytes(column));
  }

  public Optional<byte[]> optionalBytes(String column) throws SQLException {
    return Optional.ofNullable(result.getBytes(column));
  }

  private static <T> T required(String column, @Nullable T value) throws SQLException {
    if (value == null) {
      throw nullColumn(column);
    }
    return value;
  }

  private static SQLException nullColumn(String column) {
    return new SQLException("the column %s is null".formatted(column));
  }
}
