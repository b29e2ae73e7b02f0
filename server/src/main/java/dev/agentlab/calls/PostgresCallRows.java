package dev.agentlab.calls;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.json.Json;
import dev.agentlab.security.Caller;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import tools.jackson.core.type.TypeReference;

/// Reads and inserts rows of the table `calls`.
final class PostgresCallRows {
  /// The columns of a row in a list.
  private static final String COLUMNS =
      "id, started_at, request_id, provider_request_id, caller_kind, caller_id, caller_name, owner,"
          + " dialect, operation, streamed, agent_id, agent_name, agent_revision, route_id,"
          + " route_name, route_revision, provider_id, provider, model, target, session, end_user,"
          + " tags, status, outcome, upstream_status, message, finish_reason, input, cached_input,"
          + " cache_write_5m, cache_write_1h, output, reasoning, usage_source, duration_us,"
          + " first_content_us, request_bytes, response_bytes";

  private static final String DETAIL_COLUMNS = "attempts, decision, losses";

  private static final String ALL_COLUMNS = COLUMNS + ", " + DETAIL_COLUMNS;

  /// The members of an encoded record are the columns.
  private static final String INSERT =
      """
      INSERT INTO calls (%1$s)
      SELECT %1$s FROM json_populate_recordset(NULL::calls, :records::json)
      ON CONFLICT (started_at, id) DO NOTHING
      """
          .formatted(ALL_COLUMNS);

  private static final TypeReference<Map<String, String>> TAGS = new TypeReference<>() {};
  private static final TypeReference<List<Call.Attempt>> ATTEMPTS = new TypeReference<>() {};
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  private PostgresCallRows() {}

  /// Inserts records in the form of [CallEncoder].
  ///
  /// @return the number of records that did not exist
  static int insert(Connection connection, List<byte[]> records) throws SQLException {
    ByteArrayOutputStream array = new ByteArrayOutputStream();
    char separator = '[';
    for (byte[] record : records) {
      array.write(separator);
      array.writeBytes(record);
      separator = ',';
    }
    array.write(']');
    return new SqlStatement(connection, INSERT)
        .bind("records", array.toString(StandardCharsets.UTF_8))
        .update();
  }

  /// Finds rows without details, the newest first.
  static List<Call> find(
      Connection connection, PostgresCallFilter filter, int limit, Optional<Caller> owner)
      throws SQLException {
    return filter
        .bind(new SqlStatement(connection, filter.select(COLUMNS, owner)), limit, owner)
        .all(row -> read(row, false));
  }

  /// Finds the call with an id.
  static Optional<Call> findById(Connection connection, UUID id, Optional<Caller> owner)
      throws SQLException {
    Optional<Instant> start = CallIds.startOf(id);
    if (start.isEmpty()) {
      return Optional.empty();
    }
    // The times select the partition.
    return findNewest(
        connection,
        PostgresCallFilter.of(
            "started_at >= :start AND started_at < :end AND id = :id",
            Map.of("start", start.get(), "end", start.get().plusMillis(1), "id", id)),
        owner);
  }

  /// Finds the newest call of an HTTP request, or of a request to a provider.
  static Optional<Call> findByRequest(Connection connection, String id, Optional<Caller> owner)
      throws SQLException {
    Optional<Call> ours =
        findNewest(
            connection,
            PostgresCallFilter.of("request_id = :request", Map.of("request", id)),
            owner);
    Optional<Call> theirs =
        findNewest(
            connection,
            PostgresCallFilter.of("provider_request_id = :request", Map.of("request", id)),
            owner);
    return ours.isPresent()
            && theirs.filter(it -> it.startedAt().isAfter(ours.get().startedAt())).isEmpty()
        ? ours
        : theirs;
  }

  private static Optional<Call> findNewest(
      Connection connection, PostgresCallFilter filter, Optional<Caller> owner)
      throws SQLException {
    return filter
        .bind(new SqlStatement(connection, filter.select(ALL_COLUMNS, owner)), 1, owner)
        .first(row -> read(row, true));
  }

  private static Call read(Row row, boolean withDetails) throws SQLException {
    return new Call(
        row.uuid("id"),
        row.instant("started_at"),
        row.text("request_id"),
        row.optionalText("provider_request_id"),
        new Call.CallCaller(
            row.text("caller_kind"),
            row.text("caller_id"),
            row.text("caller_name"),
            row.optionalText("owner")),
        row.text("dialect"),
        row.text("operation"),
        row.bool("streamed"),
        revised(row, "agent"),
        revised(row, "route"),
        row.optionalUuid("provider_id"),
        row.text("provider"),
        row.text("model"),
        row.optionalText("target"),
        row.optionalText("session"),
        row.optionalText("end_user"),
        row.optionalText("tags").map(json -> Json.MAPPER.readValue(json, TAGS)).orElse(Map.of()),
        CallStatus.parse(row.text("status")),
        row.text("outcome"),
        number(row, "upstream_status"),
        row.optionalText("message"),
        row.optionalText("finish_reason"),
        new Call.CallTokens(
            row.text("usage_source"),
            number(row, "input"),
            number(row, "cached_input"),
            number(row, "cache_write_5m"),
            number(row, "cache_write_1h"),
            number(row, "output"),
            number(row, "reasoning")),
        row.number("duration_us"),
        number(row, "first_content_us"),
        row.number("request_bytes"),
        row.number("response_bytes"),
        withDetails
            ? row.optionalText("decision")
                .map(json -> Json.MAPPER.readValue(json, Call.Decision.class))
            : Optional.empty(),
        withDetails
            ? Optional.of(Json.MAPPER.readValue(row.text("attempts"), ATTEMPTS))
            : Optional.empty(),
        withDetails
            ? Optional.of(Json.MAPPER.readValue(row.text("losses"), TEXTS))
            : Optional.empty());
  }

  private static Optional<Call.Revised> revised(Row row, String what) throws SQLException {
    Optional<UUID> id = row.optionalUuid(what + "_id");
    return id.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Call.Revised(id.get(), row.text(what + "_name"), row.number(what + "_revision")));
  }

  private static Optional<Long> number(Row row, String column) throws SQLException {
    OptionalLong number = row.optionalNumber(column);
    return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
  }
}
