package dev.agentlab.commands;

import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.cli.InvalidConfigFailure;
import dev.agentlab.cli.ServiceAddress;
import dev.agentlab.cli.StopSignals;
import dev.agentlab.config.Config;
import dev.agentlab.config.ConfigException;
import dev.agentlab.config.DatabaseMode;
import dev.agentlab.config.Settings;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.Dsn;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.http.CannotListenException;
import dev.agentlab.lifecycle.LifecycleException;
import dev.agentlab.logging.LogFormat;
import dev.agentlab.logging.Logging;
import dev.agentlab.server.DatabaseMaintenance;
import dev.agentlab.server.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/// `serve`: runs the service until it receives a stop signal.
@Command(
    name = "serve",
    description = {
      "Run the service until it receives SIGTERM or SIGINT.",
      "",
      "Unless database.host is set, the service runs an embedded PostgreSQL with its data in"
          + " data_dir. A second signal stops the service immediately.",
      ""
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  private static final String SIGN_IN_HINT = "run `agent-lab login` for a sign-in link";

  private final CommandContext context;

  ServeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = ServiceCommands.config(context);
    Logging.configure(config.get(Settings.LOGGING_LEVEL), config.get(Settings.LOGGING_FORMAT));
    if (isReplacedByUpgrade(context.launchContext().home(), config.get(Settings.DATA_DIR))) {
      LOG.atWarn()
          .addKeyValue("data_dir", config.get(Settings.DATA_DIR))
          .log(
              "the data folder is in the folder of this release, which an upgrade replaces; move it"
                  + " and set data_dir (SERVICE_DATA_DIR)");
    }
    Server server = create(config);
    CompletableFuture<ExitCode> stopped = new CompletableFuture<>();
    AtomicBoolean stopping = new AtomicBoolean();
    StopSignals.handle(
        StopSignals.ALL,
        signal -> {
          if (stopping.getAndSet(true)) {
            Runtime.getRuntime().halt(ExitCode.ofSignal(signal));
          }
          stopped.complete(stop(server, config.get(Settings.SHUTDOWN_TIMEOUT)));
        });
    try {
      server.start();
      if (server.awaitStartup()) {
        announce(server, config);
      }
    } catch (CannotListenException | LifecycleException e) {
      stopAfter(e, server, config.get(Settings.SHUTDOWN_TIMEOUT));
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
    return stopped.join().number();
  }

  /// Whether the data folder is in an unpacked release archive, which has its own Java runtime.
  ///
  /// @param home the folder of the archive
  static boolean isReplacedByUpgrade(Path home, Path dataDir) {
    return Files.isDirectory(home.resolve("runtime"))
        && dataDir.toAbsolutePath().normalize().startsWith(home.toAbsolutePath().normalize());
  }

  private static Server create(Config config) {
    try {
      return new Server(config);
    } catch (ConfigException e) {
      throw new InvalidConfigFailure(String.valueOf(e.getMessage()));
    }
  }

  private static ExitCode stop(Server server, Duration timeout) {
    LOG.info("initiating shutdown");
    try {
      server.shutdown(timeout);
      LOG.info("server stopped gracefully");
      return ExitCode.OK;
    } catch (LifecycleException | InterruptedException e) {
      LOG.error("server stopped with a failure", e);
      return ExitCode.FAILURE;
    }
  }

  private static void stopAfter(RuntimeException failure, Server server, Duration timeout)
      throws InterruptedException {
    try {
      server.shutdown(timeout);
    } catch (LifecycleException e) {
      failure.addSuppressed(e);
    }
  }

  /// The path of the admin key file, which may be on another replica that created it.
  private static String adminKey(Config config) {
    Path file = DatabaseMaintenance.adminKeyFile(config);
    if (!config.get(Settings.AUTH_ENABLED)) {
      return "not required: auth.enabled is false";
    }
    return Files.exists(file)
        ? file.toString()
        : "not in this data folder; the first start created it in another one";
  }

  /// How to open the web console: at the first start by a link, which a log must not contain.
  private static String console(Server server, Config config, ServiceAddress url) {
    if (!config.get(Settings.AUTH_ENABLED)) {
      return config.get(Settings.SERVER_PUBLIC_URL).orElseGet(url::toString);
    }
    try {
      return server
          .createFirstSignInLink(url.toString())
          .map(link -> "%s (once, within 10 minutes)".formatted(link))
          .orElse(SIGN_IN_HINT);
    } catch (UnavailableException | DatabaseException e) {
      LOG.warn("cannot create a sign-in link: {}", e.getMessage());
      return SIGN_IN_HINT;
    }
  }

  private void announce(Server server, Config config) {
    ServiceAddress url =
        ServiceAddress.configured(
            config.scheme(), config.get(Settings.SERVER_HOST), server.address().getPort());
    String database =
        config.get(Settings.DATABASE_MODE) == DatabaseMode.EMBEDDED
            ? "embedded"
            : Dsn.of(config).address();
    String adminKey = adminKey(config);
    boolean isInteractive =
        context.terminal().keyboard().isPresent()
            && config.get(Settings.LOGGING_FORMAT) == LogFormat.TEXT;
    if (isInteractive) {
      // To the output, which is a terminal: standard error may be a log file.
      context.printResultNote(
          """

          agent-lab is ready
            at        %s
            data      %s
            database  %s
            admin key %s
            console   %s
            next      ./agent-lab provider add
            stop      Ctrl-C
          """
              .formatted(
                  url,
                  config.get(Settings.DATA_DIR),
                  database,
                  adminKey,
                  console(server, config, url)));
    } else {
      LOG.atInfo()
          .addKeyValue("url", url)
          .addKeyValue("data_dir", config.get(Settings.DATA_DIR))
          .addKeyValue("database", database)
          .addKeyValue("admin_key", adminKey)
          .addKeyValue("console", SIGN_IN_HINT)
          .log("agent-lab is ready");
    }
  }
}
