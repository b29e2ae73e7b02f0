package dev.agentlab.cli;

import dev.agentlab.cli.EventStream.Event;
import dev.agentlab.json.StrictJsonFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The response of a model.
///
/// @param functionNames the names of the functions that the model requested to call
/// @param finish the finish reason: `stop`, `length`, …; empty if the model gave none
/// @param usage the token usage: `{"prompt_tokens", "completion_tokens", …}`
/// @param complete whether the response is complete; false if it was interrupted
record ModelReply(
    String text,
    List<String> functionNames,
    String finish,
    Optional<JsonNode> usage,
    boolean complete) {
  ModelReply {
    functionNames = List.copyOf(functionNames);
  }

  /// Below the nesting limit of the writer (500), because usage is written again inside other
  /// values.
  private static final int MAX_DEPTH = 400;

  private static final int MAX_TEXT_LENGTH = 64 << 20;

  /// Reads the events of models, which may have duplicate members. Numbers keep their notation.
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              new StrictJsonFactory(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_DEPTH)
                      .maxStringLength(MAX_TEXT_LENGTH)
                      .build()))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  /// The data of the event that ends a stream. It is not JSON.
  static final String END_OF_STREAM = "[DONE]";

  /// Listens to a streamed response.
  interface Listener {
    /// Receives the data of an event, before its contents are passed on.
    default void onEvent(String data) {}

    default void onReasoning(String text) {}

    default void onText(String text) {}
  }

  /// Reads a non-streaming completion.
  static ModelReply of(JsonNode completion) {
    JsonNode choice = firstChoice(completion);
    JsonNode message = choice.path("message");
    List<String> functions = new ArrayList<>();
    functionNames(message, functions);
    return new ModelReply(
        text(message),
        functions,
        choice.path("finish_reason").stringValue(""),
        usage(completion),
        true);
  }

  /// Reads a stream until its end or until it is closed.
  ///
  /// @throws CommandFailure if the stream fails or ends prematurely
  static ModelReply read(EventStream stream, Listener listener) {
    StringBuilder text = new StringBuilder();
    List<String> functions = new ArrayList<>();
    String finish = "";
    Optional<JsonNode> usage = Optional.empty();
    boolean done = false;
    for (var next = stream.next(); next.isPresent(); next = stream.next()) {
      Event event = next.get();
      listener.onEvent(event.data());
      if (event.data().equals(END_OF_STREAM)) {
        done = true;
        continue;
      }
      JsonNode chunk = parseEvent(event);
      usage = usage(chunk).isPresent() ? usage(chunk) : usage;
      JsonNode choice = firstChoice(chunk);
      JsonNode delta = choice.path("delta");
      String reasoning =
          delta.path("reasoning_content").stringValue(delta.path("reasoning").stringValue(""));
      if (!reasoning.isEmpty()) {
        listener.onReasoning(reasoning);
      }
      String content = text(delta);
      if (!content.isEmpty()) {
        text.append(content);
        listener.onText(content);
      }
      functionNames(delta, functions);
      finish = choice.path("finish_reason").stringValue(finish);
    }
    boolean complete = done || !finish.isEmpty();
    if (!complete && !stream.isClosed()) {
      throw new CommandFailure(ExitCode.FAILURE, "the response ended prematurely");
    }
    return new ModelReply(text.toString(), functions, finish, usage, complete);
  }

  private static JsonNode parseEvent(Event event) {
    JsonNode json;
    try {
      json = MAPPER.readTree(event.data());
    } catch (JacksonException _) {
      throw new CommandFailure(ExitCode.FAILURE, "the response contains an event that is not JSON");
    }
    JsonNode error = json.path("error");
    if (event.name().equals("error") || error.isObject()) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          error.path("message").stringValue("the provider failed during the response"),
          Optional.of(json));
    }
    return json;
  }

  private static JsonNode firstChoice(JsonNode json) {
    return json.path("choices")
        .valueStream()
        .filter(choice -> choice.path("index").asInt(0) == 0)
        .findFirst()
        .orElseGet(MAPPER::missingNode);
  }

  private static String text(JsonNode message) {
    return message.path("content").stringValue(message.path("refusal").stringValue(""));
  }

  private static void functionNames(JsonNode message, List<String> functions) {
    for (JsonNode call : message.path("tool_calls")) {
      String name = call.path("function").path("name").stringValue("");
      if (!name.isEmpty()) {
        functions.add(name);
      }
    }
  }

  private static Optional<JsonNode> usage(JsonNode json) {
    return Optional.of(json.path("usage")).filter(JsonNode::isObject);
  }

  /// Remarks for the user, such as a truncation; empty if there are none.
  String remark() {
    List<String> remarks = new ArrayList<>();
    if (!functionNames.isEmpty()) {
      remarks.add(
          "the model requested a call of %s, which a chat does not execute"
              .formatted(String.join(", ", functionNames)));
    }
    switch (finish) {
      case "length" -> remarks.add("truncated: the model reached its token limit");
      case "content_filter" -> remarks.add("truncated by the provider's content filter");
      default -> {}
    }
    return String.join("; ", remarks);
  }
}
