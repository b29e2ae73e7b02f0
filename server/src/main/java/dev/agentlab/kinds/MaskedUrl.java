package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import tools.jackson.databind.JsonNode;

/// Masks user info, query and fragment of a URL for display. A URL that was stored before
/// validation existed may contain a password or a key.
public final class MaskedUrl {
  private static final Pattern USER_INFO = Pattern.compile("(?is)^(https?://)?.*@");
  private static final Pattern QUERY_OR_FRAGMENT = Pattern.compile("(?s)[?#].*");

  private MaskedUrl() {}

  /// The URL in masked form.
  public static String of(String url) {
    if (!mayContainSecret(url)) {
      return url;
    }
    String path = QUERY_OR_FRAGMENT.matcher(url).replaceFirst("?***");
    return USER_INFO.matcher(path).replaceFirst("$1***@");
  }

  /// Whether the URL may contain a secret.
  static boolean mayContainSecret(JsonNode url) {
    return url.isString() && mayContainSecret(url.stringValue());
  }

  private static boolean mayContainSecret(String url) {
    // Cheap test before the full validation, because this runs for every row that is read.
    boolean isSuspect = url.indexOf('@') >= 0 || url.indexOf('?') >= 0 || url.indexOf('#') >= 0;
    return isSuspect && OptionChecks.baseUrl(url).isPresent();
  }
}
