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

/// The origin of a URL: scheme, host and port (RFC 6454).
///
/// A host has one accepted spelling. An address is written as four decimal numbers or as an IPv6
/// address in brackets. The other spellings that some resolvers accept (`127.1`, `0x7f000001`,
/// `2130706433`, percent-encoded or full-width characters) are rejected, because a check could read
/// them as a name and a resolver as an address.
///
/// @param secure whether the scheme is `https` rather than `http`
/// @param host in lower case; an IPv6 address without brackets
/// @param port from 1 to 65535
public record Origin(boolean secure, String host, int port) {
  private static final String HOST_REQUIRED = "must contain a host, such as http://localhost:11434";
  private static final String INVALID_HOST =
      "has a host that is not a DNS name: must be letters, digits, '-' and '_' between single dots;"
          + " an international name must be in its xn-- form";
  private static final Pattern ASCII = Pattern.compile("[[:ascii:]]*");
  private static final Pattern AUTHORITY =
      Pattern.compile("(?<host>\\[[^\\[\\]]*]|[^:\\[\\]]*)(:(?<port>.*))?");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final Pattern NUMERIC_LABEL = Pattern.compile("[0-9]+|0x[0-9a-f]*");

  /// @throws IllegalArgumentException if the host or the port is invalid
  public Origin {
    host = host.indexOf(':') >= 0 ? normalizeIpv6(host) : validateName(host);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("has a port outside 1 to 65535");
    }
  }

  /// The origin of a URL.
  ///
  /// @throws IllegalArgumentException if the URL has no valid origin; the message states what is
  ///   accepted and contains no part of the URL
  public static Origin of(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (!secure && !scheme.equals("http")) {
      throw new IllegalArgumentException("must begin with http:// or https://");
    }
    String authority = url.getRawAuthority();
    if (authority == null) {
      throw new IllegalArgumentException(HOST_REQUIRED);
    }
    if (authority.indexOf('@') >= 0) {
      throw new IllegalArgumentException("must not contain a user name or password");
    }
    if (!ASCII.matcher(authority).matches()) {
      // Checked before the conversion to lower case, which maps the Kelvin sign to k.
      throw new IllegalArgumentException(INVALID_HOST);
    }
    Matcher parts = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalArgumentException("must have a host and an optional port after the scheme");
    }
    return new Origin(
        secure, removeBrackets(parts.group("host")), port(parts.group("port"), secure));
  }

  /// The address, if the host is an address literal rather than a name.
  public Optional<InetAddress> literal() {
    return IpLiterals.parseIpv4(host).or(() -> IpLiterals.parseIpv6(host));
  }

  /// The origin as in a URL, without the default port of the scheme.
  @Override
  public String toString() {
    String suffix = port == defaultPort(secure) ? "" : ":" + port;
    return (secure ? "https://" : "http://") + authorityHost() + suffix;
  }

  /// The host as in a URL or a `Host` header field: an IPv6 address is in brackets.
  String authorityHost() {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  private static String removeBrackets(String host) {
    if (!host.startsWith("[")) {
      return host;
    }
    // Rejects an IPv4 address in brackets.
    return normalizeIpv6(host.substring(1, host.length() - 1));
  }

  private static String validateName(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException(HOST_REQUIRED);
    }
    if (text.length() > HostNames.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "has a host of more than %d characters".formatted(HostNames.MAX_LENGTH));
    }
    if (!HostNames.isHostName(text)) {
      throw new IllegalArgumentException(INVALID_HOST);
    }
    String lastLabel = text.substring(text.lastIndexOf('.') + 1);
    if (NUMERIC_LABEL.matcher(lastLabel).matches() && IpLiterals.parseIpv4(text).isEmpty()) {
      throw new IllegalArgumentException(
          "has a host that ends in a number: an IPv4 address must be four decimal numbers, such as"
              + " 127.0.0.1");
    }
    return text;
  }

  private static String normalizeIpv6(String text) {
    return IpLiterals.parseIpv6(text)
        .map(InetAddress::getHostAddress)
        .orElseThrow(() ->
            new IllegalArgumentException("must have an IPv6 address without a zone in brackets"));
  }

  private static int port(@Nullable String text, boolean secure) {
    if (text == null) {
      return defaultPort(secure);
    }
    return PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
  }

  private static int defaultPort(boolean secure) {
    return secure ? 443 : 80;
  }
}
