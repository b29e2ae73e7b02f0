package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

import dev.agentlab.config.ConfigException;
import dev.agentlab.config.EffectiveConfig;
import dev.agentlab.config.ServerConfig;
import dev.agentlab.config.Setting;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How the service is reached: the options about it that may stand anywhere on the command line,
/// and what the environment and the configuration say where they do not.
final class Connection {
  @Option(
      names = "--url",
      scope = INHERIT,
      paramLabel = "URL",
      description =
          "Where the service is; else AGENT_LAB_URL, else the address in the configuration.")
  private Optional<String> url = Optional.empty();

  @Option(
      names = "--key-file",
      scope = INHERIT,
      paramLabel = "FILE",
      description =
          "Holds the key to call the service with; else AGENT_LAB_KEY is the key, else the admin key"
              + " of the service on this machine.")
  private Optional<String> keyFile = Optional.empty();

  @Option(
      names = "--ca-file",
      scope = INHERIT,
      paramLabel = "PEM",
      description =
          "Holds certificates of authorities to trust beside the platform's; else AGENT_LAB_CA.")
  private Optional<String> caFile = Optional.empty();

  @Option(
      names = "--allow-plain-http",
      scope = INHERIT,
      description = "Send the key unencrypted to another machine: for a network you trust.")
  private boolean plainAllowed;

  private final Surroundings surroundings;
  private @Nullable EffectiveConfig config;

  Connection(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// A client of the service.
  ///
  /// @throws Failure if its address is none, or the key cannot be used for it
  /// @throws ConfigException if the address has to be read from a configuration that is not valid
  ApiClient client() {
    ServiceAddress address = address();
    Credential credential =
        new CredentialSearch(
                surroundings, keyFile, () -> config().config().dataDir(), Listeners.ofThisMachine())
            .forServiceAt(address);
    // What was sent cannot be taken back, and who reads warnings? So it is refused.
    if (credential instanceof Credential.Shown shown
        && !plainAllowed
        && !address.isEncrypted()
        && !address.isHere()) {
      throw new Failure(
          ExitCode.USAGE,
          "the key in %s is not sent to %s: everyone on the way could read it; use https, or"
                  .formatted(shown.place(), address)
              + " --allow-plain-http if you trust the network");
    }
    return new ApiClient(address, credential, tls(address));
  }

  private ServiceAddress address() {
    return url.or(() -> variable("AGENT_LAB_URL"))
        .map(ServiceAddress::given)
        .orElseGet(() -> listening(config(), config().config().server().port()));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(surroundings.environment().get(name))
        .filter(text -> !text.isEmpty());
  }

  /// The address at which a program on this machine reaches a service with this configuration.
  ///
  /// @param port on which it listens
  static ServiceAddress listening(EffectiveConfig config, int port) {
    ServerConfig server = config.config().server();
    String scheme = certificate(config).isPresent() ? "https" : "http";
    return ServiceAddress.configured(scheme, server.host(), port);
  }

  /// The file with the certificate that the service shows, if it speaks TLS.
  private static Optional<String> certificate(EffectiveConfig config) {
    return config.settings().stream()
        .filter(setting -> setting.key().equals("server.tls_cert"))
        .map(Setting::value)
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  /// Empty for the platform's own rules, which need no setting up.
  private Optional<SSLContext> tls(ServiceAddress address) {
    Optional<Path> authorities =
        caFile.or(() -> variable("AGENT_LAB_CA")).map(surroundings.directory()::resolve);
    Optional<Path> own =
        address.isEncrypted() && address.isHere() ? ownCertificate() : Optional.empty();
    return address.isEncrypted() && (authorities.isPresent() || own.isPresent())
        ? Optional.of(Trust.context(authorities, own))
        : Optional.empty();
  }

  private Optional<Path> ownCertificate() {
    try {
      return certificate(config()).map(surroundings.configFolder()::resolve);
    } catch (ConfigException _) {
      // With an address from the command line the configuration need not be valid.
      return Optional.empty();
    }
  }

  /// The configuration in force.
  ///
  /// @throws ConfigException if it is not valid
  EffectiveConfig config() {
    if (config == null) {
      config = EffectiveConfig.load(surroundings.configFolder(), surroundings.environment());
    }
    return config;
  }
}
