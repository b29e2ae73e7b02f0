package dev.agentlab.conformance;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Base64ImageSource;
import com.anthropic.models.messages.CacheControlEphemeral;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.DocumentBlockParam;
import com.anthropic.models.messages.ImageBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.OutputTokensDetails;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.TextBlockParam;
import com.anthropic.models.messages.TextDelta;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import com.anthropic.models.messages.Usage;
import com.anthropic.models.models.ModelInfo;
import com.anthropic.models.models.ModelListParams;
import dev.agentlab.conformance.ConformanceServer.Settings;
import java.util.ArrayList;
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

/// Runs scenarios with anthropic-java.
final class AnthropicJavaProgram {
  private static final int THINKING_TOKENS = 1024;

  private final Settings settings;
  private final AnthropicClient client;

  /// The schema of the structured output. The client sets the fields.
  static final class Person {
    public String name = "";
    public int born;
  }

  private AnthropicJavaProgram(Settings settings, AnthropicClient client) {
    this.settings = settings;
    this.client = client;
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    AnthropicClient client = connect(settings, settings.key(), 0);
    try {
      return Scenarios.run(new AnthropicJavaProgram(settings, client).actions(), scenarios);
    } finally {
      client.close();
    }
  }

  private static AnthropicClient connect(Settings settings, String key, int maxRetries) {
    return AnthropicOkHttpClient.builder()
        .baseUrl(settings.url().toString())
        .apiKey(key)
        .maxRetries(maxRetries)
        .build();
  }

  private Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = new HashMap<>();
    actions.put("chat", it -> message(create(hello(it))));
    actions.put("length", it -> message(create(hello(it))));
    actions.put("stream", it -> read(hello(it)));
    actions.put("stream-events", it -> accumulate(hello(it)));
    actions.put("tools", it -> converse(withTools(hello(it)), this::create));
    actions.put("parallel", it -> message(create(withTools(hello(it)))));
    actions.put("parallel-stream", it -> accumulate(withTools(hello(it))));
    actions.put("parallel-results", it -> converse(withTools(hello(it)), this::create));
    actions.put("rounds", it -> converse(thinking(withTools(hello(it))), this::create));
    actions.put("rounds-stream", it -> converse(thinking(withTools(hello(it))), this::stream));
    actions.put("turns", it -> continued(thinking(hello(it)), this::create));
    actions.put("turns-stream", it -> continued(thinking(hello(it)), this::stream));
    actions.put("image", this::image);
    actions.put("document", this::document);
    actions.put("system", it -> message(create(hello(it).systemOfTextBlockParams(systemPrompt()))));
    actions.put("structured", this::structured);
    actions.put("reasoning", it -> message(create(thinking(hello(it)))));
    actions.put("reasoning-stream", it -> accumulate(thinking(hello(it))));
    actions.put("count-tokens", this::countTokens);
    actions.put("models", _ -> models());
    actions.put("agent", it -> message(create(hello(it).model(settings.agent()))));
    actions.put(
        "unauthenticated", it -> error(scenario -> createAs("agl_wrong", 0, hello(scenario)), it));
    actions.put(
        "forbidden",
        it -> error(scenario -> createAs(settings.narrowKey(), 0, hello(scenario)), it));
    actions.put(
        "model-not-found",
        it -> error(scenario -> message(create(hello(scenario).model("no-such-model"))), it));
    actions.put("error-", it -> error(scenario -> message(create(hello(scenario))), it));
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

  private MessageCreateParams.Builder request(String scenario) {
    return MessageCreateParams.builder().model(settings.model(scenario)).maxTokens(2048);
  }

  private MessageCreateParams.Builder hello(String scenario) {
    return request(scenario).addUserMessage("Hello");
  }

  private static MessageCreateParams.Builder thinking(MessageCreateParams.Builder request) {
    return request.enabledThinking(THINKING_TOKENS);
  }

  private static MessageCreateParams.Builder withTools(MessageCreateParams.Builder request) {
    tools().forEach(request::addTool);
    return request;
  }

  private static List<Tool> tools() {
    return List.of(
        tool("get_weather", Map.of("city", Map.of("type", "string"))), tool("get_time", Map.of()));
  }

  private static Tool tool(String name, Map<String, ?> parameters) {
    Tool.InputSchema.Properties.Builder properties = Tool.InputSchema.Properties.builder();
    parameters.forEach(
        (parameter, schema) -> properties.putAdditionalProperty(parameter, JsonValue.from(schema)));
    return Tool.builder()
        .name(name)
        .description("Calls " + name + ".")
        .inputSchema(Tool.InputSchema.builder().properties(properties.build()).build())
        .build();
  }

  private static List<TextBlockParam> systemPrompt() {
    return List.of(
        TextBlockParam.builder()
            .text(Scenario.SYSTEM_PROMPT)
            .cacheControl(CacheControlEphemeral.builder().build())
            .build(),
        TextBlockParam.builder().text("Be brief.").build());
  }

  private Message create(MessageCreateParams.Builder request) {
    return client.messages().create(request.build());
  }

  /// The message that the client makes of a stream.
  private Message stream(MessageCreateParams.Builder request) {
    MessageAccumulator message = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> events =
        client.messages().createStreaming(request.build())) {
      events.stream().forEach(message::accumulate);
    }
    return message.message();
  }

  private Map<String, @Nullable Object> createAs(
      String key, int maxRetries, MessageCreateParams.Builder request) {
    AnthropicClient other = connect(settings, key, maxRetries);
    try {
      return message(other.messages().create(request.build()));
    } finally {
      other.close();
    }
  }

  private static Map<String, @Nullable Object> message(Message message) {
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("text", join(message, block -> block.text().map(it -> it.text())));
    observed.put("reasoning", join(message, block -> block.thinking().map(it -> it.thinking())));
    observed.put("finish", message.stopReason().map(it -> it.asString()).orElse(null));
    observed.put("calls", calls(message).map(AnthropicJavaProgram::call).toList());
    observed.put("usage", usage(message.usage()));
    return observed;
  }

  private static String join(Message message, Function<ContentBlock, Optional<String>> text) {
    return message.content().stream()
        .flatMap(block -> text.apply(block).stream())
        .collect(Collectors.joining());
  }

  private static Stream<ToolUseBlock> calls(Message message) {
    return message.content().stream().flatMap(block -> block.toolUse().stream());
  }

  private static Map<String, @Nullable Object> call(ToolUseBlock block) {
    Map<String, @Nullable Object> call = new HashMap<>();
    call.put("id", block.id());
    call.put("name", block.name());
    call.put("arguments", block._input().convert(Map.class));
    return call;
  }

  private static Map<String, Long> usage(Usage usage) {
    return Map.of(
        "input", usage.inputTokens(),
        "cacheRead", usage.cacheReadInputTokens().orElse(0L),
        "cacheWrite", usage.cacheCreationInputTokens().orElse(0L),
        "output", usage.outputTokens(),
        "thinking",
            usage.outputTokensDetails().map(OutputTokensDetails::thinkingTokens).orElse(0L));
  }

  /// What the events of a stream amount to.
  private Map<String, @Nullable Object> read(MessageCreateParams.Builder request) {
    List<String> texts = new ArrayList<>();
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("ended", false);
    try (StreamResponse<RawMessageStreamEvent> events =
        client.messages().createStreaming(request.build())) {
      events.stream()
          .forEach(event -> {
            text(event).ifPresent(texts::add);
            event
                .messageDelta()
                .flatMap(it -> it.delta().stopReason())
                .ifPresent(it -> observed.put("finish", it.asString()));
            event.messageStop().ifPresent(_ -> observed.put("ended", true));
          });
    }
    observed.put("text", String.join("", texts));
    observed.put("deltas", texts.size());
    return observed;
  }

  private static Optional<String> text(RawMessageStreamEvent event) {
    return event.contentBlockDelta().flatMap(it -> it.delta().text()).map(TextDelta::text);
  }

  private Map<String, @Nullable Object> accumulate(MessageCreateParams.Builder request) {
    MessageAccumulator message = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> events =
        client.messages().createStreaming(request.build())) {
      long deltas = events.stream().filter(it -> text(message.accumulate(it)).isPresent()).count();
      Map<String, @Nullable Object> observed = message(message.message());
      observed.put("deltas", deltas);
      return observed;
    }
  }

  /// Asks twice in one conversation.
  private static Map<String, @Nullable Object> continued(
      MessageCreateParams.Builder request, Function<MessageCreateParams.Builder, Message> ask) {
    request.addMessage(ask.apply(request)).addUserMessage("Go on.");
    return message(ask.apply(request));
  }

  /// Calls a model until it calls no more tools.
  private static Map<String, @Nullable Object> converse(
      MessageCreateParams.Builder request, Function<MessageCreateParams.Builder, Message> ask) {
    List<Map<String, @Nullable Object>> calls = new ArrayList<>();
    Message message = ask.apply(request);
    while (calls(message).findAny().isPresent()) {
      calls(message).map(AnthropicJavaProgram::call).forEach(calls::add);
      request
          .addMessage(message)
          .addUserMessageOfContentBlockParams(
              calls(message).map(AnthropicJavaProgram::result).toList());
      message = ask.apply(request);
    }
    Map<String, @Nullable Object> observed = message(message);
    observed.put("calls", calls);
    return observed;
  }

  /// The result of a call; that of the second tool is an error.
  private static ContentBlockParam result(ToolUseBlock call) {
    ToolResultBlockParam.Builder result = ToolResultBlockParam.builder().toolUseId(call.id());
    return ContentBlockParam.ofToolResult(
        call.name().equals("get_time")
            ? result.content("out of time").isError(true).build()
            : result.content(Scenarios.TOOL_RESULT).build());
  }

  private Map<String, @Nullable Object> image(String scenario) {
    Base64ImageSource source =
        Base64ImageSource.builder()
            .mediaType(Base64ImageSource.MediaType.IMAGE_PNG)
            .data(Scenario.IMAGE)
            .build();
    return ask(
        scenario, ContentBlockParam.ofImage(ImageBlockParam.builder().source(source).build()));
  }

  private Map<String, @Nullable Object> document(String scenario) {
    return ask(
        scenario,
        ContentBlockParam.ofDocument(
            DocumentBlockParam.builder().base64Source(AnthropicScenarios.DOCUMENT).build()));
  }

  /// Asks about a block.
  private Map<String, @Nullable Object> ask(String scenario, ContentBlockParam block) {
    TextBlockParam question = TextBlockParam.builder().text("What is it?").build();
    return message(
        create(
            request(scenario)
                .addUserMessageOfContentBlockParams(
                    List.of(ContentBlockParam.ofText(question), block))));
  }

  private Map<String, @Nullable Object> structured(String scenario) {
    Person person =
        client
            .messages()
            .create(hello(scenario).outputConfig(Person.class).build())
            .content()
            .getFirst()
            .asText()
            .text();
    return Map.of("parsed", Map.of("name", person.name, "born", person.born));
  }

  private Map<String, @Nullable Object> countTokens(String scenario) {
    MessageCountTokensParams.Builder request =
        MessageCountTokensParams.builder()
            .model(settings.model(scenario))
            .systemOfTextBlockParams(systemPrompt())
            .addUserMessage("Hello");
    tools().forEach(request::addTool);
    return Map.of("count", client.messages().countTokens(request.build()).inputTokens());
  }

  private Map<String, @Nullable Object> models() {
    return Map.of(
        "listed",
        client.models().list(ModelListParams.builder().limit(2L).build()).autoPager().stream()
            .map(ModelInfo::id)
            .toList(),
        "retrieved",
        client.models().retrieve(settings.listedModel()).id());
  }

  private static Map<String, @Nullable Object> error(Scenarios.Action action, String scenario) {
    return Scenarios.error(
        action,
        scenario,
        e -> {
          Map<String, @Nullable Object> observed = new HashMap<>();
          observed.put("raised", e.getClass().getSimpleName());
          observed.put("message", String.valueOf(e.getMessage()));
          if (e instanceof AnthropicServiceException service) {
            observed.put("status", service.statusCode());
            observed.put("type", service.type().map(it -> it.asString()).orElse(null));
            observed.put("requestId", service.requestId().orElse(null));
          }
          return observed;
        });
  }

  private Map<String, @Nullable Object> givenUp(String scenario) {
    return message(client.messages().create(hello(scenario).build(), givingUp()));
  }

  private Map<String, @Nullable Object> streamGivenUp(String scenario) {
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(hello(scenario).build(), givingUp())) {
      return Map.of("events", stream.stream().count());
    }
  }

  private static RequestOptions givingUp() {
    return RequestOptions.builder().timeout(Scenarios.ABORT_TIMEOUT).build();
  }

  private Map<String, @Nullable Object> abortStreaming(String scenario) throws Exception {
    Optional<String> text = Optional.empty();
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(hello(scenario).build())) {
      Iterator<RawMessageStreamEvent> events = stream.stream().iterator();
      while (text.isEmpty()) {
        text = text(events.next());
      }
    }
    return Map.of("text", text.get(), "closed", Scenarios.control(settings, "closed", scenario));
  }
}
