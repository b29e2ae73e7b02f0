package dev.agentlab.net;

import com.google.re2j.Pattern;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Parses IP address literals in one accepted spelling each: four decimal numbers, or an IPv6
/// address (RFC 4291) without a zone. The parser of the JDK also accepts `127.1`, and converts an
/// IPv4-mapped IPv6 address to an IPv4 address.
public final class IpLiterals {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private IpLiterals() {}

  public static Optional<InetAddress> parse(String text) {
    return parseIpv4(text).or(() -> parseIpv6(text));
  }

  public static Optional<InetAddress> parseIpv4(String text) {
    return IPV4.matcher(text).matches()
        ? Optional.of(InetAddress.ofLiteral(text))
        : Optional.empty();
  }

  public static Optional<InetAddress> parseIpv6(String text) {
    if (!IPV6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(restoreIpv6(InetAddress.ofLiteral(text)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Restores the sixteen bytes of an IPv4-mapped address, which the JDK converts to IPv4.
  private static InetAddress restoreIpv6(InetAddress address) {
    if (address instanceof Inet6Address) {
      return address;
    }
    byte[] mapped = ByteBuffer.allocate(16).position(10).putShort((short) -1).array();
    System.arraycopy(address.getAddress(), 0, mapped, 12, 4);
    try {
      return Inet6Address.getByAddress(null, mapped, -1);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of sixteen bytes was rejected", e);
    }
  }
}
