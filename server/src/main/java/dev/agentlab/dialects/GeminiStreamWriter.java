package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a response as the stream of Google's Gemini API
/// (https://ai.google.dev/api/generate-content): each part is a chunk. The last chunk has the
/// finish reasons and the usage, and a part for each candidate, because some clients discard an
/// answer with a chunk that has none. No mark ends the stream.
final class GeminiStreamWriter extends GeminiContentWriter implements ClientStreamWriter {
  private static final byte[] START =
      "data: {\"candidates\":[{\"content\":{\"parts\":[".getBytes(US_ASCII);
  private static final String END = "\r\n\r\n";

  /// The client in Gemini CLI loses the rest of a stream after a line end of Unicode.
  private final Utf8JsonWriter out = Utf8JsonWriter.escapingLineEnds();

  /// @param requestedModel the model if the response does not name one
  /// @param at when the stream began
  GeminiStreamWriter(String requestedModel, Instant at) {
    super(requestedModel, at);
  }

  @Override
  public void write(StreamEvent event) {
    if (event instanceof ResponseFailed) {
      return;
    }
    int length = out.length();
    try {
      addContent(event);
      if (event instanceof ResponseFinished finished) {
        writeEnd(finished.usage());
      }
    } catch (ProviderErrorException | JacksonException e) {
      // The output must end at an event boundary.
      out.truncate(length);
      throw e;
    }
  }

  @Override
  void text(int choice, String text, boolean isThought, Optional<String> signature) {
    out.raw(START).ascii("{\"text\":").string(text);
    if (isThought) {
      out.ascii(",\"thought\":true");
    }
    signature.ifPresent(it -> out.ascii(",\"thoughtSignature\":").string(it));
    endChunk(choice, "}");
  }

  @Override
  void part(int choice, ObjectNode part) {
    out.raw(START).value(part);
    endChunk(choice, "");
  }

  private void endChunk(int choice, String endOfPart) {
    out.ascii(endOfPart)
        .ascii("],\"role\":\"model\"},\"index\":")
        .number(choice)
        .ascii("}],\"modelVersion\":")
        .string(model())
        .ascii(",\"responseId\":")
        .string(id())
        .ascii("}" + END);
  }

  private void writeEnd(TokenUsage usage) {
    Map<Integer, ArrayNode> parts = new HashMap<>();
    takeSignatures()
        .forEach((choice, signature) -> {
          ObjectNode part = ProviderJson.object().put("text", "");
          signature.ifPresent(it -> part.put("thoughtSignature", it));
          parts.put(choice, ProviderJson.array().add(part));
        });
    out.ascii("data: ").value(response(parts, usage)).ascii(END);
  }

  @Override
  public byte[] take() {
    return out.take();
  }
}
