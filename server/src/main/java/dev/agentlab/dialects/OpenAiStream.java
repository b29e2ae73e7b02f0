package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Passes an OpenAI stream through unchanged. Events are parsed as JSON until one has content.
/// After that, an event is parsed only if its bytes contain a member name that may change the state
/// of the stream, so that a typical event costs a single scan of its bytes. If the request asks for
/// several choices, every event is parsed, because each choice must finish.
final class OpenAiStream implements SseReader.Translator {
  private static final byte[] DATA = ascii("data:");
  private static final byte[] FINISH_REASON = ascii("finish_reason\"");
  private static final byte[] ERROR = ascii("error\"");
  private static final byte[] USAGE = ascii("usage\"");
  private static final String UNKNOWN_ERROR = "unknown error";

  /// Whether the usage in the stream was not requested by the caller.
  private final boolean hidesUsage;

  private final boolean hasSeveralChoices;

  /// Whether an event with data has arrived.
  private boolean hasStarted;

  /// Whether a completion chunk has arrived; without one, `[DONE]` is an error.
  private boolean hasChunk;

  OpenAiStream(ExpectedStream expected) {
    hidesUsage = expected.hidesUsage();
    hasSeveralChoices = expected.hasMultipleChoices();
  }

  @Override
  public void translate(SseEvent event, CanonicalStream out) {
    if (out.hasContent() && !hasSeveralChoices && isPlain(event)) {
      out.passThrough(event);
    } else {
      readEvent(event, out);
    }
  }

  /// Whether the event is one line of JSON without a significant member name.
  private static boolean isPlain(SseEvent event) {
    byte[] array = event.array();
    int end = event.to();
    if (!startsWith(array, event.from(), end, DATA)) {
      return false;
    }
    int start = skipSpaces(array, event.from() + DATA.length, end);
    if (array[start] != '{') {
      return false;
    }
    for (int i = start; i < end; i++) {
      switch (array[i]) {
        case '"' -> {
          if (isSignificant(array, i + 1, end)) {
            return false;
          }
        }
        case '\n', '\r' -> {
          return array[i - 1] == '}' && isOnlyLineEnds(array, i, end);
        }
        default -> {}
      }
    }
    return false;
  }

  /// Whether a significant member begins at this position. A member name is enclosed in quotes and
  /// followed by a colon; inside a string its quotes would be escaped. `error` is also significant
  /// as a value, because vLLM sends `"object": "error"`. An empty finish reason is not significant:
  /// some providers send it in every event.
  private static boolean isSignificant(byte[] array, int at, int end) {
    return switch (array[at]) {
      case 'f' ->
          startsWith(array, at, end, FINISH_REASON)
              && isNonEmptyString(array, valueStart(array, at, end), end);
      case 'u' ->
          startsWith(array, at, end, USAGE)
              && byteAt(array, valueStart(array, at, end), end) == '{';
      case 'e' ->
          startsWith(array, at, end, ERROR)
              && byteAt(array, valueStart(array, at, end), end) != 'n';
      default -> false;
    };
  }

  /// The position of the value of the member name at `at`; `end` if it is not a member name.
  private static int valueStart(byte[] array, int at, int end) {
    int quote = at;
    while (array[quote] != '"') {
      quote++;
    }
    int colon = skipSpaces(array, quote + 1, end);
    if (colon == end || array[colon] != ':') {
      return end;
    }
    return skipSpaces(array, colon + 1, end);
  }

  private static boolean isNonEmptyString(byte[] array, int at, int end) {
    return byteAt(array, at, end) == '"' && byteAt(array, at + 1, end) != '"';
  }

  /// The byte at a position; 0 at the end.
  private static int byteAt(byte[] array, int at, int end) {
    return at < end ? array[at] : 0;
  }

  private void readEvent(SseEvent event, CanonicalStream out) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(out.memory());
    }
    String data = event.data().strip();
    boolean isError = event.name().equals("error");
    if (isError && !data.startsWith("{")) {
      throw new ProviderErrorException(data.isEmpty() ? UNKNOWN_ERROR : data, Optional.empty());
    }
    if (data.isEmpty() && !hasStarted) {
      // A comment is a keep-alive and does not start a completion.
      return;
    }
    hasStarted = true;
    if (data.startsWith("{")) {
      readJson(event, data, isError, out);
      return;
    }
    boolean isDone = data.equals("[DONE]");
    if (isDone && !hasChunk) {
      throw new ProviderErrorException("the stream ended without a completion", Optional.empty());
    }
    if (!isDone && data.startsWith("[")) {
      throw new ProviderErrorException("a stream event is not a JSON object", Optional.empty());
    }
    out.passThrough(event);
    if (isDone) {
      out.markDone();
    }
  }

  private void readJson(SseEvent event, String data, boolean isError, CanonicalStream out) {
    JsonNode json = parseData(data, isError, out.memory());
    OpenAi.findError(json)
        .ifPresent(error -> {
          throw error;
        });
    if (isError) {
      throw new ProviderErrorException(
          json.path("message").stringValue(UNKNOWN_ERROR), ProviderErrorLabels.of(json));
    }
    hasChunk |= json.path("choices").isArray();
    for (JsonNode choice : json.path("choices")) {
      int index = choice.path("index").intValue(0);
      out.beginChoice(index);
      out.recordDelta(choice.path("delta"));
      if (!choice.path("finish_reason").stringValue("").isEmpty()) {
        out.finishChoice(index);
      }
    }
    JsonNode usage = json.path("usage");
    if (usage.isObject()) {
      out.recordUsage(usage);
    }
    if (!usage.isObject() || !hidesUsage) {
      out.passThrough(event);
    } else if (!json.path("choices").isEmpty()) {
      out.writeEvent(((ObjectNode) json.deepCopy()).without("usage"));
    }
  }

  private static JsonNode parseData(String data, boolean isError, StreamMemory memory) {
    try {
      return memory.parse(data);
    } catch (JacksonException e) {
      if (isError) {
        throw new ProviderErrorException(data, Optional.empty());
      }
      throw e;
    }
  }

  private static boolean isOnlyLineEnds(byte[] array, int from, int end) {
    for (int i = from; i < end; i++) {
      if (array[i] != '\n' && array[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private static int skipSpaces(byte[] array, int from, int end) {
    int i = from;
    while (i < end && (array[i] == ' ' || array[i] == '\t')) {
      i++;
    }
    return i;
  }

  private static boolean startsWith(byte[] array, int from, int end, byte[] text) {
    return end - from >= text.length
        && Arrays.equals(array, from, from + text.length, text, 0, text.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
