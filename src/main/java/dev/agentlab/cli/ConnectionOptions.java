package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

import dev.agentlab.config.Config;
import dev.agentlab.config.ConfigException;
import dev.agentlab.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How the service is reached: the options about it that may stand anywhere on the command line,
/// and the environment where they do not. The service's configuration counts only for a command
/// that is about it, or one that is given `--config`: any folder may hold a `config.toml`.
final class ConnectionOptions {
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";
  private static final String DEFAULT_DATA_DIR = "data";
  private static final String CONFIG_FILE = "config.toml";

  @Option(
      names = "--config",
      scope = INHERIT,
      paramLabel = "FOLDER",
      description =
          "Holds the service's config.toml; else the current folder, if it has one, else the program's."
              + " Commands that call the service read a configuration only if this is given.")
  private Optional<String> folder = Optional.empty();

  @Option(
      names = "--url",
      scope = INHERIT,
      paramLabel = "URL",
      description = "Where the service is; else AGENT_LAB_URL, else " + DEFAULT_URL + ".")
  private Optional<String> url = Optional.empty();

  @Option(
      names = "--key-file",
      scope = INHERIT,
      paramLabel = "FILE",
      description =
          "Holds the key to call the service with; else AGENT_LAB_KEY is the key, else the one in"
              + " data/admin.key of the current folder.")
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

  private final LaunchContext surroundings;
  private @Nullable Config config;

  ConnectionOptions(LaunchContext surroundings) {
    this.surroundings = surroundings;
  }

  /// A client of the service.
  ///
  /// @throws Failure if its address is none, or the key cannot be used for it
  /// @throws ConfigException if `--config` names a configuration that is not valid
  ApiClient client() {
    return client(folder.isPresent());
  }

  /// A client of the service that the configuration describes, unless an option or `AGENT_LAB_URL`
  /// names another.
  ///
  /// @throws Failure as for [#client()]
  /// @throws ConfigException if the address is in a configuration that is not valid
  ApiClient configuredClient() {
    return client(true);
  }

  private ApiClient client(boolean configured) {
    ServiceAddress address = address(configured);
    ClientCredential credential =
        new CredentialSearch(
                surroundings, keyFile, () -> dataDir(configured), Listeners.ofThisMachine())
            .forServiceAt(address);
    // What was sent cannot be taken back, and who reads warnings? So it is refused.
    if (credential instanceof ClientCredential.Shown shown
        && !plainAllowed
        && !address.isEncrypted()
        && !address.isHere()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the key in %s is not sent to %s: everyone on the way could read it; use https, or"
                  .formatted(shown.place(), address)
              + " --allow-plain-http if you trust the network");
    }
    return new ApiClient(address, credential, tls(address, configured));
  }

  private ServiceAddress address(boolean configured) {
    Optional<String> given = url.or(() -> variable("AGENT_LAB_URL"));
    if (given.isEmpty() && configured) {
      return configuredAddress();
    }
    return ServiceAddress.given(given.orElse(DEFAULT_URL));
  }

  /// A service listens on an address of its own machine, so the key goes to no other.
  private ServiceAddress configuredAddress() {
    ServiceAddress address = listening(config(), config().get(Settings.SERVER_PORT));
    if (!address.isHere()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "server.host is %s, which is no address of this machine; name the service's with --url"
              .formatted(config().get(Settings.SERVER_HOST)));
    }
    return address;
  }

  private Path dataDir(boolean configured) {
    return configured
        ? config().get(Settings.DATA_DIR)
        : surroundings.directory().resolve(DEFAULT_DATA_DIR);
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(surroundings.environment().get(name))
        .filter(text -> !text.isEmpty());
  }

  /// The address at which a program on this machine reaches a service with this configuration.
  ///
  /// @param port on which it listens
  static ServiceAddress listening(Config config, int port) {
    return ServiceAddress.configured(config.scheme(), config.get(Settings.SERVER_HOST), port);
  }

  /// Empty for the platform's own rules, which need no setting up.
  private Optional<SSLContext> tls(ServiceAddress address, boolean configured) {
    Optional<Path> authorities =
        caFile.or(() -> variable("AGENT_LAB_CA")).map(surroundings.directory()::resolve);
    Optional<Path> own =
        configured && address.isEncrypted() && address.isHere()
            ? ownCertificate()
            : Optional.empty();
    return address.isEncrypted() && (authorities.isPresent() || own.isPresent())
        ? Optional.of(TlsTrust.context(authorities, own))
        : Optional.empty();
  }

  private Optional<Path> ownCertificate() {
    try {
      return config().get(Settings.SERVER_TLS_CERT);
    } catch (ConfigException _) {
      // With an address from the command line the configuration need not be valid.
      return Optional.empty();
    }
  }

  /// The configuration in force.
  ///
  /// @throws ConfigException if it is not valid
  Config config() {
    if (config == null) {
      config = Config.load(configFolder(), surroundings.environment());
    }
    return config;
  }

  /// The folder of the configuration: the one that `--config` names, else the working directory if
  /// it has a `config.toml`, else the folder the program is installed in.
  ///
  /// @throws Failure if the one that is named has none
  Path configFolder() {
    Path directory = surroundings.directory();
    if (folder.isEmpty()) {
      return Files.exists(directory.resolve(CONFIG_FILE)) ? directory : surroundings.home();
    }
    Path named = directory.resolve(folder.get()).normalize();
    if (Files.notExists(named.resolve(CONFIG_FILE))) {
      throw new CommandFailure(
          ExitCode.USAGE, "there is no %s in %s (--config)".formatted(CONFIG_FILE, named));
    }
    return named;
  }
}
