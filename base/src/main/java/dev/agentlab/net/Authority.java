package dev.agentlab.net;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A host and an optional port, as in a URL or a `Host` header (RFC 3986, section 3.2).
///
/// @param port from 1 to 65535
public record Authority(Host host, OptionalInt port) {
  private static final Pattern AUTHORITY =
      Pattern.compile("(?<host>\\[[^\\[\\]]*]|[^:\\[\\]]*)(:(?<port>.*))?");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  /// Parses an authority such as `localhost:8080` or `[::1]`.
  ///
  /// @throws IllegalArgumentException if the text has another form; the message states what is
  ///   accepted and contains no part of the text
  public static Authority parse(String text) {
    if (text.indexOf('@') >= 0) {
      throw new IllegalArgumentException("must not contain a user name or password");
    }
    Matcher parts = AUTHORITY.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("must have a host and an optional port");
    }
    return new Authority(Host.parse(parts.group("host")), parsePort(parts.group("port")));
  }

  private static OptionalInt parsePort(@Nullable String text) {
    if (text == null) {
      return OptionalInt.empty();
    }
    int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("has a port outside 1 to 65535");
    }
    return OptionalInt.of(port);
  }
}
