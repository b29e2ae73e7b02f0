package dev.agentlab.upstream;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/// Addresses written as text, in their one accepted spelling each: four decimal numbers, or an IPv6
/// address (RFC 4291) without a zone. The JDK's own parser takes `127.1` too.
final class Literals {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private Literals() {}

  static Optional<InetAddress> ipv4(String text) {
    return IPV4.matcher(text).matches()
        ? Optional.of(InetAddress.ofLiteral(text))
        : Optional.empty();
  }

  static Optional<InetAddress> ipv6(String text) {
    if (!IPV6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
