package dev.agentlab.net;

import com.google.re2j.Pattern;
import java.util.stream.Stream;

/// Validates host names (RFC 1123, section 2.1). Also accepts `_`, which container names contain.
public final class HostNames {
  /// The maximum number of characters.
  static final int MAX_LENGTH = 253;

  private static final int MAX_LABEL_LENGTH = 63;
  private static final Pattern DOT = Pattern.compile("\\.");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?");
  private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

  private HostNames() {}

  /// Whether the text is a host name in lower case without a trailing dot, and not numeric.
  public static boolean isHostName(String text) {
    return text.length() <= MAX_LENGTH
        && !isNumeric(text)
        && Stream.of(DOT.split(text, -1)).allMatch(HostNames::isLabel);
  }

  /// Whether the last label is a number. Some resolvers parse such a text as an IPv4 address, for
  /// example `127.1` or `0x7f000001`.
  static boolean isNumeric(String text) {
    return NUMERIC.matcher(text).matches();
  }

  private static boolean isLabel(String text) {
    return text.length() <= MAX_LABEL_LENGTH && LABEL.matches(text);
  }
}
