package dev.agentlab.http;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.net.HostNames;
import dev.agentlab.net.IpLiterals;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/// The host that a request says it is for, without the port (RFC 9110, section 7.2).
///
/// @param name in lower case without a dot at its end; of an address, as [InetAddress] writes it
/// @param address if it is one rather than a name
record HostHeader(String name, Optional<InetAddress> address) {
  private static final Pattern FIELD =
      Pattern.compile(
          "(\\[(?<ipv6>[0-9a-fA-F]*:[0-9a-fA-F:.]{1,40})]|(?<name>[A-Za-z0-9._-]+))(:[0-9]{1,5})?");

  /// What some resolvers take for an address, though it is not written as one.
  private static final Pattern NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

  /// The host in a `HostHeader` field or an address's authority; empty if it is none.
  static Optional<HostHeader> parse(String authority) {
    Matcher parts = FIELD.matcher(authority);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String ipv6 = parts.group("ipv6");
    return ipv6 == null ? named(parts.group("name").toLowerCase(Locale.ROOT)) : literal(ipv6);
  }

  /// The host that an address or a name by itself is, as a setting has it.
  static Optional<HostHeader> of(String text) {
    return text.startsWith("[") || text.indexOf(':') < 0 ? parse(text) : literal(text);
  }

  boolean isLoopback() {
    return address.map(InetAddress::isLoopbackAddress).orElse(name.equals("localhost"));
  }

  private static Optional<HostHeader> named(String text) {
    if (IpLiterals.ipv4(text).isPresent()) {
      return literal(text);
    }
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    boolean fits = HostNames.isName(name) && !NUMBER.matcher(name).matches();
    return fits ? Optional.of(new HostHeader(name, Optional.empty())) : Optional.empty();
  }

  private static Optional<HostHeader> literal(String text) {
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      return Optional.of(new HostHeader(address.getHostAddress(), Optional.of(address)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
