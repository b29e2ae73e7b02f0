package dev.agentlab.http;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.net.HostNames;
import dev.agentlab.net.IpLiterals;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/// The host of a `Host` header, without the port (RFC 9110, section 7.2).
///
/// @param name in lower case without a trailing dot; for an address, as [InetAddress] formats it
/// @param address the address; empty if the host is a name
record HostHeader(String name, Optional<InetAddress> address) {
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(\\[(?<ipv6>[0-9a-fA-F]*:[0-9a-fA-F:.]{1,40})]|(?<name>[A-Za-z0-9._-]+))(:[0-9]{1,5})?");

  /// Names that some resolvers parse as an IPv4 address, such as `127.1` or `0x7f000001`.
  private static final Pattern NUMERIC_NAME = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

  /// Parses the value of a `Host` header or the authority of a URL; empty if it is malformed.
  static Optional<HostHeader> parse(String authority) {
    Matcher parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String ipv6 = parts.group("ipv6");
    return ipv6 == null ? ofName(parts.group("name").toLowerCase(Locale.ROOT)) : ofLiteral(ipv6);
  }

  /// Parses an address or a name without a port, as in a setting; empty if it is malformed.
  static Optional<HostHeader> of(String text) {
    return text.startsWith("[") || text.indexOf(':') < 0 ? parse(text) : ofLiteral(text);
  }

  boolean isLoopback() {
    return address.map(InetAddress::isLoopbackAddress).orElse(name.equals("localhost"));
  }

  private static Optional<HostHeader> ofName(String text) {
    if (IpLiterals.parseIpv4(text).isPresent()) {
      return ofLiteral(text);
    }
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    boolean valid = HostNames.isHostName(name) && !NUMERIC_NAME.matcher(name).matches();
    return valid ? Optional.of(new HostHeader(name, Optional.empty())) : Optional.empty();
  }

  private static Optional<HostHeader> ofLiteral(String text) {
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      return Optional.of(new HostHeader(address.getHostAddress(), Optional.of(address)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
