package dev.agentlab.resources;

import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.Excerpt;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.stream.Collectors;

/// Finds circles of agents over routes and routes over agents, whose calls would never reach a
/// model. A transaction that gives an existing agent a route, or an existing route an agent, first
/// locks all such changes, then makes its change, and then searches for a circle. A new agent or
/// route cannot close one, because no other refers to it yet.
public final class PostgresRouteCircles {
  private static final String SEPARATOR = " → ";

  /// The references of all agents and routes that one of them calls, directly or not.
  private static final String REACHED =
      """
      WITH RECURSIVE reached (id) AS (
        SELECT :start::uuid
        UNION
        SELECT next.id FROM reached, LATERAL (
          SELECT route_id AS id FROM agents WHERE agents.id = reached.id AND route_id IS NOT NULL
          UNION ALL
          SELECT agent_id FROM model_route_targets
          WHERE model_route_targets.route_id = reached.id AND agent_id IS NOT NULL
        ) AS next
      )
      SELECT agents.id AS id, agents.name AS name, agents.route_id AS next
      FROM reached JOIN agents ON agents.id = reached.id WHERE agents.route_id IS NOT NULL
      UNION ALL
      SELECT model_routes.id, model_routes.name, model_route_targets.agent_id
      FROM reached JOIN model_routes ON model_routes.id = reached.id
        JOIN model_route_targets ON model_route_targets.route_id = model_routes.id
      WHERE model_route_targets.agent_id IS NOT NULL
      """;

  private PostgresRouteCircles() {}

  /// A circle.
  ///
  /// @param ids the agents and routes in the order of the calls; the last one calls the first
  /// @param path their names, as in `a → smart → a`
  public record Circle(List<UUID> ids, String path) {
    public Circle {
      ids = List.copyOf(ids);
    }
  }

  private record Reference(UUID from, String name, UUID to) {}

  /// Waits for other transactions that could close a circle, and locks such changes until the
  /// transaction ends. Must precede all row locks of the transaction.
  public static void lock(Connection connection) throws SQLException {
    AdvisoryLock.CIRCLES.acquireForTransaction(connection);
  }

  /// The shortest circle through an agent or a route.
  ///
  /// @param connection in a transaction that has the lock
  public static Optional<Circle> find(Connection connection, UUID start) throws SQLException {
    List<Reference> references =
        new SqlStatement(connection, REACHED)
            .bind("start", start)
            .all(row -> new Reference(row.uuid("id"), row.text("name"), row.uuid("next")));
    Map<UUID, String> names = new HashMap<>();
    Map<UUID, List<UUID>> next =
        references.stream()
            .collect(
                Collectors.groupingBy(
                    Reference::from,
                    LinkedHashMap::new,
                    Collectors.mapping(Reference::to, Collectors.toList())));
    references.forEach(it -> names.put(it.from(), it.name()));
    return findPath(start, next).map(ids -> new Circle(ids, describe(ids, names)));
  }

  private static Optional<List<UUID>> findPath(UUID start, Map<UUID, List<UUID>> next) {
    Map<UUID, List<UUID>> paths = new HashMap<>(Map.of(start, List.of(start)));
    Queue<UUID> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      UUID from = open.remove();
      List<UUID> path = paths.getOrDefault(from, List.of());
      for (UUID to : next.getOrDefault(from, List.of())) {
        if (to.equals(start)) {
          return Optional.of(path);
        }
        if (!paths.containsKey(to)) {
          paths.put(to, append(path, to));
          open.add(to);
        }
      }
    }
    return Optional.empty();
  }

  private static List<UUID> append(List<UUID> path, UUID id) {
    List<UUID> longer = new ArrayList<>(path);
    longer.add(id);
    return longer;
  }

  private static String describe(List<UUID> ids, Map<UUID, String> names) {
    return ids.stream()
            .map(id -> Excerpt.of(names.getOrDefault(id, "")) + SEPARATOR)
            .collect(Collectors.joining())
        + Excerpt.of(names.getOrDefault(ids.getFirst(), ""));
  }
}
