package dev.agentlab.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A route mounted in its group, with values precomputed for all its requests.
///
/// @param template the full path, such as `/api/providers/{id}`
/// @param pathNames the names of the path parameters, in path order
/// @param queryNames the names of the declared query parameters
/// @param body the format of the request body, if the route accepts one
record Endpoint(
    RouteGroup group,
    Route route,
    String template,
    List<String> pathNames,
    Set<String> queryNames,
    Set<String> repeatableNames,
    Optional<BodyFormat> body) {

  static Endpoint of(RouteGroup group, Route route) {
    String template = group.prefix() + route.path();
    if (!template.startsWith("/") || (template.length() > 1 && template.endsWith("/"))) {
      throw new IllegalArgumentException(
          "path: must start with a slash and must not end with one, was \"%s\""
              .formatted(template));
    }
    List<String> pathNames = new ArrayList<>();
    for (String segment : splitPath(template)) {
      if (segment.startsWith("{")) {
        int end = segment.length() - (isTail(segment) ? 2 : 1);
        pathNames.add(segment.substring(1, end));
      }
    }
    List<Param<?>> query =
        route.parameters().stream()
            .filter(parameter -> parameter.location() == Param.Location.QUERY)
            .toList();
    return new Endpoint(
        group,
        route,
        template,
        List.copyOf(pathNames),
        names(query.stream()),
        names(query.stream().filter(Param::isRepeatable)),
        route.requestBody().map(BodyFormat::of));
  }

  private static Set<String> names(Stream<Param<?>> parameters) {
    return parameters.map(Param::name).collect(Collectors.toUnmodifiableSet());
  }

  /// Parses the declared query parameters, by name. A probe ignores its query.
  ///
  /// @param raw the undecoded query
  /// @throws dev.agentlab.errors.InvalidInputException with every repeated, malformed, or
  ///   undeclared and not ignored parameter
  Map<String, List<String>> parseQuery(String raw) {
    return route.isProbe()
        ? Map.of()
        : QueryString.parse(
            raw, queryNames, repeatableNames, group.conventions().ignoresUnknownQuery());
  }

  /// Whether a segment of a template, `{name*}`, stands for the rest of the path.
  static boolean isTail(String segment) {
    return segment.endsWith("*}");
  }

  /// Splits a path at its slashes: `/a//b/` gives `a`, the empty string, `b` and the empty string.
  static List<String> splitPath(String path) {
    List<String> segments = new ArrayList<>(6);
    int start = 1;
    for (int slash; (slash = path.indexOf('/', start)) >= 0; start = slash + 1) {
      segments.add(path.substring(start, slash));
    }
    segments.add(path.substring(start));
    return segments;
  }
}
