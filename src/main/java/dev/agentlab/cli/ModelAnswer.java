package dev.agentlab.cli;

import dev.agentlab.cli.EventStream.Event;
import dev.agentlab.dialects.ProviderJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a model answered.
///
/// @param functions it asks its caller to call, by name
/// @param finish why it ended, as the model says: `stop`, `length`, …; empty if it did not say
/// @param usage `{"prompt_tokens", "completion_tokens", …}`
/// @param whole whether it came to its end before it was interrupted
record ModelAnswer(
    String text, List<String> functions, String finish, Optional<JsonNode> usage, boolean whole) {
  ModelAnswer {
    functions = List.copyOf(functions);
  }

  /// The data of the event that ends a stream, which is no JSON.
  static final String END = "[DONE]";

  /// Hears an answer as it comes.
  interface Listener {
    /// The data of an event, before what it says.
    default void event(String data) {}

    default void reasoning(String text) {}

    default void text(String text) {}
  }

  /// A completion that came whole.
  static ModelAnswer of(JsonNode completion) {
    JsonNode choice = first(completion);
    JsonNode message = choice.path("message");
    List<String> functions = new ArrayList<>();
    functions(message, functions);
    return new ModelAnswer(
        text(message),
        functions,
        choice.path("finish_reason").stringValue(""),
        usage(completion),
        true);
  }

  /// The answer in a stream, to its end or until it is closed.
  ///
  /// @throws Failure if the stream ends otherwise than it should
  static ModelAnswer read(EventStream stream, Listener listener) {
    StringBuilder text = new StringBuilder();
    List<String> functions = new ArrayList<>();
    String finish = "";
    Optional<JsonNode> usage = Optional.empty();
    boolean done = false;
    for (var next = stream.next(); next.isPresent(); next = stream.next()) {
      Event event = next.get();
      listener.event(event.data());
      if (event.data().equals(END)) {
        done = true;
        continue;
      }
      JsonNode chunk = json(event);
      usage = usage(chunk).isPresent() ? usage(chunk) : usage;
      JsonNode choice = first(chunk);
      JsonNode delta = choice.path("delta");
      String reasoning =
          delta.path("reasoning_content").stringValue(delta.path("reasoning").stringValue(""));
      if (!reasoning.isEmpty()) {
        listener.reasoning(reasoning);
      }
      String said = text(delta);
      if (!said.isEmpty()) {
        text.append(said);
        listener.text(said);
      }
      functions(delta, functions);
      finish = choice.path("finish_reason").stringValue(finish);
    }
    boolean whole = done || !finish.isEmpty();
    if (!whole && !stream.isClosed()) {
      throw new CommandFailure(ExitCode.FAILURE, "the answer broke off");
    }
    return new ModelAnswer(text.toString(), functions, finish, usage, whole);
  }

  private static JsonNode json(Event event) {
    JsonNode json;
    try {
      json = ProviderJson.MAPPER.readTree(event.data());
    } catch (JacksonException _) {
      throw new CommandFailure(ExitCode.FAILURE, "the answer holds an event that is not JSON");
    }
    JsonNode error = json.path("error");
    if (event.name().equals("error") || error.isObject()) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          error.path("message").stringValue("the provider failed in the middle of the answer"),
          Optional.of(json));
    }
    return json;
  }

  private static JsonNode first(JsonNode json) {
    return json.path("choices")
        .valueStream()
        .filter(choice -> choice.path("index").asInt(0) == 0)
        .findFirst()
        .orElseGet(ProviderJson.MAPPER::missingNode);
  }

  private static String text(JsonNode message) {
    return message.path("content").stringValue(message.path("refusal").stringValue(""));
  }

  private static void functions(JsonNode message, List<String> functions) {
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

  /// What there is to know beside the text, for the person who reads it; empty if there is nothing.
  String remark() {
    List<String> remarks = new ArrayList<>();
    if (!functions.isEmpty()) {
      remarks.add(
          "the model asks for a call of %s, which a chat does not make"
              .formatted(String.join(", ", functions)));
    }
    switch (finish) {
      case "length" -> remarks.add("cut off: the model reached its limit of tokens");
      case "content_filter" -> remarks.add("cut off by the provider's content filter");
      default -> {}
    }
    return String.join("; ", remarks);
  }
}
