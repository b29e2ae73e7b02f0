package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/// Assembles the events of a response into OpenAI's `response` object
/// (https://platform.openai.com/docs/api-reference/responses/object).
final class ResponsesResponseWriter extends ResponsesContentWriter implements ClientResponseWriter {

  /// @param at when the response arrived
  ResponsesResponseWriter(ResponsesTemplate template, Instant at) {
    super(template, at, Optional.of(at));
  }

  @Override
  public void write(StreamEvent event) {
    if (event instanceof ResponseFailed failed) {
      throw ProviderErrorException.of(failed);
    }
    addContent(event);
  }

  @Override
  void begin(Item item) {}

  @Override
  void append(Item item, String part) {}

  @Override
  void appendProbabilities(Item item, ArrayNode probabilities) {}

  @Override
  void end(Item item, byte[] json) {}

  @Override
  public CompleteAnswer toAnswer() {
    Utf8JsonWriter out = new Utf8JsonWriter();
    writeResponse(out);
    return new CompleteAnswer(out.take(), usage(), reason());
  }
}
