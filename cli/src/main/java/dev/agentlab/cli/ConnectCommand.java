package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Prints what a client of a model needs, and tries it.
abstract class ConnectCommand implements Callable<Integer> {
  /// What a trial sends.
  static final String PROMPT = "Say hello.";

  /// The variable of the environment with the key of a program that reads its name from settings.
  static final String KEY_VARIABLE = "AGENT_LAB_API_KEY";

  private static final String KEY_PLACEHOLDER = "<an agent-lab key>";

  private final CommandContext context;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "The name of an agent or a route, or PROVIDER/MODEL. Default: the first that the key may"
              + " use.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--new-key",
      paramLabel = "NAME",
      description = "Create an API key with this name, which may use only this model.")
  private Optional<String> newKey = Optional.empty();

  @Option(names = "--test", description = "Call the model once and show what happened.")
  private boolean test;

  ConnectCommand(CommandContext context) {
    this.context = context;
  }

  /// What a client needs.
  ///
  /// @param baseUrl the base URL for the client
  /// @param listedModel the model as `GET /v1/models` lists it
  /// @param newKey the key, if one was created
  record Connection(String baseUrl, JsonNode listedModel, Optional<String> newKey) {
    /// The name of the model.
    String model() {
      return listedModel.path("id").asString("");
    }

    /// The key, or what to replace by one.
    String key() {
      return newKey.orElse(KEY_PLACEHOLDER);
    }
  }

  /// A call to a model in the API of the client.
  ///
  /// @param path of the service
  /// @param text finds the text in a response
  /// @param inputPointer the number of input tokens in the response
  /// @param outputPointer the number of output tokens in the response
  record Trial(
      String path,
      ObjectNode request,
      Function<JsonNode, String> text,
      String inputPointer,
      String outputPointer) {

    /// Finds the text at a place.
    static Function<JsonNode, String> textAt(String pointer) {
      return response -> response.at(pointer).asString("");
    }

    /// A call to OpenAI's chat completions.
    static Trial chat(String model) {
      return new Trial(
          "/v1/chat/completions",
          message(model),
          textAt("/choices/0/message/content"),
          "/usage/prompt_tokens",
          "/usage/completion_tokens");
    }

    /// A call to OpenAI's Responses API. The service need not keep the response.
    static Trial response(String model) {
      return new Trial(
          "/v1/responses",
          Json.MAPPER
              .createObjectNode()
              .put("model", model)
              .put("input", PROMPT)
              .put("store", false),
          Trial::outputText,
          "/usage/input_tokens",
          "/usage/output_tokens");
    }

    /// The text of the messages, which may follow reasoning.
    private static String outputText(JsonNode response) {
      return response
          .path("output")
          .valueStream()
          .filter(item -> item.path("type").asString("").equals("message"))
          .flatMap(item -> item.path("content").valueStream())
          .map(part -> part.path("text").asString(""))
          .collect(Collectors.joining());
    }

    /// A request with a message, in the APIs of OpenAI and Anthropic.
    static ObjectNode message(String model) {
      ObjectNode request = Json.MAPPER.createObjectNode().put("model", model);
      request.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
      return request;
    }
  }

  /// The part of the base URL after the address of the service.
  abstract String basePath();

  abstract Trial trial(String model);

  /// Does what the command does beside printing, and adds members to its JSON output.
  abstract void connect(Connection connection, ObjectNode result);

  /// What the command prints.
  abstract String text(Connection connection);

  /// The models that the client may use, as `GET /v1/models` lists them.
  final List<JsonNode> models(Connection connection) {
    return connection.newKey().isPresent()
        ? List.of(connection.listedModel())
        : context.api().get("/v1/models").body().path("data").valueStream().toList();
  }

  /// Changes a settings file, and names it in the JSON output.
  ///
  /// @param name the file, or the folder of several
  final void write(String name, ObjectNode result, Consumer<SettingsFile> change) {
    SettingsFile target = SettingsFile.of(name, context.launchContext());
    result.put("written", target.path().toString());
    change.accept(target);
  }

  /// What a command prints that has written a file.
  final String written(String file, Connection connection) {
    return "%s has the settings of %s"
        .formatted(SettingsFile.of(file, context.launchContext()).path(), connection.model());
  }

  /// Lines of a shell that set variables.
  static String exports(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(it -> "export %s='%s'".formatted(it.getKey(), it.getValue()))
        .collect(Collectors.joining("\n"));
  }

  final CommandContext context() {
    return context;
  }

  @Override
  public final Integer call() {
    ApiClient api = context.api();
    JsonNode chosen = model.map(name -> findModel(api, name)).orElseGet(() -> firstModel(api));
    Optional<String> key = newKey.map(keyName -> createKey(api, keyName, chosen));
    Connection connection = new Connection(api.base() + basePath(), chosen, key);
    String name = connection.model();
    ObjectNode result =
        Json.MAPPER
            .createObjectNode()
            .put("base_url", connection.baseUrl())
            .put("model", connection.model());
    connect(connection, key, result);
    key.ifPresent(it -> result.put("api_key", it));
    Trial trial = trial(name);
    Optional<JsonNode> outcome =
        test
            ? Optional.of(
                context.withWaitingNote("the response of " + name, () -> tryModel(api, key, trial)))
            : Optional.empty();
    outcome.ifPresent(it -> result.set("test", it));
    context.print(result, () -> text(connection));
    outcome.ifPresent(it -> context.printNote(describe(it, trial)));
    return outcome.filter(it -> it.path("status").asInt() != 200).isPresent()
        ? ExitCode.FAILURE.number()
        : ExitCode.OK.number();
  }

  /// Prints or writes the settings. A new key is not lost if that fails: it is shown only once.
  private void connect(Connection connection, Optional<String> key, ObjectNode result) {
    try {
      connect(connection, result);
    } catch (RuntimeException e) {
      key.ifPresent(it -> context.printNote("the new key, which is shown only once: " + it));
      throw e;
    }
  }

  private static JsonNode findModel(ApiClient api, String name) {
    return api.get("/v1/models/" + PercentEncoding.encode(name)).body();
  }

  private static JsonNode firstModel(ApiClient api) {
    JsonNode first = api.get("/v1/models").body().path("data").path(0);
    if (first.isMissingNode()) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "there is no model yet: add a provider with `agent-lab provider add`, or an agent with"
              + " `agent-lab agent add`");
    }
    return first;
  }

  private String createKey(ApiClient api, String keyName, JsonNode chosen) {
    ObjectNode request = Json.MAPPER.createObjectNode().put("name", keyName);
    request.putArray("scopes").add(scope(chosen));
    JsonNode created = new KeysApi(api).create(request);
    context.printNote("key %s created; it is shown only once".formatted(keyName));
    return created.path("key").asString("");
  }

  /// The scope of a key that may only use one model, as `GET /v1/models` lists it.
  private static String scope(JsonNode model) {
    String id = model.path("id").asString("");
    return switch (model.path("kind").asString("")) {
      case "agent" -> "invoke:agent/" + id;
      case "route" -> "invoke:route/" + id;
      default -> "invoke:model/" + escapeProvider(id);
    };
  }

  /// The form of a name in a scope: percent signs in the name of the provider are encoded.
  private static String escapeProvider(String id) {
    int slash = id.indexOf('/');
    return id.substring(0, slash).replace("%", "%25") + id.substring(slash);
  }

  /// Calls the model with the new key, or with that of this command.
  private JsonNode tryModel(ApiClient api, Optional<String> key, Trial trial) {
    long start = System.nanoTime();
    RawResponse response = api.postForAnyStatus(trial.path(), trial.request(), key);
    ObjectNode outcome =
        Json.MAPPER
            .createObjectNode()
            .put("status", response.status())
            .put("seconds", Math.round((System.nanoTime() - start) / 1e7) / 100.0);
    header(response, "Agent-Lab-Request-Id").ifPresent(it -> outcome.put("request_id", it));
    header(response, "Agent-Lab-Provider").ifPresent(it -> outcome.put("provider", it));
    header(response, "Agent-Lab-Model").ifPresent(it -> outcome.put("model", it));
    outcome.set("response", json(response.body()));
    return outcome;
  }

  private static Optional<String> header(RawResponse response, String name) {
    return response.header().apply(name);
  }

  private static JsonNode json(String body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JacksonException _) {
      return Json.MAPPER.getNodeFactory().stringNode(body);
    }
  }

  private static String describe(JsonNode outcome, Trial trial) {
    JsonNode response = outcome.path("response");
    String head =
        "status %d after %s s%s, request id %s"
            .formatted(
                outcome.path("status").asInt(),
                outcome.path("seconds").asString(),
                outcome.has("provider")
                    ? " from provider %s, model %s"
                        .formatted(
                            outcome.path("provider").asString(""),
                            outcome.path("model").asString(""))
                    : "",
                outcome.path("request_id").asString("unknown"));
    if (outcome.path("status").asInt() != 200) {
      return "%s\n%s"
          .formatted(head, response.at("/error/message").asString(response.asString("")));
    }
    return "%s\n%s\ntokens: %s in, %s out"
        .formatted(
            head,
            trial.text().apply(response),
            response.at(trial.inputPointer()).asString("unknown"),
            response.at(trial.outputPointer()).asString("unknown"));
  }
}
