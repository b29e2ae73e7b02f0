package dev.agentlab.gateway;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.net.PercentEncoding;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The path of a proxied request, relative to the base URL of the provider. No server can read it
/// as a path outside of the base URL: each segment means the same before and after decoding.
///
/// @param text undecoded, without a leading slash
record ProxyPath(String text) {

  /// An API that administers the account of its owner rather than calling models.
  ///
  /// @param segments the first segments of its paths
  /// @param document describes it
  private record Administration(Set<String> segments, String document) {}

  /// They are refused for every provider, because the base URL of any kind may lead to any vendor.
  private static final List<Administration> ADMINISTRATION =
      List.of(
          // OpenAI: users, projects, keys, roles, limits, audit logs, costs.
          new Administration(
              Set.of("organization", "projects"),
              "https://platform.openai.com/docs/api-reference/administration"),
          // Anthropic: users, workspaces, keys, usage, costs.
          new Administration(
              Set.of("organizations"),
              "https://platform.claude.com/docs/en/api/administration-api"),
          // OpenRouter: keys, credits, members, guardrails, credentials of other providers.
          new Administration(
              Set.of(
                  "activity",
                  "auth",
                  "byok",
                  "credits",
                  "guardrails",
                  "keys",
                  "observability",
                  "organization",
                  "private-endpoints",
                  "workspaces"),
              "https://openrouter.ai/docs/guides/overview/auth/management-api-keys"));

  /// Segments that may precede those of an API if the base URL does not end in them.
  private static final Set<String> VERSIONS = Set.of("api", "v1");

  /// Reads the path after `/proxy/` and the name of the provider.
  ///
  /// @param rawPath the undecoded path of the request
  /// @throws InvalidInputException if it could leave the base URL
  /// @throws GatewayException.AdministrationRefused if it administers the account of the provider
  static ProxyPath parse(String rawPath) {
    // The first segment is `proxy`, the second the name of the provider.
    int start = rawPath.indexOf('/', rawPath.indexOf('/', 1) + 1) + 1;
    ProxyPath path = new ProxyPath(rawPath.substring(start));
    List<String> segments = path.decodedSegments();
    administration(segments)
        .ifPresent(found -> {
          throw new GatewayException.AdministrationRefused(path.text(), found.document());
        });
    return path;
  }

  private List<String> decodedSegments() {
    List<String> segments = new ArrayList<>();
    int start = 0;
    while (start <= text.length()) {
      int slash = text.indexOf('/', start);
      int end = slash < 0 ? text.length() : slash;
      segments.add(decode(text.substring(start, end)));
      start = end + 1;
    }
    return segments;
  }

  private static String decode(String segment) {
    String decoded = PercentEncoding.decode(segment);
    // Some servers ignore what follows a semicolon.
    int parameters = decoded.indexOf(';');
    String name = parameters < 0 ? decoded : decoded.substring(0, parameters);
    boolean isAmbiguous =
        name.isEmpty()
            || name.equals(".")
            || name.equals("..")
            || decoded
                .chars()
                .anyMatch(c -> c == '/' || c == '\\' || c == '%' || c < ' ' || c == 127);
    if (isAmbiguous) {
      throw new InvalidInputException(
          "path",
          "must have no empty segments, no . or .. and no encoded slash, backslash, percent or"
              + " control character, was \""
              + Excerpt.of(segment)
              + "\"");
    }
    return name;
  }

  private static Optional<Administration> administration(List<String> segments) {
    return segments.stream()
        .map(segment -> segment.toLowerCase(Locale.ROOT))
        .dropWhile(VERSIONS::contains)
        .findFirst()
        .flatMap(first ->
            ADMINISTRATION.stream().filter(it -> it.segments().contains(first)).findFirst());
  }

  /// The URL of the path.
  ///
  /// @param baseUrl without a trailing slash
  /// @param ownQuery the query of each request to the provider, `?name=value`, or empty
  /// @param query the undecoded query of the request, or empty; takes precedence
  /// @throws InvalidInputException if a character must be percent-encoded
  URI in(String baseUrl, String ownQuery, String query) {
    try {
      return URI.create(baseUrl + "/" + text + merge(ownQuery, query));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "path", "must be percent-encoded with its query, except for characters of URLs");
    }
  }

  private static String merge(String ownQuery, String query) {
    if (ownQuery.isEmpty() || query.isEmpty()) {
      return query.isEmpty() ? ownQuery : "?" + query;
    }
    String ownName = ownQuery.substring(1, ownQuery.indexOf('=') + 1);
    return ("&" + query).contains("&" + ownName) ? "?" + query : ownQuery + "&" + query;
  }
}
