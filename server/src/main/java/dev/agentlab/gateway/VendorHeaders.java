package dev.agentlab.gateway;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;

/// Which header fields pass between a client and a provider that speak the same dialect. Names are
/// in lower case.
final class VendorHeaders {
  /// Of a request only the fields of vendors pass: others may come from a proxy in front of the
  /// service and tell about the client, or be credentials.
  private static final List<String> REQUEST_PREFIXES =
      List.of("openai-", "anthropic-", "x-openai-", "x-codex-", "x-stainless-");

  private static final Set<String> REQUEST_NAMES =
      Set.of(
          "conversation_id",
          "http-referer",
          "idempotency-key",
          "originator",
          "session-id",
          "session_id",
          "thread-id",
          "user-agent",
          "x-client-request-id",
          "x-goog-api-client",
          "x-ms-client-request-id",
          "x-title");

  /// What the configuration of the provider decides: who pays.
  private static final Set<String> NOT_REQUESTED = Set.of("openai-organization", "openai-project");

  /// Of a response all fields pass except those of the connection, of the service itself, of
  /// browsers, and credentials that a provider repeats.
  private static final Set<String> NOT_RESPONDED =
      Set.of(
          "alt-svc",
          "api-key",
          "authorization",
          "clear-site-data",
          "connection",
          "content-encoding",
          "content-length",
          "content-security-policy",
          "content-type",
          "date",
          "keep-alive",
          "location",
          "nel",
          "openai-organization",
          "openai-project",
          "permissions-policy",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "referrer-policy",
          "refresh",
          "report-to",
          "reporting-endpoints",
          "server",
          "set-cookie",
          "set-cookie2",
          "strict-transport-security",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via",
          "www-authenticate",
          "x-accel-buffering",
          "x-api-key",
          "x-content-type-options",
          "x-frame-options");

  private static final List<String> NOT_RESPONDED_PREFIXES =
      List.of("access-control-", "agent-lab-", "cross-origin-");

  private VendorHeaders() {}

  /// Whether a field of a request passes to the provider.
  static boolean passesToProvider(String name) {
    return !NOT_REQUESTED.contains(name)
        && (REQUEST_NAMES.contains(name) || hasPrefix(name, REQUEST_PREFIXES));
  }

  private static boolean hasPrefix(String name, List<String> prefixes) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /// The fields of a response that pass to the client.
  static Map<String, String> toClient(Map<String, String> headers) {
    return except(headers, NOT_RESPONDED, NOT_RESPONDED_PREFIXES);
  }

  /// A new map of the fields except those with one of the names or prefixes, and those that
  /// `Connection` names.
  static Map<String, String> except(
      Map<String, String> headers, Set<String> excluded, List<String> excludedPrefixes) {
    Set<String> ofConnection = new HashSet<>();
    StringTokenizer names = new StringTokenizer(headers.getOrDefault("connection", ""), ", \t");
    while (names.hasMoreTokens()) {
      ofConnection.add(names.nextToken().toLowerCase(Locale.ROOT));
    }
    Map<String, String> passed = new HashMap<>();
    headers.forEach((name, value) -> {
      if (!excluded.contains(name)
          && !ofConnection.contains(name)
          && !hasPrefix(name, excludedPrefixes)) {
        passed.put(name, value);
      }
    });
    return passed;
  }
}
