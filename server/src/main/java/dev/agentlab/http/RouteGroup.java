package dev.agentlab.http;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A group of related routes, typically of one domain.
///
/// @param prefix the prefix of every path in the group; empty or `/…` without a trailing slash
/// @param tag the tag in the API description
/// @param description the description of the tag, one sentence
/// @param conventions those of the API to which the group belongs
/// @param problemMapper maps exceptions of the domain to problems; empty for an unknown exception
public record RouteGroup(
    String prefix,
    String tag,
    String description,
    ApiConventions conventions,
    Function<RuntimeException, Optional<Problem>> problemMapper,
    List<Route> routes) {
  public RouteGroup {
    routes = List.copyOf(routes);
  }

  /// Creates a group of the service's own API.
  public RouteGroup(
      String prefix,
      String tag,
      String description,
      Function<RuntimeException, Optional<Problem>> problemMapper,
      List<Route> routes) {
    this(prefix, tag, description, ApiConventions.OWN, problemMapper, routes);
  }

  /// Creates a group without exceptions of its own.
  public RouteGroup(String prefix, String tag, String description, List<Route> routes) {
    this(prefix, tag, description, _ -> Optional.empty(), routes);
  }
}
