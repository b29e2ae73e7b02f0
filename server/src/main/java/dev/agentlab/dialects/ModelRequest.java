package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/// A model request in the dialect of the client: the JSON object of OpenAI's API, with `model` and,
/// for a chat, `messages`. The JSON object must not be changed after construction.
public final class ModelRequest {
  private static final ObjectReader STRICT =
      ProviderJson.MAPPER.reader().with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private final Operation operation;
  private final ObjectNode body;
  private final Optional<byte[]> originalBytes;
  private final boolean usageIsOurs;

  private ModelRequest(
      Operation operation, ObjectNode body, Optional<byte[]> originalBytes, boolean hidesUsage) {
    this.operation = operation;
    this.body = body;
    this.originalBytes = originalBytes;
    this.usageIsOurs = hidesUsage;
  }

  /// A request that the service built itself.
  ///
  /// @param body must not be changed afterwards
  public static ModelRequest of(Operation operation, ObjectNode body) {
    return new ModelRequest(operation, body, Optional.empty(), false);
  }

  /// Parses a request that a caller sent. The provider receives the same bytes unless the request
  /// has to be translated.
  ///
  /// @throws InvalidInputException if the bytes are not a JSON object, or if an object has a
  ///   duplicate member
  public static ModelRequest parse(Operation operation, byte[] bytes) {
    try {
      // With duplicate members, the provider might use the value that was not validated here.
      if (STRICT.readTree(bytes) instanceof ObjectNode body) {
        return new ModelRequest(operation, body, Optional.of(bytes), false);
      }
    } catch (JacksonException e) {
      throw new InvalidInputException("body", "is not JSON: " + e.getOriginalMessage());
    }
    throw new InvalidInputException("body", "must be a JSON object");
  }

  /// A copy that requests the usage of a stream, unless the caller requested it already. The usage
  /// is then recorded but not passed to the caller.
  public ModelRequest withStreamUsage() {
    JsonNode options = body.path("stream_options");
    boolean isRequested = options.path("include_usage").booleanValue(false);
    boolean canRequest = options.isObject() || options.isNull() || options.isMissingNode();
    if (!isStreaming() || isRequested || !canRequest) {
      return this;
    }
    ObjectNode counting = body.deepCopy();
    counting.withObjectProperty("stream_options").put("include_usage", true);
    return new ModelRequest(operation, counting, Optional.empty(), true);
  }

  /// The request for this model.
  public ModelRequest withModel(String name) {
    if (model().equals(name)) {
      return this;
    }
    ObjectNode renamed = body.deepCopy().put("model", name);
    return new ModelRequest(operation, renamed, Optional.empty(), usageIsOurs);
  }

  public Operation operation() {
    return operation;
  }

  /// The JSON object; callers must copy it before they change it.
  public ObjectNode body() {
    return body;
  }

  /// The name of the model; an empty string if it is absent.
  public String model() {
    return body.path("model").stringValue("");
  }

  /// Whether the response is requested as an event stream.
  public boolean isStreaming() {
    return body.path("stream").booleanValue(false);
  }

  /// The properties of this request that the reader of its stream needs.
  public ExpectedStream expectedStream() {
    return new ExpectedStream(
        model(),
        body.path("n").intValue(1) > 1,
        body.at("/stream_options/include_usage").booleanValue(false),
        usageIsOurs);
  }

  /// The JSON as bytes; the original bytes if the request was parsed.
  byte[] bytes() {
    return originalBytes.orElseGet(() -> ProviderJson.MAPPER.writeValueAsBytes(body));
  }
}
