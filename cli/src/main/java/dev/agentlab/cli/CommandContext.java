package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

import dev.agentlab.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The context of one run of the program: the global options, the clients of the service, and the
/// output.
public final class CommandContext implements AutoCloseable {
  private final LaunchContext launchContext;
  private final List<ApiClient> clients = new ArrayList<>();

  @Mixin private final ConnectionOptions connection;

  @Option(names = "--json", scope = INHERIT, description = "Print JSON instead of text.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = INHERIT,
      description = "Print only results and errors, and tables without headings.")
  private boolean quiet;

  CommandContext(LaunchContext launchContext, CommandExtension extension) {
    this.launchContext = launchContext;
    connection = new ConnectionOptions(launchContext, extension);
  }

  public LaunchContext launchContext() {
    return launchContext;
  }

  public Terminal terminal() {
    return launchContext.terminal();
  }

  /// Whether to print JSON.
  boolean json() {
    return json;
  }

  /// Whether to print only results and errors.
  boolean quiet() {
    return quiet;
  }

  /// Creates a client of the service. It is closed with this context.
  ///
  /// @throws CommandFailure if the address is not valid, or the credential must not be sent to it
  /// @throws InvalidConfigFailure if `--config` names a configuration that is not valid
  ApiClient api() {
    return closeOnExit(connection.client());
  }

  /// Creates a client of the service whose address is in the configuration.
  ///
  /// @throws CommandFailure as for [#api()]
  /// @throws InvalidConfigFailure if the address is in a configuration that is not valid
  ApiClient configuredApi() {
    return closeOnExit(connection.configuredClient());
  }

  private ApiClient closeOnExit(ApiClient client) {
    clients.add(client);
    return client;
  }

  /// The folder of the configuration.
  ///
  /// @throws CommandFailure if `--config` names a folder without a configuration
  public Path configFolder() {
    return connection.configFolder();
  }

  /// The configuration of the service on this machine.
  ///
  /// @throws CommandFailure as for [#configFolder()]
  /// @throws InvalidConfigFailure if it is not valid
  ServiceConfig serviceConfig() {
    return connection.serviceConfig();
  }

  /// Prints a result: the value with `--json`, otherwise the text, without control characters.
  public void print(JsonNode value, Supplier<String> text) {
    printStyled(value, () -> Terminal.sanitize(text.get()));
  }

  /// Prints what a command has done, which is no result that a program needs: the value with
  /// `--json`, otherwise the text, unless `--quiet` is set.
  public void printReport(JsonNode value, Supplier<String> text) {
    if (json || !quiet) {
      print(value, text);
    }
  }

  /// Prints a result whose text may contain escape sequences, but none from external input.
  public void printStyled(JsonNode value, Supplier<String> text) {
    println(
        json
            ? Terminal.escapeControlCharacters(
                Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value))
            : text.get());
  }

  /// Prints a list: the value with `--json`, otherwise the table, which has no headings with
  /// `--quiet`.
  void printTable(JsonNode value, Supplier<Table> table) {
    if (json) {
      print(value, () -> "");
    } else {
      println(table.get());
    }
  }

  /// Prints a table, without headings if `--quiet` is set.
  void println(Table table) {
    String text = quiet ? table.body() : table.text();
    if (!text.isEmpty()) {
      println(text);
    }
  }

  /// Prints a part of a result, which must not contain control characters from external input.
  void println(String text) {
    terminal().out().println(text);
    terminal().out().flush();
  }

  /// Prints an error that does not end the command.
  public void printError(String text) {
    terminal().err().println(Terminal.sanitize(text));
    terminal().err().flush();
  }

  /// Prints a remark on standard error, unless `--quiet` is set.
  public void printNote(String text) {
    printStyledNote(Terminal.sanitize(text));
  }

  /// Prints a remark among the results, unless `--quiet` is set.
  public void printResultNote(String text) {
    if (!quiet) {
      println(Terminal.sanitize(text));
    }
  }

  /// Prints the warnings in the response to a create or replace request.
  void printWarnings(JsonNode stored) {
    stored.path("warnings").forEach(warning -> printNote("warning: " + warning.asString("")));
  }

  /// Prints a remark that may contain escape sequences, but none from external input.
  void printStyledNote(String text) {
    if (!quiet) {
      terminal().err().println(text);
      terminal().err().flush();
    }
  }

  /// Runs a slow operation while showing a waiting note.
  ///
  /// @param what completes "waiting for …"
  <T> T withWaitingNote(String what, Supplier<T> work) {
    Optional<WaitingNote> note = startWaitingNote(what);
    try {
      return work.get();
    } finally {
      note.ifPresent(WaitingNote::close);
    }
  }

  /// Shows a waiting note until it is closed. Empty without a terminal, or if `--quiet` or `--json`
  /// is set.
  ///
  /// @param what completes "waiting for …"
  Optional<WaitingNote> startWaitingNote(String what) {
    return quiet || json || terminal().keyboard().isEmpty()
        ? Optional.empty()
        : Optional.of(new WaitingNote(terminal(), what));
  }

  @Override
  public void close() {
    clients.forEach(ApiClient::close);
  }
}
