package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

import dev.agentlab.config.EffectiveConfig;
import dev.agentlab.config.ServerConfig;
import dev.agentlab.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// What the commands of one run share: the options that may stand anywhere on the command line, and
/// what follows from them.
final class Session implements AutoCloseable {
  private final Surroundings surroundings;
  private final List<ApiClient> clients = new ArrayList<>();

  @Option(
      names = "--url",
      scope = INHERIT,
      paramLabel = "URL",
      description =
          "Where the service is; else AGENT_LAB_URL, else the address in the configuration.")
  private Optional<String> url = Optional.empty();

  @Option(names = "--json", scope = INHERIT, description = "Print JSON, for programs.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = INHERIT,
      description = "Print results and errors only.")
  private boolean quiet;

  Session(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  Surroundings surroundings() {
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
  /// @throws Failure if its address is none
  /// @throws dev.agentlab.config.ConfigException if it has to be read from a configuration that is
  ///   not valid
  ApiClient api() {
    String address =
        url.or(() ->
                Optional.ofNullable(surroundings.environment().get("AGENT_LAB_URL"))
                    .filter(text -> !text.isEmpty()))
            .orElseGet(() -> {
              ServerConfig server = config().config().server();
              return reachable(server, server.port());
            });
    try {
      ApiClient client = new ApiClient(new URI(address));
      clients.add(client);
      return client;
    } catch (URISyntaxException _) {
      throw ApiClient.noAddress(address);
    }
  }

  /// The address at which a program on this machine reaches a service that is configured so.
  static String reachable(ServerConfig server, int port) {
    String name =
        switch (server.host()) {
          case "0.0.0.0", "::" -> "127.0.0.1";
          case String literal when literal.contains(":") -> "[" + literal + "]";
          case String other -> other;
        };
    return "%s://%s:%d".formatted(server.scheme(), name, port);
  }

  /// The configuration in force.
  ///
  /// @throws dev.agentlab.config.ConfigException if it is not valid
  EffectiveConfig config() {
    return EffectiveConfig.load(surroundings.configFolder(), surroundings.environment());
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

  private void println(String text) {
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

  /// Prints a remark that holds escape sequences of ours, and none from outside.
  void noteStyled(String text) {
    if (!quiet) {
      terminal().err().println(text);
      terminal().err().flush();
    }
  }

  @Override
  public void close() {
    clients.forEach(ApiClient::close);
  }
}
