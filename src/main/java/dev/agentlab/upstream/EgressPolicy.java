package dev.agentlab.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Which addresses this service may call. The public internet always; its own machine and private
/// networks as configured; addresses that lead to credentials of a cloud, or nowhere, never.
///
/// The ranges are those of the IANA special-purpose registries (RFC 6890) and the metadata services
/// of the clouds.
///
/// @param loopbackAllowed the setting `egress.loopback`
/// @param privateNetworks the setting `egress.private_networks`; allows only private addresses,
///   however wide a range is
public record EgressPolicy(boolean loopbackAllowed, List<Cidr> privateNetworks) {

  private enum Verdict {
    LOOPBACK,
    PRIVATE,
    NEVER
  }

  private record Rule(Cidr range, Verdict verdict, String name) {
    static Rule of(String range, Verdict verdict, String name) {
      return new Rule(Cidr.parse(range), verdict, name);
    }

    static Rule never(String range, String name) {
      return of(range, Verdict.NEVER, name);
    }
  }

  private static final String METADATA = "a cloud's metadata service";
  private static final String DOCUMENTATION = "reserved for documentation";
  private static final String RESERVED = "reserved";

  /// The first that contains an address decides.
  private static final List<Rule> RULES =
      List.of(
          Rule.of("127.0.0.0/8", Verdict.LOOPBACK, "loopback"),
          Rule.never("100.100.100.200/32", METADATA),
          Rule.never("168.63.129.16/32", METADATA),
          Rule.never("192.0.0.192/32", METADATA),
          Rule.of("10.0.0.0/8", Verdict.PRIVATE, "private"),
          Rule.of("172.16.0.0/12", Verdict.PRIVATE, "private"),
          Rule.of("192.168.0.0/16", Verdict.PRIVATE, "private"),
          Rule.of("100.64.0.0/10", Verdict.PRIVATE, "private (shared by a carrier)"),
          Rule.never("0.0.0.0/8", "unspecified"),
          Rule.never("169.254.0.0/16", "link-local, where clouds keep their metadata service"),
          Rule.never("192.0.0.0/24", RESERVED),
          Rule.never("192.0.2.0/24", DOCUMENTATION),
          Rule.never("192.88.99.0/24", RESERVED),
          Rule.never("198.18.0.0/15", "reserved for benchmarks"),
          Rule.never("198.51.100.0/24", DOCUMENTATION),
          Rule.never("203.0.113.0/24", DOCUMENTATION),
          Rule.never("224.0.0.0/4", "multicast"),
          Rule.never("255.255.255.255/32", "broadcast"),
          Rule.never("240.0.0.0/4", RESERVED),
          Rule.of("::1/128", Verdict.LOOPBACK, "loopback"),
          Rule.never("64:ff9b::/96", "a NAT64 address, which hides another"),
          Rule.never("64:ff9b:1::/48", "a NAT64 address, which hides another"),
          Rule.never("2001::/32", "a Teredo address, which hides another"),
          Rule.never("2001::/23", RESERVED),
          Rule.never("2001:db8::/32", DOCUMENTATION),
          Rule.never("3fff::/20", DOCUMENTATION),
          Rule.never("2002::/16", "a 6to4 address, which hides another"),
          Rule.never("fd00:ec2::/32", METADATA),
          Rule.never("fd20:ce::254/128", METADATA),
          Rule.of("fc00::/7", Verdict.PRIVATE, "private"),
          Rule.never("fe80::/10", "link-local"),
          Rule.never("ff00::/8", "multicast"),
          // What is left of IPv6 beside global unicast, 2000::/3.
          Rule.never("::/3", RESERVED),
          Rule.never("4000::/2", RESERVED),
          Rule.never("8000::/1", RESERVED));

  private static final String ALLOW_LOOPBACK =
      "Set egress.loopback (EGRESS_LOOPBACK) to true to allow calls to this machine itself.";
  private static final String ALLOW_PRIVATE =
      "Add %s or the network around it to egress.private_networks (EGRESS_PRIVATE_NETWORKS).";

  private static final Cidr LOOPBACK_IPV6 = Cidr.parse("::1/128");
  private static final int IPV4_BYTES = 4;

  /// Where an IPv4 address stands within an IPv6 one.
  private static final int IPV4_AT = 12;

  public EgressPolicy {
    privateNetworks = List.copyOf(privateNetworks);
  }

  /// Why the address must not be called; empty if it may. An IPv4 address within an IPv6 one,
  /// mapped or compatible (RFC 4291), is judged as the IPv4 address.
  public Optional<Refusal> refusal(InetAddress address) {
    InetAddress judged = judged(address);
    return RULES.stream()
        .filter(rule -> rule.range().contains(judged))
        .findFirst()
        .flatMap(rule -> refusal(rule, judged));
  }

  private Optional<Refusal> refusal(Rule rule, InetAddress address) {
    return switch (rule.verdict()) {
      case NEVER -> Optional.of(never(address, rule.name()));
      case LOOPBACK ->
          loopbackAllowed
              ? Optional.empty()
              : Optional.of(unless(address, rule.name(), ALLOW_LOOPBACK));
      case PRIVATE ->
          privateNetworks.stream().anyMatch(network -> network.contains(address))
              ? Optional.empty()
              : Optional.of(unless(address, rule.name(), ALLOW_PRIVATE));
    };
  }

  private static Refusal never(InetAddress address, String name) {
    return new Refusal(
        "%s is %s; it is never called".formatted(address.getHostAddress(), name), Optional.empty());
  }

  private static Refusal unless(InetAddress address, String name, String remedy) {
    String text = address.getHostAddress();
    return new Refusal(
        "%s is %s; it is called only where a setting allows it".formatted(text, name),
        Optional.of(remedy.formatted(text)));
  }

  /// The IPv4 address within, or the address itself. `::1` is not `0.0.0.1`.
  private static InetAddress judged(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == IPV4_BYTES || LOOPBACK_IPV6.contains(bytes) || !holdsIpv4(bytes)) {
      return address;
    }
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, IPV4_AT, bytes.length));
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  private static boolean holdsIpv4(byte[] ipv6) {
    int mark = ((ipv6[IPV4_AT - 2] & 0xff) << Byte.SIZE) | (ipv6[IPV4_AT - 1] & 0xff);
    boolean mappedOrCompatible = mark == 0xffff || mark == 0;
    return mappedOrCompatible && IntStream.range(0, IPV4_AT - 2).allMatch(i -> ipv6[i] == 0);
  }
}
