package dev.agentlab.wire;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// Percent-encoding (RFC 3986).
final class Percent {
  private Percent() {}

  /// Text as one segment of a path: all but letters, digits, `-`, `.`, `_` and `~` is encoded.
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
