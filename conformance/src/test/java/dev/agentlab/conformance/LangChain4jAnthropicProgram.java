package dev.agentlab.conformance;

import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.PdfFileContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.anthropic.AnthropicTokenCountEstimator;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.anthropic.internal.api.AnthropicStreamingException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Runs scenarios with LangChain4j's models of Anthropic.
final class LangChain4jAnthropicProgram extends LangChain4jProgram {
  private static final int THINKING_TOKENS = 1024;

  /// The base URL, which the client wants with the version.
  private final String url;

  /// How a model answers.
  @FunctionalInterface
  private interface Ask {
    ChatResponse ask(ChatRequest request) throws Exception;
  }

  private LangChain4jAnthropicProgram(Settings settings) {
    super(settings);
    url = settings.url() + "/v1";
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    return Scenarios.run(new LangChain4jAnthropicProgram(settings).actions(), scenarios);
  }

  @Override
  Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = super.actions();
    actions.put("stream-events", it -> stream(it, hello()));
    actions.put("tools", it -> converse(model(it)::chat));
    actions.put("parallel-results", it -> converse(model(it)::chat));
    actions.put("rounds", it -> converse(model(it)::chat));
    actions.put("rounds-stream", it -> converse(request -> streamed(it, request)));
    actions.put("turns", it -> continued(model(it)::chat));
    actions.put("turns-stream", it -> continued(request -> streamed(it, request)));
    actions.put("beta", this::beta);
    actions.put(
        "document",
        it -> ask(it, PdfFileContent.from(AnthropicScenarios.DOCUMENT, "application/pdf")));
    actions.put("system", this::system);
    actions.put("count-tokens", this::countTokens);
    return actions;
  }

  private AnthropicChatModel.AnthropicChatModelBuilder builder(
      String name, String key, Duration timeout) {
    return AnthropicChatModel.builder()
        .baseUrl(url)
        .apiKey(key)
        .modelName(name)
        .maxTokens(2048)
        .thinkingType("enabled")
        .thinkingBudgetTokens(THINKING_TOKENS)
        .returnThinking(true)
        .maxRetries(0)
        .timeout(timeout);
  }

  private AnthropicChatModel.AnthropicChatModelBuilder builder(String scenario) {
    return builder(settings().model(scenario), settings().key(), TIMEOUT);
  }

  @Override
  ChatModel model(String name, String key, Duration timeout) {
    return builder(name, key, timeout).build();
  }

  @Override
  StreamingChatModel streamingModel(String name, Duration timeout) {
    return AnthropicStreamingChatModel.builder()
        .baseUrl(url)
        .apiKey(settings().key())
        .modelName(name)
        .maxTokens(2048)
        .thinkingType("enabled")
        .thinkingBudgetTokens(THINKING_TOKENS)
        .returnThinking(true)
        .timeout(timeout)
        .build();
  }

  @Override
  String finish(FinishReason reason) {
    return switch (reason) {
      case STOP -> "end_turn";
      case LENGTH -> "max_tokens";
      case TOOL_EXECUTION -> "tool_use";
      default -> reason.name().toLowerCase(Locale.ROOT);
    };
  }

  @Override
  Map<String, @Nullable Object> usage(TokenUsage usage) {
    Map<String, @Nullable Object> counts = new HashMap<>();
    counts.put("input", usage.inputTokenCount());
    counts.put("output", usage.outputTokenCount());
    // The client does not read it.
    counts.put("thinking", 0);
    if (usage instanceof AnthropicTokenUsage details) {
      counts.put("cacheRead", details.cacheReadInputTokens());
      counts.put("cacheWrite", details.cacheCreationInputTokens());
    }
    return counts;
  }

  @Override
  void observeError(JsonNode body, Map<String, @Nullable Object> observed) {
    observed.put("type", body.at("/error/type").asString(null));
    observed.put("requestId", body.path("request_id").asString(null));
  }

  @Override
  void observe(Throwable e, Map<String, @Nullable Object> observed) {
    super.observe(e, observed);
    if (e instanceof AnthropicStreamingException failure) {
      observed.put("type", failure.type());
    }
  }

  /// Calls a model until it calls no more tools.
  private Map<String, @Nullable Object> converse(Ask model) throws Exception {
    List<ChatMessage> messages = new ArrayList<>(List.of(HELLO));
    List<ToolExecutionRequest> calls = new ArrayList<>();
    ChatResponse response = model.ask(withTools(messages));
    while (response.aiMessage().hasToolExecutionRequests()) {
      AiMessage message = response.aiMessage();
      messages.add(message);
      for (ToolExecutionRequest call : message.toolExecutionRequests()) {
        calls.add(call);
        messages.add(result(call));
      }
      response = model.ask(withTools(messages));
    }
    Map<String, @Nullable Object> observed = response(response);
    observed.put("calls", calls.stream().map(LangChain4jProgram::call).toList());
    return observed;
  }

  /// The result of a call; that of the second tool is an error.
  private static ToolExecutionResultMessage result(ToolExecutionRequest call) {
    boolean isError = call.name().equals("get_time");
    return ToolExecutionResultMessage.builder()
        .id(call.id())
        .toolName(call.name())
        .text(isError ? "out of time" : Scenarios.TOOL_RESULT)
        .isError(isError)
        .build();
  }

  /// Asks twice in one conversation.
  private Map<String, @Nullable Object> continued(Ask model) throws Exception {
    AiMessage first = model.ask(hello()).aiMessage();
    return response(
        model.ask(
            ChatRequest.builder().messages(HELLO, first, UserMessage.from("Go on.")).build()));
  }

  private Map<String, @Nullable Object> beta(String scenario) {
    return response(builder(scenario).beta(AnthropicScenarios.BETA).build().chat(HELLO));
  }

  private Map<String, @Nullable Object> system(String scenario) {
    return response(
        builder(scenario)
            .cacheSystemMessages(true)
            .build()
            .chat(
                SystemMessage.from(Scenario.SYSTEM_PROMPT),
                SystemMessage.from("Be brief."),
                HELLO));
  }

  private Map<String, @Nullable Object> countTokens(String scenario) {
    return Map.of(
        "count",
        AnthropicTokenCountEstimator.builder()
            .baseUrl(url)
            .apiKey(settings().key())
            .modelName(settings().model(scenario))
            .build()
            .estimateTokenCountInMessages(
                List.of(
                    SystemMessage.from(Scenario.SYSTEM_PROMPT),
                    UserMessage.from("Hello. ".repeat(20)))));
  }
}
