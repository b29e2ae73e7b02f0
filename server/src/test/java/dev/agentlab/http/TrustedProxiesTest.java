package dev.agentlab.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.net.Cidr;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedProxiesTest {
  private static final TrustedProxies PROXIES =
      new TrustedProxies(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          192.0.2.7                          | 192.0.2.7
          192.0.2.7:4711                     | 192.0.2.7
          2001:db8::7                        | 2001:db8:0:0:0:0:0:7
          [2001:db8::7]:4711                 | 2001:db8:0:0:0:0:0:7
          192.0.2.7, 10.0.0.2                | 192.0.2.7
          8.8.8.8, 192.0.2.7, 10.0.0.2       | 192.0.2.7
          10.0.0.3, 10.0.0.2                 | 10.0.0.3
          192.0.2.7, unknown, 10.0.0.2       | 10.0.0.2
          unknown                            | 10.0.0.1
          ''                                 | 10.0.0.1
          127.1                              | 10.0.0.1
          """)
  void lastUntrustedAddressIsTheClient(String header, String client) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("X-Forwarded-For", header);

    assertThat(PROXIES.clientAddress("10.0.0.1", headers)).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          for=192.0.2.7                                     | 192.0.2.7
          For="[2001:db8::7]:4711"                          | 2001:db8:0:0:0:0:0:7
          for=8.8.8.8, for=192.0.2.7;proto=https;by=10.0.0.2 | 192.0.2.7
          proto=https; for="192.0.2.7:80", for=10.0.0.2     | 192.0.2.7
          for=_hidden                                       | 10.0.0.1
          proto=https                                       | 10.0.0.1
          """)
  void forwardedHeaderIsSupported(String header, String client) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Forwarded", header);

    assertThat(PROXIES.clientAddress("10.0.0.1", headers)).isEqualTo(client);
  }

  @Test
  void headersOfUntrustedPeersAreIgnored() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("X-Forwarded-For", "8.8.8.8");

    assertThat(PROXIES.clientAddress("192.0.2.9", headers)).isEqualTo("192.0.2.9");
    assertThat(new TrustedProxies(List.of()).clientAddress("10.0.0.1", headers))
        .isEqualTo("10.0.0.1");
    assertThat(PROXIES.clientAddress("", headers)).isEmpty();
  }

  @Test
  void repeatedHeaderLinesAreCombined() {
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("X-Forwarded-For", "8.8.8.8")
            .add("X-Forwarded-For", "192.0.2.7");

    assertThat(PROXIES.clientAddress("10.0.0.1", headers)).isEqualTo("192.0.2.7");
  }

  @Test
  void conflictingHeadersAreIgnored() {
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("Forwarded", "for=8.8.8.8")
            .add("X-Forwarded-For", "192.0.2.7");

    assertThat(PROXIES.clientAddress("10.0.0.1", headers)).isEqualTo("10.0.0.1");
  }
}
