package dev.agentlab.conformance;

import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.agentlab.json.Json;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
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
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Runs scenarios with LangChain4j, whose models of all vendors have the same interface.
abstract class LangChain4jProgram {
  static final UserMessage HELLO = UserMessage.from("Hello");

  /// Two tools.
  static final List<ToolSpecification> TOOLS =
      List.of(
          tool("get_weather", JsonObjectSchema.builder().addStringProperty("city").build()),
          tool("get_time", JsonObjectSchema.builder().build()));

  static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final Settings settings;

  LangChain4jProgram(Settings settings) {
    this.settings = settings;
  }

  private static ToolSpecification tool(String name, JsonObjectSchema parameters) {
    return ToolSpecification.builder()
        .name(name)
        .description("Calls " + name + ".")
        .parameters(parameters)
        .build();
  }

  /// A model that does not retry.
  abstract ChatModel model(String name, String key, Duration timeout);

  abstract StreamingChatModel streamingModel(String name, Duration timeout);

  /// The name of a reason in the API of the vendor.
  abstract String finish(FinishReason reason);

  abstract Map<String, @Nullable Object> usage(TokenUsage usage);

  /// Adds what the body of an error says.
  abstract void observeError(JsonNode body, Map<String, @Nullable Object> observed);

  final Settings settings() {
    return settings;
  }

  /// The scenarios of all vendors.
  Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = new HashMap<>();
    actions.put("chat", it -> response(chat(it, HELLO)));
    actions.put("length", it -> response(chat(it, HELLO)));
    actions.put("parallel", it -> response(model(it).chat(withTools(List.of(HELLO)))));
    actions.put("parallel-stream", it -> stream(it, withTools(List.of(HELLO))));
    actions.put("structured", this::structured);
    actions.put("image", it -> ask(it, ImageContent.from(Scenario.IMAGE, "image/png")));
    actions.put("reasoning", it -> response(chat(it, HELLO)));
    actions.put("reasoning-stream", it -> stream(it, hello()));
    actions.put("agent", _ -> response(model(settings.agent(), settings.key()).chat(HELLO)));
    actions.put("unauthenticated", it -> chatAs(settings.model(it), "agl_wrong"));
    actions.put("forbidden", it -> chatAs(settings.model(it), settings.narrowKey()));
    actions.put("model-not-found", _ -> chatAs("no-such-model", settings.key()));
    actions.put("error-", it -> error(scenario -> response(chat(scenario, HELLO)), it));
    actions.put("abort-response", it -> Scenarios.aborted(settings, this::givenUp, it));
    actions.put("abort-stream", it -> Scenarios.aborted(settings, this::streamGivenUp, it));
    actions.put("abort-streaming", this::abortStreaming);
    actions.put("stream-error", it -> error(scenario -> stream(scenario, hello()), it));
    actions.put("cut-", it -> error(scenario -> stream(scenario, hello()), it));
    return actions;
  }

  final ChatModel model(String scenario) {
    return model(settings.model(scenario), settings.key());
  }

  private ChatModel model(String name, String key) {
    return model(name, key, TIMEOUT);
  }

  private Map<String, @Nullable Object> chatAs(String name, String key) {
    return error(_ -> response(model(name, key).chat(HELLO)), name);
  }

  final ChatResponse chat(String scenario, ChatMessage... messages) {
    return model(scenario).chat(messages);
  }

  static ChatRequest hello() {
    return ChatRequest.builder().messages(HELLO).build();
  }

  static ChatRequest withTools(List<ChatMessage> messages) {
    return ChatRequest.builder().messages(messages).toolSpecifications(TOOLS).build();
  }

  final Map<String, @Nullable Object> response(ChatResponse response) {
    AiMessage message = response.aiMessage();
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("text", message.text());
    observed.put("reasoning", message.thinking() == null ? "" : message.thinking());
    // The response of an incomplete stream has none.
    observed.put(
        "finish", response.finishReason() == null ? null : finish(response.finishReason()));
    observed.put("calls", message.toolExecutionRequests().stream().map(it -> call(it)).toList());
    observed.put("usage", response.tokenUsage() == null ? null : usage(response.tokenUsage()));
    return observed;
  }

  static Map<String, String> call(ToolExecutionRequest call) {
    return Map.of("id", call.id(), "name", call.name(), "arguments", call.arguments());
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

    ChatResponse response() throws Exception {
      return end.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /// The response that the client makes of a stream.
  final ChatResponse streamed(String scenario, ChatRequest request) throws Exception {
    Collector collector = new Collector();
    streamingModel(settings.model(scenario), TIMEOUT).chat(request, collector);
    return collector.response();
  }

  final Map<String, @Nullable Object> stream(String scenario, ChatRequest request)
      throws Exception {
    Collector collector = new Collector();
    streamingModel(settings.model(scenario), TIMEOUT).chat(request, collector);
    Map<String, @Nullable Object> observed = response(collector.response());
    observed.put("text", String.join("", collector.texts));
    observed.put("deltas", collector.texts.size());
    observed.put("indexes", collector.indexes);
    return observed;
  }

  /// Asks about a content.
  final Map<String, @Nullable Object> ask(String scenario, Content content) {
    return response(chat(scenario, UserMessage.from(TextContent.from("What is it?"), content)));
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
        model(scenario).chat(ChatRequest.builder().messages(HELLO).responseFormat(format).build());
    return Map.of("parsed", Json.MAPPER.readTree(response.aiMessage().text()));
  }

  private Map<String, @Nullable Object> error(Scenarios.Action action, String scenario) {
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
          observe(e, observed);
          return observed;
        });
  }

  /// Adds what an exception says beside its message. The cause has the status and the body of the
  /// response.
  void observe(Throwable e, Map<String, @Nullable Object> observed) {
    if (e.getCause() instanceof HttpException http) {
      observed.put("status", http.statusCode());
      observeError(json(String.valueOf(http.getMessage())), observed);
    }
  }

  private static JsonNode json(String body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JacksonException e) {
      return Json.MAPPER.missingNode();
    }
  }

  private Map<String, @Nullable Object> givenUp(String scenario) {
    return response(
        model(settings.model(scenario), settings.key(), Scenarios.ABORT_TIMEOUT).chat(HELLO));
  }

  private Map<String, @Nullable Object> streamGivenUp(String scenario) throws Exception {
    Collector collector = new Collector();
    streamingModel(settings.model(scenario), Scenarios.ABORT_TIMEOUT).chat(hello(), collector);
    return response(collector.response());
  }

  private Map<String, @Nullable Object> abortStreaming(String scenario) throws Exception {
    CompletableFuture<String> text = new CompletableFuture<>();
    streamingModel(settings.model(scenario), TIMEOUT)
        .chat(
            hello(),
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
