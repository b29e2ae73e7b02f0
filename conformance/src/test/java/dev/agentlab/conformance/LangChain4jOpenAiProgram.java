package dev.agentlab.conformance;

import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Runs scenarios with LangChain4j's models of OpenAI.
final class LangChain4jOpenAiProgram extends LangChain4jProgram {
  private LangChain4jOpenAiProgram(Settings settings) {
    super(settings);
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    return Scenarios.run(new LangChain4jOpenAiProgram(settings).actions(), scenarios);
  }

  @Override
  Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = super.actions();
    actions.put("stream-usage", it -> stream(it, hello()));
    actions.put("tools", this::tools);
    actions.put("embeddings-float", this::embeddings);
    actions.put("models", _ -> models());
    return actions;
  }

  @Override
  ChatModel model(String name, String key, Duration timeout) {
    return OpenAiChatModel.builder()
        .baseUrl(settings().url().toString())
        .apiKey(key)
        .modelName(name)
        .returnThinking(true)
        .strictJsonSchema(true)
        .maxRetries(0)
        .timeout(timeout)
        .build();
  }

  @Override
  StreamingChatModel streamingModel(String name, Duration timeout) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(settings().url().toString())
        .apiKey(settings().key())
        .modelName(name)
        .returnThinking(true)
        .timeout(timeout)
        .build();
  }

  @Override
  String finish(FinishReason reason) {
    return reason == FinishReason.TOOL_EXECUTION
        ? "tool_calls"
        : reason.name().toLowerCase(Locale.ROOT);
  }

  @Override
  Map<String, @Nullable Object> usage(TokenUsage usage) {
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

  @Override
  void observeError(JsonNode body, Map<String, @Nullable Object> observed) {
    observed.put("code", body.at("/error/code").asString(null));
  }

  private Map<String, @Nullable Object> tools(String scenario) {
    ChatModel model = model(scenario);
    AiMessage first = model.chat(withTools(List.of(HELLO))).aiMessage();
    ToolExecutionRequest call = first.toolExecutionRequests().getFirst();
    ChatResponse second =
        model.chat(
            withTools(
                List.of(
                    HELLO, first, ToolExecutionResultMessage.from(call, Scenarios.TOOL_RESULT))));
    Map<String, @Nullable Object> observed = response(second);
    observed.put("calls", List.of(call(call)));
    return observed;
  }

  private Map<String, @Nullable Object> embeddings(String scenario) {
    List<Embedding> embeddings =
        OpenAiEmbeddingModel.builder()
            .baseUrl(settings().url().toString())
            .apiKey(settings().key())
            .modelName(settings().model(scenario))
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
            .baseUrl(settings().url().toString())
            .apiKey(settings().key())
            .build()
            .listModels()
            .stream()
            .map(ModelDescription::name)
            .toList());
  }
}
