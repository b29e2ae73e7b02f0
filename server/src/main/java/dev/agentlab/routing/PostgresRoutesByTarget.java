package dev.agentlab.routing;

import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.json.JsonbValidator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// The routes by target in PostgreSQL.
final class PostgresRoutesByTarget implements RoutesByTarget {
  private final Database database;

  PostgresRoutesByTarget(Database database) {
    this.database = database;
  }

  @Override
  public Found findByProvider(UUID provider, long offset, int limit) {
    return database.read(connection -> find(connection, "provider_id", provider, offset, limit));
  }

  @Override
  public Found findByAgent(UUID agent, long offset, int limit) {
    return database.read(connection -> find(connection, "agent_id", agent, offset, limit));
  }

  @Override
  public Optional<UUID> findId(String name) {
    return JsonbValidator.isStorable(name)
        ? database.read(connection -> PostgresModelRouteRows.findId(connection, name))
        : Optional.empty();
  }

  @Override
  public Map<UUID, String> findNames(Set<UUID> ids) {
    return database.read(connection -> PostgresModelRouteRows.list(connection, ids)).stream()
        .collect(Collectors.toMap(ModelRouteEntry::id, ModelRouteEntry::name));
  }

  private static Found find(
      Connection connection, String column, UUID target, long offset, int limit)
      throws SQLException {
    String using =
        """
        FROM model_routes
        WHERE id IN (SELECT route_id FROM model_route_targets WHERE %s = :target)\
        """
            .formatted(column);
    List<ModelRouteSummary> routes =
        new SqlStatement(
                connection,
                "SELECT id, name %s ORDER BY name LIMIT :limit OFFSET :offset".formatted(using))
            .bind("target", target)
            .bind("limit", limit)
            .bind("offset", offset)
            .all(row -> new ModelRouteSummary(row.uuid("id"), row.text("name")));
    long total =
        new SqlStatement(connection, "SELECT count(*) AS total " + using)
            .bind("target", target)
            .one(row -> row.number("total"));
    return new Found(routes, total);
  }
}
