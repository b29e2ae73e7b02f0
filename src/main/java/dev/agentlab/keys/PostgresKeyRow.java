package dev.agentlab.keys;

import dev.agentlab.access.Grant;
import dev.agentlab.access.Grants;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.query.TableRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// A row of the table `api_keys`.
///
/// @param previous what the key was before it was rotated, while that is good as well
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
record PostgresKeyRow(
    UUID id,
    String name,
    KeyType type,
    String keyId,
    byte[] hash,
    Optional<Previous> previous,
    Grants grants,
    String createdBy,
    Instant createdAt,
    Optional<Instant> expiresAt,
    Optional<Instant> lastUsedAt,
    Optional<Instant> revokedAt) {

  static final String TABLE = "api_keys";

  /// In the order in which [#read] reads them.
  static final List<String> COLUMNS =
      List.of(
          "id",
          "name",
          "type",
          "key_id",
          "key_hash",
          "previous_hash",
          "previous_expires_at",
          "scopes",
          "created_by",
          "created_at",
          "expires_at",
          "last_used_at",
          "revoked_at");

  static final TableRows<PostgresKeyRow> ROWS =
      new TableRows<>(TABLE, COLUMNS, PostgresKeyRow::read);

  /// The end of time, as far as it can be written down as RFC 3339 has it.
  static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /// @param expiresAt until when it is good
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
  record Previous(byte[] hash, Instant expiresAt) {}

  static PostgresKeyRow read(ResultSet row) throws SQLException {
    byte[] previous = row.getBytes(6);
    return new PostgresKeyRow(
        row.getObject(1, UUID.class),
        row.getString(2),
        KeyType.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        row.getString(4),
        row.getBytes(5),
        previous == null
            ? Optional.empty()
            : Optional.of(new Previous(previous, instant(row, 7).orElseThrow())),
        grants((String[]) row.getArray(8).getArray()),
        row.getString(9),
        instant(row, 10).orElseThrow(),
        instant(row, 11),
        instant(row, 12),
        instant(row, 13));
  }

  private static Grants grants(String[] texts) {
    List<Grant> grants = new ArrayList<>(texts.length);
    for (String text : texts) {
      try {
        grants.add(Grant.parse("scopes", text));
      } catch (InvalidInputException _) {
        // Of a later release, which allows nothing here.
      }
    }
    return Grants.of(grants);
  }

  private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  static PostgresKeyRow insert(
      Connection connection,
      UUID id,
      String name,
      KeyText text,
      byte[] hash,
      Grants grants,
      String createdBy,
      Optional<Instant> expiresAt)
      throws SQLException {
    String sql =
        """
        INSERT INTO api_keys (id, name, type, key_id, key_hash, scopes, created_by, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING %s
        """
            .formatted(ROWS.columns());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, id);
      statement.setString(2, name);
      statement.setString(3, text.type().toString());
      statement.setString(4, text.id());
      statement.setBytes(5, hash);
      statement.setArray(6, connection.createArrayOf("text", grants.texts().toArray()));
      statement.setString(7, createdBy);
      statement.setObject(8, expiresAt.map(end -> end.atOffset(ZoneOffset.UTC)).orElse(null));
      return ROWS.first(statement).orElseThrow();
    }
  }

  /// Ends a key that has not been revoked yet.
  ///
  /// @return what it is now
  static PostgresKeyRow revoke(Connection connection, UUID id) throws SQLException {
    String sql =
        """
        UPDATE api_keys SET revoked_at = now(), previous_hash = NULL, previous_expires_at = NULL
        WHERE id = ? RETURNING %s
        """
            .formatted(ROWS.columns());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, id);
      return ROWS.first(statement).orElseThrow();
    }
  }

  ApiKey.Status status() {
    if (revokedAt.isPresent()) {
      return ApiKey.Status.REVOKED;
    }
    return expiresAt.filter(end -> !end.isAfter(Instant.now())).isPresent()
        ? ApiKey.Status.EXPIRED
        : ApiKey.Status.ACTIVE;
  }

  /// What those may see of it who manage keys.
  ApiKey shown() {
    return new ApiKey(
        id,
        name,
        type,
        KeyText.prefix(type, keyId),
        grants.texts(),
        status(),
        createdBy,
        createdAt,
        expiresAt,
        lastUsedAt,
        revokedAt,
        previous.map(Previous::expiresAt).filter(end -> end.isAfter(Instant.now())),
        Optional.empty());
  }

  @Override
  public String toString() {
    return "key %s (%s)".formatted(id, name);
  }
}
