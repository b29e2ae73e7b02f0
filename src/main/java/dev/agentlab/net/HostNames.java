package dev.agentlab.net;

import com.google.re2j.Pattern;
import java.util.stream.Stream;

/// Names of hosts (RFC 1123, section 2.1), with `_` as the names of containers have it.
public final class HostNames {
  /// The characters of a name.
  public static final int MAX_LENGTH = 253;

  private static final int MAX_LABEL_LENGTH = 63;
  private static final Pattern DOT = Pattern.compile("\\.");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?");

  private HostNames() {}

  /// Whether a text is a name of a host, in lower case and without a dot at its end.
  public static boolean isName(String text) {
    return text.length() <= MAX_LENGTH
        && Stream.of(DOT.split(text, -1)).allMatch(HostNames::isLabel);
  }

  private static boolean isLabel(String text) {
    return text.length() <= MAX_LABEL_LENGTH && LABEL.matches(text);
  }
}
