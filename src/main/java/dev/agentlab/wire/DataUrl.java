package dev.agentlab.wire;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Bytes within a URL (RFC 2397).
///
/// @param type the media type in lower case, such as `image/png`
/// @param base64 the bytes, as they stood in the URL
record DataUrl(String type, String base64) {
  private static final Pattern HEAD =
      Pattern.compile("(?i)data:(?<type>[a-z0-9.+-]+/[a-z0-9.+-]+)(;[^,;]*)*;base64,");

  /// The data of a URL that is one, with a type and in base64; empty for any other text.
  static Optional<DataUrl> of(String url) {
    Matcher head = HEAD.matcher(url);
    return head.lookingAt()
        ? Optional.of(
            new DataUrl(head.group("type").toLowerCase(Locale.ROOT), url.substring(head.end())))
        : Optional.empty();
  }
}
