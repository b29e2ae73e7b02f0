package dev.agentlab.dialects;

import com.google.re2j.Pattern;
import java.util.Locale;
import java.util.Optional;

/// A `data:` URL (RFC 2397).
///
/// @param type the media type in lower case, such as `image/png`
/// @param base64 the data, Base64-encoded as in the URL
record DataUrl(String type, String base64) {
  private static final String SCHEME = "data:";
  private static final String BASE64 = ";base64";
  private static final Pattern TYPE = Pattern.compile("[a-z0-9.+-]+/[a-z0-9.+-]+");

  /// The maximum length of a media type (RFC 6838, section 4.2).
  private static final int MAX_TYPE_LENGTH = 127 + "/".length() + 127;

  /// Parses a `data:` URL that has a media type and Base64 data; empty for any other text.
  static Optional<DataUrl> parse(String url) {
    int comma = url.indexOf(',');
    if (comma < 0 || !url.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    String head = url.substring(SCHEME.length(), comma).toLowerCase(Locale.ROOT);
    String type = head.substring(0, Math.max(0, head.indexOf(';')));
    return head.endsWith(BASE64) && type.length() <= MAX_TYPE_LENGTH && TYPE.matches(type)
        ? Optional.of(new DataUrl(type, url.substring(comma + 1)))
        : Optional.empty();
  }
}
