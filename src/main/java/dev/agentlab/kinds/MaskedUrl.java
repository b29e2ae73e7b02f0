package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import tools.jackson.databind.JsonNode;

/// An address as everyone may see it: one stored before there was a rule may hold a password or a
/// key.
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

  /// Whether there may be a secret in it.
  static boolean hidesSecret(JsonNode address) {
    return address.isString() && hidesSecret(address.stringValue());
  }

  private static boolean hidesSecret(String url) {
    // Looks before it checks, because every row that is read comes by here.
    boolean hides = url.indexOf('@') >= 0 || url.indexOf('?') >= 0 || url.indexOf('#') >= 0;
    return hides && OptionChecks.baseUrl(url).isPresent();
  }
}
