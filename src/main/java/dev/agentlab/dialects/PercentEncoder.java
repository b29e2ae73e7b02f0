package dev.agentlab.dialects;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// Percent-encoding (RFC 3986).
public final class PercentEncoder {
  private PercentEncoder() {}

  /// Text as one segment of a path or one value in a query: all but letters, digits, `-`, `.`, `_`
  /// and `~` is encoded, as UTF-8.
  public static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
