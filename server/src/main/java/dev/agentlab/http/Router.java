package dev.agentlab.http;

import dev.agentlab.net.PercentEncoding;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the route of a request. A literal path segment takes precedence over a parameter,
/// regardless of the methods of the routes, as in OpenAPI. Safe for all threads.
final class Router {

  /// The result of routing a method and a path.
  sealed interface Match {
    /// A route.
    ///
    /// @param pathValues the values of the path parameters, in path order
    record Found(Endpoint endpoint, List<String> pathValues) implements Match {}

    /// The path exists, but not with this method.
    record MethodNotAllowed(Set<Method> allowed) implements Match {}

    /// The path does not exist.
    record NotFound() implements Match {}
  }

  private static final class Node {
    final Map<String, Node> literals = new HashMap<>();
    @Nullable Node parameter;
    final Map<Method, Endpoint> endpoints = new EnumMap<>(Method.class);

    Node child(String segment) {
      if (!segment.startsWith("{")) {
        return literals.computeIfAbsent(segment, _ -> new Node());
      }
      Node child = parameter == null ? new Node() : parameter;
      parameter = child;
      return child;
    }
  }

  private final Node root = new Node();

  /// @throws IllegalArgumentException if two routes have the same method and path
  Router(List<RouteGroup> groups) {
    for (RouteGroup group : groups) {
      for (Route route : group.routes()) {
        add(Endpoint.of(group, route));
      }
    }
  }

  private void add(Endpoint endpoint) {
    Node node = root;
    for (String segment : Endpoint.splitPath(endpoint.template())) {
      node = node.child(segment);
    }
    Method method = endpoint.route().method();
    if (node.endpoints.put(method, endpoint) != null) {
      throw new IllegalArgumentException(
          "duplicate route: %s %s".formatted(method, endpoint.template()));
    }
  }

  /// Finds the route of a method and a path.
  ///
  /// @param method empty for a method that no route has
  /// @param path the undecoded path
  /// @throws IllegalArgumentException if the path has a malformed percent escape
  Match match(Optional<Method> method, String path) {
    if (!path.startsWith("/")) {
      return new Match.NotFound();
    }
    List<String> segments = Endpoint.splitPath(path);
    segments.replaceAll(PercentEncoding::decode);
    Set<Method> allowed = EnumSet.noneOf(Method.class);
    List<String> values = new ArrayList<>(2);
    Endpoint found = find(root, segments, 0, method, values, allowed);
    if (found != null) {
      return new Match.Found(found, values);
    }
    return allowed.isEmpty() ? new Match.NotFound() : new Match.MethodNotAllowed(allowed);
  }

  private static @Nullable Endpoint find(
      Node node,
      List<String> segments,
      int depth,
      Optional<Method> method,
      List<String> values,
      Set<Method> allowed) {
    if (depth == segments.size()) {
      allowed.addAll(node.endpoints.keySet());
      return method.map(node.endpoints::get).orElse(null);
    }
    String segment = segments.get(depth);
    Node literal = node.literals.get(segment);
    if (literal != null) {
      Endpoint found = find(literal, segments, depth + 1, method, values, allowed);
      if (found != null || !allowed.isEmpty()) {
        return found;
      }
    }
    if (node.parameter != null && !segment.isEmpty()) {
      values.addLast(segment);
      Endpoint found = find(node.parameter, segments, depth + 1, method, values, allowed);
      if (found != null) {
        return found;
      }
      values.removeLast();
    }
    return null;
  }
}
