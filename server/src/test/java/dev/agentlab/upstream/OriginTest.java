package dev.agentlab.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
  private static final EgressPolicy DENY_ALL = new EgressPolicy(false, List.of());

  @ParameterizedTest
  @CsvSource({
    "http://localhost:11434/v1, http://localhost:11434",
    "HTTPS://API.Example.com, https://api.example.com",
    "https://api.example.com:443/x, https://api.example.com",
    "http://api.example.com:443, http://api.example.com:443",
    "http://my_ollama:80/, http://my_ollama",
    "http://127.0.0.1:8080, http://127.0.0.1:8080",
    "http://[::1]:8080, http://[0:0:0:0:0:0:0:1]:8080",
    "http://xn--mller-kva.example, http://xn--mller-kva.example",
    "http://3com.example, http://3com.example",
  })
  void urlIsParsedToSchemeHostAndPort(String url, String origin) {
    assertThat(Origin.of(URI.create(url))).hasToString(origin);
  }

  @Test
  void onlyALiteralHostHasAnAddress() {
    assertThat(Origin.of(URI.create("http://127.0.0.1")).host().address())
        .contains(InetAddress.ofLiteral("127.0.0.1"));
    assertThat(Origin.of(URI.create("http://[::1]")).host().address())
        .contains(InetAddress.ofLiteral("::1"));
    assertThat(Origin.of(URI.create("http://localhost")).host().address()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:11434",
        "ftp://localhost",
        "file:///etc/passwd",
        "http:localhost",
        "http:///v1",
        "http://:80",
        "http://user@localhost",
        "http://user:secret@localhost",
        "http://localhost:",
        "http://localhost:0",
        "http://localhost:65536",
        "http://localhost:-1",
        "http://a..b",
        "http://.a",
        "http://a.",
        "http://-a.example",
        "http://[::1",
        "http://[127.0.0.1]",
        "http://[fe80::1%25eth0]",
        "http://\u212Aelvin.example",
        "http://\u017Fhort.example",
      })
  void urlWithoutAValidOriginIsRejected(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Origin.of(URI.create(url)))
        .satisfies(e -> assertThat(String.valueOf(e.getMessage())).doesNotContain("secret"));
  }

  /// Each is 127.0.0.1, 169.254.169.254, 10.0.0.1 or similar to some resolver or URL parser.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "127.000.000.001",
        "0177.0.0.1",
        "0177.0.0.01",
        "00127.0.0.1",
        "0x7f.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "0X7F000001",
        "0x7f.0x0.0x0.0x1",
        "2130706433",
        "017700000001",
        "127.0.0.1.0",
        "127.65530",
        "0",
        "0.0.0.0",
        "00.0.0.0",
        "0x0",
        "169.254.169.254",
        "169.254.169.254.",
        "169.254.43518",
        "169.16689662",
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "025177524776",
        "425.510.425.510",
        "256.256.256.256",
        "4294967296",
        "10.1",
        "0xa000001",
        "012.0.0.1",
        "192.168.257",
        "0xc0a80001",
        "127.0.0.%31",
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "１６９.254.169.254",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::169.254.169.254]",
        "[64:ff9b:1::a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
        "[2001:0:a9fe:a9fe::1]",
        "[fe80::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fd00:0ec2:0:0:0:0:0:254]",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192"
      })
  void forbiddenHostIsDetectedInEverySpelling(String host) {
    assertThat(isCallable("http://" + host + "/")).isFalse();
    assertThat(isCallable("https://" + host + ":8443/v1")).isFalse();
  }

  /// Whether the client would call the address, or resolve the name.
  private static boolean isCallable(String url) {
    try {
      return Origin.of(new URI(url))
          .host()
          .address()
          .map(address -> DENY_ALL.denial(address).isEmpty())
          .orElse(true);
    } catch (java.net.URISyntaxException | IllegalArgumentException e) {
      return false;
    }
  }
}
