package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import tools.jackson.databind.JsonNode;

/// Masks user info, query and fragment of a URL for display. A URL that was stored before
/// validation existed may contain a password or a key.
final class MaskedUrl {
  private static final Pattern BEFORE_HOST = Pattern.compile("(?is)^(https?://)?.*@");
  private static final Pattern AFTER_PATH = Pattern.compile("(?s)[?#].*");

  private MaskedUrl() {}

  static String of(String url) {
    if (!hidesSecret(url)) {
      return url;
    }
    String path = AFTER_PATH.matcher(url).replaceFirst("?***");
    return BEFORE_HOST.matcher(path).replaceFirst("$1***@");
  }

  /// Whether the URL may contain a secret.
  static boolean hidesSecret(JsonNode url) {
    return url.isString() && hidesSecret(url.stringValue());
  }

  private static boolean hidesSecret(String url) {
    // Cheap test before the full validation, because this runs for every row that is read.
    boolean isSuspect = url.indexOf('@') >= 0 || url.indexOf('?') >= 0 || url.indexOf('#') >= 0;
    return isSuspect && OptionChecks.baseUrl(url).isPresent();
  }
}
