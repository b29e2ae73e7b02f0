package dev.agentlab.responses;

import static dev.agentlab.responses.PostgresResponseOwners.withCaller;

import dev.agentlab.database.Database;
import dev.agentlab.database.ForeignKeyViolationException;
import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.json.Json;
import dev.agentlab.responses.PostgresResponseInserts.ResponseRow;
import dev.agentlab.security.Caller;
import dev.agentlab.vault.RowCipher;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;

/// The PostgreSQL-backed responses of all callers.
final class PostgresResponses implements Responses {
  /// How long providers keep a response
  /// (https://platform.openai.com/docs/guides/conversation-state).
  private static final Duration PROVIDER_PERIOD = Duration.ofDays(30);

  /// The longest chain of responses that a conversation may have.
  private static final int MAX_CHAIN = 1_000;

  private static final String PREVIOUS = "previous_response_id";

  /// The maximum size of the encrypted content of a conversation that is continued.
  private static final int MAX_CONVERSATION_BYTES = 32 << 20;

  private static final int SWEPT_BATCH = 1_000;

  private final Database database;
  private final RetentionLimits limits;
  private final PostgresResponseOwners owners;
  private final PostgresResponseInserts inserts;

  PostgresResponses(Database database, Vault vault, RetentionLimits limits) {
    this.database = database;
    this.limits = limits;
    owners = new PostgresResponseOwners(database, vault);
    inserts = new PostgresResponseInserts(database);
  }

  @Override
  public RetentionLimits limits() {
    return limits;
  }

  @Override
  public void save(Caller caller, StoredResponse response) {
    try {
      inserts.insert(row(caller, response));
    } catch (ForeignKeyViolationException e) {
      // The caller had no response, so that it is no owner any more.
      owners.forget(caller);
      inserts.insert(row(caller, response));
    }
  }

  private ResponseRow row(Caller caller, StoredResponse response) {
    PostgresResponseOwners.Owner owner = owners.findOrCreate(caller);
    return new ResponseRow(
        owner.id(),
        response,
        response
            .content()
            .map(content ->
                owner
                    .cipher()
                    .encrypt(field(response.id()), Json.MAPPER.writeValueAsString(content))),
        response.content().isEmpty() ? PROVIDER_PERIOD : limits.period());
  }

  /// The context that binds a content to its response.
  private static String field(String id) {
    return "content of " + id;
  }

  @Override
  public Optional<StoredResponse> find(Caller caller, String id, LongConsumer reserve) {
    if (cannotExist(id)) {
      return Optional.empty();
    }
    return database.read(connection -> {
      reserve.accept(size(connection, caller, List.of(id)));
      return Optional.ofNullable(find(connection, caller, List.of(id)).get(id));
    });
  }

  @Override
  public Map<String, StoredResponse> find(
      Caller caller, Collection<String> ids, LongConsumer reserve) {
    return database.read(connection -> {
      long bytes = size(connection, caller, ids);
      requireSize("input", "refer to responses", bytes);
      reserve.accept(bytes);
      return find(connection, caller, ids);
    });
  }

  /// Whether PostgreSQL can have no text like this id of a client.
  private static boolean cannotExist(String id) {
    return id.indexOf('\0') >= 0;
  }

  private static long size(Connection connection, Caller caller, Collection<String> ids)
      throws SQLException {
    String sql =
        """
        SELECT coalesce(sum(bytes), 0) AS bytes
        FROM responses JOIN response_owners ON owner = response_owners.id
        WHERE (caller_kind, caller_id) = (:caller_kind, :caller_id)
          AND responses.id = ANY(:ids) AND expires_at > now()
        """;
    return withCaller(connection, sql, caller)
        .bindArray("ids", "text", ids.toArray())
        .one(row -> row.number("bytes"));
  }

  private static void requireSize(String field, String what, long bytes) {
    if (bytes > MAX_CONVERSATION_BYTES) {
      throw new InvalidInputException(
          field,
          "must %s of at most %d bytes together, which have %d"
              .formatted(what, MAX_CONVERSATION_BYTES, bytes));
    }
  }

  private Map<String, StoredResponse> find(
      Connection connection, Caller caller, Collection<String> ids) throws SQLException {
    String sql =
        """
        SELECT owner, responses.id, previous, model, provider, content
        FROM responses JOIN response_owners ON owner = response_owners.id
        WHERE (caller_kind, caller_id) = (:caller_kind, :caller_id)
          AND responses.id = ANY(:ids) AND expires_at > now()
        """;
    return open(
        connection,
        withCaller(connection, sql, caller)
            .bindArray("ids", "text", ids.toArray())
            .all(PostgresResponses::sealed));
  }

  @Override
  public List<StoredResponse> findConversation(Caller caller, String id, LongConsumer reserve) {
    if (cannotExist(id)) {
      return List.of();
    }
    // One that a provider keeps has no bytes, and ends the chain.
    String sql =
        """
        WITH RECURSIVE chain AS (
          SELECT owner, responses.id, previous, bytes, 1 AS length
          FROM responses JOIN response_owners ON owner = response_owners.id
          WHERE (caller_kind, caller_id) = (:caller_kind, :caller_id)
            AND responses.id = :id AND expires_at > now()
          UNION ALL
          SELECT earlier.owner, earlier.id, earlier.previous, earlier.bytes, length + 1
          FROM responses AS earlier JOIN chain
            ON earlier.owner = chain.owner AND earlier.id = chain.previous
          WHERE chain.bytes > 0 AND length <= :max_length AND expires_at > now())
        SELECT id, bytes FROM chain ORDER BY length DESC
        """;
    record Link(String id, long bytes) {}
    return database.read(connection -> {
      List<Link> chain =
          withCaller(connection, sql, caller)
              .bind("id", id)
              .bind("max_length", MAX_CHAIN)
              .all(row -> new Link(row.text("id"), row.number("bytes")));
      long bytes = chain.stream().mapToLong(Link::bytes).sum();
      if (chain.size() > MAX_CHAIN) {
        throw new InvalidInputException(
            PREVIOUS, "must continue at most %d responses".formatted(MAX_CHAIN));
      }
      requireSize(PREVIOUS, "continue responses", bytes);
      reserve.accept(bytes);
      Map<String, StoredResponse> found =
          find(connection, caller, chain.stream().map(Link::id).toList());
      return chain.stream().map(Link::id).filter(found::containsKey).map(found::get).toList();
    });
  }

  private Map<String, StoredResponse> open(Connection connection, List<Sealed> rows)
      throws SQLException {
    Optional<RowCipher> cipher =
        rows.isEmpty() ? Optional.empty() : owners.findCipher(connection, rows.getFirst().owner());
    Map<String, StoredResponse> responses = new HashMap<>();
    rows.forEach(row -> responses.put(row.response().id(), row.open(cipher)));
    return responses;
  }

  private static Sealed sealed(Row row) throws SQLException {
    return new Sealed(
        row.uuid("owner"),
        new StoredResponse(
            row.text("id"),
            row.optionalText("previous"),
            row.text("model"),
            row.text("provider"),
            Optional.empty()),
        row.optionalText("content"));
  }

  /// A row whose content is encrypted.
  private record Sealed(UUID owner, StoredResponse response, Optional<String> content) {
    StoredResponse open(Optional<RowCipher> cipher) {
      return content
          .map(sealed ->
              response.withContent(
                  cipher
                      .flatMap(it -> it.decrypt(field(response.id()), sealed))
                      .map(json -> Json.MAPPER.readValue(json, StoredResponse.Content.class))
                      .orElseThrow(() ->
                          new UnreadableSecretException(
                              "the content of response %s cannot be decrypted"
                                  .formatted(response.id())))))
          .orElse(response);
    }
  }

  @Override
  public boolean delete(Caller caller, String id) {
    String sql =
        """
        DELETE FROM responses USING response_owners
        WHERE owner = response_owners.id
          AND (caller_kind, caller_id) = (:caller_kind, :caller_id) AND responses.id = :id
        """;
    return database.write(
        connection -> withCaller(connection, sql, caller).bind("id", id).update() == 1);
  }

  @Override
  public int sweep() {
    String expired =
        """
        DELETE FROM responses WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM responses
          WHERE expires_at <= now()
          ORDER BY expires_at LIMIT :batch FOR UPDATE SKIP LOCKED))
        """;
    String tooMany =
        """
        WITH full_owners AS (
          SELECT owner FROM responses WHERE bytes > 0 GROUP BY owner
          HAVING count(*) > :max_responses OR sum(bytes) > :max_bytes),
        ranked AS (
          SELECT owner, id, row_number() OVER newest AS number, sum(bytes) OVER newest AS bytes
          FROM responses JOIN full_owners USING (owner)
          WHERE responses.bytes > 0
          WINDOW newest AS (PARTITION BY owner ORDER BY created_at DESC, id))
        DELETE FROM responses USING ranked
        WHERE responses.owner = ranked.owner AND responses.id = ranked.id
          AND (number > :max_responses OR ranked.bytes > :max_bytes)
        """;
    int deleted = 0;
    int batch;
    do {
      batch =
          database.write(connection ->
              new SqlStatement(connection, expired).bind("batch", SWEPT_BATCH).update());
      deleted += batch;
    } while (batch == SWEPT_BATCH);
    deleted +=
        database.write(connection ->
            new SqlStatement(connection, tooMany)
                .bind("max_responses", limits.maxResponses())
                .bind("max_bytes", limits.maxBytes())
                .update());
    int _ = owners.deleteUnused();
    return deleted;
  }
}
