package dev.agentlab.upstream;

import dev.agentlab.net.Cidr;
import dev.agentlab.net.Host;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The addresses that the service may call. Public addresses are always allowed, loopback and
/// private addresses as configured. Cloud metadata services and unroutable addresses are always
/// denied.
///
/// The ranges are those of the IANA special-purpose registries (RFC 6890) and the metadata services
/// of cloud vendors. An IPv6 address that embeds an IPv4 address (mapped, compatible, NAT64, 6to4,
/// Teredo) is always denied, because its destination depends on the translator.
///
/// @param loopbackAllowed the setting `egress.loopback`
/// @param privateNetworks the setting `egress.private_networks`; allows only private addresses,
///   even if a range is wider
public record EgressPolicy(boolean loopbackAllowed, List<Cidr> privateNetworks) {

  private enum AddressClass {
    LOOPBACK,
    PRIVATE,
    FORBIDDEN
  }

  private record Rule(Cidr range, AddressClass addressClass, String name) {
    static Rule of(String range, AddressClass verdict, String name) {
      return new Rule(Cidr.parse(range), verdict, name);
    }

    static Rule forbidden(String range, String name) {
      return of(range, AddressClass.FORBIDDEN, name);
    }
  }

  private static final String METADATA_SERVICE = "a cloud's metadata service";
  private static final String DOCUMENTATION = "reserved for documentation";
  private static final String RESERVED = "reserved";

  /// The first rule that contains the address applies.
  private static final List<Rule> RULES =
      List.of(
          Rule.of("127.0.0.0/8", AddressClass.LOOPBACK, "loopback"),
          Rule.forbidden("100.100.100.200/32", METADATA_SERVICE),
          Rule.forbidden("168.63.129.16/32", METADATA_SERVICE),
          Rule.forbidden("192.0.0.192/32", METADATA_SERVICE),
          Rule.of("10.0.0.0/8", AddressClass.PRIVATE, "private"),
          Rule.of("172.16.0.0/12", AddressClass.PRIVATE, "private"),
          Rule.of("192.168.0.0/16", AddressClass.PRIVATE, "private"),
          Rule.of("100.64.0.0/10", AddressClass.PRIVATE, "private (shared by a carrier)"),
          Rule.forbidden("0.0.0.0/8", "unspecified"),
          Rule.forbidden("169.254.0.0/16", "link-local, the range of cloud metadata services"),
          Rule.forbidden("192.0.0.0/24", RESERVED),
          Rule.forbidden("192.0.2.0/24", DOCUMENTATION),
          Rule.forbidden("192.88.99.0/24", RESERVED),
          Rule.forbidden("198.18.0.0/15", "reserved for benchmarks"),
          Rule.forbidden("198.51.100.0/24", DOCUMENTATION),
          Rule.forbidden("203.0.113.0/24", DOCUMENTATION),
          Rule.forbidden("224.0.0.0/4", "multicast"),
          Rule.forbidden("255.255.255.255/32", "broadcast"),
          Rule.forbidden("240.0.0.0/4", RESERVED),
          Rule.of("::1/128", AddressClass.LOOPBACK, "loopback"),
          Rule.forbidden("::/128", "unspecified"),
          Rule.forbidden("::/96", "an IPv4-compatible address, which embeds another address"),
          Rule.forbidden("::ffff:0:0/96", "an IPv4-mapped address, which embeds another address"),
          Rule.forbidden("64:ff9b::/96", "a NAT64 address, which embeds another address"),
          Rule.forbidden("64:ff9b:1::/48", "a NAT64 address, which embeds another address"),
          Rule.forbidden("2001::/32", "a Teredo address, which embeds another address"),
          Rule.forbidden("2001::/23", RESERVED),
          Rule.forbidden("2001:db8::/32", DOCUMENTATION),
          Rule.forbidden("3fff::/20", DOCUMENTATION),
          Rule.forbidden("2002::/16", "a 6to4 address, which embeds another address"),
          Rule.forbidden("fd00:ec2::/32", METADATA_SERVICE),
          Rule.forbidden("fd20:ce::254/128", METADATA_SERVICE),
          Rule.forbidden("fd00:c1::a9fe:a9fe/128", METADATA_SERVICE),
          Rule.forbidden("fd00:42::42/128", METADATA_SERVICE),
          Rule.forbidden("fd00:a9fe:a9fe::1/128", METADATA_SERVICE),
          Rule.forbidden("fd00:100::100:200/128", METADATA_SERVICE),
          Rule.of("fc00::/7", AddressClass.PRIVATE, "private"),
          Rule.forbidden("fe80::/10", "link-local"),
          Rule.forbidden("ff00::/8", "multicast"),
          // The rest of IPv6 apart from global unicast, 2000::/3.
          Rule.forbidden("::/3", RESERVED),
          Rule.forbidden("4000::/2", RESERVED),
          Rule.forbidden("8000::/1", RESERVED));

  private static final String ALLOW_LOOPBACK =
      "To allow it, start the service with EGRESS_LOOPBACK=allow (egress.loopback in config.toml).";
  private static final String ALLOW_FIRST_NETWORK =
      "To allow it, start the service with EGRESS_PRIVATE_NETWORKS=%s, or with the network"
          + " that contains it (egress.private_networks in config.toml).";
  // Does not show the configured networks: not every caller of a provider may see them.
  private static final String ALLOW_ANOTHER_NETWORK =
      "To allow it, add %s or the network that contains it to EGRESS_PRIVATE_NETWORKS"
          + " (egress.private_networks in config.toml) and restart the service.";

  /// The names of metadata services, with their subdomains. Such a name is denied by itself,
  /// because a proxy would resolve it.
  private static final Set<String> METADATA_NAMES =
      Set.of(
          "instance-data",
          "instance-data.ec2.internal",
          "metadata",
          "metadata.azure.internal",
          "metadata.goog",
          "metadata.google.internal",
          "metadata.packet.net",
          "metadata.platformequinix.com",
          "metadata.tencentyun.com");

  public EgressPolicy {
    privateNetworks = List.copyOf(privateNetworks);
  }

  /// The reason why the address is denied; empty if it is allowed.
  public Optional<EgressDenial> denial(InetAddress address) {
    return findRule(address).flatMap(rule -> denial(rule, address));
  }

  /// The reason why the address is denied by every configuration; empty if a configuration allows
  /// it.
  public static Optional<String> permanentDenial(InetAddress address) {
    return findRule(address)
        .filter(rule -> rule.addressClass() == AddressClass.FORBIDDEN)
        .map(rule -> deniedPermanently(address, rule.name()).reason());
  }

  /// The reason why every configuration denies the host of a URL, by its name or by its address;
  /// empty if a configuration allows it, depending on the addresses of the name.
  public static Optional<String> permanentDenial(Host host) {
    return host.address()
        .map(EgressPolicy::permanentDenial)
        .orElseGet(() ->
            METADATA_NAMES.stream()
                .filter(name -> host.text().equals(name) || host.text().endsWith("." + name))
                .findFirst()
                .map(name -> "%s is %s; it is always denied".formatted(name, METADATA_SERVICE)));
  }

  /// The reason why a host must not be called through a proxy. A name is not resolved: the proxy
  /// decides about its addresses.
  Optional<EgressDenial> denialThroughProxy(Host host) {
    return host.address()
        .map(this::denial)
        .orElseGet(
            () -> permanentDenial(host).map(reason -> new EgressDenial(reason, Optional.empty())));
  }

  /// The reason why an address of a proxy that the operator configured is denied. Configuring it
  /// allows it, unless no setting could.
  static Optional<EgressDenial> denialOfConfiguredProxy(InetAddress address) {
    return permanentDenial(address).map(reason -> new EgressDenial(reason, Optional.empty()));
  }

  private static Optional<Rule> findRule(InetAddress address) {
    for (Rule rule : RULES) {
      if (rule.range().contains(address)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  private Optional<EgressDenial> denial(Rule rule, InetAddress address) {
    return switch (rule.addressClass()) {
      case FORBIDDEN -> Optional.of(deniedPermanently(address, rule.name()));
      case LOOPBACK ->
          loopbackAllowed
              ? Optional.empty()
              : Optional.of(deniedByConfiguration(address, rule.name(), ALLOW_LOOPBACK));
      case PRIVATE ->
          privateNetworks.stream().anyMatch(network -> network.contains(address))
              ? Optional.empty()
              : Optional.of(
                  deniedByConfiguration(
                      address,
                      rule.name(),
                      privateNetworks.isEmpty() ? ALLOW_FIRST_NETWORK : ALLOW_ANOTHER_NETWORK));
    };
  }

  private static EgressDenial deniedPermanently(InetAddress address, String name) {
    return new EgressDenial(
        "%s is %s; it is always denied".formatted(address.getHostAddress(), name),
        Optional.empty());
  }

  private static EgressDenial deniedByConfiguration(
      InetAddress address, String name, String remedy) {
    String text = address.getHostAddress();
    return new EgressDenial(
        "%s is %s; the egress policy does not allow it".formatted(text, name),
        Optional.of(remedy.formatted(text)));
  }
}
