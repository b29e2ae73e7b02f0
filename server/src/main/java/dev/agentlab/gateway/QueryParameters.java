package dev.agentlab.gateway;

import dev.agentlab.net.PercentEncoding;
import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;

/// The query parameters of a request in the API of a vendor, whose unknown ones are ignored.
final class QueryParameters {
  private QueryParameters() {}

  /// The values by name; the last one of a name that is repeated.
  ///
  /// @param raw undecoded
  static Map<String, String> parse(String raw) {
    Map<String, String> query = new HashMap<>();
    StringTokenizer parts = new StringTokenizer(raw, "&");
    while (parts.hasMoreTokens()) {
      String part = parts.nextToken();
      int equals = part.indexOf('=');
      if (equals > 0) {
        query.put(part.substring(0, equals), PercentEncoding.decode(part.substring(equals + 1)));
      }
    }
    return query;
  }
}
