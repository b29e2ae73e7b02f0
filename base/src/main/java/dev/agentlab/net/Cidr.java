package dev.agentlab.net;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.net.InetAddress;

/// An IP network: the addresses with the same leading bits (RFC 4632, RFC 4291).
///
/// @param network an address of the network
/// @param prefix the number of leading bits, from 0 to 32 or 128
public record Cidr(InetAddress network, int prefix) {
  private static final Pattern CIDR = Pattern.compile("([^/]*)(?:/([0-9]{1,3}))?");

  public Cidr {
    if (prefix < 0 || prefix > bitLength(network)) {
      throw new IllegalArgumentException(
          "prefix length must be from 0 to %d, was %d".formatted(bitLength(network), prefix));
    }
  }

  /// Parses a network such as `10.0.0.0/8` or `fc00::/7`, or a single address.
  ///
  /// @throws IllegalArgumentException if the text is neither; the message states what is accepted
  public static Cidr parse(String text) {
    Matcher parts = CIDR.matcher(text.strip());
    if (!parts.matches()) {
      throw invalidNetwork(text);
    }
    InetAddress network = IpLiterals.parse(parts.group(1)).orElseThrow(() -> invalidNetwork(text));
    String prefix = parts.group(2);
    return new Cidr(network, prefix == null ? bitLength(network) : Integer.parseInt(prefix));
  }

  public boolean contains(InetAddress address) {
    return contains(address.getAddress());
  }

  public boolean contains(byte[] address) {
    byte[] prefixBytes = network.getAddress();
    if (prefixBytes.length != address.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit += Byte.SIZE) {
      int mask = 0xff << Math.max(0, Byte.SIZE - (prefix - bit));
      if (((prefixBytes[bit / Byte.SIZE] ^ address[bit / Byte.SIZE]) & mask & 0xff) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }

  private static int bitLength(InetAddress address) {
    return address.getAddress().length * Byte.SIZE;
  }

  private static IllegalArgumentException invalidNetwork(String text) {
    return new IllegalArgumentException(
        "must be a network such as 10.0.0.0/8 or fc00::/7, was \"%s\"".formatted(text));
  }
}
