package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Assembles the events of a response into Google's `GenerateContentResponse`
/// (https://ai.google.dev/api/generate-content).
final class GeminiResponseWriter extends GeminiContentWriter implements ClientResponseWriter {
  private static final String TEXT = "text";
  private static final String THOUGHT = "thought";
  private static final String SIGNATURE = "thoughtSignature";

  private final Map<Integer, ArrayNode> parts = new HashMap<>();

  /// The text of the last part of each candidate, while it is still growing.
  private final Map<Integer, StringBuilder> texts = new HashMap<>();

  private TokenUsage usage = TokenUsage.NONE;

  /// @param requestedModel the model if the response does not name one
  /// @param at when the response arrived
  GeminiResponseWriter(String requestedModel, Instant at) {
    super(requestedModel, at);
  }

  @Override
  public void write(StreamEvent event) {
    if (event instanceof ResponseFailed failed) {
      throw ProviderErrorException.of(failed);
    }
    addContent(event);
    if (event instanceof ResponseFinished finished) {
      usage = finished.usage();
    }
  }

  @Override
  void text(int choice, String text, boolean isThought, Optional<String> signature) {
    ArrayNode list = parts(choice);
    ObjectNode last = list.path(list.size() - 1) instanceof ObjectNode part ? part : null;
    if (text.isEmpty() && signature.isPresent() && last != null && takesSignature(last)) {
      last.put(SIGNATURE, signature.get());
      return;
    }
    StringBuilder open = texts.get(choice);
    if (open != null
        && last != null
        && signature.isEmpty()
        && !last.has(SIGNATURE)
        && last.has(THOUGHT) == isThought) {
      open.append(text);
      return;
    }
    endText(choice);
    ObjectNode part = list.addObject().put(TEXT, "");
    if (isThought) {
      part.put(THOUGHT, true);
    }
    signature.ifPresent(it -> part.put(SIGNATURE, it));
    texts.put(choice, new StringBuilder(text));
  }

  private static boolean takesSignature(ObjectNode part) {
    return !part.has(SIGNATURE) && !part.has(THOUGHT);
  }

  private void endText(int choice) {
    StringBuilder text = texts.remove(choice);
    ArrayNode list = parts(choice);
    if (text != null && list.path(list.size() - 1) instanceof ObjectNode part) {
      part.put(TEXT, text.toString());
    }
  }

  @Override
  void part(int choice, ObjectNode part) {
    endText(choice);
    parts(choice).add(part);
  }

  private ArrayNode parts(int choice) {
    return parts.computeIfAbsent(choice, _ -> ProviderJson.array());
  }

  @Override
  public CompleteAnswer toAnswer() {
    takeSignatures()
        .forEach((choice, signature) -> {
          if (signature.isPresent() || parts(choice).isEmpty()) {
            text(choice, "", false, signature);
          }
          endText(choice);
        });
    return new CompleteAnswer(
        ProviderJson.MAPPER.writeValueAsBytes(response(parts, usage)), usage, firstReason());
  }
}
