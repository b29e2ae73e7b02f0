package dev.agentlab.conformance;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.Reasoning;
import com.openai.models.ReasoningEffort;
import com.openai.models.responses.CustomTool;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCompactParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseCustomToolCall;
import com.openai.models.responses.ResponseCustomToolCallOutput;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseIncludable;
import com.openai.models.responses.ResponseInputContent;
import com.openai.models.responses.ResponseInputFile;
import com.openai.models.responses.ResponseInputImage;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseInputText;
import com.openai.models.responses.ResponseOutputItem;
import com.openai.models.responses.ResponseOutputMessage;
import com.openai.models.responses.ResponseOutputRefusal;
import com.openai.models.responses.ResponseOutputText;
import com.openai.models.responses.ResponseReasoningItem;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ResponseUsage;
import com.openai.models.responses.inputtokens.InputTokenCountParams;
import dev.agentlab.conformance.ConformanceServer.Settings;
import dev.agentlab.conformance.OpenAiJavaProgram.Person;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Runs scenarios of the Responses API with openai-java.
final class ResponsesJavaProgram {
  private static final Map<String, String> TOOL_RESULTS =
      Map.of("get_weather", Scenarios.TOOL_RESULT, "get_time", "out of time");

  private final Settings settings;
  private final OpenAIClient client;
  private final OpenAIClient narrow;

  /// The end of a response that the client reports as an event, and not as an error.
  private static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }
  }

  private ResponsesJavaProgram(Settings settings, OpenAIClient client, OpenAIClient narrow) {
    this.settings = settings;
    this.client = client;
    this.narrow = narrow;
  }

  static List<JsonNode> run(Settings settings, List<String> scenarios) {
    OpenAIClient client = OpenAiJavaProgram.connect(settings, settings.key(), 0);
    OpenAIClient narrow = OpenAiJavaProgram.connect(settings, settings.narrowKey(), 0);
    try {
      return Scenarios.run(new ResponsesJavaProgram(settings, client, narrow).actions(), scenarios);
    } finally {
      narrow.close();
      client.close();
    }
  }

  private Map<String, Scenarios.Action> actions() {
    Map<String, Scenarios.Action> actions = new HashMap<>();
    for (String scenario : List.of("chat", "length", "filtered", "refusal")) {
      actions.put(scenario, it -> response(create(hello(it))));
    }
    actions.put("refusal-stream", it -> response(collect(hello(it))));
    actions.put("stream", it -> read(hello(it)));
    actions.put("stream-helper", this::readAndCollect);
    actions.put("idle", it -> read(hello(it)));
    actions.put(
        "instructions", it -> response(create(hello(it).instructions(Scenario.SYSTEM_PROMPT))));
    actions.put("image", this::image);
    actions.put("document", this::document);
    actions.put("structured", this::structured);
    actions.put("tools", it -> converse(it, this::create, request -> request));
    actions.put("tools-stored", it -> converseStored(it, this::create));
    actions.put("custom", it -> customTool(it, this::create));
    actions.put("custom-stream", it -> customTool(it, this::collect));
    actions.put("parallel", it -> response(create(withTools(hello(it)))));
    actions.put("parallel-stream", it -> read(withTools(hello(it))));
    actions.put("parallel-results", it -> converse(it, this::create, request -> request));
    actions.put("reasoning", it -> response(create(withReasoning(hello(it)))));
    actions.put("reasoning-stream", it -> read(withReasoning(hello(it))));
    actions.put("rounds", it -> converse(it, this::create, ResponsesJavaProgram::stateless));
    actions.put(
        "rounds-stream", it -> converse(it, this::collect, ResponsesJavaProgram::stateless));
    actions.put("rounds-stored", it -> converseStored(it, this::create));
    actions.put("rounds-stored-stream", it -> converseStored(it, this::collect));
    actions.put("conversation", it -> turns(it, this::create));
    actions.put("conversation-stream", it -> turns(it, this::collect));
    actions.put("stored", this::stored);
    actions.put("foreign", this::foreign);
    actions.put("cancel", this::cancel);
    actions.put("not-cancellable", this::cancelCompleted);
    actions.put(
        "background",
        it -> error(scenario -> response(create(hello(scenario).background(true))), it));
    actions.put("compact", this::compact);
    actions.put("count-tokens", this::countTokens);
    actions.put("models", _ -> OpenAiJavaProgram.models(client, settings));
    actions.put("agent", it -> response(create(hello(it).model(settings.agent()))));
    actions.put("unknown-members", this::unknownMembers);
    actions.put("unknown-members-stream", this::unknownEvents);
    actions.put("unauthenticated", it -> error(scenario -> createAs("agl_wrong", 0, scenario), it));
    actions.put(
        "forbidden", it -> error(scenario -> createAs(settings.narrowKey(), 0, scenario), it));
    actions.put(
        "model-not-found",
        it -> error(scenario -> response(create(hello(scenario).model("no-such-model"))), it));
    actions.put("error-", it -> error(scenario -> response(create(hello(scenario))), it));
    actions.put("retry-advice", it -> createAs(settings.key(), 2, it));
    actions.put("no-retry", it -> error(scenario -> createAs(settings.key(), 2, scenario), it));
    actions.put("abort-response", it -> Scenarios.aborted(settings, this::givenUp, it));
    actions.put("abort-stream", it -> Scenarios.aborted(settings, this::streamGivenUp, it));
    actions.put("abort-streaming", this::abortStreaming);
    for (String scenario : List.of("stream-error", "stream-failed", "cut-")) {
      actions.put(scenario, it -> error(name -> read(hello(name)), it));
    }
    return actions;
  }

  private static Map<String, @Nullable Object> error(Scenarios.Action action, String scenario) {
    return OpenAiJavaProgram.error(action, scenario);
  }

  private ResponseCreateParams.Builder hello(String scenario) {
    return ResponseCreateParams.builder().model(settings.model(scenario)).input("Hello");
  }

  private static ResponseCreateParams.Builder withTools(ResponseCreateParams.Builder request) {
    return request
        .addTool(function("get_weather", Map.of("city", Map.of("type", "string"))))
        .addTool(function("get_time", Map.of()));
  }

  private static FunctionTool function(String name, Map<String, ?> properties) {
    return FunctionTool.builder()
        .name(name)
        .description("Calls " + name + ".")
        .strict(false)
        .parameters(
            FunctionTool.Parameters.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty("properties", JsonValue.from(properties))
                .build())
        .build();
  }

  private static ResponseCreateParams.Builder withReasoning(ResponseCreateParams.Builder request) {
    return request.reasoning(
        Reasoning.builder().effort(ReasoningEffort.LOW).summary(Reasoning.Summary.AUTO).build());
  }

  /// What a client sends that keeps the conversation itself.
  private static ResponseCreateParams.Builder stateless(ResponseCreateParams.Builder request) {
    return request.store(false).addInclude(ResponseIncludable.REASONING_ENCRYPTED_CONTENT);
  }

  private Response create(ResponseCreateParams.Builder request) {
    return client.responses().create(request.build());
  }

  private Map<String, @Nullable Object> createAs(String key, int maxRetries, String scenario) {
    OpenAIClient other = OpenAiJavaProgram.connect(settings, key, maxRetries);
    try {
      return response(other.responses().create(hello(scenario).build()));
    } finally {
      other.close();
    }
  }

  /// The response that the client collects from a stream.
  private Response collect(ResponseCreateParams.Builder request) {
    ResponseAccumulator accumulator = ResponseAccumulator.create();
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(request.build())) {
      stream.stream().forEach(it -> accumulator.accumulate(it));
    }
    return accumulator.response();
  }

  private static Map<String, @Nullable Object> response(Response response) {
    Map<String, @Nullable Object> observed = new LinkedHashMap<>();
    observed.put("id", response.id());
    observed.put("text", joined(parts(response), ResponsesJavaProgram::text));
    observed.put("refusal", joined(parts(response), ResponsesJavaProgram::refusal));
    observed.put(
        "reasoning",
        joined(
            response.output().stream()
                .flatMap(it -> it.reasoning().stream())
                .flatMap(it -> it.summary().stream()),
            ResponseReasoningItem.Summary::text));
    observed.put(
        "finish",
        response
            .incompleteDetails()
            .flatMap(Response.IncompleteDetails::reason)
            .map(Response.IncompleteDetails.Reason::asString)
            .orElseGet(() -> response.status().orElseThrow().asString()));
    observed.put("calls", calls(response).map(ResponsesJavaProgram::call).toList());
    observed.put("usage", response.usage().map(ResponsesJavaProgram::usage).orElse(null));
    return observed;
  }

  private static <T> String joined(Stream<T> parts, Function<T, String> text) {
    return parts.map(text).collect(Collectors.joining());
  }

  private static Stream<ResponseOutputMessage.Content> parts(Response response) {
    return response.output().stream()
        .flatMap(it -> it.message().stream())
        .flatMap(it -> it.content().stream());
  }

  private static String text(ResponseOutputMessage.Content part) {
    return part.outputText().map(ResponseOutputText::text).orElse("");
  }

  private static String refusal(ResponseOutputMessage.Content part) {
    return part.refusal().map(ResponseOutputRefusal::refusal).orElse("");
  }

  private static Stream<ResponseFunctionToolCall> calls(Response response) {
    return response.output().stream().flatMap(it -> it.functionCall().stream());
  }

  private static Map<String, String> call(ResponseFunctionToolCall call) {
    return Map.of("id", call.callId(), "name", call.name(), "arguments", call.arguments());
  }

  private static Map<String, Long> usage(ResponseUsage usage) {
    return Map.of(
        "prompt", usage.inputTokens(),
        "completion", usage.outputTokens(),
        "total", usage.totalTokens(),
        "cached", usage.inputTokensDetails().cachedTokens(),
        "reasoning", usage.outputTokensDetails().reasoningTokens());
  }

  /// What the events of a stream amount to.
  private Map<String, @Nullable Object> read(ResponseCreateParams.Builder request) {
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(request.build())) {
      return read(stream.stream());
    }
  }

  private Map<String, @Nullable Object> readAndCollect(String scenario) {
    ResponseAccumulator accumulator = ResponseAccumulator.create();
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(hello(scenario).build())) {
      Map<String, @Nullable Object> observed = read(stream.stream().map(accumulator::accumulate));
      observed.putAll(response(accumulator.response()));
      return observed;
    }
  }

  private static Map<String, @Nullable Object> read(Stream<ResponseStreamEvent> events) {
    List<@Nullable Object> types = new ArrayList<>();
    List<@Nullable Object> numbers = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    StringBuilder reasoning = new StringBuilder();
    Map<Long, Map<String, String>> calls = new LinkedHashMap<>();
    Map<String, @Nullable Object> observed = new HashMap<>();
    events.forEach(event -> {
      types.add(member(event._json(), "type"));
      numbers.add(member(event._json(), "sequence_number"));
      event.outputTextDelta().ifPresent(it -> texts.add(it.delta()));
      event.reasoningSummaryTextDelta().ifPresent(it -> reasoning.append(it.delta()));
      event
          .outputItemAdded()
          .ifPresent(it ->
              it.item()
                  .functionCall()
                  .ifPresent(call -> calls.put(it.outputIndex(), new HashMap<>(call(call)))));
      event
          .functionCallArgumentsDelta()
          .ifPresent(it ->
              calls
                  .computeIfAbsent(it.outputIndex(), _ -> new HashMap<>())
                  .merge("arguments", it.delta(), String::concat));
      event.completed().ifPresent(it -> observed.putAll(response(it.response())));
      event.incomplete().ifPresent(it -> observed.putAll(response(it.response())));
      event
          .failed()
          .ifPresent(it -> {
            throw new FailedException(it.response().error().orElseThrow().message());
          });
      event
          .error()
          .ifPresent(it -> {
            throw new FailedException(it.message());
          });
    });
    observed.put(
        "streamed",
        Map.of(
            "text", String.join("", texts),
            "reasoning", reasoning.toString(),
            "calls", calls.values()));
    observed.put("deltas", texts.size());
    observed.put("events", types);
    observed.put("ordered", numbers.equals(IntStream.range(0, numbers.size()).boxed().toList()));
    return observed;
  }

  /// A member of a union, which shows only those that all its types have.
  private static @Nullable Object member(Optional<JsonValue> json, String name) {
    Map<?, ?> members = json.map(it -> it.convert(Map.class)).orElse(Map.of());
    return members.get(name);
  }

  /// Runs tools until the model calls none, with the whole conversation in each request.
  ///
  /// @param create returns the response to a request
  /// @param edit adds to each request
  private Map<String, @Nullable Object> converse(
      String scenario,
      Function<ResponseCreateParams.Builder, Response> create,
      Function<ResponseCreateParams.Builder, ResponseCreateParams.Builder> edit) {
    List<ResponseInputItem> history = new ArrayList<>(List.of(user("Hello")));
    List<Object> calls = new ArrayList<>();
    while (true) {
      Response response =
          create.apply(edit.apply(withTools(hello(scenario).inputOfResponse(history))));
      if (calls(response).findAny().isEmpty()) {
        return withCalls(response, calls);
      }
      calls(response).map(ResponsesJavaProgram::call).forEach(calls::add);
      response.output().stream().map(ResponsesJavaProgram::input).forEach(history::add);
      history.addAll(results(response));
    }
  }

  /// Runs tools until the model calls none, with only the results in each later request.
  private Map<String, @Nullable Object> converseStored(
      String scenario, Function<ResponseCreateParams.Builder, Response> create) {
    List<Object> calls = new ArrayList<>();
    Response response = create.apply(withTools(hello(scenario)));
    while (calls(response).findAny().isPresent()) {
      calls(response).map(ResponsesJavaProgram::call).forEach(calls::add);
      response =
          create.apply(
              withTools(hello(scenario))
                  .inputOfResponse(results(response))
                  .previousResponseId(response.id()));
    }
    return withCalls(response, calls);
  }

  /// Runs a tool whose input is a text.
  private Map<String, @Nullable Object> customTool(
      String scenario, Function<ResponseCreateParams.Builder, Response> create) {
    CustomTool tool =
        CustomTool.builder().name("apply_patch").description("Applies a patch.").build();
    Response first = create.apply(hello(scenario).addTool(tool));
    ResponseCustomToolCall call = first.output().getLast().asCustomToolCall();
    ResponseCustomToolCallOutput result =
        ResponseCustomToolCallOutput.builder()
            .callId(call.callId())
            .output("The patch does not apply.")
            .build();
    List<ResponseInputItem> history = new ArrayList<>(List.of(user("Hello")));
    first.output().stream().map(ResponsesJavaProgram::input).forEach(history::add);
    history.add(ResponseInputItem.ofCustomToolCallOutput(result));
    Response second = create.apply(hello(scenario).addTool(tool).inputOfResponse(history));
    Map<String, @Nullable Object> observed = response(second);
    observed.put("name", call.name());
    observed.put("input", call.input());
    return observed;
  }

  private static Map<String, @Nullable Object> withCalls(Response response, List<Object> calls) {
    Map<String, @Nullable Object> observed = response(response);
    observed.put("calls", calls);
    return observed;
  }

  private static ResponseInputItem input(ResponseOutputItem item) {
    if (item.isMessage()) {
      return ResponseInputItem.ofResponseOutputMessage(item.asMessage());
    }
    if (item.isReasoning()) {
      return ResponseInputItem.ofReasoning(item.asReasoning());
    }
    return item.isCustomToolCall()
        ? ResponseInputItem.ofCustomToolCall(item.asCustomToolCall())
        : ResponseInputItem.ofFunctionCall(item.asFunctionCall());
  }

  private static List<ResponseInputItem> results(Response response) {
    return calls(response)
        .map(call ->
            ResponseInputItem.ofFunctionCallOutput(
                ResponseInputItem.FunctionCallOutput.builder()
                    .callId(call.callId())
                    .output(TOOL_RESULTS.getOrDefault(call.name(), "no such tool"))
                    .build()))
        .toList();
  }

  private Map<String, @Nullable Object> turns(
      String scenario, Function<ResponseCreateParams.Builder, Response> create) {
    Response first = create.apply(hello(scenario));
    Response second =
        create.apply(hello(scenario).input("And then?").previousResponseId(first.id()));
    Response third = create.apply(hello(scenario).input("Why?").previousResponseId(second.id()));
    Map<String, @Nullable Object> observed = response(third);
    observed.put("previous", second.id());
    return observed;
  }

  private static ResponseInputItem user(String text) {
    return ResponseInputItem.ofEasyInputMessage(
        EasyInputMessage.builder().role(EasyInputMessage.Role.USER).content(text).build());
  }

  private Map<String, @Nullable Object> image(String scenario) {
    return ask(
        scenario,
        ResponseInputContent.ofInputImage(
            ResponseInputImage.builder()
                .detail(ResponseInputImage.Detail.AUTO)
                .imageUrl("data:image/png;base64," + Scenario.IMAGE)
                .build()));
  }

  private Map<String, @Nullable Object> document(String scenario) {
    return ask(
        scenario,
        ResponseInputContent.ofInputFile(
            ResponseInputFile.builder()
                .filename("note.pdf")
                .fileData("data:application/pdf;base64," + AnthropicScenarios.DOCUMENT)
                .build()));
  }

  private Map<String, @Nullable Object> ask(String scenario, ResponseInputContent part) {
    ResponseInputContent text =
        ResponseInputContent.ofInputText(ResponseInputText.builder().text("What is it?").build());
    EasyInputMessage message =
        EasyInputMessage.builder()
            .role(EasyInputMessage.Role.USER)
            .contentOfResponseInputMessageContentList(List.of(text, part))
            .build();
    return response(
        create(
            hello(scenario)
                .inputOfResponse(List.of(ResponseInputItem.ofEasyInputMessage(message)))));
  }

  private Map<String, @Nullable Object> structured(String scenario) {
    Person person =
        client.responses().create(hello(scenario).text(Person.class).build()).output().stream()
            .flatMap(it -> it.message().stream())
            .flatMap(it -> it.content().stream())
            .flatMap(it -> it.outputText().stream())
            .findFirst()
            .orElseThrow();
    return Map.of("parsed", Map.of("name", person.name, "born", person.born));
  }

  private Map<String, @Nullable Object> stored(String scenario) {
    Response created = create(hello(scenario));
    Response retrieved = client.responses().retrieve(created.id());
    List<String> input =
        client.responses().inputItems().list(created.id()).autoPager().stream()
            .flatMap(it -> it.responseInputMessageItem().stream())
            .flatMap(it -> it.content().stream())
            .flatMap(it -> it.inputText().stream())
            .map(ResponseInputText::text)
            .toList();
    client.responses().delete(created.id());
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("text", response(retrieved).get("text"));
    observed.put("created", response(created));
    observed.put("retrieved", response(retrieved));
    observed.put("input", input);
    observed.put(
        "after", error(_ -> response(client.responses().retrieve(created.id())), scenario));
    return observed;
  }

  private Map<String, @Nullable Object> foreign(String scenario) {
    Response created = create(hello(scenario));
    return error(_ -> response(narrow.responses().retrieve(created.id())), scenario);
  }

  private Map<String, @Nullable Object> cancel(String scenario) {
    Response created = create(hello(scenario).background(true));
    Response cancelled = client.responses().cancel(created.id());
    return Map.of(
        "created", created.status().orElseThrow().asString(),
        "cancelled", cancelled.status().orElseThrow().asString());
  }

  private Map<String, @Nullable Object> cancelCompleted(String scenario) {
    Response created = create(hello(scenario));
    return error(_ -> response(client.responses().cancel(created.id())), scenario);
  }

  private Map<String, @Nullable Object> compact(String scenario) {
    ResponseCompactParams request =
        ResponseCompactParams.builder().model(settings.model(scenario)).input("Hello").build();
    ResponseOutputItem last = client.responses().compact(request).output().getLast();
    return Map.of("encrypted", last.asCompaction().encryptedContent());
  }

  private Map<String, @Nullable Object> countTokens(String scenario) {
    InputTokenCountParams request =
        InputTokenCountParams.builder().model(settings.model(scenario)).input("Hello").build();
    return Map.of("count", client.responses().inputTokens().count(request).inputTokens());
  }

  private Map<String, @Nullable Object> unknownMembers(String scenario) {
    Response response =
        create(
            hello(scenario)
                .putAdditionalBodyProperty("x_serial", JsonValue.from(9_007_199_254_740_993L))
                .putAdditionalBodyProperty("x_note", JsonValue.from(List.of("kept"))));
    Map<String, @Nullable Object> observed = new HashMap<>();
    observed.put("serial", OpenAiJavaProgram.serial(response._allProperties()));
    JsonValue nested = response._allProperties().get("x_nested");
    observed.put("nested", nested == null ? null : nested.convert(Map.class));
    observed.put(
        "notes", response.output().stream().map(it -> member(it._json(), "x_note")).toList());
    return observed;
  }

  private Map<String, @Nullable Object> unknownEvents(String scenario) {
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(hello(scenario).build())) {
      List<ResponseStreamEvent> events = stream.stream().toList();
      Response created = events.getFirst().created().orElseThrow().response();
      Map<String, @Nullable Object> observed = read(events.stream());
      observed.put("serial", OpenAiJavaProgram.serial(created._allProperties()));
      return observed;
    }
  }

  private Map<String, @Nullable Object> givenUp(String scenario) {
    return response(
        client.responses().create(hello(scenario).build(), OpenAiJavaProgram.givingUp()));
  }

  private Map<String, @Nullable Object> streamGivenUp(String scenario) {
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(hello(scenario).build(), OpenAiJavaProgram.givingUp())) {
      return Map.of("events", stream.stream().count());
    }
  }

  private Map<String, @Nullable Object> abortStreaming(String scenario) throws Exception {
    String text;
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(hello(scenario).build())) {
      text =
          stream.stream()
              .flatMap(it -> it.outputTextDelta().stream())
              .findFirst()
              .orElseThrow()
              .delta();
    }
    return Map.of("text", text, "closed", Scenarios.control(settings, "closed", scenario));
  }
}
