package dev.agentlab.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A route where it is mounted, with what every call of it needs worked out once.
///
/// @param template the whole path, such as `/api/providers/{id}`
/// @param pathNames the path parameters' names, in the order of the path
/// @param queryNames the query parameters it declares
/// @param body how its body is read, if it takes one
record Endpoint(
    RouteGroup group,
    Route route,
    String template,
    List<String> pathNames,
    Set<String> queryNames,
    Optional<BodyFormat> body) {

  static Endpoint of(RouteGroup group, Route route) {
    String template = group.prefix() + route.path();
    if (!template.startsWith("/") || (template.length() > 1 && template.endsWith("/"))) {
      throw new IllegalArgumentException(
          "a path starts with a slash and does not end with one: " + template);
    }
    List<String> pathNames = new ArrayList<>();
    for (String segment : segments(template)) {
      if (segment.startsWith("{")) {
        pathNames.add(segment.substring(1, segment.length() - 1));
      }
    }
    Set<String> queryNames =
        route.reads().stream()
            .filter(parameter -> parameter.place() == Param.Place.QUERY)
            .map(Param::name)
            .collect(Collectors.toUnmodifiableSet());
    return new Endpoint(
        group,
        route,
        template,
        List.copyOf(pathNames),
        queryNames,
        route.takes().map(BodyFormat::of));
  }

  /// The values of the query's parameters by name; none for a probe, whoever asks it with what.
  ///
  /// @param raw as it stands in the request
  /// @throws dev.agentlab.errors.InvalidInputException naming every part that is not declared
  Map<String, String> query(String raw) {
    return route.probe() ? Map.of() : Query.read(raw, queryNames);
  }

  /// What stands between the slashes: `/a//b/` has `a`, nothing, `b` and nothing.
  static List<String> segments(String path) {
    List<String> segments = new ArrayList<>(6);
    int start = 1;
    for (int slash; (slash = path.indexOf('/', start)) >= 0; start = slash + 1) {
      segments.add(path.substring(start, slash));
    }
    segments.add(path.substring(start));
    return segments;
  }
}
