package dev.agentlab.cli;

import static picocli.CommandLine.ScopeType.INHERIT;

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

  /// A client of the service.
  ///
  /// @throws Failure if its address is none
  ApiClient api() {
    String address =
        url.or(() -> Optional.ofNullable(surroundings.environment().get("AGENT_LAB_URL")))
            .orElse("http://127.0.0.1:8080");
    try {
      ApiClient client = new ApiClient(new URI(address));
      clients.add(client);
      return client;
    } catch (URISyntaxException _) {
      throw new Failure(
          ExitCode.USAGE, "the service's address \"%s\" is not a web address".formatted(address));
    }
  }

  /// Prints a result: the value itself for programs, the text for people.
  void print(JsonNode value, Supplier<String> text) {
    println(
        json ? Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) : text.get());
  }

  private void println(String text) {
    terminal().out().println(text);
    terminal().out().flush();
  }

  /// Prints a remark beside the result, unless none is wanted.
  void note(String text) {
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
