package dev.agentlab.cli;

import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migrator;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.server.Maintenance;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// `migrate`: moves the schema of the database.
@Command(
    name = "migrate",
    description = {
      "Move the database's schema, or say where it stands. `serve` does what -up does.",
      "",
      "  agent-lab migrate -dsn postgres://user:password@host:5432/agent_lab -up",
      "  agent-lab migrate -steps -1",
      ""
    })
final class MigrateCommand implements Callable<Integer> {
  private final Session session;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-dsn", "--dsn"},
      paramLabel = "DSN",
      description =
          "The database; else the one that `serve` uses (DATABASE_DSN, database.host). An embedded"
              + " one must exist, and is started for it, so the service must not run, unless to see"
              + " the version.")
  private Optional<String> dsn = Optional.empty();

  @ArgGroup private @Nullable Action action;

  @Mixin private final Consent consent = new Consent();

  /// One of these.
  static final class Action {
    @Option(
        names = {"-up", "--up"},
        description = "Take all steps not taken yet.")
    private boolean up;

    @Option(
        names = {"-down", "--down"},
        description =
            "Take all steps back, which asks first. What the tables hold is lost. No service may be"
                + " connected.")
    private boolean down;

    @Option(
        names = {"-steps", "--steps"},
        paramLabel = "N",
        description = "Take N steps, or take them back if N is negative, as -down does.")
    private Optional<Integer> steps = Optional.empty();

    @Option(
        names = {"-version", "--version"},
        description = "Print the schema's version.")
    private boolean version;

    @Option(
        names = {"-force", "--force"},
        paramLabel = "N",
        description = "Declare the schema to be at version N, and clean; 0 for none.")
    private Optional<Long> force = Optional.empty();

    boolean takesStepsBack() {
      return down || steps.orElse(0) < 0;
    }
  }

  MigrateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (action == null) {
      Objects.requireNonNull(spec).commandLine().usage(session.terminal().err());
      return ExitCode.USAGE.number();
    }
    if (dsn.isEmpty()) {
      return runConfigured(action);
    }
    Dsn given = parsed(dsn.get());
    requireConsent(action, given.address());
    return run(action, new Migrator(given));
  }

  private static Dsn parsed(String text) {
    try {
      return Dsn.parse(text);
    } catch (InvalidInputException e) {
      throw new Failure(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private int runConfigured(Action wanted) throws InterruptedException {
    try {
      if (wanted.version) {
        print(List.of(), Maintenance.schema(session.config().config()));
        return ExitCode.OK.number();
      }
      requireConsent(wanted, Maintenance.databaseName(session.config().config()));
      return Maintenance.migrate(session.config().config(), migrator -> run(wanted, migrator));
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
  }

  private void requireConsent(Action wanted, String database) {
    if (wanted.takesStepsBack()) {
      String steps =
          wanted
              .steps
              .map(n -> "%d of the steps".formatted(Math.abs((long) n)))
              .orElse("all steps");
      consent.requireExpressly(
          session.terminal(),
          "Take back %s of the database %s? What the tables hold is lost."
              .formatted(steps, database),
          "nothing was changed");
    }
  }

  private int run(Action wanted, Migrator migrator) throws InterruptedException {
    List<Migrator.Step> taken = wanted.version ? List.of() : move(wanted, migrator);
    print(taken, migrator.state());
    return ExitCode.OK.number();
  }

  private static List<Migrator.Step> move(Action wanted, Migrator migrator)
      throws InterruptedException {
    if (wanted.up) {
      return migrator.up();
    }
    if (wanted.down) {
      return migrator.down();
    }
    if (wanted.steps.isPresent()) {
      return migrator.steps(wanted.steps.get());
    }
    if (wanted.force.isPresent()) {
      migrator.force(wanted.force.get());
    }
    return List.of();
  }

  private void print(List<Migrator.Step> taken, Migrator.State state) {
    List<String> names = taken.stream().map(Migrator.Step::toString).toList();
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.set("steps", Json.MAPPER.valueToTree(names));
    if (state.version().isPresent()) {
      result.put("version", state.version().getAsLong());
    } else {
      result.putNull("version");
    }
    result.put("dirty", state.dirty());
    session.print(
        result,
        () ->
            names.stream().map(name -> name + "\n").collect(Collectors.joining())
                + "version "
                + state);
  }
}
