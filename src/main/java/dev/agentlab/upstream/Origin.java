package dev.agentlab.upstream;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.net.HostNames;
import dev.agentlab.net.IpLiterals;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a URL leads, before its path: scheme, host and port (RFC 6454).
///
/// A host has one spelling here. A number stands for an address only as four decimal numbers or as
/// an IPv6 address in brackets; the other spellings that some resolvers accept (`127.1`,
/// `0x7f000001`, `2130706433`, percent-encoded or full-width characters) are refused, because what
/// reads as a name to a check could be an address to a resolver.
///
/// @param secure `https` rather than `http`
/// @param host in lower case; an IPv6 address without brackets
/// @param port 1 … 65535
public record Origin(boolean secure, String host, int port) {
  private static final String NO_HOST = "must name a host, such as http://localhost:11434";
  private static final String NO_NAME =
      "has a host that is no DNS name: letters, digits, '-' and '_' between single dots; write an"
          + " international name in its xn-- form";
  private static final Pattern ASCII = Pattern.compile("[[:ascii:]]*");
  private static final Pattern AUTHORITY =
      Pattern.compile("(?<host>\\[[^\\[\\]]*]|[^:\\[\\]]*)(:(?<port>.*))?");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

  /// @throws IllegalArgumentException if the host or the port is none
  public Origin {
    host = host.indexOf(':') >= 0 ? ipv6(host) : name(host);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("has a port outside 1 … 65535");
    }
  }

  /// The origin of a URL.
  ///
  /// @throws IllegalArgumentException if the URL has none that can be called; the message says what
  ///   would be right and repeats nothing of the URL
  public static Origin of(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (!secure && !scheme.equals("http")) {
      throw new IllegalArgumentException("must begin with http:// or https://");
    }
    String authority = url.getRawAuthority();
    if (authority == null) {
      throw new IllegalArgumentException(NO_HOST);
    }
    if (authority.indexOf('@') >= 0) {
      throw new IllegalArgumentException("must not hold a user name or password");
    }
    if (!ASCII.matcher(authority).matches()) {
      // Before there is a lower case: that of the Kelvin sign is a k.
      throw new IllegalArgumentException(NO_NAME);
    }
    Matcher parts = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalArgumentException("must name a host, and a port if any, after the scheme");
    }
    return new Origin(secure, unbracketed(parts.group("host")), port(parts.group("port"), secure));
  }

  /// The address the host is, when it is one rather than a name.
  public Optional<InetAddress> literal() {
    return IpLiterals.ipv4(host).or(() -> IpLiterals.ipv6(host));
  }

  /// As a URL writes it, the port only when it is not the scheme's own.
  @Override
  public String toString() {
    String suffix = port == standardPort(secure) ? "" : ":" + port;
    return (secure ? "https://" : "http://") + authorityHost() + suffix;
  }

  /// The host as a URL or a `Host` field writes it: an IPv6 address in brackets.
  String authorityHost() {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  private static String unbracketed(String host) {
    if (!host.startsWith("[")) {
      return host;
    }
    // An IPv4 address in brackets must not pass as one without.
    return ipv6(host.substring(1, host.length() - 1));
  }

  private static String name(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(NO_HOST);
    }
    if (text.length() > HostNames.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "has a host of more than %d characters".formatted(HostNames.MAX_LENGTH));
    }
    if (!HostNames.isName(text)) {
      throw new IllegalArgumentException(NO_NAME);
    }
    String lastLabel = text.substring(text.lastIndexOf('.') + 1);
    if (NUMBER.matcher(lastLabel).matches() && IpLiterals.ipv4(text).isEmpty()) {
      throw new IllegalArgumentException(
          "has a host that reads as a number: write an address as four decimal numbers, such as"
              + " 127.0.0.1");
    }
    return text;
  }

  private static String ipv6(String text) {
    return IpLiterals.ipv6(text)
        .map(InetAddress::getHostAddress)
        .orElseThrow(
            () -> new IllegalArgumentException("has no IPv6 address in brackets; no zone either"));
  }

  private static int port(@Nullable String text, boolean secure) {
    if (text == null) {
      return standardPort(secure);
    }
    return PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
  }

  private static int standardPort(boolean secure) {
    return secure ? 443 : 80;
  }
}
