package dev.agentlab.database;

import dev.agentlab.errors.IdempotencyException;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;

/// The answers already given, by the callers' idempotency keys: a repeated request gets the first
/// one's answer and changes nothing.
///
/// The answer is kept in the transaction that made it, so that both are there or neither is. While
/// that transaction runs an advisory lock marks the key as taken; a crash frees it.
///
/// A key is its caller's own: two who choose the same do not meet.
///
/// @param route what the keys are for; the same key on another route is another key
/// @param hash of a request: it may hold a secret short enough to be guessed
public record IdempotencyKeys(String route, KeyedHash hash) {

  /// An answer.
  ///
  /// @param made by this request, rather than by an earlier one with the same key
  public record Once<T>(T answer, boolean made) {}

  /// What makes the answer, within the transaction.
  @FunctionalInterface
  public interface Making<T> {
    T make() throws SQLException;
  }

  /// The kept answer of this key, else a new one, which is kept; without a key always a new one.
  ///
  /// @param request what was asked, as JSON; only its digest is stored
  /// @param type the answer's type, written and read as JSON
  /// @throws IdempotencyException if the key's first request is still being handled, or was another
  public <T> Once<T> once(
      Connection connection, Optional<String> key, Object request, Class<T> type, Making<T> making)
      throws SQLException {
    return key.isEmpty()
        ? new Once<>(making.make(), true)
        : once(connection, key.get(), request, type, making);
  }

  private <T> Once<T> once(
      Connection connection, String key, Object request, Class<T> type, Making<T> making)
      throws SQLException {
    Place place = new Place(Actor.current().caller(), key);
    if (!AdvisoryLock.takeForTransaction(connection, place.text(route))) {
      throw new IdempotencyException(IdempotencyException.Kind.IN_PROGRESS);
    }
    String digest = digest(request);
    Optional<Kept> kept = find(connection, place);
    if (kept.isPresent()) {
      if (!digest.equals(kept.get().digest())) {
        throw new IdempotencyException(IdempotencyException.Kind.REUSED);
      }
      return new Once<>(Json.MAPPER.readValue(kept.get().answer(), type), false);
    }
    T answer = making.make();
    keep(connection, place, digest, Json.MAPPER.writeValueAsString(answer));
    return new Once<>(answer, true);
  }

  private record Place(Caller caller, String key) {
    String text(String route) {
      // Only the id may have spaces, and stands last.
      return "%s %s %s %s".formatted(route, caller.kind(), key, caller.id());
    }
  }

  private record Kept(String digest, String answer) {}

  private Optional<Kept> find(Connection connection, Place place) throws SQLException {
    String sql =
        """
        SELECT encode(request_hash, 'hex') AS digest, response FROM idempotency_keys
        WHERE (route, caller_kind, key, caller_id) = (?, ?, ?, ?)
          AND created_at > now() - interval '24 hours'
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(statement, 1, place);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Kept(row.getString("digest"), row.getString("response")))
            : Optional.empty();
      }
    }
  }

  private void keep(Connection connection, Place place, String digest, String answer)
      throws SQLException {
    // Each kept answer pays for the removal of some that have had their day: of few, so that many
    // do not make it run out of time, and of none that another is about to remove.
    String sql =
        """
        WITH expired AS (
          DELETE FROM idempotency_keys WHERE (route, caller_kind, key, caller_id) IN (
            SELECT route, caller_kind, key, caller_id FROM idempotency_keys
            WHERE created_at <= now() - interval '24 hours'
              AND (route, caller_kind, key, caller_id) <> (?, ?, ?, ?)
            ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED
          )
        )
        INSERT INTO idempotency_keys (route, caller_kind, key, caller_id, request_hash, response)
        VALUES (?, ?, ?, ?, decode(?, 'hex'), ?)
        ON CONFLICT (route, caller_kind, key, caller_id) DO UPDATE SET request_hash = excluded.request_hash,
          response = excluded.response, created_at = excluded.created_at
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(statement, 1, place);
      set(statement, 5, place);
      statement.setString(9, digest);
      statement.setString(10, answer);
      statement.executeUpdate();
    }
  }

  /// Fills four parameters: route, caller_kind, key, caller_id.
  private void set(PreparedStatement statement, int first, Place place) throws SQLException {
    statement.setString(first, route);
    statement.setString(first + 1, place.caller().kind().toString());
    statement.setString(first + 2, place.key());
    statement.setString(first + 3, place.caller().id());
  }

  private String digest(Object request) {
    return HexFormat.of().formatHex(hash.of(Json.MAPPER.writeValueAsBytes(request)));
  }
}
