package dev.agentlab.net;

import com.google.re2j.Pattern;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/// The host of a URL or of a `Host` header: a name or an IP address (RFC 3986, section 3.2.2).
///
/// A host has one accepted spelling. An address is written as four decimal numbers or as an IPv6
/// address in brackets. The other spellings that some resolvers accept (`127.1`, `0x7f000001`,
/// `2130706433`, percent-encoded or full-width characters) are rejected, because a check could read
/// them as a name and a resolver as an address.
///
/// @param text in lower case; an IPv6 address without brackets, as [InetAddress] formats it
/// @param address the address; empty if the host is a name
public record Host(String text, Optional<InetAddress> address) {
  private static final String INVALID_HOST =
      "has a host that is not a DNS name: must be letters, digits, '-' and '_' between single dots;"
          + " an international name must be in its xn-- form";
  private static final Pattern ASCII = Pattern.compile("[[:ascii:]]*");
  private static final Cidr MAPPED_LOOPBACK = Cidr.parse("::ffff:127.0.0.0/104");

  /// Parses a host; an IPv6 address is in brackets.
  ///
  /// @throws IllegalArgumentException if the text is not a host; the message states what is
  ///   accepted and contains no part of the text
  public static Host parse(String text) {
    if (!ASCII.matcher(text).matches()) {
      // Checked before the conversion to lower case, which maps the Kelvin sign to k.
      throw new IllegalArgumentException(INVALID_HOST);
    }
    return text.startsWith("[") && text.endsWith("]")
        ? ofIpv6(text.substring(1, text.length() - 1))
        : ofNameOrIpv4(text.toLowerCase(Locale.ROOT));
  }

  /// Parses a host as in a setting, where an IPv6 address may be without brackets; empty if the
  /// text is not a host.
  public static Optional<Host> parseSetting(String text) {
    try {
      return Optional.of(parse(text.startsWith("[") ? text : inUri(text)));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// A host in the syntax of a URL: an IPv6 address is in brackets.
  public static String inUri(String host) {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  /// Whether this is `localhost` or a loopback address. Another name counts as remote, because what
  /// it resolves to may change.
  public boolean isLoopback() {
    return address
        .map(it -> it.isLoopbackAddress() || MAPPED_LOOPBACK.contains(it))
        .orElse(text.equals("localhost"));
  }

  /// The host in the syntax of a URL.
  @Override
  public String toString() {
    return inUri(text);
  }

  private static Host ofIpv6(String text) {
    return IpLiterals.parseIpv6(text)
        .map(Host::of)
        .orElseThrow(() ->
            new IllegalArgumentException("must have an IPv6 address without a zone in brackets"));
  }

  private static Host of(InetAddress address) {
    return new Host(address.getHostAddress(), Optional.of(address));
  }

  private static Host ofNameOrIpv4(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("must contain a host, such as localhost");
    }
    if (text.length() > HostNames.MAX_LENGTH) {
      throw new IllegalArgumentException(
          "has a host of more than %d characters".formatted(HostNames.MAX_LENGTH));
    }
    Optional<Host> ipv4 = IpLiterals.parseIpv4(text).map(Host::of);
    if (ipv4.isPresent()) {
      return ipv4.get();
    }
    if (HostNames.isNumeric(text)) {
      throw new IllegalArgumentException(
          "has a host that ends in a number: an IPv4 address must be four decimal numbers, such as"
              + " 127.0.0.1");
    }
    if (!HostNames.isHostName(text)) {
      throw new IllegalArgumentException(INVALID_HOST);
    }
    return new Host(text, Optional.empty());
  }
}
