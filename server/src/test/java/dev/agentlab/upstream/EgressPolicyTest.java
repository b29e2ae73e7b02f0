package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.net.Cidr;
import dev.agentlab.net.IpLiterals;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressPolicyTest {
  private static final EgressPolicy DENY_ALL = new EgressPolicy(false, List.of());

  /// Allows every address that a configuration can allow.
  private static final EgressPolicy ALLOW_ALL =
      new EgressPolicy(true, List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0")));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::a9fe:a9fe",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "3fff::1",
        "5f00::1",
        "fd00:ec2::23",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "fd00:a9fe:a9fe::1",
        "fd00:100::100:200",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void metadataAndUnroutableAddressesAreAlwaysDenied(String address) {
    EgressDenial denial = ALLOW_ALL.denial(InetAddress.ofLiteral(address)).orElseThrow();

    assertThat(denial.remedy()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.255.255.254", "::1"})
  void loopbackIsAllowedByItsSetting(String text) {
    InetAddress address = InetAddress.ofLiteral(text);

    assertThat(new EgressPolicy(true, List.of()).denial(address)).isEmpty();
    assertThat(DENY_ALL.denial(address).flatMap(EgressDenial::remedy).orElseThrow())
        .contains("EGRESS_LOOPBACK=allow", "egress.loopback");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.0.0.0/8",
    "172.16.0.1, 172.16.0.0/12",
    "172.31.255.255, 172.31.255.255",
    "192.168.1.1, 192.168.1.7/24",
    "100.64.0.1, 100.64.0.0/10",
    "fd12::1, fc00::/7",
  })
  void privateAddressIsAllowedByAContainingNetwork(String text, String network) {
    InetAddress address = InetAddress.ofLiteral(text);
    EgressPolicy policy = new EgressPolicy(false, List.of(Cidr.parse(network)));

    assertThat(policy.denial(address)).isEmpty();
    assertThat(DENY_ALL.denial(address).flatMap(EgressDenial::remedy).orElseThrow())
        .contains("EGRESS_PRIVATE_NETWORKS=" + address.getHostAddress(), "egress.private_networks");
  }

  @Test
  void privateNetworkDoesNotAllowOtherNetworks() {
    EgressPolicy policy = new EgressPolicy(false, List.of(Cidr.parse("10.1.0.0/16")));

    assertThat(policy.denial(InetAddress.ofLiteral("10.2.0.1")).flatMap(EgressDenial::remedy))
        .hasValueSatisfying(
            text -> assertThat(text).contains("add 10.2.0.1").doesNotContain("10.1.0.0"));
    assertThat(policy.denial(InetAddress.ofLiteral("192.168.0.1"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
  void publicAddressIsAlwaysAllowed(String address) {
    assertThat(DENY_ALL.denial(InetAddress.ofLiteral(address))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"::ffff:169.254.169.254", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"})
  void mappedAddressIsAlwaysDenied(String address) {
    InetAddress mapped = IpLiterals.parseIpv6(address).orElseThrow();

    assertThat(mapped).isInstanceOf(Inet6Address.class);
    assertThat(ALLOW_ALL.denial(mapped).orElseThrow().reason()).contains("IPv4-mapped");
  }

  @Test
  void permanentDenialDoesNotDependOnConfiguration() {
    assertThat(EgressPolicy.permanentDenial(InetAddress.ofLiteral("169.254.169.254"))).isPresent();
    assertThat(EgressPolicy.permanentDenial(InetAddress.ofLiteral("10.0.0.1"))).isEmpty();
    assertThat(EgressPolicy.permanentDenial(InetAddress.ofLiteral("127.0.0.1"))).isEmpty();
    assertThat(EgressPolicy.permanentDenial(InetAddress.ofLiteral("8.8.8.8"))).isEmpty();
  }

  /// A range by its first and last address, taken from the IANA registries independently.
  private record Range(BigInteger first, BigInteger last) {
    static Range of(String first, String last) {
      return new Range(number(first), number(last));
    }

    boolean contains(BigInteger address) {
      return address.compareTo(first) >= 0 && address.compareTo(last) <= 0;
    }

    static BigInteger number(String address) {
      return new BigInteger(1, InetAddress.ofLiteral(address).getAddress());
    }
  }

  private static final List<Range> FORBIDDEN_IPV4 =
      List.of(
          Range.of("0.0.0.0", "0.255.255.255"),
          Range.of("10.0.0.0", "10.255.255.255"),
          Range.of("100.64.0.0", "100.127.255.255"),
          Range.of("127.0.0.0", "127.255.255.255"),
          Range.of("168.63.129.16", "168.63.129.16"),
          Range.of("169.254.0.0", "169.254.255.255"),
          Range.of("172.16.0.0", "172.31.255.255"),
          Range.of("192.0.0.0", "192.0.0.255"),
          Range.of("192.0.2.0", "192.0.2.255"),
          Range.of("192.88.99.0", "192.88.99.255"),
          Range.of("192.168.0.0", "192.168.255.255"),
          Range.of("198.18.0.0", "198.19.255.255"),
          Range.of("198.51.100.0", "198.51.100.255"),
          Range.of("203.0.113.0", "203.0.113.255"),
          Range.of("224.0.0.0", "255.255.255.255"));

  private static final Range GLOBAL_IPV6 =
      Range.of("2000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");

  private static final List<Range> FORBIDDEN_GLOBAL_IPV6 =
      List.of(
          Range.of("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
          Range.of("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
          Range.of("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
          Range.of("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"));

  @Property(tries = 20_000)
  void ipv4AddressIsDeniedExactlyInForbiddenRanges(@ForAll("ipv4") byte[] bytes) throws Exception {
    assertThat(DENY_ALL.denial(InetAddress.getByAddress(bytes)).isPresent())
        .isEqualTo(isForbiddenIpv4(new BigInteger(1, bytes)));
  }

  @Property(tries = 20_000)
  void ipv6AddressIsDeniedExactlyInForbiddenRanges(@ForAll("ipv6") byte[] bytes) throws Exception {
    BigInteger number = new BigInteger(1, bytes);
    boolean forbidden =
        !GLOBAL_IPV6.contains(number)
            || FORBIDDEN_GLOBAL_IPV6.stream().anyMatch(range -> range.contains(number));

    assertThat(DENY_ALL.denial(Inet6Address.getByAddress(null, bytes, -1)).isPresent())
        .isEqualTo(forbidden);
  }

  @Provide
  Arbitrary<byte[]> ipv4() {
    Arbitrary<BigInteger> edges =
        Arbitraries.of(
            FORBIDDEN_IPV4.stream()
                .flatMap(range -> Stream.of(range.first(), range.last()))
                .flatMap(edge ->
                    Stream.of(edge.subtract(BigInteger.ONE), edge, edge.add(BigInteger.ONE)))
                .filter(number -> number.signum() >= 0 && number.bitLength() <= 32)
                .toList());
    Arbitrary<BigInteger> any =
        Arbitraries.longs().between(0, 0xffffffffL).withoutEdgeCases().map(BigInteger::valueOf);
    return Arbitraries.oneOf(edges, any).map(number -> bytes(number, 4));
  }

  @Provide
  Arbitrary<byte[]> ipv6() {
    Arbitrary<byte[]> within =
        Arbitraries.of("::ffff:0:0", "::", "64:ff9b::", "2001::", "2002::", "fe80::", "fc00::")
            .flatMap(prefix ->
                Arbitraries.longs()
                    .between(0, 0xffffffffL)
                    .map(low -> bytes(prefixNumber(prefix).or(BigInteger.valueOf(low)), 16)));
    Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofSize(16);
    Arbitrary<byte[]> global =
        Arbitraries.bytes()
            .array(byte[].class)
            .ofSize(16)
            .map(bytes -> {
              byte[] copy = bytes.clone();
              copy[0] = (byte) (0x20 | (copy[0] & 0x1f));
              return copy;
            });
    return Arbitraries.oneOf(within, any, global);
  }

  private static BigInteger prefixNumber(String prefix) {
    return prefix.equals("::ffff:0:0")
        ? BigInteger.valueOf(0xffffL).shiftLeft(32)
        : Optional.of(prefix).map(Range::number).orElseThrow();
  }

  private static byte[] bytes(BigInteger number, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[length - 1 - i] = number.shiftRight(8 * i).byteValue();
    }
    return bytes;
  }

  private static boolean isForbiddenIpv4(BigInteger number) {
    return FORBIDDEN_IPV4.stream().anyMatch(range -> range.contains(number));
  }
}
