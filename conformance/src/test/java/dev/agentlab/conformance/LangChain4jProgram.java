package dev.agentlab.conformance;

import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.agentlab.json.Json;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Runs scenarios with LangChain4j.
final class LangChain4jProgram {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final UserMessage HELLO = UserMessage.from("Hello");
  private static final List<ToolSpecification> TOOLS =
      List.of(
          tool("get_weather", JsonObjectSchema.builder().addStringProperty("city").build()),
          tool("get_time", JsonObjectSchema.builder().build()));

  private final Settings settings;

  private LangChain4jProgram(Settings settings) {
    this.settings = settings;
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    return Scenarios.run(new LangChain4jProgram(settings).actions(), scenarios);
  }

  private static ToolSpecification tool(String name, JsonObjectSchema parameters) {
    return ToolSpecification.builder()
        .name(name)
        .description("Calls " + name + ".")
        .parameters(parameters)
        .build();
  }

  private Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = new HashMap<>();
    actions.put("chat", it -> response(chat(it, HELLO)));
    actions.put("length", it -> response(chat(it, HELLO)));
    actions.put("stream-usage", it -> stream(it, List.of()));
    actions.put("tools", this::tools);
    actions.put("parallel", it -> response(model(it).build().chat(withTools(HELLO))));
    actions.put("parallel-stream", it -> stream(it, TOOLS));
    actions.put("structured", this::structured);
    actions.put("image", this::image);
    actions.put("reasoning", it -> response(chat(it, HELLO)));
    actions.put("reasoning-stream", it -> stream(it, List.of()));
    actions.put("embeddings-float", this::embeddings);
    actions.put("models", _ -> models());
    actions.put("agent", it -> response(model(it).modelName(settings.agent()).build().chat(HELLO)));
    actions.put(
        "unauthenticated",
        it ->
            error(
                scenario -> response(model(scenario).apiKey("agl_wrong").build().chat(HELLO)), it));
    actions.put(
        "forbidden",
        it ->
            error(
                scenario ->
                    response(model(scenario).apiKey(settings.narrowKey()).build().chat(HELLO)),
                it));
    actions.put(
        "model-not-found",
        it ->
            error(
                scenario ->
                    response(model(scenario).modelName("no-such-model").build().chat(HELLO)),
                it));
    actions.put("error-", it -> error(scenario -> response(chat(scenario, HELLO)), it));
    actions.put("abort-response", it -> Scenarios.aborted(settings, this::givenUp, it));
    actions.put("abort-stream", it -> Scenarios.aborted(settings, this::streamGivenUp, it));
    actions.put("abort-streaming", this::abortStreaming);
    actions.put("stream-error", it -> error(scenario -> stream(scenario, List.of()), it));
    actions.put("cut-", it -> error(scenario -> stream(scenario, List.of()), it));
    return actions;
  }

  private OpenAiChatModel.OpenAiChatModelBuilder model(String scenario) {
    return OpenAiChatModel.builder()
        .baseUrl(settings.url().toString())
        .apiKey(settings.key())
        .modelName(settings.model(scenario))
        .returnThinking(true)
        .maxRetries(0)
        .timeout(TIMEOUT);
  }

  private ChatResponse chat(String scenario, ChatMessage... messages) {
    return model(scenario).build().chat(messages);
  }

  private static ChatRequest withTools(ChatMessage... messages) {
    return ChatRequest.builder().messages(messages).toolSpecifications(TOOLS).build();
  }

  private static Map<String, @Nullable Object> response(ChatResponse response) {
    AiMessage message = response.aiMessage();
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("text", message.text());
    observed.put("reasoning", message.thinking());
    observed.put("finish", finish(response.finishReason()));
    observed.put("calls", message.toolExecutionRequests().stream().map(it -> call(it)).toList());
    observed.put("usage", usage(response.tokenUsage()));
    return observed;
  }

  /// @param reason null if the response has none
  private static @Nullable String finish(@Nullable FinishReason reason) {
    if (reason == null) {
      return null;
    }
    return reason == FinishReason.TOOL_EXECUTION
        ? "tool_calls"
        : reason.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> call(ToolExecutionRequest call) {
    return Map.of("id", call.id(), "name", call.name(), "arguments", call.arguments());
  }

  private static @Nullable Map<String, @Nullable Object> usage(@Nullable TokenUsage usage) {
    if (usage == null) {
      return null;
    }
    Map<String, @Nullable Object> counts = new HashMap<>();
    counts.put("prompt", usage.inputTokenCount());
    counts.put("completion", usage.outputTokenCount());
    counts.put("total", usage.totalTokenCount());
    if (usage instanceof OpenAiTokenUsage details) {
      OpenAiTokenUsage.InputTokensDetails input = details.inputTokensDetails();
      OpenAiTokenUsage.OutputTokensDetails output = details.outputTokensDetails();
      counts.put("cached", input == null ? null : input.cachedTokens());
      counts.put("reasoning", output == null ? null : output.reasoningTokens());
    }
    return counts;
  }

  /// Collects the events of a stream.
  private static final class Collector implements StreamingChatResponseHandler {
    private final List<String> texts = new ArrayList<>();
    private final Set<Integer> indexes = new LinkedHashSet<>();
    private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String text) {
      texts.add(text);
    }

    @Override
    public void onPartialToolCall(PartialToolCall call) {
      indexes.add(call.index());
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      end.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      end.completeExceptionally(error);
    }
  }

  private OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder streamingModel(String scenario) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(settings.url().toString())
        .apiKey(settings.key())
        .modelName(settings.model(scenario))
        .returnThinking(true)
        .timeout(TIMEOUT);
  }

  private Map<String, @Nullable Object> stream(String scenario, List<ToolSpecification> tools)
      throws Exception {
    Collector collector = new Collector();
    streamingModel(scenario)
        .build()
        .chat(ChatRequest.builder().messages(HELLO).toolSpecifications(tools).build(), collector);
    Map<String, @Nullable Object> observed =
        response(collector.end.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
    observed.put("text", String.join("", collector.texts));
    observed.put("deltas", collector.texts.size());
    observed.put("indexes", collector.indexes);
    return observed;
  }

  private Map<String, @Nullable Object> tools(String scenario) {
    OpenAiChatModel model = model(scenario).build();
    AiMessage first = model.chat(withTools(HELLO)).aiMessage();
    ToolExecutionRequest call = first.toolExecutionRequests().getFirst();
    ChatResponse second =
        model.chat(
            withTools(HELLO, first, ToolExecutionResultMessage.from(call, Scenarios.TOOL_RESULT)));
    Map<String, @Nullable Object> observed = response(second);
    observed.put("calls", List.of(call(call)));
    return observed;
  }

  private Map<String, @Nullable Object> structured(String scenario) {
    JsonSchema schema =
        JsonSchema.builder()
            .name("person")
            .rootElement(
                JsonObjectSchema.builder()
                    .addStringProperty("name")
                    .addIntegerProperty("born")
                    .required("name", "born")
                    .build())
            .build();
    ResponseFormat format =
        ResponseFormat.builder().type(ResponseFormatType.JSON).jsonSchema(schema).build();
    ChatResponse response =
        model(scenario)
            .strictJsonSchema(true)
            .build()
            .chat(ChatRequest.builder().messages(HELLO).responseFormat(format).build());
    return Map.of("parsed", Json.MAPPER.readTree(response.aiMessage().text()));
  }

  private Map<String, @Nullable Object> image(String scenario) {
    return response(
        chat(
            scenario,
            UserMessage.from(
                TextContent.from("What is it?"), ImageContent.from(Scenario.IMAGE, "image/png"))));
  }

  private Map<String, @Nullable Object> embeddings(String scenario) {
    List<Embedding> embeddings =
        OpenAiEmbeddingModel.builder()
            .baseUrl(settings.url().toString())
            .apiKey(settings.key())
            .modelName(settings.model(scenario))
            .maxRetries(0)
            .build()
            .embedAll(List.of(TextSegment.from("one"), TextSegment.from("two")))
            .content();
    return Map.of("vectors", embeddings.stream().map(Embedding::vectorAsList).toList());
  }

  private Map<String, @Nullable Object> models() {
    return Map.of(
        "listed",
        OpenAiModelCatalog.builder()
            .baseUrl(settings.url().toString())
            .apiKey(settings.key())
            .build()
            .listModels()
            .stream()
            .map(ModelDescription::name)
            .toList());
  }

  /// The cause has the status and the body of the response.
  private static Map<String, @Nullable Object> error(Scenarios.Action action, String scenario) {
    return Scenarios.error(
        action,
        scenario,
        thrown -> {
          // A stream fails in another thread.
          Throwable e = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
          Map<String, @Nullable Object> observed = new HashMap<>();
          if (e == null) {
            return observed;
          }
          observed.put("raised", e.getClass().getSimpleName());
          observed.put("message", String.valueOf(e.getMessage()));
          if (e.getCause() instanceof HttpException http) {
            observed.put("status", http.statusCode());
            observed.put("code", code(String.valueOf(http.getMessage())));
          }
          return observed;
        });
  }

  private static @Nullable String code(String body) {
    try {
      return Json.MAPPER.readTree(body).at("/error/code").asString(null);
    } catch (JacksonException e) {
      return null;
    }
  }

  private Map<String, @Nullable Object> givenUp(String scenario) {
    return response(model(scenario).timeout(Scenarios.ABORT_TIMEOUT).build().chat(HELLO));
  }

  private Map<String, @Nullable Object> streamGivenUp(String scenario) throws Exception {
    Collector collector = new Collector();
    streamingModel(scenario)
        .timeout(Scenarios.ABORT_TIMEOUT)
        .build()
        .chat(ChatRequest.builder().messages(HELLO).build(), collector);
    return response(collector.end.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
  }

  private Map<String, @Nullable Object> abortStreaming(String scenario) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    streamingModel(scenario)
        .build()
        .chat(
            ChatRequest.builder().messages(HELLO).build(),
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
                context.streamingHandle().cancel();
                text.complete(part.text());
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                text.completeExceptionally(new IllegalStateException("not cancelled"));
              }

              @Override
              public void onError(Throwable error) {
                text.completeExceptionally(error);
              }
            });
    return Map.of(
        "text",
        text.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS),
        "closed",
        Scenarios.control(settings, "closed", scenario));
  }
}
