package dev.agentlab.commands;

import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.Confirmation;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.config.Config;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.RollbackLosses;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.server.DatabaseMaintenance;
import dev.agentlab.vault.VaultException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// `migrate`: migrates the database schema.
@Command(
    name = "migrate",
    description = {
      "Migrate the database schema, or print its version. `serve` does the same as -up.",
      "",
      "  agent-lab migrate -dsn postgres://user:password@host:5432/agent_lab -up",
      "  agent-lab migrate -steps -1",
      ""
    })
final class MigrateCommand implements Callable<Integer> {
  private static final RollbackLosses NO_LOSSES =
      new RollbackLosses(OptionalLong.empty(), List.of());

  private final CommandContext context;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-dsn", "--dsn"},
      paramLabel = "DSN",
      description =
          "The database; by default the one that `serve` uses (DATABASE_DSN, database.host). An"
              + " embedded database must exist and is started, so the service must not be running,"
              + " except for -version.")
  private Optional<String> dsn = Optional.empty();

  @ArgGroup private @Nullable Action action;

  @Mixin private final Confirmation confirmation = new Confirmation();

  /// The actions, which are mutually exclusive.
  static final class Action {
    @Option(
        names = {"-up", "--up"},
        description = "Apply all pending migrations.")
    private boolean up;

    @Option(
        names = {"-down", "--down"},
        description =
            "Roll back all migrations, after confirmation. The contents of the tables are lost, but"
                + " a database that was taken over is returned to the Go original with its providers"
                + " and agents. No service may be connected.")
    private boolean down;

    @Option(
        names = {"-steps", "--steps"},
        paramLabel = "N",
        description = "Apply N migrations, or roll them back if N is negative, as -down does.")
    private Optional<Integer> steps = Optional.empty();

    @Option(
        names = {"-version", "--version"},
        description = "Print the schema version; exit with 1 if there is no schema.")
    private boolean version;

    @Option(
        names = {"-force", "--force"},
        paramLabel = "N",
        description = "Set the schema version to N without migrating; 0 for none.")
    private Optional<Long> force = Optional.empty();

    @Option(
        names = "--take-over",
        description =
            "Take over a database of the Go original, at any of its versions, in one transaction, and"
                + " encrypt its secrets with the key of the configuration. The original must be"
                + " stopped. -down returns the database to it.")
    private boolean takeOver;

    boolean isRollback() {
      return rollbackSteps() < 0;
    }

    /// The number of migrations to roll back as a negative number; 0 for none.
    int rollbackSteps() {
      return down ? Integer.MIN_VALUE : Math.min(0, steps.orElse(0));
    }
  }

  MigrateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (action == null) {
      PrintWriter err = context.terminal().err();
      err.println("one of -up, -down, -steps, -version, -force, --take-over is required");
      Objects.requireNonNull(spec).commandLine().usage(err);
      return ExitCode.USAGE.number();
    }
    try {
      if (dsn.isEmpty()) {
        return runConfigured(action);
      }
      Dsn target = parseDsn(dsn.get());
      return run(action, target.address(), new Migrator(target));
    } catch (IOException | DatabaseException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
  }

  private static Dsn parseDsn(String text) {
    try {
      return Dsn.parse(text);
    } catch (InvalidInputException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private int runConfigured(Action requested) throws IOException, InterruptedException {
    Config config = ServiceCommands.config(context);
    String database = DatabaseMaintenance.databaseName(config);
    return requested.version
        ? printVersion(database, DatabaseMaintenance.schemaState(config))
        : DatabaseMaintenance.migrate(config, migrator -> run(requested, database, migrator));
  }

  private int run(Action requested, String database, Migrator migrator)
      throws InterruptedException {
    if (requested.version) {
      return printVersion(database, migrator.state());
    }
    RollbackLosses losses = NO_LOSSES;
    if (requested.isRollback()) {
      losses = migrator.rollbackLosses(requested.rollbackSteps());
      requireConfirmation(requested, database, losses);
    }
    List<Migrator.Step> applied = execute(requested, migrator);
    print(applied, losses.lostSecrets(), migrator.state());
    return ExitCode.OK.number();
  }

  private void requireConfirmation(Action requested, String database, RollbackLosses losses) {
    String question;
    if (losses.originalVersion().isPresent()) {
      long original = losses.originalVersion().getAsLong();
      question =
          "Return the database %s to the Go original at its version %d? %s, API keys and the audit trail are lost."
              .formatted(database, original, original < 3 ? "Agents" : "Agent revisions");
    } else {
      String steps =
          requested
              .steps
              .map(n -> "%d migrations".formatted(Math.abs((long) n)))
              .orElse("all migrations");
      question =
          "Roll back %s of the database %s? The contents of its tables are lost."
              .formatted(steps, database);
    }
    String lost =
        losses.lostSecrets().isEmpty()
            ? ""
            : " %s.".formatted(formatLostSecrets(losses.lostSecrets()));
    confirmation.requireExplicit(context.terminal(), question + lost, "nothing was changed");
  }

  private static String formatLostSecrets(List<String> secrets) {
    return "Encrypted secrets are lost and must be set again: " + String.join(", ", secrets);
  }

  private int printVersion(String database, Migrator.State state) {
    if (state.originalVersion().isPresent()) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          Migrator.takeOverRequired(database, state.originalVersion().getAsLong()));
    }
    if (state.version().isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "the database %s has no schema; `agent-lab migrate -up` or `agent-lab serve` creates it"
              .formatted(database));
    }
    print(List.of(), List.of(), state);
    return ExitCode.OK.number();
  }

  private List<Migrator.Step> execute(Action requested, Migrator migrator)
      throws InterruptedException {
    if (requested.up) {
      return migrator.up();
    }
    if (requested.down) {
      return migrator.down();
    }
    if (requested.steps.isPresent()) {
      return migrator.steps(requested.steps.get());
    }
    if (requested.takeOver) {
      return takeOver(migrator);
    }
    if (requested.force.isPresent()) {
      migrator.force(requested.force.get());
    }
    return List.of();
  }

  private List<Migrator.Step> takeOver(Migrator migrator) throws InterruptedException {
    try {
      return DatabaseMaintenance.takeOver(ServiceCommands.config(context), migrator);
    } catch (VaultException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
  }

  private void print(List<Migrator.Step> applied, List<String> lostSecrets, Migrator.State state) {
    List<String> names = applied.stream().map(Migrator.Step::toString).toList();
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.set("steps", Json.MAPPER.valueToTree(names));
    if (state.version().isPresent()) {
      result.put("version", state.version().getAsLong());
    } else {
      result.putNull("version");
    }
    result.put("dirty", false);
    state.originalVersion().ifPresent(version -> result.put("original_version", version));
    if (!lostSecrets.isEmpty()) {
      result.set("lost_secrets", Json.MAPPER.valueToTree(lostSecrets));
    }
    context.print(result, () -> text(names, lostSecrets, state));
  }

  /// Formats the result. The last line has the format of the Go original.
  private static String text(List<String> names, List<String> lostSecrets, Migrator.State state) {
    List<String> lines = new ArrayList<>(names);
    if (!lostSecrets.isEmpty()) {
      lines.add(formatLostSecrets(lostSecrets));
    }
    String version = state.version().isPresent() ? "" + state.version().getAsLong() : "none";
    lines.add(
        state.originalVersion().isPresent()
            ? "returned to the Go original at its version " + state.originalVersion().getAsLong()
            : "version: %s, dirty: false".formatted(version));
    return String.join("\n", lines);
  }
}
