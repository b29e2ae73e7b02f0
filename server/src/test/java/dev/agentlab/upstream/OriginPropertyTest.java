package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.net.IpLiterals;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/// Verifies that an accepted origin has one meaning for the resolver, the policy and the reader.
class OriginPropertyTest {
  private static final EgressPolicy DENY_ALL = new EgressPolicy(false, List.of());

  /// Texts that `inet_aton` of the C library may accept as an address.
  private static final Pattern NUMERIC_HOST =
      Pattern.compile("(0x[0-9a-f]*|[0-9]+)(\\.(0x[0-9a-f]*|[0-9]+))*\\.?");

  private static final Pattern DOTTED_DECIMAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  @Property(tries = 20_000)
  void urlHasAnOriginOrIsRejected(@ForAll("urls") String url) {
    Optional<Origin> origin = origin(url);

    origin.ifPresent(it -> {
      assertThat(origin(it.toString())).contains(it);
      assertThat(it.host().text()).matches("[a-z0-9_.:-]+");
      if (NUMERIC_HOST.matcher(it.host().text()).matches()) {
        assertThat(it.host().text()).matches(DOTTED_DECIMAL);
        assertThat(it.host().address()).isPresent();
      }
      assertThat(url.toLowerCase(Locale.ROOT)).startsWith(it.secure() ? "https://" : "http://");
    });
  }

  @Property(tries = 20_000)
  void textHasAnOriginOrIsRejected(@ForAll String text) {
    origin(text);
    origin("http://" + text);
  }

  /// Each spelling of an address is either rejected as a host or checked as that address.
  @Property(tries = 20_000, shrinking = ShrinkingMode.OFF)
  void ipv4SpellingIsRejectedOrCheckedAsThatAddress(
      @ForAll("ipv4") byte[] bytes, @ForAll("styles") List<Integer> styles) throws Exception {
    String text = spelling(bytes, styles);

    origin("http://" + text + ":8080/")
        .ifPresent(origin -> {
          InetAddress literal = origin.host().address().orElseThrow();
          assertThat(literal.getAddress()).as(text).isEqualTo(bytes);
          assertThat(DENY_ALL.denial(literal).isPresent()).as(text).isEqualTo(!isPublic(bytes));
        });
  }

  @Property(tries = 20_000, shrinking = ShrinkingMode.OFF)
  void ipv6SpellingIsRejectedOrCheckedAsThatAddress(
      @ForAll("ipv6") byte[] bytes, @ForAll("styles") List<Integer> styles) throws Exception {
    String text = ipv6(bytes, styles);
    Origin origin = origin("http://[" + text + "]:8080/").orElseThrow();
    InetAddress literal = origin.host().address().orElseThrow();

    assertThat(literal).as(text).isInstanceOf(Inet6Address.class);
    assertThat(literal.getAddress()).as(text).isEqualTo(bytes);
    assertThat(origin(origin.toString())).contains(origin);
    if (DENY_ALL.denial(literal).isEmpty()) {
      // Global unicast, and not an IPv4 address in a form that the JDK or a translator unwraps.
      assertThat(bytes[0] & 0xe0).isEqualTo(0x20);
      InetAddress address = InetAddress.getByAddress(bytes);
      assertThat(address).isNotInstanceOf(Inet4Address.class);
      assertThat(((Inet6Address) address).isIPv4CompatibleAddress()).isFalse();
      assertThat(bytes[0] == 0x20 && bytes[1] == 0x02).isFalse();
    }
    if (isSpecialToTheJdk(InetAddress.getByAddress(bytes))) {
      assertThat(DENY_ALL.denial(literal)).as(text).isPresent();
    }
  }

  @Provide
  Arbitrary<String> urls() {
    Arbitrary<String> part =
        Arbitraries.of(
            "http",
            "https",
            "HTTP",
            ":",
            "//",
            "/",
            "\\",
            "@",
            "#",
            "?",
            "[",
            "]",
            "%",
            "%2e",
            "%25",
            ".",
            "..",
            "127",
            "0x7f",
            "0177",
            "1",
            "169.254.169.254",
            "localhost",
            "a-b",
            "xn--a",
            "::1",
            "::ffff:1.2.3.4",
            "fe80::1",
            "80",
            "65536",
            "-1",
            " ",
            "\t",
            "\0",
            "\u212a",
            "１",
            "。",
            "ⓛ",
            "\ud800",
            "user",
            "x_y",
            "K",
            "K");
    Arbitrary<String> text = part.list().ofMinSize(1).ofMaxSize(6).map(it -> String.join("", it));
    return Combinators.combine(Arbitraries.of("http://", "https://", "HtTp://", ""), text)
        .as((scheme, rest) -> scheme + rest);
  }

  @Provide
  Arbitrary<byte[]> ipv4() {
    Arbitrary<byte[]> forbidden =
        Arbitraries.of("127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0")
            .map(it -> InetAddress.ofLiteral(it).getAddress());
    return Arbitraries.oneOf(forbidden, Arbitraries.bytes().array(byte[].class).ofSize(4));
  }

  @Provide
  Arbitrary<byte[]> ipv6() {
    Arbitrary<byte[]> prefixed =
        Combinators.combine(
                Arbitraries.of(
                    "::",
                    "::ffff:0:0",
                    "64:ff9b::",
                    "2001::",
                    "2002::",
                    "fe80::",
                    "fd00::",
                    "2600::"),
                ipv4(),
                Arbitraries.of(2, 12))
            .as((prefix, inner, at) -> {
              byte[] bytes = IpLiterals.parseIpv6(prefix).orElseThrow().getAddress();
              System.arraycopy(inner, 0, bytes, at, 4);
              return bytes;
            });
    return Arbitraries.oneOf(prefixed, Arbitraries.bytes().array(byte[].class).ofSize(16));
  }

  @Provide
  Arbitrary<List<Integer>> styles() {
    return Arbitraries.integers().between(0, 4).list().ofSize(8);
  }

  private static Optional<Origin> origin(String url) {
    try {
      return Optional.of(Origin.of(new URI(url)));
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// A spelling that `inet_aton` accepts: up to three separate parts and the rest as one number.
  private static String spelling(byte[] bytes, List<Integer> styles) {
    int parts = 1 + styles.getFirst() % 4;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts; i++) {
      long number = bytes[i] & 0xff;
      if (i == parts - 1) {
        for (int rest = i + 1; rest < bytes.length; rest++) {
          number = number << 8 | (bytes[rest] & 0xff);
        }
      }
      text.append(i == 0 ? "" : ".").append(number(number, styles.get(i + 1)));
    }
    return text.append(styles.get(7) == 4 ? "." : "").toString();
  }

  private static String number(long number, int style) {
    return switch (style) {
      case 1 -> "0x" + Long.toHexString(number);
      case 2 -> "0" + Long.toOctalString(number);
      case 3 -> "0X000" + Long.toHexString(number).toUpperCase(Locale.ROOT);
      default -> Long.toString(number);
    };
  }

  private static String ipv6(byte[] bytes, List<Integer> styles) {
    boolean dotted = styles.get(6) == 0;
    boolean upper = styles.get(5) % 2 == 0;
    String text =
        IntStream.range(0, dotted ? 6 : 8)
            .mapToObj(group -> (bytes[2 * group] & 0xff) << 8 | (bytes[2 * group + 1] & 0xff))
            .map(group -> styles.get(4) == 0 ? "%04x".formatted(group) : "%x".formatted(group))
            .collect(Collectors.joining(":"));
    if (dotted) {
      text +=
          ":%d.%d.%d.%d"
              .formatted(bytes[12] & 0xff, bytes[13] & 0xff, bytes[14] & 0xff, bytes[15] & 0xff);
    }
    if (styles.get(3) < 2) {
      text = text.replaceFirst("(^|:)(0000:|0:){2,}", "::");
    }
    return upper ? text.toUpperCase(Locale.ROOT) : text;
  }

  /// An independent check: the address classes of the JDK, and the other ranges by their bits.
  private static boolean isPublic(byte[] bytes) {
    try {
      if (isSpecialToTheJdk(InetAddress.getByAddress(bytes))) {
        return false;
      }
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
    int address =
        (bytes[0] & 0xff) << 24
            | (bytes[1] & 0xff) << 16
            | (bytes[2] & 0xff) << 8
            | (bytes[3] & 0xff);
    return address >>> 24 != 0
        && address >>> 24 != 127
        && address >>> 28 != 0xf
        && address >>> 22 != 0x64400000 >>> 22
        && address >>> 8 != 0xc00000
        && address >>> 8 != 0xc00002
        && address >>> 8 != 0xc05863
        && address >>> 17 != 0xc6120000 >>> 17
        && address >>> 8 != 0xc63364
        && address >>> 8 != 0xcb0071
        && address != 0xa83f8110;
  }

  private static boolean isSpecialToTheJdk(InetAddress address) {
    return address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress();
  }
}
