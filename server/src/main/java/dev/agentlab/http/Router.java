package dev.agentlab.http;

import dev.agentlab.net.PercentEncoding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the route of a request. A literal path segment takes precedence over a parameter,
/// regardless of the methods of the routes, as in OpenAPI. A route for every path, `/{name*}`, is
/// the page for a person who opens an unknown path, and not for other requests. Safe for all
/// threads.
final class Router {

  /// The result of routing a method and a path.
  sealed interface Match {
    /// A route.
    ///
    /// @param pathValues the values of the path parameters, in path order
    record Found(Endpoint endpoint, List<String> pathValues) implements Match {}

    /// The path exists, but not with this method.
    ///
    /// @param conventions those of the routes with other methods
    record MethodNotAllowed(Set<Method> allowed, ApiConventions conventions) implements Match {}

    /// The path does not exist.
    record NotFound() implements Match {}
  }

  private static final class Node {
    final Map<String, Node> literals = new HashMap<>();
    @Nullable Node parameter;

    /// The node of a parameter that stands for the rest of the path.
    @Nullable Node tail;

    final Map<Method, Endpoint> endpoints = new EnumMap<>(Method.class);

    Node child(String segment) {
      if (!segment.startsWith("{")) {
        return literals.computeIfAbsent(segment, _ -> new Node());
      }
      if (Endpoint.isTail(segment)) {
        Node child = tail == null ? new Node() : tail;
        tail = child;
        return child;
      }
      Node child = parameter == null ? new Node() : parameter;
      parameter = child;
      return child;
    }
  }

  private final Node root = new Node();
  private final List<RouteGroup> groups;
  private Optional<Endpoint> unknownPage = Optional.empty();

  /// @throws IllegalArgumentException if two routes have the same method and path
  Router(List<RouteGroup> groups) {
    this.groups = groups;
    for (RouteGroup group : groups) {
      for (Route route : group.routes()) {
        add(Endpoint.of(group, route));
      }
    }
  }

  private void add(Endpoint endpoint) {
    List<String> segments = Endpoint.splitPath(endpoint.template());
    if (Endpoint.isTail(segments.getFirst())) {
      unknownPage = Optional.of(endpoint);
      return;
    }
    Node node = root;
    for (String segment : segments) {
      node = node.child(segment);
    }
    Method method = endpoint.route().method();
    if (node.endpoints.put(method, endpoint) != null) {
      throw new IllegalArgumentException(
          "duplicate route: %s %s".formatted(method, endpoint.template()));
    }
  }

  /// The conventions for a path that no route matches: those of the group with the longest prefix
  /// of the path.
  ///
  /// @param path the undecoded path
  ApiConventions conventions(String path) {
    return groups.stream()
        .filter(group -> !group.prefix().isEmpty())
        .filter(group -> path.equals(group.prefix()) || path.startsWith(group.prefix() + "/"))
        .max(Comparator.comparingInt(group -> group.prefix().length()))
        .map(RouteGroup::conventions)
        .orElse(ApiConventions.OWN);
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
    Map<Method, Endpoint> allowed = new EnumMap<>(Method.class);
    List<String> values = new ArrayList<>(2);
    Endpoint found = find(root, segments, 0, method, values, allowed);
    if (found != null) {
      return new Match.Found(found, values);
    }
    return allowed.isEmpty()
        ? new Match.NotFound()
        : new Match.MethodNotAllowed(
            allowed.keySet(), allowed.values().iterator().next().group().conventions());
  }

  /// Finds the page for a path that no route matches. A path that begins like that of a route, such
  /// as one of an API, has none.
  ///
  /// @param path the undecoded path
  Optional<Match.Found> unknownPage(String path) {
    return unknownPage
        .filter(_ -> path.startsWith("/"))
        .filter(_ -> !root.literals.containsKey(Endpoint.splitPath(path).getFirst()))
        .map(page -> new Match.Found(page, List.of(path.substring(1))));
  }

  private static @Nullable Endpoint find(
      Node node,
      List<String> segments,
      int depth,
      Optional<Method> method,
      List<String> values,
      Map<Method, Endpoint> allowed) {
    if (depth == segments.size()) {
      allowed.putAll(node.endpoints);
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
    if (node.tail != null) {
      values.addLast(String.join("/", segments.subList(depth, segments.size())));
      Endpoint found = find(node.tail, segments, segments.size(), method, values, allowed);
      if (found != null) {
        return found;
      }
      values.removeLast();
    }
    return null;
  }
}
