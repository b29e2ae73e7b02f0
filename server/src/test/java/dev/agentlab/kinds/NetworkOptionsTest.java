package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.net.Host;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.secrets.Secret;
import dev.agentlab.testing.TestCertificates;
import dev.agentlab.upstream.CertificateAuthorities;
import dev.agentlab.upstream.NetworkOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/// The options that every kind has which is reached over the network.
class NetworkOptionsTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String PASSWORD = "lab:hunter2hunter2";

  @TempDir private static Path folder;
  private static String pem;

  @BeforeAll
  static void createCertificates() throws Exception {
    pem = TestCertificates.create(folder, "dns:llm.test").authorityPem();
  }

  @Test
  void everyKindOfTheNetworkHasTheOptions() {
    for (ProviderKind kind : KINDS.all()) {
      assertThat(kind.option("proxy").isPresent()).isEqualTo(!kind.name().equals("simulated"));
      assertThat(kind.option("total_timeout").isPresent())
          .isEqualTo(!kind.name().equals("simulated"));
    }
  }

  @Test
  void omittedOptionsLeaveTheSettingsOfTheService() {
    assertThat(build(config()).network()).isEqualTo(NetworkOptions.DEFAULT);
    ObjectNode simulated = Json.MAPPER.createObjectNode().put("name", "simulated");
    simulated.putObject("options").put("proxy", "none").put("total_timeout", "x");
    assertThat(build(simulated).network()).isEqualTo(NetworkOptions.DEFAULT);
  }

  @Test
  void optionsReachTheProvider() {
    ObjectNode config = config();
    config
        .withObject("options")
        .put("proxy", "http://proxy.test:3128")
        .put("proxy_credentials", PASSWORD)
        .put("ca_certificates", pem)
        .put("head_timeout", "1m30s")
        .put("idle_timeout", "20s")
        .put("total_timeout", "2h");

    CallableProvider provider = build(config);

    assertThat(provider.network())
        .isEqualTo(
            new NetworkOptions(
                Optional.of(
                    ProxySettings.of(
                        HttpProxy.parse("http://proxy.test:3128")
                            .withCredentials(Secret.of(PASSWORD)))),
                CertificateAuthorities.parsePem(pem),
                Optional.of(Duration.ofSeconds(90)),
                Optional.of(Duration.ofSeconds(20)),
                Optional.of(Duration.ofHours(2))));
    assertThat(provider.secrets()).contains(Secret.of(PASSWORD));
    assertThat(provider.network().toString()).doesNotContain("hunter2");
  }

  @Test
  void noneMeansNoProxy() {
    ObjectNode config = config();
    config.withObject("options").put("proxy", "none");

    assertThat(
            build(config).network().proxy().orElseThrow().find(true, Host.parse("llm.test"), 443))
        .isEmpty();
  }

  @Test
  void credentialsAreMasked() {
    ObjectNode config = config();
    config
        .withObject("options")
        .put("proxy", "http://proxy.test:3128")
        .put("proxy_credentials", PASSWORD);

    ObjectNode masked = KINDS.parse(config).toMaskedJson();

    assertThat(masked.at("/options/proxy").asString()).isEqualTo("http://proxy.test:3128");
    assertThat(masked.at("/options/proxy_credentials/set").asBoolean()).isTrue();
    assertThat(masked.toString()).doesNotContain("hunter2h");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          proxy             | http://lab:hunter2hunter2@proxy.test   | options.proxy_credentials
          proxy             | https://proxy.test                     | must begin with http://
          proxy             | direct proxy                           | not a DNS name
          proxy             | http://169.254.169.254                 | no setting allows
          proxy             | http://metadata.google.internal        | no setting allows
          proxy_credentials | hunter2hunter2                         | separated by a colon
          ca_certificates   | /etc/ssl/certs/company.pem             | certificates in PEM
          head_timeout      | 0                                      | must be from 1ms to 24h
          idle_timeout      | 25h                                    | must be from 1ms to 24h
          total_timeout     | 5                                      | must be a duration
          """)
  void invalidValueIsRejectedWithoutSecrets(String option, String value, String message) {
    ObjectNode config = config();
    config.withObject("options").put(option, value);

    InvalidInputException e =
        catchThrowableOfType(InvalidInputException.class, () -> KINDS.parse(config));

    FieldError error = e.errors().getFirst();
    assertThat(error.field()).isEqualTo("config.options." + option);
    assertThat(error.message()).contains(message).doesNotContain("hunter2");
  }

  /// A proxy together with an authority can read what is sent by https.
  @ParameterizedTest
  @CsvSource({
    "proxy, http://evil.test:3128",
    "proxy, none",
    "ca_certificates, ''",
  })
  void changedProxyOrAuthorityNeedsTheSecretsAgain(String option, String value) {
    ObjectNode config = config();
    config
        .withObject("options")
        .put("api_key", "sk-0123456789abcdef")
        .put("proxy", "http://proxy.test:3128")
        .put("proxy_credentials", PASSWORD)
        .put("ca_certificates", pem);
    ProviderConfig stored = KINDS.parse(config);
    ObjectNode changed = config.deepCopy();
    ObjectNode options = changed.withObject("options");
    options.remove("api_key");
    options.remove("proxy_credentials");

    assertThat(KINDS.replace(stored, changed).movedSecrets()).isEmpty();

    options.put(option, value);
    assertThat(KINDS.replace(stored, changed).movedSecrets())
        .containsExactlyInAnyOrder("config.options.api_key", "config.options.proxy_credentials");
    assertThat(KINDS.replace(stored, changed).config().destination())
        .isNotEqualTo(stored.destination());
  }

  @Test
  void callersKeyReplacesTheKeyAndNotTheProxysCredentials() {
    ObjectNode config = config();
    config
        .withObject("options")
        .put("proxy", "http://proxy.test:3128")
        .put("proxy_credentials", PASSWORD);

    CallableProvider provider =
        KINDS.buildWithKey(KINDS.parse(config), Secret.of("sk-of-the-caller")).orElseThrow();

    assertThat(provider.secrets())
        .containsExactly(Secret.of("sk-of-the-caller"), Secret.of(PASSWORD));
  }

  private static CallableProvider build(ObjectNode config) {
    return KINDS.build(KINDS.parse(config));
  }

  private static ObjectNode config() {
    ObjectNode config =
        Json.MAPPER.createObjectNode().put("name", "openai").put("base_url", "https://llm.test/v1");
    config.putObject("options").put("api_key", "sk-0123456789abcdef");
    return config;
  }
}
