package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;

/// Writes a response as the stream of OpenAI's Responses API
/// (https://platform.openai.com/docs/api-reference/responses-streaming). The last event has the
/// whole response; no mark follows it.
///
/// Text, reasoning and the arguments of functions are passed on part by part. The input of a custom
/// tool is one part, because the model writes it as JSON. Probabilities of tokens follow their text
/// in a part without text: most providers send them after it.
final class ResponsesStreamWriter extends ResponsesContentWriter implements ClientStreamWriter {
  private static final int FIRST_PART = 0;

  private final Utf8JsonWriter out = new Utf8JsonWriter();
  private long eventCount;
  private boolean hasStarted;
  private Optional<AnsweredResponse> response = Optional.empty();

  /// @param at when the stream began
  ResponsesStreamWriter(ResponsesTemplate template, Instant at) {
    super(template, at, Optional.empty());
  }

  @Override
  public void write(StreamEvent event) {
    if (event instanceof ResponseFailed) {
      return;
    }
    int length = out.length();
    long events = eventCount;
    try {
      if (event instanceof StreamEvent.ResponseStarted) {
        addContent(event);
        writeStart();
      } else {
        writeStart();
        addContent(event);
      }
      if (event instanceof ResponseFinished) {
        writeEnd();
      }
    } catch (ProviderErrorException | JacksonException e) {
      // The output must end at an event boundary.
      out.truncate(length);
      eventCount = events;
      throw e;
    }
  }

  private void writeStart() {
    if (hasStarted) {
      return;
    }
    hasStarted = true;
    Utf8JsonWriter response = new Utf8JsonWriter();
    writeResponse(response);
    byte[] json = response.take();
    writeResponse("response.created", json);
    writeResponse("response.in_progress", json);
  }

  private void writeEnd() {
    Utf8JsonWriter whole = new Utf8JsonWriter();
    writeResponse(whole);
    byte[] json = whole.take();
    writeResponse("response." + status(), json);
    response = Optional.of(new AnsweredResponse(id(), Optional.of(json)));
  }

  private void writeResponse(String type, byte[] response) {
    beginEvent(type).ascii(",\"response\":").raw(response);
    endEvent();
  }

  private Utf8JsonWriter beginEvent(String type) {
    return out.ascii("event: ")
        .ascii(type)
        .ascii("\ndata: {\"type\":\"")
        .ascii(type)
        .ascii("\",\"sequence_number\":")
        .number(eventCount++);
  }

  private void endEvent() {
    out.ascii("}\n\n");
  }

  /// Begins an event about an item.
  private Utf8JsonWriter beginEvent(String type, Item item) {
    return beginEvent(type).ascii(",\"output_index\":").number(item.index);
  }

  /// Begins an event about the content of an item.
  private Utf8JsonWriter beginContentEvent(String type, Item item) {
    beginEvent(type, item).ascii(",\"item_id\":\"").ascii(item.id).ascii("\"");
    switch (item.type) {
      case TEXT, REFUSAL -> out.ascii(",\"content_index\":").number(FIRST_PART);
      case REASONING -> out.ascii(",\"summary_index\":").number(FIRST_PART);
      case FUNCTION_CALL, CUSTOM_CALL, TOOL_SEARCH -> {}
    }
    return out;
  }

  @Override
  void begin(Item item) {
    beginEvent("response.output_item.added", item).ascii(",\"item\":").raw(emptyJson(item));
    endEvent();
    switch (item.type) {
      case TEXT ->
          writePart(
              "response.content_part.added",
              item,
              "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"\"}");
      case REFUSAL ->
          writePart("response.content_part.added", item, "{\"type\":\"refusal\",\"refusal\":\"\"}");
      // Its part begins with its text: what is only encrypted has none.
      case REASONING, FUNCTION_CALL, CUSTOM_CALL, TOOL_SEARCH -> {}
    }
  }

  private void writePart(String type, Item item, String part) {
    beginContentEvent(type, item).ascii(",\"part\":").ascii(part);
    endEvent();
  }

  @Override
  void append(Item item, String part) {
    switch (item.type) {
      case TEXT -> {
        writeDelta("response.output_text.delta", item, part).ascii(",\"logprobs\":[]");
        endEvent();
      }
      case REFUSAL -> {
        writeDelta("response.refusal.delta", item, part);
        endEvent();
      }
      case REASONING -> {
        if (item.text.length() == part.length()) {
          writePart(
              "response.reasoning_summary_part.added",
              item,
              "{\"type\":\"summary_text\",\"text\":\"\"}");
        }
        writeDelta("response.reasoning_summary_text.delta", item, part);
        endEvent();
      }
      case FUNCTION_CALL -> {
        writeDelta("response.function_call_arguments.delta", item, part);
        endEvent();
      }
      // Complete at their end only.
      case CUSTOM_CALL, TOOL_SEARCH -> {}
    }
  }

  private Utf8JsonWriter writeDelta(String type, Item item, String part) {
    return beginContentEvent(type, item).ascii(",\"delta\":").string(part);
  }

  @Override
  void appendProbabilities(Item item, ArrayNode probabilities) {
    writeDelta("response.output_text.delta", item, "").ascii(",\"logprobs\":").value(probabilities);
    endEvent();
  }

  @Override
  void end(Item item, byte[] json) {
    String text = item.text.toString();
    switch (item.type) {
      case TEXT -> {
        beginContentEvent("response.output_text.done", item)
            .ascii(",\"text\":")
            .string(text)
            .ascii(",\"logprobs\":")
            .value(item.probabilities);
        endEvent();
        endPart("response.content_part.done", item);
      }
      case REFUSAL -> {
        beginContentEvent("response.refusal.done", item).ascii(",\"refusal\":").string(text);
        endEvent();
        endPart("response.content_part.done", item);
      }
      case REASONING -> {
        if (!text.isEmpty()) {
          beginContentEvent("response.reasoning_summary_text.done", item)
              .ascii(",\"text\":")
              .string(text);
          endEvent();
          endPart("response.reasoning_summary_part.done", item);
        }
      }
      case FUNCTION_CALL -> {
        beginContentEvent("response.function_call_arguments.done", item)
            .ascii(",\"name\":")
            .string(item.name())
            .ascii(",\"arguments\":")
            .string(text);
        endEvent();
      }
      case CUSTOM_CALL -> {
        String input = ResponsesToolNames.input(text);
        writeDelta("response.custom_tool_call_input.delta", item, input);
        endEvent();
        beginContentEvent("response.custom_tool_call_input.done", item)
            .ascii(",\"input\":")
            .string(input);
        endEvent();
      }
      case TOOL_SEARCH -> {}
    }
    beginEvent("response.output_item.done", item).ascii(",\"item\":").raw(json);
    endEvent();
  }

  private void endPart(String type, Item item) {
    beginContentEvent(type, item).ascii(",\"part\":").raw(partJson(item));
    endEvent();
  }

  @Override
  public StreamPosition position() {
    return new StreamPosition(hasStarted ? Optional.of(id()) : Optional.empty(), eventCount);
  }

  @Override
  public Optional<AnsweredResponse> response() {
    return response;
  }

  @Override
  public long retainedBytes() {
    return super.retainedBytes()
        + response.flatMap(AnsweredResponse::json).map(json -> (long) json.length).orElse(0L);
  }

  @Override
  public byte[] take() {
    return out.take();
  }
}
