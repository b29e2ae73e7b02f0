package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/// What a caller asks of a model, in the canonical dialect: the JSON object of OpenAI's API, with
/// `model`, and for a chat `messages`. Nobody changes the object once it is here.
public final class ModelRequest {
  private static final ObjectReader STRICT =
      ProviderJson.MAPPER.reader().with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private final Operation operation;
  private final ObjectNode body;
  private final Optional<byte[]> sent;
  private final boolean usageIsOurs;

  private ModelRequest(
      Operation operation, ObjectNode body, Optional<byte[]> sent, boolean usageIsOurs) {
    this.operation = operation;
    this.body = body;
    this.sent = sent;
    this.usageIsOurs = usageIsOurs;
  }

  /// A request made here.
  ///
  /// @param body not changed after this
  public static ModelRequest of(Operation operation, ObjectNode body) {
    return new ModelRequest(operation, body, Optional.empty(), false);
  }

  /// A request as a caller sent it. Unless it has to be translated, the provider gets the very
  /// bytes.
  ///
  /// @throws InvalidInputException if the bytes are no JSON object, or one that names a member
  ///   twice
  public static ModelRequest sent(Operation operation, byte[] bytes) {
    try {
      // Of two members with one name, the provider might heed the one that nobody here looked at.
      if (STRICT.readTree(bytes) instanceof ObjectNode body) {
        return new ModelRequest(operation, body, Optional.of(bytes), false);
      }
    } catch (JacksonException e) {
      throw new InvalidInputException("body", "is not JSON: " + e.getOriginalMessage());
    }
    throw new InvalidInputException("body", "must be a JSON object");
  }

  /// The same, asking a stream for its usage whether the caller did or not. If it did not, the
  /// usage is noted and kept from the caller.
  public ModelRequest countingUsage() {
    JsonNode options = body.path("stream_options");
    boolean asks = options.path("include_usage").booleanValue(false);
    boolean canAsk = options.isObject() || options.isNull() || options.isMissingNode();
    if (!streams() || asks || !canAsk) {
      return this;
    }
    ObjectNode asking = body.deepCopy();
    asking.withObjectProperty("stream_options").put("include_usage", true);
    return new ModelRequest(operation, asking, Optional.empty(), true);
  }

  public Operation operation() {
    return operation;
  }

  /// The JSON. Change a copy of it.
  public ObjectNode body() {
    return body;
  }

  /// The model's name; empty text if there is none.
  public String model() {
    return body.path("model").stringValue("");
  }

  /// Whether the answer is to come as a stream of events.
  public boolean streams() {
    return body.path("stream").booleanValue(false);
  }

  /// What reading the stream that answers it needs to know.
  public ExpectedStream expectedStream() {
    return new ExpectedStream(
        model(),
        body.path("n").intValue(1) > 1,
        body.at("/stream_options/include_usage").booleanValue(false),
        usageIsOurs);
  }

  /// The JSON as bytes: those that came, if they came as bytes.
  byte[] bytes() {
    return sent.orElseGet(() -> ProviderJson.MAPPER.writeValueAsBytes(body));
  }
}
