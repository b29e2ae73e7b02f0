package dev.agentlab.database;

import dev.agentlab.errors.IdempotencyException;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Actor;
import dev.agentlab.security.Caller;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;

/// The stored responses by idempotency key: a repeated request gets the response of the first one
/// and changes nothing. A response expires after 24 hours.
///
/// The response is stored in the transaction that produces it, so that either both are committed or
/// neither is. An advisory lock guards the key while that transaction runs; a crash releases it.
///
/// A key is scoped to its caller: two callers may use the same key independently.
///
/// @param route the route of the requests; the same key on another route is a different key
/// @param hash the keyed hash of requests, which may contain a secret short enough to be guessed
public record IdempotentResponses(String route, KeyedHash hash) {

  /// A response, and whether this request produced it rather than an earlier one with the same key.
  public record IdempotentResult<T>(T response, boolean isNew) {}

  /// Produces a response within the transaction.
  @FunctionalInterface
  public interface ResponseProducer<T> {
    T produce() throws SQLException;
  }

  /// Returns the stored response of a key, or produces and stores a new one. Without a key, always
  /// produces a new one.
  ///
  /// @param request the request, serializable as JSON; only its digest is stored
  /// @param type the type of the response, which is stored as JSON
  /// @throws IdempotencyException if the first request with the key is still in progress, or was a
  ///   different request
  public <T> IdempotentResult<T> executeOnce(
      Connection connection,
      Optional<String> key,
      Object request,
      Class<T> type,
      ResponseProducer<T> producer)
      throws SQLException {
    return key.isEmpty()
        ? new IdempotentResult<>(producer.produce(), true)
        : executeOnce(connection, key.get(), request, type, producer);
  }

  private <T> IdempotentResult<T> executeOnce(
      Connection connection,
      String key,
      Object request,
      Class<T> type,
      ResponseProducer<T> producer)
      throws SQLException {
    KeyScope scope = new KeyScope(Actor.current().caller(), key);
    if (!AdvisoryLock.tryAcquireForTransaction(connection, scope.lockName(route))) {
      throw new IdempotencyException(IdempotencyException.Kind.IN_PROGRESS);
    }
    String digest = digest(request);
    Optional<StoredResponse> stored = find(connection, scope);
    if (stored.isPresent()) {
      if (!digest.equals(stored.get().digest())) {
        throw new IdempotencyException(IdempotencyException.Kind.REUSED);
      }
      return new IdempotentResult<>(Json.MAPPER.readValue(stored.get().response(), type), false);
    }
    T response = producer.produce();
    store(connection, scope, digest, Json.MAPPER.writeValueAsString(response));
    return new IdempotentResult<>(response, true);
  }

  private record KeyScope(Caller caller, String key) {
    String lockName(String route) {
      // Unambiguous: only the id, which is last, may contain spaces.
      return "%s %s %s %s".formatted(route, caller.kind(), key, caller.id());
    }
  }

  private record StoredResponse(String digest, String response) {}

  private Optional<StoredResponse> find(Connection connection, KeyScope scope) throws SQLException {
    String sql =
        """
        SELECT encode(request_hash, 'hex') AS digest, response FROM idempotency_keys
        WHERE (route, caller_kind, key, caller_id) = (:route, :caller_kind, :key, :caller_id)
          AND created_at > now() - interval '24 hours'
        """;
    return withScope(connection, sql, scope)
        .first(row -> new StoredResponse(row.text("digest"), row.text("response")));
  }

  private void store(Connection connection, KeyScope scope, String digest, String response)
      throws SQLException {
    // Also deletes some expired responses: at most 100, so that a backlog does not exceed the
    // statement timeout, and none that another transaction is deleting.
    String sql =
        """
        WITH expired AS (
          DELETE FROM idempotency_keys WHERE (route, caller_kind, key, caller_id) IN (
            SELECT route, caller_kind, key, caller_id FROM idempotency_keys
            WHERE created_at <= now() - interval '24 hours'
              AND (route, caller_kind, key, caller_id) <> (:route, :caller_kind, :key, :caller_id)
            ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED
          )
        )
        INSERT INTO idempotency_keys (route, caller_kind, key, caller_id, request_hash, response)
        VALUES (:route, :caller_kind, :key, :caller_id, decode(:digest, 'hex'), :response)
        ON CONFLICT (route, caller_kind, key, caller_id) DO UPDATE SET request_hash = excluded.request_hash,
          response = excluded.response, created_at = excluded.created_at
        """;
    withScope(connection, sql, scope).bind("digest", digest).bind("response", response).update();
  }

  private SqlStatement withScope(Connection connection, String sql, KeyScope scope) {
    return new SqlStatement(connection, sql)
        .bind("route", route)
        .bind("caller_kind", scope.caller().kind().toString())
        .bind("key", scope.key())
        .bind("caller_id", scope.caller().id());
  }

  private String digest(Object request) {
    return HexFormat.of().formatHex(hash.compute(Json.MAPPER.writeValueAsBytes(request)));
  }
}
