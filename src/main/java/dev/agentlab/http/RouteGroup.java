package dev.agentlab.http;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Routes that belong together: one domain's, as a rule.
///
/// @param prefix starts every path of the group; empty or `/…` without a trailing slash
/// @param tag the heading in the API description
/// @param description a sentence below the heading
/// @param failures turns the domain's own exceptions into problems; empty for one it does not know
public record RouteGroup(
    String prefix,
    String tag,
    String description,
    Function<RuntimeException, Optional<Problem>> failures,
    List<Route> routes) {
  public RouteGroup {
    routes = List.copyOf(routes);
  }

  /// A group whose handlers throw nothing of their own.
  public RouteGroup(String prefix, String tag, String description, List<Route> routes) {
    this(prefix, tag, description, _ -> Optional.empty(), routes);
  }
}
