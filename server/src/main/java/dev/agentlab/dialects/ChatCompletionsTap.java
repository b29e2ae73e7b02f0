package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Passes an OpenAI stream through unchanged, and observes content, usage, end and errors. Events
/// are parsed as JSON until one has content. After that, an event is parsed only if its bytes
/// contain a member name that may change the state of the stream, so that a typical event costs a
/// single scan of its bytes. If the request asks for several choices, every event is parsed,
/// because each choice must finish.
final class ChatCompletionsTap extends StreamTap {
  private static final byte[] DONE = ascii("data: [DONE]\n\n");
  private static final byte[] DATA = ascii("data:");
  private static final byte[] FINISH_REASON = ascii("finish_reason\"");
  private static final byte[] ERROR = ascii("error\"");
  private static final byte[] USAGE = ascii("usage\"");
  private static final String UNKNOWN_ERROR = "unknown error";

  /// Whether the usage in the stream was not requested by the caller.
  private final boolean hidesUsage;

  private final boolean hasSeveralChoices;
  private final ChoiceTracker choices = new ChoiceTracker();

  /// OpenAI's `usage` object; a missing node until it arrives.
  private JsonNode usage = MissingNode.getInstance();

  private long usageBytes;

  /// Whether an event with data has arrived.
  private boolean hasStarted;

  /// Whether a completion chunk has arrived; without one, `[DONE]` is an error.
  private boolean hasChunk;

  /// @param reservation accounts for the memory of the tap
  ChatCompletionsTap(ExpectedStream expected, MemoryBudget.Reservation reservation) {
    super(reservation);
    hidesUsage = expected.hidesUsage();
    hasSeveralChoices = expected.hasMultipleChoices();
  }

  @Override
  long stateBytes() {
    return usageBytes;
  }

  @Override
  boolean isFinished() {
    return choices.isFinished();
  }

  @Override
  void writeEnd() {
    out.append().raw(DONE);
  }

  @Override
  public void handle(SseEvent event) {
    if (hasContent() && !hasSeveralChoices && isPlain(event)) {
      out.pass(event);
    } else {
      readEvent(event);
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

  private void readEvent(SseEvent event) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(memory);
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
      readJson(event, data, isError);
      return;
    }
    boolean endsStream = data.equals("[DONE]");
    if (endsStream && !hasChunk) {
      throw new ProviderErrorException("the stream ended without a completion", Optional.empty());
    }
    if (!endsStream && data.startsWith("[")) {
      throw new ProviderErrorException("a stream event is not a JSON object", Optional.empty());
    }
    out.pass(event);
    if (endsStream) {
      end();
    }
  }

  private void readJson(SseEvent event, String data, boolean isError) {
    JsonNode json = parseData(data, isError);
    ProviderErrorException.find(json)
        .ifPresent(found -> {
          throw found.withOriginal(data);
        });
    if (isError) {
      throw new ProviderErrorException(
          json.path("message").stringValue(UNKNOWN_ERROR), ProviderErrorLabels.of(json));
    }
    hasChunk |= json.path("choices").isArray();
    for (JsonNode choice : json.path("choices")) {
      int index = choice.path("index").intValue(0);
      choices.begin(index);
      foundContent(choice.path("delta").propertyStream().anyMatch(ChatCompletionsTap::isContent));
      String word = choice.path("finish_reason").stringValue("");
      if (!word.isEmpty()) {
        choices.finish(index, ChatCompletions.finishReason(word));
      }
    }
    JsonNode newUsage = json.path("usage");
    if (newUsage.isObject()) {
      usage = newUsage;
      usageBytes = StreamMemory.sizeOf(newUsage);
    }
    if (!newUsage.isObject() || !hidesUsage) {
      out.pass(event);
    } else if (!json.path("choices").isEmpty()) {
      out.append()
          .raw(DATA)
          .ascii(" ")
          .value(((ObjectNode) json.deepCopy()).without("usage"))
          .ascii("\n\n");
    }
  }

  private static boolean isContent(Map.Entry<String, JsonNode> member) {
    JsonNode value = member.getValue();
    boolean isEmpty = value.isString() ? value.stringValue().isEmpty() : value.isEmpty();
    return !isEmpty && !member.getKey().equals("role");
  }

  private JsonNode parseData(String data, boolean isError) {
    try {
      return memory.parse(data);
    } catch (JacksonException e) {
      if (isError) {
        throw new ProviderErrorException(data, Optional.empty());
      }
      throw e;
    }
  }

  @Override
  public TokenUsage usage() {
    return OpenAiUsage.CHAT.read(usage);
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return choices.firstReason();
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
