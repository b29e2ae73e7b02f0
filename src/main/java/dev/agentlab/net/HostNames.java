package dev.agentlab.net;

import com.google.re2j.Pattern;
import java.util.stream.Stream;

/// Validates host names (RFC 1123, section 2.1). Also accepts `_`, which container names contain.
public final class HostNames {
  /// The maximum number of characters.
  public static final int MAX_LENGTH = 253;

  private static final int MAX_LABEL_LENGTH = 63;
  private static final Pattern DOT = Pattern.compile("\\.");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?");

  private HostNames() {}

  /// Whether the text is a host name in lower case without a trailing dot.
  public static boolean isHostName(String text) {
    return text.length() <= MAX_LENGTH
        && Stream.of(DOT.split(text, -1)).allMatch(HostNames::isLabel);
  }

  private static boolean isLabel(String text) {
    return text.length() <= MAX_LABEL_LENGTH && LABEL.matches(text);
  }
}
