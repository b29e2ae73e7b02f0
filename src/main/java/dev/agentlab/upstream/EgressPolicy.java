package dev.agentlab.upstream;

import dev.agentlab.net.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// Which addresses this service may call. The public internet always; its own machine and private
/// networks as configured; addresses that lead to credentials of a cloud, or nowhere, never.
///
/// The ranges are those of the IANA special-purpose registries (RFC 6890) and the metadata services
/// of the clouds. An IPv6 address that holds an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo)
/// is never called, whichever that is: what it leads to is decided by whoever translates it.
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
          Rule.never("::/128", "unspecified"),
          Rule.never("::/96", "an IPv4-compatible address, which hides another"),
          Rule.never("::ffff:0:0/96", "an IPv4-mapped address, which hides another"),
          Rule.never("64:ff9b::/96", "a NAT64 address, which hides another"),
          Rule.never("64:ff9b:1::/48", "a NAT64 address, which hides another"),
          Rule.never("2001::/32", "a Teredo address, which hides another"),
          Rule.never("2001::/23", RESERVED),
          Rule.never("2001:db8::/32", DOCUMENTATION),
          Rule.never("3fff::/20", DOCUMENTATION),
          Rule.never("2002::/16", "a 6to4 address, which hides another"),
          Rule.never("fd00:ec2::/32", METADATA),
          Rule.never("fd20:ce::254/128", METADATA),
          Rule.never("fd00:c1::a9fe:a9fe/128", METADATA),
          Rule.never("fd00:42::42/128", METADATA),
          Rule.never("fd00:a9fe:a9fe::1/128", METADATA),
          Rule.never("fd00:100::100:200/128", METADATA),
          Rule.of("fc00::/7", Verdict.PRIVATE, "private"),
          Rule.never("fe80::/10", "link-local"),
          Rule.never("ff00::/8", "multicast"),
          // What is left of IPv6 beside global unicast, 2000::/3.
          Rule.never("::/3", RESERVED),
          Rule.never("4000::/2", RESERVED),
          Rule.never("8000::/1", RESERVED));

  private static final String ALLOW_LOOPBACK =
      "To allow it, start the service with EGRESS_LOOPBACK=allow (egress.loopback in config.toml).";
  private static final String ALLOW_FIRST_NETWORK =
      "Private networks are called only where listed: start the service with"
          + " EGRESS_PRIVATE_NETWORKS=%s, or with the network around it (egress.private_networks in"
          + " config.toml).";
  // Those already listed are not for everyone who may call a provider.
  private static final String ALLOW_ANOTHER_NETWORK =
      "To allow it, add %s or the network around it to EGRESS_PRIVATE_NETWORKS"
          + " (egress.private_networks in config.toml) and restart the service.";

  public EgressPolicy {
    privateNetworks = List.copyOf(privateNetworks);
  }

  /// Why the address must not be called; empty if it may.
  public Optional<EgressDenial> refusal(InetAddress address) {
    return first(address).flatMap(rule -> refusal(rule, address));
  }

  /// Why no setting lets the address be called; empty if one does, or none is needed.
  public static Optional<String> refusalForAll(InetAddress address) {
    return first(address)
        .filter(rule -> rule.verdict() == Verdict.NEVER)
        .map(rule -> never(address, rule.name()).reason());
  }

  private static Optional<Rule> first(InetAddress address) {
    return RULES.stream().filter(rule -> rule.range().contains(address)).findFirst();
  }

  private Optional<EgressDenial> refusal(Rule rule, InetAddress address) {
    return switch (rule.verdict()) {
      case NEVER -> Optional.of(never(address, rule.name()));
      case LOOPBACK ->
          loopbackAllowed
              ? Optional.empty()
              : Optional.of(unless(address, rule.name(), ALLOW_LOOPBACK));
      case PRIVATE ->
          privateNetworks.stream().anyMatch(network -> network.contains(address))
              ? Optional.empty()
              : Optional.of(
                  unless(
                      address,
                      rule.name(),
                      privateNetworks.isEmpty() ? ALLOW_FIRST_NETWORK : ALLOW_ANOTHER_NETWORK));
    };
  }

  private static EgressDenial never(InetAddress address, String name) {
    return new EgressDenial(
        "%s is %s; it is never called".formatted(address.getHostAddress(), name), Optional.empty());
  }

  private static EgressDenial unless(InetAddress address, String name, String remedy) {
    String text = address.getHostAddress();
    return new EgressDenial(
        "%s is %s; this service is not configured to call it".formatted(text, name),
        Optional.of(remedy.formatted(text)));
  }
}
