package dev.agentlab.kinds;

import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.time.GoDuration;
import dev.agentlab.upstream.CertificateAuthorities;
import dev.agentlab.upstream.NetworkOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The options of every kind that is reached over the network, and how they are read.
final class NetworkOptionsReader {
  /// The value of [#PROXY] for calls without a proxy.
  static final String NO_PROXY = "none";

  static final Option PROXY =
      Option.text(
              "proxy",
              "The HTTP proxy of this provider, such as http://proxy.example.com:3128, or none to"
                  + " use no proxy. Without it, the proxy of the service is used.")
          .check(OptionChecks::proxy)
          .asAdvanced();

  static final Option PROXY_CREDENTIALS =
      Option.secret(
              "proxy_credentials",
              "The credentials for options.proxy: a user name and a password, separated by a"
                  + " colon.")
          .check(OptionChecks::proxyCredentials)
          .asAdvanced();

  static final Option CA_CERTIFICATES =
      Option.text(
              "ca_certificates",
              "The certificates, in PEM, of authorities that are trusted for this provider beside"
                  + " those of the service.")
          .check(OptionChecks::certificates)
          .asAdvanced();

  private static final Option HEAD_TIMEOUT =
      timeout(
          "head_timeout",
          "How long this provider may take until its response begins, such as 10m. Without it,"
              + " upstream.head_timeout applies.");

  private static final Option IDLE_TIMEOUT =
      timeout(
          "idle_timeout",
          "How long a stream of this provider may be silent, such as 5m. Without it,"
              + " upstream.stream_idle_timeout applies.");

  private static final Option TOTAL_TIMEOUT =
      timeout(
          "total_timeout",
          "How long a response of this provider may take in all, such as 1h. Without it,"
              + " upstream.stream_timeout applies.");

  private static final List<Option> OPTIONS =
      List.of(PROXY, PROXY_CREDENTIALS, CA_CERTIFICATES, HEAD_TIMEOUT, IDLE_TIMEOUT, TOTAL_TIMEOUT);

  private NetworkOptionsReader() {}

  private static Option timeout(String name, String description) {
    return Option.text(name, description).check(OptionChecks::timeout).asAdvanced();
  }

  /// The options of a kind that is reached over the network, followed by those of every such kind
  /// and those of every kind.
  static List<Option> addTo(List<Option> options) {
    return GatewayOptionsReader.addTo(Stream.concat(options.stream(), OPTIONS.stream()).toList());
  }

  /// The network options of a valid configuration.
  static NetworkOptions read(ProviderConfig config) {
    return new NetworkOptions(
        config.valueOrDefault(PROXY.name()).map(proxy -> readProxy(proxy, config)),
        config
            .valueOrDefault(CA_CERTIFICATES.name())
            .map(CertificateAuthorities::parsePem)
            .orElse(CertificateAuthorities.NONE),
        readDuration(HEAD_TIMEOUT, config),
        readDuration(IDLE_TIMEOUT, config),
        readDuration(TOTAL_TIMEOUT, config));
  }

  private static ProxySettings readProxy(String text, ProviderConfig config) {
    if (text.equals(NO_PROXY)) {
      return ProxySettings.DIRECT;
    }
    HttpProxy proxy = HttpProxy.parse(text);
    return ProxySettings.of(
        config.secret(PROXY_CREDENTIALS.name()).map(proxy::withCredentials).orElse(proxy));
  }

  /// Empty for a kind without the option.
  private static Optional<Duration> readDuration(Option option, ProviderConfig config) {
    return config.valueOrDefault(option.name()).map(GoDuration::parse);
  }
}
