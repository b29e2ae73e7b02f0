package dev.agentlab.dialects;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// Percent-encoding (RFC 3986).
public final class PercentEncoder {
  private PercentEncoder() {}

  /// Encodes text as one path segment or one query value. Everything except letters, digits, `-`,
  /// `.`, `_` and `~` is percent-encoded as UTF-8.
  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
