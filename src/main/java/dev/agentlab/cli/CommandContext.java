package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

import dev.agentlab.config.Config;
import dev.agentlab.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// What the commands of one run share: the options that may stand anywhere on the command line, and
/// what follows from them.
final class CommandContext implements AutoCloseable {
  private final LaunchContext surroundings;
  private final List<ApiClient> clients = new ArrayList<>();

  @Mixin private final ConnectionOptions connection;

  @Option(names = "--json", scope = INHERIT, description = "Print JSON, for programs.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = INHERIT,
      description = "Print results and errors only, tables without headings.")
  private boolean quiet;

  CommandContext(LaunchContext surroundings) {
    this.surroundings = surroundings;
    connection = new ConnectionOptions(surroundings);
  }

  LaunchContext surroundings() {
    return surroundings;
  }

  Terminal terminal() {
    return surroundings.terminal();
  }

  /// Whether the answer is for a program.
  boolean json() {
    return json;
  }

  /// Whether only results and errors are wanted.
  boolean quiet() {
    return quiet;
  }

  /// A client of the service.
  ///
  /// @throws Failure if its address is none, or the key cannot be used for it
  /// @throws dev.agentlab.config.ConfigException if `--config` names a configuration that is not
  ///   valid
  ApiClient api() {
    return closedAtTheEnd(connection.client());
  }

  /// A client of the service that the configuration describes.
  ///
  /// @throws Failure as for [#api()]
  /// @throws dev.agentlab.config.ConfigException if the address is in a configuration that is not
  ///   valid
  ApiClient configuredApi() {
    return closedAtTheEnd(connection.configuredClient());
  }

  private ApiClient closedAtTheEnd(ApiClient client) {
    clients.add(client);
    return client;
  }

  /// The folder that the configuration is read from.
  ///
  /// @throws Failure if `--config` names one without a configuration
  Path configFolder() {
    return connection.configFolder();
  }

  /// The configuration in force.
  ///
  /// @throws dev.agentlab.config.ConfigException if it is not valid
  Config config() {
    return connection.config();
  }

  /// Prints a result: the value itself for programs, the text for people.
  void print(JsonNode value, Supplier<String> text) {
    printStyled(value, () -> Terminal.clean(text.get()));
  }

  /// Prints a result whose text holds escape sequences of ours, and none from outside.
  void printStyled(JsonNode value, Supplier<String> text) {
    println(
        json
            ? Terminal.escaped(
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value))
            : text.get());
  }

  /// Prints a listing: the value itself for programs, a table for people; when only results are
  /// wanted, its rows alone.
  void printTable(JsonNode value, Supplier<Table> table) {
    if (json) {
      print(value, () -> "");
    } else {
      println(table.get());
    }
  }

  /// Prints a table for people; when only results are wanted, its rows alone.
  void println(Table table) {
    String text = quiet ? table.body() : table.text();
    if (!text.isEmpty()) {
      println(text);
    }
  }

  /// Prints a part of a result, free of control characters from outside.
  void println(String text) {
    terminal().out().println(text);
    terminal().out().flush();
  }

  /// Prints an error after which the command goes on.
  void complain(String text) {
    terminal().err().println(Terminal.clean(text));
    terminal().err().flush();
  }

  /// Prints a remark beside the result, unless none is wanted.
  void note(String text) {
    noteStyled(Terminal.clean(text));
  }

  /// Prints what the service remarks about a thing it has just stored.
  void noteWarnings(JsonNode stored) {
    stored.path("warnings").forEach(warning -> note("warning: " + warning.asString("")));
  }

  /// Prints a remark that holds escape sequences of ours, and none from outside.
  void noteStyled(String text) {
    if (!quiet) {
      terminal().err().println(text);
      terminal().err().flush();
    }
  }

  /// Does what may take long while a person is told what it waits for.
  ///
  /// @param what in words that follow "waiting for"
  <T> T waiting(String what, Supplier<T> work) {
    Optional<WaitingNote> note = waitingNote(what);
    try {
      return work.get();
    } finally {
      note.ifPresent(WaitingNote::close);
    }
  }

  /// Begins to tell a person what is waited for; empty where nobody is to be told.
  ///
  /// @param what in words that follow "waiting for"
  Optional<WaitingNote> waitingNote(String what) {
    return quiet || json || terminal().keyboard().isEmpty()
        ? Optional.empty()
        : Optional.of(new WaitingNote(terminal(), what));
  }

  @Override
  public void close() {
    clients.forEach(ApiClient::close);
  }
}
