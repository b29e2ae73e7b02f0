package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.NoProxyRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The variables of proxies that other programs use too, and the settings that override them.
class ProxyVariablesTest {
  private static final Optional<HttpProxy> A = Optional.of(HttpProxy.parse("http://a.test:1"));
  private static final Optional<HttpProxy> B = Optional.of(HttpProxy.parse("http://b.test:2"));

  @TempDir private Path directory;

  @Test
  void eachVariableSetsTheProxyOfItsScheme() {
    Config config =
        load(Map.of("HTTPS_PROXY", "http://a.test:1", "http_proxy", "b.test:2", "NO_PROXY", "c"));

    assertThat(config.get(Settings.UPSTREAM_PROXY)).isEqualTo(A);
    assertThat(config.get(Settings.UPSTREAM_HTTP_PROXY)).isEqualTo(B);
    assertThat(config.get(Settings.UPSTREAM_NO_PROXY)).containsExactly(NoProxyRule.parse("c"));
    assertThat(config.settings())
        .contains(
            new EffectiveSetting(
                "upstream.proxy", "http://a.test:1", "environment HTTPS_PROXY", "UPSTREAM_PROXY"),
            new EffectiveSetting(
                "upstream.http_proxy",
                "http://b.test:2",
                "environment http_proxy",
                "UPSTREAM_HTTP_PROXY"));
  }

  @Test
  void oneVariableDoesNotSetTheProxyOfTheOtherScheme() {
    assertThat(load(Map.of("HTTPS_PROXY", "http://a.test:1")).get(Settings.UPSTREAM_HTTP_PROXY))
        .isEmpty();
    assertThat(load(Map.of("HTTP_PROXY", "http://a.test:1")).get(Settings.UPSTREAM_PROXY))
        .isEmpty();
  }

  @Test
  void lowerCaseNamePrecedes() {
    assertThat(
            load(Map.of("HTTPS_PROXY", "http://a.test:1", "https_proxy", "http://b.test:2"))
                .get(Settings.UPSTREAM_PROXY))
        .isEqualTo(B);
  }

  @Test
  void settingsOverrideTheVariables() {
    Config config =
        load(
            Map.of(
                "UPSTREAM_PROXY", "http://b.test:2",
                "UPSTREAM_NO_PROXY", "d",
                "HTTPS_PROXY", "http://a.test:1",
                "HTTP_PROXY", "http://a.test:1",
                "NO_PROXY", "c"));

    assertThat(config.get(Settings.UPSTREAM_PROXY)).isEqualTo(B);
    assertThat(config.get(Settings.UPSTREAM_HTTP_PROXY)).isEqualTo(B);
    assertThat(config.get(Settings.UPSTREAM_NO_PROXY)).containsExactly(NoProxyRule.parse("d"));
  }

  @Test
  void noneOverridesTheVariables() {
    Config config =
        load(
            Map.of(
                "UPSTREAM_PROXY", "none",
                "UPSTREAM_NO_PROXY", "",
                "HTTPS_PROXY", "socks5://a.test",
                "HTTP_PROXY", "http://a.test:1",
                "NO_PROXY", "c"));

    assertThat(config.get(Settings.UPSTREAM_PROXY)).isEmpty();
    assertThat(config.get(Settings.UPSTREAM_HTTP_PROXY)).isEmpty();
    assertThat(config.get(Settings.UPSTREAM_NO_PROXY)).isEmpty();
    assertThat(config.settings())
        .contains(
            new EffectiveSetting(
                "upstream.proxy", "none", "environment UPSTREAM_PROXY", "UPSTREAM_PROXY"));
  }

  @Test
  void unknownEntriesOfNoProxyAreIgnored() {
    assertThat(
            load(Map.of("no_proxy", "169.254/16 example.com:x,,.svc,10.0.0.0/8"))
                .get(Settings.UPSTREAM_NO_PROXY))
        .isEqualTo(List.of(NoProxyRule.parse(".svc"), NoProxyRule.parse("10.0.0.0/8")));
  }

  @Test
  void credentialsAreMaskedWhereverTheConfigurationIsShown() {
    Config config = load(Map.of("HTTPS_PROXY", "http://lab:hunter2@a.test:1"));

    assertThat(config.get(Settings.UPSTREAM_PROXY).orElseThrow().credentials()).isPresent();
    assertThat(config.settings())
        .contains(
            new EffectiveSetting(
                "upstream.proxy",
                "http://***@a.test:1",
                "environment HTTPS_PROXY",
                "UPSTREAM_PROXY"));
    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @Test
  void invalidProxyIsRejectedWithoutItsCredentials() {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class, () -> load(Map.of("HTTPS_PROXY", "https://lab:hunter2@a.test")));

    assertThat(e)
        .hasMessage(
            "upstream.proxy = *** (environment HTTPS_PROXY): must be the URL of an HTTP proxy such"
                + " as http://proxy.example.com:3128, or none");
  }

  private Config load(Map<String, String> environment) {
    return Config.load(directory, environment);
  }
}
