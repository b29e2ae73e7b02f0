package dev.agentlab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentlab.net.Host;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxySettingsTest {
  private static final HttpProxy PROXY = HttpProxy.parse("http://proxy.test:3128");

  @ParameterizedTest
  @CsvSource({
    "*,                llm.test,         443,  true",
    "example.com,      example.com,      443,  true",
    "Example.COM,      api.example.com,  443,  true",
    "example.com,      badexample.com,   443,  false",
    "example.com,      example.com.test, 443,  false",
    ".example.com,     api.example.com,  443,  true",
    ".example.com,     example.com,      443,  false",
    "*.example.com,    api.example.com,  443,  true",
    "*.example.com,    example.com,      443,  false",
    "example.com:8443, api.example.com,  8443, true",
    "example.com:8443, api.example.com,  443,  false",
    "10.0.0.0/8,       10.1.2.3,         443,  true",
    "10.0.0.0/8,       11.1.2.3,         443,  false",
    "10.0.0.0/8,       llm.test,         443,  false",
    "10.1.2.3,         10.1.2.3,         443,  true",
    "10.1.2.3,         10.1.2.4,         443,  false",
    "10.1.2.3:80,      10.1.2.3,         443,  false",
    "10.1.2.3:443,     10.1.2.3,         443,  true",
    "fd00::/8,         '[fd00::1]',      443,  true",
    "fd00::1,          '[fd00::1]',      443,  true",
    "'[fd00::1]:443',  '[fd00::1]',      443,  true",
    "'[fd00::1]:80',   '[fd00::1]',      443,  false",
  })
  void ruleExemptsItsHosts(String rule, String host, int port, boolean exempt) {
    ProxySettings settings =
        new ProxySettings(Optional.of(PROXY), Optional.of(PROXY), List.of(NoProxyRule.parse(rule)));

    assertThat(settings.find(true, Host.parse(host), port).isEmpty()).isEqualTo(exempt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10/8", "10.0.0.0/33", "example.com:0", "a b", "http://example.com"})
  void otherRuleIsRejected(String rule) {
    assertThatIllegalArgumentException().isThrownBy(() -> NoProxyRule.parse(rule));
  }

  @Test
  void schemesHaveTheirOwnProxies() {
    ProxySettings settings = new ProxySettings(Optional.of(PROXY), Optional.empty(), List.of());

    assertThat(settings.find(true, Host.parse("llm.test"), 443)).contains(PROXY);
    assertThat(settings.find(false, Host.parse("llm.test"), 80)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "ollama.localhost", "127.0.0.1", "127.1.2.3", "[::1]"})
  void hostsOfThisMachineAreCalledDirectly(String host) {
    assertThat(ProxySettings.of(PROXY).find(false, Host.parse(host), 11434)).isEmpty();
  }
}
