package dev.agentlab.conformance;

import com.google.genai.Chat;
import com.google.genai.Client;
import com.google.genai.ResponseStream;
import com.google.genai.errors.ApiException;
import com.google.genai.types.Content;
import com.google.genai.types.ContentEmbedding;
import com.google.genai.types.FunctionCall;
import com.google.genai.types.FunctionDeclaration;
import com.google.genai.types.FunctionResponse;
import com.google.genai.types.GenerateContentConfig;
import com.google.genai.types.GenerateContentResponse;
import com.google.genai.types.GenerateContentResponseUsageMetadata;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.HttpRetryOptions;
import com.google.genai.types.ListModelsConfig;
import com.google.genai.types.Part;
import com.google.genai.types.Schema;
import com.google.genai.types.ThinkingConfig;
import com.google.genai.types.Tool;
import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Runs scenarios with Google's client for Java.
final class GoogleJavaProgram {
  private static final int THINKING_TOKENS = 1024;
  private static final Content HELLO =
      Content.builder().role("user").parts(Part.fromText("Hello")).build();

  private final Settings settings;
  private final Client client;

  private GoogleJavaProgram(Settings settings, Client client) {
    this.settings = settings;
    this.client = client;
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    try (Client client = connect(settings, settings.key(), 1)) {
      return Scenarios.run(new GoogleJavaProgram(settings, client).actions(), scenarios);
    }
  }

  private static Client connect(Settings settings, String key, int attempts) {
    return Client.builder()
        .apiKey(key)
        .httpOptions(
            HttpOptions.builder()
                .baseUrl(settings.url().toString())
                // Without jitter, which may repeat a call at once.
                .retryOptions(HttpRetryOptions.builder().attempts(attempts).jitter(0.0).build())
                .build())
        .build();
  }

  private Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = new HashMap<>();
    actions.put("chat", this::answer);
    actions.put("length", this::answer);
    actions.put("stream", this::streamed);
    actions.put("idle", this::streamed);
    actions.put("tools", it -> converse(it, withTools(), this::generate));
    actions.put("parallel", it -> message(generate(it, List.of(HELLO), withTools())));
    actions.put("parallel-stream", it -> message(stream(it, List.of(HELLO), withTools())));
    actions.put("parallel-results", it -> converse(it, withTools(), this::generate));
    actions.put("rounds", it -> converse(it, thinking(withTools()), this::generate));
    actions.put("rounds-stream", it -> converse(it, thinking(withTools()), this::stream));
    actions.put(
        "session",
        it -> {
          Chat chat = chat(it, thinking(withTools()));
          return converseInChat(content -> List.of(chat.sendMessage(content)));
        });
    actions.put(
        "session-stream",
        it -> {
          Chat chat = chat(it, thinking(withTools()));
          return converseInChat(content -> collect(chat.sendMessageStream(content)));
        });
    actions.put(
        "turns",
        it -> {
          Chat chat = chat(it, thinking(config()));
          chat.sendMessage("Hello");
          return message(List.of(chat.sendMessage("Go on.")));
        });
    actions.put(
        "turns-stream",
        it -> {
          Chat chat = chat(it, thinking(config()));
          collect(chat.sendMessageStream("Hello"));
          return message(collect(chat.sendMessageStream("Go on.")));
        });
    actions.put("image", it -> asked(it, Scenario.IMAGE, "image/png"));
    actions.put("document", it -> asked(it, AnthropicScenarios.DOCUMENT, "application/pdf"));
    actions.put(
        "system",
        it ->
            message(
                generate(
                    it,
                    List.of(HELLO),
                    config()
                        .systemInstruction(
                            Content.fromParts(
                                Part.fromText(Scenario.SYSTEM_PROMPT),
                                Part.fromText("Be brief."))))));
    actions.put("structured", it -> parsed(it, config().responseSchema(person())));
    actions.put(
        "structured-json", it -> parsed(it, config().responseJsonSchema(personAsJsonSchema())));
    actions.put("reasoning", it -> message(generate(it, List.of(HELLO), thinking(config()))));
    actions.put("reasoning-stream", it -> message(stream(it, List.of(HELLO), thinking(config()))));
    actions.put("count-tokens", this::countTokens);
    actions.put("embeddings", this::embeddings);
    actions.put("models", _ -> models());
    actions.put(
        "agent",
        _ ->
            message(
                List.of(client.models.generateContent(settings.agent(), HELLO, config().build()))));
    actions.put("unauthenticated", it -> error(scenario -> answerAs("agl_wrong", 1, scenario), it));
    actions.put(
        "forbidden", it -> error(scenario -> answerAs(settings.narrowKey(), 1, scenario), it));
    actions.put(
        "model-not-found",
        it ->
            error(
                _ ->
                    message(
                        List.of(
                            client.models.generateContent(
                                "no-such-model", HELLO, config().build()))),
                it));
    actions.put("error-", it -> error(this::answer, it));
    actions.put("retry-advice", it -> answerAs(settings.key(), 3, it));
    actions.put("abort-response", it -> Scenarios.aborted(settings, this::givenUp, it));
    actions.put("abort-stream", it -> Scenarios.aborted(settings, this::streamGivenUp, it));
    actions.put("abort-streaming", this::abortStreaming);
    actions.put("stream-error", it -> error(this::streamed, it));
    actions.put("cut-", it -> error(this::streamed, it));
    return actions;
  }

  private static GenerateContentConfig.Builder config() {
    return GenerateContentConfig.builder().maxOutputTokens(2048);
  }

  private static GenerateContentConfig.Builder thinking(GenerateContentConfig.Builder config) {
    return config.thinkingConfig(
        ThinkingConfig.builder().includeThoughts(true).thinkingBudget(THINKING_TOKENS).build());
  }

  private static GenerateContentConfig.Builder withTools() {
    FunctionDeclaration weather =
        declaration("get_weather")
            .parameters(
                Schema.builder()
                    .type("OBJECT")
                    .properties(Map.of("city", Schema.builder().type("STRING").build()))
                    .build())
            .build();
    return config()
        .tools(
            Tool.builder()
                .functionDeclarations(List.of(weather, declaration("get_time").build()))
                .build());
  }

  private static FunctionDeclaration.Builder declaration(String name) {
    return FunctionDeclaration.builder().name(name).description("Calls " + name + ".");
  }

  /// A call of a model with a conversation: the response, or the chunks of a stream.
  @FunctionalInterface
  private interface Ask {
    List<GenerateContentResponse> ask(
        String scenario, List<Content> contents, GenerateContentConfig.Builder config);
  }

  private List<GenerateContentResponse> generate(
      String scenario, List<Content> contents, GenerateContentConfig.Builder config) {
    return List.of(
        client.models.generateContent(settings.model(scenario), contents, config.build()));
  }

  private List<GenerateContentResponse> stream(
      String scenario, List<Content> contents, GenerateContentConfig.Builder config) {
    return collect(
        client.models.generateContentStream(settings.model(scenario), contents, config.build()));
  }

  private static List<GenerateContentResponse> collect(
      ResponseStream<GenerateContentResponse> stream) {
    List<GenerateContentResponse> chunks = new ArrayList<>();
    try (stream) {
      stream.forEach(chunks::add);
    }
    return chunks;
  }

  private Map<String, @Nullable Object> answer(String scenario) {
    return message(generate(scenario, List.of(HELLO), config()));
  }

  private Map<String, @Nullable Object> streamed(String scenario) {
    return message(stream(scenario, List.of(HELLO), config()));
  }

  private Map<String, @Nullable Object> answerAs(String key, int attempts, String scenario) {
    try (Client other = connect(settings, key, attempts)) {
      return message(
          List.of(other.models.generateContent(settings.model(scenario), HELLO, config().build())));
    }
  }

  private static Stream<Part> parts(List<GenerateContentResponse> chunks) {
    return chunks.stream()
        .flatMap(chunk -> chunk.candidates().stream().flatMap(List::stream))
        .flatMap(candidate -> candidate.content().stream())
        .flatMap(content -> content.parts().stream().flatMap(List::stream));
  }

  private static boolean isThought(Part part) {
    return part.thought().orElse(false);
  }

  private static Stream<FunctionCall> calls(List<GenerateContentResponse> chunks) {
    return parts(chunks).flatMap(part -> part.functionCall().stream());
  }

  /// What a response, or the chunks of a stream, amount to.
  private static Map<String, @Nullable Object> message(List<GenerateContentResponse> chunks) {
    List<String> texts =
        parts(chunks)
            .filter(part -> !isThought(part))
            .flatMap(part -> part.text().stream())
            .filter(text -> !text.isEmpty())
            .toList();
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("text", String.join("", texts));
    observed.put("deltas", texts.size());
    observed.put(
        "reasoning",
        parts(chunks)
            .filter(GoogleJavaProgram::isThought)
            .flatMap(part -> part.text().stream())
            .collect(Collectors.joining()));
    observed.put(
        "finish",
        chunks.stream()
            .flatMap(chunk -> chunk.candidates().stream().flatMap(List::stream))
            .flatMap(candidate -> candidate.finishReason().stream())
            .map(Object::toString)
            .findFirst()
            .orElse(null));
    observed.put("calls", calls(chunks).map(GoogleJavaProgram::call).toList());
    observed.put(
        "usage", chunks.getLast().usageMetadata().map(GoogleJavaProgram::usage).orElse(null));
    return observed;
  }

  private static Map<String, @Nullable Object> call(FunctionCall call) {
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("id", call.id().orElse(null));
    observed.put("name", call.name().orElse(null));
    observed.put("arguments", call.args().orElse(Map.of()));
    return observed;
  }

  private static Map<String, Integer> usage(GenerateContentResponseUsageMetadata usage) {
    return Map.of(
        "prompt", usage.promptTokenCount().orElse(0),
        "cached", usage.cachedContentTokenCount().orElse(0),
        "candidates", usage.candidatesTokenCount().orElse(0),
        "thoughts", usage.thoughtsTokenCount().orElse(0),
        "total", usage.totalTokenCount().orElse(0));
  }

  /// Calls a model until it calls no more functions.
  private static Map<String, @Nullable Object> converse(
      String scenario, GenerateContentConfig.Builder config, Ask ask) {
    List<Content> contents = new ArrayList<>(List.of(HELLO));
    List<Map<String, @Nullable Object>> calls = new ArrayList<>();
    boolean withIds = !scenario.equals("parallel-results");
    List<GenerateContentResponse> chunks = ask.ask(scenario, contents, config);
    while (calls(chunks).findAny().isPresent()) {
      calls(chunks).map(GoogleJavaProgram::call).forEach(calls::add);
      contents.add(Content.builder().role("model").parts(parts(chunks).toList()).build());
      contents.add(results(chunks, withIds));
      chunks = ask.ask(scenario, contents, config);
    }
    Map<String, @Nullable Object> observed = message(chunks);
    observed.put("calls", calls);
    return observed;
  }

  /// Calls functions in a chat, which keeps the history.
  private static Map<String, @Nullable Object> converseInChat(
      Function<Content, List<GenerateContentResponse>> send) {
    List<Map<String, @Nullable Object>> calls = new ArrayList<>();
    List<GenerateContentResponse> chunks = send.apply(HELLO);
    while (calls(chunks).findAny().isPresent()) {
      calls(chunks).map(GoogleJavaProgram::call).forEach(calls::add);
      chunks = send.apply(results(chunks, true));
    }
    Map<String, @Nullable Object> observed = message(chunks);
    observed.put("calls", calls);
    return observed;
  }

  private Chat chat(String scenario, GenerateContentConfig.Builder config) {
    return client.chats.create(settings.model(scenario), config.build());
  }

  private static Content results(List<GenerateContentResponse> chunks, boolean withIds) {
    return Content.builder()
        .role("user")
        .parts(calls(chunks).map(call -> result(call, withIds)).toList())
        .build();
  }

  /// The result of a call; that of the second function without ids is an error.
  private static Part result(FunctionCall call, boolean withIds) {
    String name = call.name().orElse("");
    FunctionResponse.Builder result = FunctionResponse.builder().name(name);
    call.id().filter(_ -> withIds).ifPresent(result::id);
    return Part.builder()
        .functionResponse(
            result
                .response(
                    name.equals("get_time") && !withIds
                        ? Map.of("error", "out of time")
                        : Map.of("result", Scenarios.TOOL_RESULT))
                .build())
        .build();
  }

  private Map<String, @Nullable Object> asked(String scenario, String base64, String type) {
    Content question =
        Content.builder()
            .role("user")
            .parts(
                Part.fromText("What is it?"),
                Part.fromBytes(Base64.getDecoder().decode(base64), type))
            .build();
    return message(generate(scenario, List.of(question), config()));
  }

  private static Schema person() {
    return Schema.builder()
        .type("OBJECT")
        .properties(
            Map.of(
                "name", Schema.builder().type("STRING").build(),
                "born", Schema.builder().type("INTEGER").build()))
        .required("name", "born")
        .build();
  }

  private static Map<String, Object> personAsJsonSchema() {
    return Map.of(
        "type",
        "object",
        "properties",
        Map.of("name", Map.of("type", "string"), "born", Map.of("type", "integer")),
        "required",
        List.of("name", "born"),
        "additionalProperties",
        false);
  }

  private Map<String, @Nullable Object> parsed(
      String scenario, GenerateContentConfig.Builder config) {
    String text =
        String.valueOf(
            generate(scenario, List.of(HELLO), config.responseMimeType("application/json"))
                .getFirst()
                .text());
    return Map.of("parsed", Json.MAPPER.readTree(text));
  }

  private Map<String, @Nullable Object> countTokens(String scenario) {
    return Map.of(
        "count",
        client
            .models
            .countTokens(
                settings.model(scenario), "The quick brown fox jumps over the lazy dog.", null)
            .totalTokens()
            .orElse(0));
  }

  private Map<String, @Nullable Object> embeddings(String scenario) {
    return Map.of(
        "vectors",
        client
            .models
            .embedContent(settings.model(scenario), List.of("one", "two"), null)
            .embeddings()
            .orElse(List.of())
            .stream()
            .map(ContentEmbedding::values)
            .map(Optional::orElseThrow)
            .toList());
  }

  private Map<String, @Nullable Object> models() {
    List<String> listed = new ArrayList<>();
    client
        .models
        .list(ListModelsConfig.builder().pageSize(2).build())
        .forEach(model -> model.name().ifPresent(listed::add));
    return Map.of(
        "listed",
        listed,
        "retrieved",
        client.models.get(settings.listedModel(), null).name().orElse(""));
  }

  private static Map<String, @Nullable Object> error(Scenarios.Action action, String scenario) {
    return Scenarios.error(
        action,
        scenario,
        e -> {
          Map<String, @Nullable Object> observed = new HashMap<>();
          observed.put("raised", e.getClass().getSimpleName());
          observed.put("message", String.valueOf(e.getMessage()));
          if (e instanceof ApiException failure) {
            observed.put("status", failure.code());
            observed.put("code", failure.status());
          }
          return observed;
        });
  }

  private static GenerateContentConfig.Builder givingUp() {
    return config()
        .httpOptions(
            HttpOptions.builder().timeout((int) Scenarios.ABORT_TIMEOUT.toMillis()).build());
  }

  private Map<String, @Nullable Object> givenUp(String scenario) {
    return message(generate(scenario, List.of(HELLO), givingUp()));
  }

  private Map<String, @Nullable Object> streamGivenUp(String scenario) {
    return message(stream(scenario, List.of(HELLO), givingUp()));
  }

  private Map<String, @Nullable Object> abortStreaming(String scenario) throws Exception {
    String text;
    try (ResponseStream<GenerateContentResponse> stream =
        client.models.generateContentStream(settings.model(scenario), HELLO, config().build())) {
      Iterator<GenerateContentResponse> chunks = stream.iterator();
      text = String.valueOf(chunks.next().text());
    }
    return Map.of("text", text, "closed", Scenarios.control(settings, "closed", scenario));
  }
}
