package dev.agentlab.conformance;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.completions.CompletionUsage;
import com.openai.models.embeddings.Embedding;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import dev.agentlab.conformance.ConformanceServer.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Runs scenarios of chat completions with openai-java.
final class OpenAiJavaProgram {
  private final Settings settings;
  private final OpenAIClient client;

  /// The schema of the structured output. The client sets the fields.
  static final class Person {
    public String name = "";
    public int born;
  }

  private OpenAiJavaProgram(Settings settings, OpenAIClient client) {
    this.settings = settings;
    this.client = client;
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    OpenAIClient client = connect(settings, settings.key(), 0);
    try {
      return Scenarios.run(new OpenAiJavaProgram(settings, client).actions(), scenarios);
    } finally {
      client.close();
    }
  }

  static OpenAIClient connect(Settings settings, String key, int maxRetries) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(settings.url().toString())
        .apiKey(key)
        .maxRetries(maxRetries)
        .build();
  }

  private Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = new HashMap<>();
    actions.put("chat", it -> completion(create(hello(it))));
    actions.put("length", it -> completion(create(hello(it))));
    actions.put("stream", it -> read(hello(it)));
    actions.put("stream-usage", it -> read(withUsage(hello(it))));
    actions.put("tools", this::tools);
    actions.put("parallel", it -> completion(create(withTools(hello(it)))));
    actions.put("parallel-stream", it -> read(withTools(hello(it))));
    actions.put("structured", this::structured);
    actions.put("image", this::image);
    actions.put("reasoning", it -> completion(create(hello(it))));
    actions.put("reasoning-stream", it -> read(withUsage(hello(it))));
    actions.put("embeddings", it -> embeddings(it, EmbeddingCreateParams.builder()));
    actions.put(
        "embeddings-float",
        it ->
            embeddings(
                it,
                EmbeddingCreateParams.builder()
                    .encodingFormat(EmbeddingCreateParams.EncodingFormat.FLOAT)));
    actions.put("models", _ -> models(client, settings));
    actions.put("agent", it -> completion(create(hello(it).model(settings.agent()))));
    actions.put("unknown-members", this::unknownMembers);
    actions.put("unknown-members-stream", this::unknownMembersInStream);
    actions.put(
        "unauthenticated", it -> error(scenario -> createAs("agl_wrong", 0, hello(scenario)), it));
    actions.put(
        "forbidden",
        it -> error(scenario -> createAs(settings.narrowKey(), 0, hello(scenario)), it));
    actions.put(
        "model-not-found",
        it -> error(scenario -> completion(create(hello(scenario).model("no-such-model"))), it));
    actions.put("error-", it -> error(scenario -> completion(create(hello(scenario))), it));
    actions.put("retry-advice", it -> createAs(settings.key(), 2, hello(it)));
    actions.put(
        "no-retry", it -> error(scenario -> createAs(settings.key(), 2, hello(scenario)), it));
    actions.put("abort-response", it -> Scenarios.aborted(settings, this::givenUp, it));
    actions.put("abort-stream", it -> Scenarios.aborted(settings, this::streamGivenUp, it));
    actions.put("abort-streaming", this::abortStreaming);
    actions.put("stream-error", it -> error(scenario -> read(hello(scenario)), it));
    actions.put("cut-", it -> error(scenario -> read(hello(scenario)), it));
    return actions;
  }

  private ChatCompletionCreateParams.Builder hello(String scenario) {
    return ChatCompletionCreateParams.builder()
        .model(settings.model(scenario))
        .addUserMessage("Hello");
  }

  private static ChatCompletionCreateParams.Builder withUsage(
      ChatCompletionCreateParams.Builder request) {
    return request.streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build());
  }

  private static ChatCompletionCreateParams.Builder withTools(
      ChatCompletionCreateParams.Builder request) {
    return request
        .addFunctionTool(function("get_weather", Map.of("city", Map.of("type", "string"))))
        .addFunctionTool(function("get_time", Map.of()));
  }

  private static FunctionDefinition function(String name, Map<String, ?> properties) {
    return FunctionDefinition.builder()
        .name(name)
        .description("Calls " + name + ".")
        .parameters(
            FunctionParameters.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty("properties", JsonValue.from(properties))
                .build())
        .build();
  }

  private ChatCompletion create(ChatCompletionCreateParams.Builder request) {
    return client.chat().completions().create(request.build());
  }

  private Map<String, @Nullable Object> createAs(
      String key, int maxRetries, ChatCompletionCreateParams.Builder request) {
    OpenAIClient other = connect(settings, key, maxRetries);
    try {
      return completion(other.chat().completions().create(request.build()));
    } finally {
      other.close();
    }
  }

  private static Map<String, @Nullable Object> completion(ChatCompletion completion) {
    ChatCompletion.Choice choice = completion.choices().getFirst();
    ChatCompletionMessage message = choice.message();
    Map<String, @Nullable Object> observed = new LinkedHashMap<>();
    observed.put("text", message.content().orElse(null));
    observed.put("reasoning", text(message._allProperties(), "reasoning_content"));
    observed.put("finish", choice.finishReason().asString());
    observed.put("calls", calls(message));
    observed.put("usage", completion.usage().map(OpenAiJavaProgram::usage).orElse(null));
    return observed;
  }

  private static @Nullable String text(Map<String, JsonValue> members, String name) {
    JsonValue value = members.get(name);
    return value == null ? null : value.convert(String.class);
  }

  private static List<Map<String, String>> calls(ChatCompletionMessage message) {
    return message.toolCalls().orElse(List.of()).stream()
        .map(ChatCompletionMessageToolCall::asFunction)
        .map(it ->
            Map.of(
                "id", it.id(),
                "name", it.function().name(),
                "arguments", it.function().arguments()))
        .toList();
  }

  private static Map<String, @Nullable Object> usage(CompletionUsage usage) {
    Map<String, @Nullable Object> counts = new HashMap<>();
    counts.put("prompt", usage.promptTokens());
    counts.put("completion", usage.completionTokens());
    counts.put("total", usage.totalTokens());
    counts.put(
        "cached",
        usage
            .promptTokensDetails()
            .flatMap(CompletionUsage.PromptTokensDetails::cachedTokens)
            .orElse(null));
    counts.put(
        "reasoning",
        usage
            .completionTokensDetails()
            .flatMap(CompletionUsage.CompletionTokensDetails::reasoningTokens)
            .orElse(null));
    return counts;
  }

  /// What the events of a stream amount to.
  private Map<String, @Nullable Object> read(ChatCompletionCreateParams.Builder request) {
    List<String> texts = new ArrayList<>();
    StringBuilder reasoning = new StringBuilder();
    Map<Long, Map<String, String>> calls = new LinkedHashMap<>();
    Map<String, @Nullable Object> observed = new HashMap<>();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(request.build())) {
      stream.stream()
          .forEach(chunk -> {
            chunk.usage().ifPresent(it -> observed.put("usage", usage(it)));
            for (ChatCompletionChunk.Choice choice : chunk.choices()) {
              choice.finishReason().ifPresent(it -> observed.put("finish", it.asString()));
              choice.delta().content().filter(it -> !it.isEmpty()).ifPresent(texts::add);
              Optional.ofNullable(text(choice.delta()._allProperties(), "reasoning_content"))
                  .ifPresent(reasoning::append);
              choice.delta().toolCalls().orElse(List.of()).forEach(it -> add(it, calls));
            }
          });
    }
    observed.put("text", String.join("", texts));
    observed.put("deltas", texts.size());
    observed.put("reasoning", reasoning.toString());
    observed.put("calls", calls.values());
    observed.put("indexes", calls.keySet());
    return observed;
  }

  private static void add(
      ChatCompletionChunk.Choice.Delta.ToolCall delta, Map<Long, Map<String, String>> calls) {
    Map<String, String> call = calls.computeIfAbsent(delta.index(), _ -> new HashMap<>());
    delta.id().ifPresent(it -> call.put("id", it));
    delta
        .function()
        .ifPresent(function -> {
          function.name().ifPresent(it -> call.put("name", it));
          call.merge("arguments", function.arguments().orElse(""), String::concat);
        });
  }

  private Map<String, @Nullable Object> tools(String scenario) {
    ChatCompletionMessage first = create(withTools(hello(scenario))).choices().getFirst().message();
    String id = first.toolCalls().orElseThrow().getFirst().asFunction().id();
    ChatCompletion second =
        create(
            withTools(hello(scenario))
                .addMessage(first)
                .addMessage(
                    ChatCompletionToolMessageParam.builder()
                        .toolCallId(id)
                        .content(Scenarios.TOOL_RESULT)
                        .build()));
    Map<String, @Nullable Object> observed = completion(second);
    observed.put("calls", calls(first));
    return observed;
  }

  private Map<String, @Nullable Object> structured(String scenario) {
    Person person =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model(settings.model(scenario))
                    .addUserMessage("Hello")
                    .responseFormat(Person.class)
                    .build())
            .choices()
            .getFirst()
            .message()
            .content()
            .orElseThrow();
    return Map.of("parsed", Map.of("name", person.name, "born", person.born));
  }

  private Map<String, @Nullable Object> image(String scenario) {
    ChatCompletionContentPartText text =
        ChatCompletionContentPartText.builder().text("What is it?").build();
    ChatCompletionContentPartImage image =
        ChatCompletionContentPartImage.builder()
            .imageUrl(
                ChatCompletionContentPartImage.ImageUrl.builder()
                    .url("data:image/png;base64," + Scenario.IMAGE)
                    .build())
            .build();
    return completion(
        create(
            ChatCompletionCreateParams.builder()
                .model(settings.model(scenario))
                .addUserMessageOfArrayOfContentParts(
                    List.of(
                        ChatCompletionContentPart.ofText(text),
                        ChatCompletionContentPart.ofImageUrl(image)))));
  }

  private Map<String, @Nullable Object> embeddings(
      String scenario, EmbeddingCreateParams.Builder request) {
    return Map.of(
        "vectors",
        client
            .embeddings()
            .create(
                request
                    .model(settings.model(scenario))
                    .inputOfArrayOfStrings(List.of("one", "two"))
                    .build())
            .data()
            .stream()
            .map(Embedding::embedding)
            .toList());
  }

  static Map<String, @Nullable Object> models(OpenAIClient client, Settings settings) {
    return Map.of(
        "listed",
        client.models().list().autoPager().stream().map(Model::id).toList(),
        "retrieved",
        client.models().retrieve(settings.listedModel()).id());
  }

  private Map<String, @Nullable Object> unknownMembers(String scenario) {
    ChatCompletion completion =
        create(
            hello(scenario)
                .putAdditionalBodyProperty("x_serial", JsonValue.from(9_007_199_254_740_993L))
                .putAdditionalBodyProperty("x_note", JsonValue.from(List.of("kept"))));
    ChatCompletionMessage message = completion.choices().getFirst().message();
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("serial", serial(completion._allProperties()));
    observed.put("note", text(message._allProperties(), "x_note"));
    JsonValue nested = completion._allProperties().get("x_nested");
    observed.put("nested", nested == null ? null : nested.convert(Map.class));
    return observed;
  }

  private Map<String, @Nullable Object> unknownMembersInStream(String scenario) {
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(hello(scenario).build())) {
      ChatCompletionChunk first = stream.stream().findFirst().orElseThrow();
      Map<String, @Nullable Object> observed = new HashMap<>();
      observed.put("serial", serial(first._allProperties()));
      return observed;
    }
  }

  static @Nullable Long serial(Map<String, JsonValue> members) {
    JsonValue value = members.get("x_serial");
    return value == null ? null : value.convert(Long.class);
  }

  static Map<String, @Nullable Object> error(Scenarios.Action action, String scenario) {
    return Scenarios.error(
        action,
        scenario,
        e -> {
          Map<String, @Nullable Object> observed = new HashMap<>();
          observed.put("raised", e.getClass().getSimpleName());
          observed.put("message", String.valueOf(e.getMessage()));
          if (e instanceof OpenAIServiceException service) {
            observed.put("status", service.statusCode());
            observed.put("code", service.code().orElse(null));
            observed.put(
                "requestId",
                service.headers().values("x-request-id").stream().findFirst().orElse(null));
          }
          return observed;
        });
  }

  private Map<String, @Nullable Object> givenUp(String scenario) {
    return completion(client.chat().completions().create(hello(scenario).build(), givingUp()));
  }

  private Map<String, @Nullable Object> streamGivenUp(String scenario) {
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(hello(scenario).build(), givingUp())) {
      return Map.of("events", stream.stream().count());
    }
  }

  static RequestOptions givingUp() {
    return RequestOptions.builder().timeout(Scenarios.ABORT_TIMEOUT).build();
  }

  private Map<String, @Nullable Object> abortStreaming(String scenario) throws Exception {
    String text = "";
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(hello(scenario).build())) {
      Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
      while (text.isEmpty()) {
        text = chunks.next().choices().getFirst().delta().content().orElse("");
      }
    }
    return Map.of("text", text, "closed", Scenarios.control(settings, "closed", scenario));
  }
}
