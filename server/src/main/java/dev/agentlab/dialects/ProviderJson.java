package dev.agentlab.dialects;

import dev.agentlab.json.StrictJsonFactory;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// JSON processing for provider requests and responses. Numbers keep their exact notation.
public final class ProviderJson {
  /// Lower than the nesting limit of Jackson's writer (500), because parsed values are written
  /// again inside other values.
  private static final int MAX_DEPTH = 400;

  /// The tree of this many tokens takes about a quarter of the heap. The limit protects against
  /// events of a hostile provider.
  private static final long MAX_TOKENS = Math.max(500_000, Runtime.getRuntime().maxMemory() / 200);

  /// The mapper; immutable and thread-safe.
  public static final JsonMapper MAPPER =
      JsonMapper.builder(
              new StrictJsonFactory(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_DEPTH)
                      .maxTokenCount(MAX_TOKENS)
                      .maxStringLength(64 << 20)
                      .build()))
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  private ProviderJson() {}

  /// Creates an empty object.
  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// Creates an empty array.
  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /// Parses the body of an error: the object that contains it, which Google may wrap in an array; a
  /// missing node if the body is not JSON.
  public static JsonNode parseError(String body) {
    try {
      return ProviderErrorLabels.unwrapArray(MAPPER.readTree(body));
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  /// Parses a non-streaming response.
  ///
  /// @param findError finds an error object in the response
  /// @throws ProviderErrorException if the response contains an error object, or is not JSON in
  ///   valid UTF-8
  static JsonNode parseResponse(
      byte[] body, Function<JsonNode, Optional<ProviderErrorException>> findError) {
    // Jackson accepts overlong forms and surrogates.
    if (!Utf8.isValid(body, 0, body.length)) {
      throw new ProviderErrorException("the response is not valid UTF-8", Optional.empty());
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new ProviderErrorException("the response is not valid JSON", Optional.empty());
    }
    findError
        .apply(json)
        .ifPresent(it -> {
          throw it;
        });
    return json;
  }
}
