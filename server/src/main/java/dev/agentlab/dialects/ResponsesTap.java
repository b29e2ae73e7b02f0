package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Passes a stream of OpenAI's Responses API through unchanged, and observes id, content, usage,
/// end and errors (https://platform.openai.com/docs/api-reference/responses-streaming). Of most
/// events only the type is read: all of the first and the last, and before the first content those
/// that may have some.
///
/// Only the events of the provider end a stream: one without a last event is truncated.
final class ResponsesTap extends StreamTap {
  private static final String CREATED = "response.created";
  private static final String ITEM_DONE = "response.output_item.done";
  private static final String COMPLETED = "response.completed";
  private static final String INCOMPLETE = "response.incomplete";
  private static final String FAILED = "response.failed";
  private static final String ERROR = "error";

  private static final byte[] NAME = "event: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TYPE = "data: {\"type\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final String UNKNOWN_ERROR = "unknown error";

  /// Whether the client may refer to the response later.
  private final boolean isStored;

  private Optional<String> id = Optional.empty();

  /// The number of events with data.
  private long events;

  private JsonNode usage = MissingNode.getInstance();
  private long usageBytes;
  private Optional<FinishReason> finishReason = Optional.empty();

  /// @param reservation accounts for the memory of the tap
  ResponsesTap(ExpectedStream expected, MemoryBudget.Reservation reservation) {
    super(reservation);
    isStored = expected.isStored();
  }

  @Override
  long stateBytes() {
    return usageBytes;
  }

  @Override
  boolean isFinished() {
    return false;
  }

  @Override
  void writeEnd() {
    throw new IllegalStateException("only the provider ends a stream");
  }

  @Override
  public void handle(SseEvent event) {
    String type = type(event);
    if (type.startsWith("response.") && !isSignificant(type)) {
      pass(event);
    } else {
      readEvent(event);
    }
  }

  /// The type of an event, from its first line; empty if it is not there.
  private static String type(SseEvent event) {
    int before = startsWith(event, NAME) ? NAME.length : startsWith(event, TYPE) ? TYPE.length : 0;
    if (before == 0) {
      return "";
    }
    byte[] array = event.array();
    int from = event.from() + before;
    int end = from;
    while (array[end] != '"' && array[end] != '\n' && array[end] != '\r') {
      end++;
    }
    return new String(array, from, end - from, StandardCharsets.UTF_8);
  }

  private static boolean startsWith(SseEvent event, byte[] text) {
    int from = event.from();
    return event.to() - from > text.length
        && Arrays.equals(event.array(), from, from + text.length, text, 0, text.length);
  }

  /// Whether an event of this type may change the state of the stream.
  private boolean isSignificant(String type) {
    return switch (type) {
      case CREATED, COMPLETED, INCOMPLETE, FAILED -> true;
      default -> !hasContent() && mayHaveContent(type);
    };
  }

  private static boolean mayHaveContent(String type) {
    return type.equals(ITEM_DONE) || type.endsWith(".delta") || type.endsWith(".partial_image");
  }

  private void readEvent(SseEvent event) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(memory);
    }
    String data = event.data().strip();
    boolean isError = event.name().equals(ERROR);
    if (isError && !data.startsWith("{")) {
      throw new ProviderErrorException(data.isEmpty() ? UNKNOWN_ERROR : data, Optional.empty());
    }
    if (data.isEmpty()) {
      // A comment, which is a keep-alive.
      if (events > 0) {
        out.pass(event);
      }
      return;
    }
    if (data.equals("[DONE]")) {
      // The mark of another API, with which some servers end every stream.
      return;
    }
    readJson(event, data, isError);
  }

  private void readJson(SseEvent event, String data, boolean isError) {
    JsonNode json = memory.parse(data);
    String type = json.path("type").stringValue("");
    JsonNode response = json.path("response");
    if (response.path("usage").isObject()) {
      usage = response.path("usage");
      usageBytes = StreamMemory.sizeOf(usage);
    }
    findError(json, type, isError || type.equals(ERROR))
        .ifPresent(found -> {
          throw found.withOriginal(data);
        });
    pass(event);
    switch (type) {
      case CREATED -> id = response.path("id").stringValueOpt();
      case COMPLETED, INCOMPLETE -> {
        finishReason = ResponsesScanner.finishReason(response);
        end();
      }
      case ITEM_DONE -> foundContent(isContent(json.path("item")));
      default -> foundContent(mayHaveContent(type) && !isEmpty(json));
    }
  }

  /// Whether an event with a part of the content has none.
  private static boolean isEmpty(JsonNode event) {
    return event.path("delta").stringValue("…").isEmpty();
  }

  /// Whether an item has more than that the model reasoned.
  private static boolean isContent(JsonNode item) {
    return !item.path("type").stringValue("").equals("reasoning")
        || !item.path("summary").isEmpty()
        || !item.path("content").isEmpty();
  }

  /// @param isError whether the event reports an error, which may be at its top level
  private static Optional<ProviderErrorException> findError(
      JsonNode json, String type, boolean isError) {
    return type.equals(FAILED)
        ? Optional.of(error(json.at("/response/error")))
        : ProviderErrorException.find(json)
            .or(() -> isError ? Optional.of(error(json)) : Optional.empty());
  }

  /// An error whose member `type`, if it has one, is that of an event.
  private static ProviderErrorException error(JsonNode json) {
    return new ProviderErrorException(
        json.path("message").stringValue(UNKNOWN_ERROR),
        new ProviderErrorLabels(
            Optional.empty(),
            json.path("code").stringValueOpt(),
            json.path("param").stringValueOpt()));
  }

  private void pass(SseEvent event) {
    events++;
    out.pass(event);
  }

  @Override
  public TokenUsage usage() {
    return OpenAiUsage.RESPONSES.read(usage);
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return finishReason;
  }

  @Override
  public StreamPosition position() {
    return new StreamPosition(id, events);
  }

  @Override
  public Optional<AnsweredResponse> response() {
    return id.filter(_ -> isStored).map(it -> new AnsweredResponse(it, Optional.empty()));
  }
}
