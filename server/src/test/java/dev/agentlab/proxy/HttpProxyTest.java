package dev.agentlab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentlab.secrets.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpProxyTest {
  @ParameterizedTest
  @CsvSource({
    "http://proxy.test:3128, http://proxy.test:3128",
    "HTTP://Proxy.Test:3128/, http://proxy.test:3128",
    "proxy.test:3128, http://proxy.test:3128",
    "proxy.test, http://proxy.test:80",
    "10.0.0.1:8080, http://10.0.0.1:8080",
    "'http://[fd00::1]:8080', 'http://[fd00:0:0:0:0:0:0:1]:8080'",
  })
  void urlIsParsedWithItsDefaults(String url, String expected) {
    assertThat(HttpProxy.parse(url)).hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:password@proxy.test, user:password",
    "user:password@proxy.test, user:password",
    "http://user@proxy.test, user:",
    "http://user:p%40ss%3Aw%2Frd@proxy.test, user:p@ss:w/rd",
    "http://user:p@ss@proxy.test, user:p@ss",
  })
  void credentialsAreDecodedAndMasked(String url, String credentials) {
    HttpProxy proxy = HttpProxy.parse(url);

    assertThat(proxy.credentials()).contains(Secret.of(credentials));
    assertThat(proxy).hasToString("http://***@proxy.test:80");
    assertThat(proxy.authorization().orElseThrow().reveal())
        .isEqualTo(
            "Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "https://hunter2:hunter2@proxy.test:3128",
        "socks5://hunter2@proxy.test",
        "http://hunter2:hunter2@proxy.test:99999",
        "http://hunter2@proxy.test/path",
        "http://hunter2@proxy.test?query",
        "http://:hunter2@proxy.test",
        "http://@proxy.test",
        "http://hunter2%0d:x@proxy.test",
        "http://hunter2%zz:x@proxy.test",
        "http://hunter2@",
        "http://0x7f000001:80",
        "http://hunter2 :x@proxy test",
      })
  void otherFormIsRejectedWithoutItsText(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpProxy.parse(url))
        .withMessageNotContaining("hunter2")
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
  }

  @Test
  void tlsAndSocksAreNamedAsUnsupported() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpProxy.parse("https://proxy.test"))
        .withMessageContaining("neither TLS nor SOCKS");
  }
}
