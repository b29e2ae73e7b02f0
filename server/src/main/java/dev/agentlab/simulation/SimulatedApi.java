package dev.agentlab.simulation;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.simulation.SimulatedResponse.Part;
import dev.agentlab.upstream.UpstreamRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints of OpenAI's API that a simulated provider serves: chat completions, embeddings and
/// the list of models (https://platform.openai.com/docs/api-reference).
final class SimulatedApi {
  private static final String INVALID_REQUEST = "invalid_request_error";
  private static final Map<String, String> JSON_HEADERS =
      Map.of("content-type", "application/json");
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /// More than the largest batch that OpenAI's API accepts in the default number of dimensions
  /// would fill much of the memory.
  private static final int MAX_EMBEDDING_NUMBERS = 1_000_000;

  private final SimulationSettings settings;
  private final InstantSource clock;
  private final FailureSchedule failureSchedule;

  SimulatedApi(SimulationSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.failureSchedule = new FailureSchedule(settings.errorRate(), settings.rateLimit());
  }

  SimulatedResponse respond(UpstreamRequest request) {
    String path = request.url().getPath();
    String endpoint = path.substring(path.lastIndexOf('/') + 1);
    return switch (endpoint) {
      case "models" -> jsonResponse(200, modelList(), Duration.ZERO);
      case "completions", "embeddings" -> post(endpoint, body(request));
      default ->
          error(404, INVALID_REQUEST, "unknown path " + path, Optional.empty(), Duration.ZERO);
    };
  }

  private static byte[] body(UpstreamRequest request) {
    return request.body() instanceof UpstreamRequest.Body.Bytes(byte[] bytes) ? bytes : new byte[0];
  }

  private SimulatedResponse post(String endpoint, byte[] body) {
    Optional<Duration> wait = failureSchedule.checkRateLimit(clock.instant());
    if (wait.isPresent()) {
      return rateLimited(wait.get());
    }
    if (failureSchedule.nextCallFails()) {
      return error(
          settings.errorStatus(),
          "simulated_error",
          "this request fails because of error_rate",
          Optional.empty(),
          settings.latency());
    }
    try {
      ObjectNode request = parse(body);
      return endpoint.equals("embeddings")
          ? embeddings(request)
          : chat(new SimulatedChat(request), body);
    } catch (InvalidInputException e) {
      FieldError error = e.errors().getFirst();
      int status = error.field().equals("model") ? 404 : 400;
      return error(
          status,
          INVALID_REQUEST,
          error.toString(),
          Optional.of(error.field()),
          settings.latency());
    }
  }

  private static SimulatedResponse rateLimited(Duration wait) {
    SimulatedResponse.Complete error =
        error(
            429,
            "rate_limit_error",
            "rate_limit exceeded: no more requests are accepted this minute",
            Optional.empty(),
            Duration.ZERO);
    Map<String, String> headers = new HashMap<>(error.headers());
    headers.put("retry-after", Long.toString(wait.plusMillis(999).toSeconds()));
    return new SimulatedResponse.Complete(error.status(), headers, error.body(), error.dueAt());
  }

  private ObjectNode parse(byte[] body) {
    JsonNode json;
    try {
      json = ProviderJson.MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new InvalidInputException("body", "is not JSON");
    }
    if (!(json instanceof ObjectNode request)) {
      throw new InvalidInputException("body", "must be a JSON object");
    }
    String model = request.path("model").stringValue("");
    if (model.isEmpty()) {
      throw new InvalidInputException("model", "is required");
    }
    if (!settings.models().isEmpty() && !settings.models().contains(model)) {
      throw new InvalidInputException(
          "model", "is unknown; must be one of " + String.join(", ", settings.models()));
    }
    return request;
  }

  private SimulatedResponse chat(SimulatedChat chat, byte[] body) {
    String id = UUID.nameUUIDFromBytes(body).toString().replace("-", "");
    SimulatedCompletion completion =
        SimulatedCompletion.of(
            chat, chat.createReply(settings), id, clock.instant().getEpochSecond());
    return chat.isStreaming()
        ? stream(completion, chat.includesUsage())
        : new SimulatedResponse.Complete(
            200, JSON_HEADERS, completion.toJson(), timeAfter(completion.tokens().size()));
  }

  private SimulatedResponse stream(SimulatedCompletion completion, boolean countsUsage) {
    List<byte[]> events = completion.tokenEvents(countsUsage);
    List<Part> parts = new ArrayList<>(events.size() + 3);
    int tokens = completion.tokens().size();
    int sent = settings.truncateAfter().filter(max -> max < tokens).orElse(tokens);
    for (int i = 0; i <= sent; i++) {
      parts.add(new Part(events.get(i), timeAfter(i)));
    }
    boolean cut = settings.truncateAfter().isPresent() && settings.truncateAfter().get() <= tokens;
    if (!cut) {
      completion
          .closingEvents(countsUsage)
          .forEach(event -> parts.add(new Part(event, timeAfter(tokens))));
    }
    return new SimulatedResponse.Stream(parts, cut);
  }

  private Duration timeAfter(int tokens) {
    return settings.latency().plus(settings.timePerToken().multipliedBy(tokens));
  }

  private SimulatedResponse embeddings(ObjectNode request) {
    int dimensions = dimensions(request.path("dimensions"));
    String format = request.path("encoding_format").stringValue("float");
    if (!format.equals("float") && !format.equals("base64")) {
      throw new InvalidInputException("encoding_format", "must be float or base64");
    }
    List<String> texts = parseTexts(request.path("input"));
    if ((long) texts.size() * dimensions > MAX_EMBEDDING_NUMBERS) {
      throw new InvalidInputException(
          "input",
          "must ask for at most %d numbers: texts times dimensions"
              .formatted(MAX_EMBEDDING_NUMBERS));
    }
    ObjectNode json = NODES.objectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    for (String text : texts) {
      SimulatedEmbedding embedding = SimulatedEmbedding.of(text, dimensions);
      data.addObject()
          .put("object", "embedding")
          .put("index", data.size() - 1)
          .set("embedding", format.equals("base64") ? embedding.toBase64() : embedding.toNumbers());
    }
    int tokens = texts.stream().mapToInt(SimulatedTokenizer::count).sum();
    json.put("model", request.path("model").stringValue(""))
        .putObject("usage")
        .put("prompt_tokens", tokens)
        .put("total_tokens", tokens);
    return jsonResponse(200, json, settings.latency());
  }

  private int dimensions(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return settings.dimensions();
    }
    int dimensions = given.isIntegralNumber() ? given.asInt(0) : 0;
    if (dimensions < 1 || dimensions > SimulationSettings.MAX_DIMENSIONS) {
      throw new InvalidInputException(
          "dimensions", "must be from 1 to " + SimulationSettings.MAX_DIMENSIONS);
    }
    return dimensions;
  }

  /// The texts to embed: one or several, each a string or an array of token ids.
  private static List<String> parseTexts(JsonNode input) {
    boolean isBatch = input.isArray() && !input.isEmpty() && !input.path(0).isNumber();
    List<String> texts =
        (isBatch ? input.valueStream().toList() : List.of(input))
            .stream().map(SimulatedApi::parseText).toList();
    if (texts.contains("")) {
      throw new InvalidInputException(
          "input", "must be a string or an array of strings, none empty");
    }
    return texts;
  }

  private static String parseText(JsonNode input) {
    return input.isArray()
        ? input.valueStream().map(JsonNode::asString).collect(Collectors.joining(" "))
        : input.stringValue("");
  }

  private ObjectNode modelList() {
    ObjectNode json = NODES.objectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    List<String> names = settings.models().isEmpty() ? List.of("simulated") : settings.models();
    for (String name : names) {
      data.addObject()
          .put("id", name)
          .put("object", "model")
          .put("created", 0)
          .put("owned_by", "agent-lab");
    }
    return json;
  }

  private static SimulatedResponse.Complete error(
      int status, String type, String message, Optional<String> member, Duration at) {
    ObjectNode json = NODES.objectNode();
    ObjectNode error = json.putObject("error").put("message", message).put("type", type);
    member.ifPresentOrElse(name -> error.put("param", name), () -> error.putNull("param"));
    error.putNull("code");
    return jsonResponse(status, json, at);
  }

  private static SimulatedResponse.Complete jsonResponse(int status, ObjectNode json, Duration at) {
    return new SimulatedResponse.Complete(
        status, JSON_HEADERS, json.toString().getBytes(StandardCharsets.UTF_8), at);
  }
}
