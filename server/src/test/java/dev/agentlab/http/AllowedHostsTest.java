package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.net.Authority;
import dev.agentlab.net.Host;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
  private static final AllowedHosts LOOPBACK = new AllowedHosts("127.0.0.1", List.of());
  private static final AllowedHosts ALL_INTERFACES = new AllowedHosts("0.0.0.0", List.of());
  private static final AllowedHosts LISTED =
      new AllowedHosts("0.0.0.0", List.of("Lab.Example.org", "lab"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost:8080",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.9.8.7",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]"
      })
  void loopbackHostIsAlwaysAllowed(String host) {
    for (AllowedHosts hosts : List.of(LOOPBACK, ALL_INTERFACES, LISTED)) {
      assertThatCode(() -> hosts.require(host, "/")).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3:8080", "192.0.2.1", "[2001:db8::1]:8080"})
  void addressIsAllowedUnlessListeningOnLoopback(String host) {
    assertThatCode(() -> ALL_INTERFACES.require(host, "/")).doesNotThrowAnyException();
    assertMisdirected(LOOPBACK, host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost-evil", "alocalhost", "lab.example.org.evil.example", "notlab"
      })
  void unlistedNameIsMisdirected(String host) {
    for (AllowedHosts hosts : List.of(LOOPBACK, ALL_INTERFACES, LISTED)) {
      assertMisdirected(hosts, host);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lab.example.org", "LAB.example.ORG:443", "lab.example.org.", "lab"})
  void listedNameIsAllowed(String host) {
    assertThatCode(() -> LISTED.require(host, "/")).doesNotThrowAnyException();
  }

  @Test
  void listenHostIsAllowed() {
    assertThatCode(
            () -> new AllowedHosts("lab.internal", List.of()).require("lab.internal:80", "/"))
        .doesNotThrowAnyException();
    assertThatCode(() -> new AllowedHosts("::1", List.of()).require("[::1]:80", "/"))
        .doesNotThrowAnyException();
    assertMisdirected(new AllowedHosts("::1", List.of()), "10.0.0.1");
    assertMisdirected(new AllowedHosts("localhost", List.of()), "10.0.0.1");
  }

  @Test
  void cachedHostDoesNotAllowOtherHosts() {
    AllowedHosts hosts = new AllowedHosts("127.0.0.1", List.of());
    hosts.require("localhost", "/");

    assertMisdirected(hosts, "evil.example");
    assertThatCode(() -> hosts.require("localhost", "/")).doesNotThrowAnyException();
    assertMisdirected(hosts, "evil.example");
  }

  @Test
  void starAllowsAnyHost() {
    AllowedHosts any = new AllowedHosts("127.0.0.1", List.of("*"));
    assertThatCode(() -> any.require("evil.example", "/")).doesNotThrowAnyException();
  }

  @Test
  void http10RequestNeedsNoHostHeader() {
    assertThatCode(() -> LOOPBACK.require(null, "/")).doesNotThrowAnyException();
  }

  @Test
  void hostInAbsoluteTargetIsChecked() {
    assertThatCode(() -> LOOPBACK.require("localhost", "http://127.0.0.1:80/x?y=://evil"))
        .doesNotThrowAnyException();
    for (String target :
        List.of("http://evil.example/", "http://evil.example?", "http://evil.example")) {
      assertThatThrownBy(() -> LOOPBACK.require("localhost", target))
          .isInstanceOf(RequestRejectedException.class);
    }
    assertThatThrownBy(() -> LOOPBACK.require("localhost", "http://localhost@evil.example/"))
        .isInstanceOf(RequestRejectedException.class);
  }

  @Test
  void invalidListedHostIsRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AllowedHosts("0.0.0.0", List.of("a b")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost:",
        "localhost:x",
        "localhost:123456",
        ":8080",
        "a b",
        "localhost/",
        "localhost@evil.example",
        "user@localhost",
        "[::1",
        "::1",
        "[::1%25eth0]",
        "[127.0.0.1]",
        "[::g]",
        "127.1",
        "0x7f000001",
        "2130706433",
        "127.0.0.01",
        "256.0.0.1",
        "a..b",
        ".a",
        "-a",
        "a-.b",
        "loc%61lhost",
        "b\u00fccher.example",
        "localhost,evil.example",
        "a.b..",
        "..",
        "*"
      })
  void malformedHostIsInvalidRequest(String host) {
    assertThatThrownBy(() -> ALL_INTERFACES.require(host, "/"))
        .isInstanceOfSatisfying(
            RequestRejectedException.class,
            rejection ->
                assertThat(rejection.problem().type()).isEqualTo(ProblemType.INVALID_REQUEST));
  }

  /// The oracle is the host that `java.net.URI` parses.
  @Property
  void loopbackServerAllowsOnlyLoopbackHosts(@ForAll("hosts") String host) {
    try {
      new AllowedHosts("127.0.0.1", List.of()).require(host, "/");
    } catch (RequestRejectedException e) {
      return;
    }
    String read = URI.create("http://" + host + "/").getHost();
    assertThat(isLoopback(read)).as(host).isTrue();
  }

  @Property
  void portDoesNotChangeParsedHost(@ForAll("hosts") String host) {
    Optional<Host> parsed = parse(host);
    if (parsed.isPresent() && !host.matches(".*:[0-9]+")) {
      assertThat(parse(host + ":8080")).isEqualTo(parsed);
      assertThat(parse(host.toUpperCase(Locale.ROOT))).isEqualTo(parsed);
    }
  }

  private static Optional<Host> parse(String authority) {
    try {
      return Optional.of(Authority.parse(authority).host());
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.equals("localhost.")
        || InetAddress.ofLiteral(name.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
  }

  @Provide
  Arbitrary<String> hosts() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "localhost",
            "127.0.0.1",
            "127",
            "1",
            "0x7f",
            "::1",
            "::",
            "[",
            "]",
            ".",
            ":",
            "@",
            "%",
            "/",
            "#",
            "?",
            " ",
            "evil",
            "example",
            "8080",
            "ffff",
            "-",
            "_",
            "\u212a",
            "\t");
    return Arbitraries.oneOf(
        piece.list().ofMaxSize(6).map(pieces -> String.join("", pieces)),
        Arbitraries.strings().ofMaxLength(20),
        Combinators.combine(
                Arbitraries.integers().between(0, 300),
                Arbitraries.integers().between(0, 300),
                Arbitraries.integers().between(0, 9))
            .as((a, b, c) -> "%d.%d.0.%d".formatted(a, b, c)),
        Arbitraries.of("localhost", "127.0.0.1", "[::1]", "a.example"));
  }

  private static void assertMisdirected(AllowedHosts hosts, String host) {
    assertThatThrownBy(() -> hosts.require(host, "/"))
        .isInstanceOfSatisfying(
            RequestRejectedException.class,
            rejection -> {
              assertThat(rejection.problem().type()).isEqualTo(ProblemType.MISDIRECTED_REQUEST);
              assertThat(rejection.problem().detail())
                  .contains("server.allowed_hosts", "SERVER_ALLOWED_HOSTS");
            });
  }
}
