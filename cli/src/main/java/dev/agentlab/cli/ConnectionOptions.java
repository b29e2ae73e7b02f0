package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The global options for connecting to the service, with environment variables as defaults. The
/// configuration of the service is used only by commands about it, or if `--config` is set, because
/// any current folder may contain an unrelated `config.toml`.
final class ConnectionOptions {
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";
  private static final String DEFAULT_DATA_DIR = "data";
  private static final String CONFIG_FILE = "config.toml";

  @Option(
      names = "--config",
      scope = INHERIT,
      paramLabel = "FOLDER",
      description =
          "Folder of the service's config.toml. Defaults to the current folder if it contains one,"
              + " else to that of the installation. Commands that call the service read a"
              + " configuration only if this option is set.")
  private Optional<String> folder = Optional.empty();

  @Option(
      names = "--url",
      scope = INHERIT,
      paramLabel = "URL",
      description = "Address of the service. Defaults to AGENT_LAB_URL, else " + DEFAULT_URL + ".")
  private Optional<String> url = Optional.empty();

  @Option(
      names = "--key-file",
      scope = INHERIT,
      paramLabel = "FILE",
      description =
          "File that contains the API key. Defaults to the key in AGENT_LAB_KEY, else to admin.key"
              + " in the data folder: SERVICE_DATA_DIR, else data in the current or in the"
              + " installation folder.")
  private Optional<String> keyFile = Optional.empty();

  @Option(
      names = "--ca-file",
      scope = INHERIT,
      paramLabel = "PEM",
      description =
          "File of certificate authorities to trust in addition to the platform's. Defaults to"
              + " AGENT_LAB_CA.")
  private Optional<String> caFile = Optional.empty();

  @Option(
      names = "--allow-plain-http",
      scope = INHERIT,
      description = "Send the API key unencrypted beyond loopback addresses, on a trusted network.")
  private boolean allowPlainHttp;

  private final LaunchContext launchContext;
  private final CommandExtension extension;
  private @Nullable ServiceConfig config;

  ConnectionOptions(LaunchContext launchContext, CommandExtension extension) {
    this.launchContext = launchContext;
    this.extension = extension;
  }

  /// Creates a client of the service.
  ///
  /// @throws CommandFailure if the address is not valid, or the credential must not be sent to it
  /// @throws InvalidConfigFailure if `--config` names a configuration that is not valid
  ApiClient client() {
    return client(folder.isPresent());
  }

  /// Creates a client of the service whose address is in the configuration, unless `--url` or
  /// `AGENT_LAB_URL` is set.
  ///
  /// @throws CommandFailure as for [#client()]
  /// @throws InvalidConfigFailure if the address is in a configuration that is not valid
  ApiClient configuredClient() {
    return client(true);
  }

  private ApiClient client(boolean configured) {
    ServiceAddress address = address(configured);
    ClientCredential credential =
        new CredentialSearch(launchContext, keyFile, () -> dataDir(configured)).find(address);
    // An error rather than a warning: once sent, the key is disclosed.
    if (credential instanceof ClientCredential.Present present
        && !allowPlainHttp
        && !address.isEncrypted()
        && !address.isLoopback()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the key in %s is not sent to %s: the connection is not encrypted; use https, or pass"
                  .formatted(present.place(), address)
              + " --allow-plain-http on a trusted network");
    }
    return new ApiClient(address, credential, tlsContext(address, configured));
  }

  private ServiceAddress address(boolean configured) {
    Optional<String> given = url.or(() -> environmentVariable("AGENT_LAB_URL"));
    if (given.isEmpty() && configured) {
      return configuredAddress();
    }
    return ServiceAddress.parse(given.orElse(DEFAULT_URL));
  }

  /// A service listens on an address of its machine, so any other address is rejected.
  private ServiceAddress configuredAddress() {
    ServiceAddress address = serviceConfig().address();
    if (!address.isLocal()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "server.host: must be an address of this machine, was \"%s\"; or pass --url"
              .formatted(serviceConfig().host()));
    }
    return address;
  }

  private Path dataDir(boolean configured) {
    return configured ? serviceConfig().dataDir() : findDataDir();
  }

  /// The data folder of a service whose configuration does not name one: in the working directory
  /// if that has an admin key, else where a service that is started here has it.
  private Path findDataDir() {
    Optional<String> variable = environmentVariable("SERVICE_DATA_DIR");
    Path current = launchContext.directory().resolve(DEFAULT_DATA_DIR);
    return variable.isEmpty() && !Files.notExists(CredentialSearch.adminKeyFile(current))
        ? current
        : configFolder().resolve(variable.orElse(DEFAULT_DATA_DIR));
  }

  private Optional<String> environmentVariable(String name) {
    return Optional.ofNullable(launchContext.environment().get(name))
        .filter(text -> !text.isEmpty());
  }

  /// The TLS context with additional certificate authorities; empty for that of the platform.
  private Optional<SSLContext> tlsContext(ServiceAddress address, boolean configured) {
    Optional<Path> authorities =
        caFile
            .or(() -> environmentVariable("AGENT_LAB_CA"))
            .map(launchContext.directory()::resolve);
    Optional<Path> own =
        configured && address.isEncrypted() && address.isLocal()
            ? ownCertificate()
            : Optional.empty();
    return address.isEncrypted() && (authorities.isPresent() || own.isPresent())
        ? Optional.of(TlsTrust.createContext(authorities, own))
        : Optional.empty();
  }

  private Optional<Path> ownCertificate() {
    try {
      return serviceConfig().certificate();
    } catch (InvalidConfigFailure _) {
      // The configuration may be invalid if the address comes from the command line.
      return Optional.empty();
    }
  }

  /// The configuration of the service on this machine.
  ///
  /// @throws CommandFailure as for [#configFolder()]
  /// @throws InvalidConfigFailure if it is not valid
  ServiceConfig serviceConfig() {
    if (config == null) {
      config = extension.readConfig(configFolder(), launchContext.environment());
    }
    return config;
  }

  /// The folder of the configuration: the value of `--config`, else the working directory if it
  /// contains a `config.toml`, else that of the installation.
  ///
  /// @throws CommandFailure if `--config` names a folder without a `config.toml`
  Path configFolder() {
    Path directory = launchContext.directory();
    if (folder.isEmpty()) {
      return Files.exists(directory.resolve(CONFIG_FILE)) ? directory : launchContext.home();
    }
    Path named = directory.resolve(folder.get()).normalize();
    if (Files.notExists(named.resolve(CONFIG_FILE))) {
      throw new CommandFailure(
          ExitCode.USAGE, "--config: %s does not contain %s".formatted(named, CONFIG_FILE));
    }
    return named;
  }
}
