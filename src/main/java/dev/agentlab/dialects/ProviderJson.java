package dev.agentlab.dialects;

import dev.agentlab.json.StrictJsonFactory;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON as providers write it: taken as it comes, numbers kept as written.
public final class ProviderJson {
  /// Less than what Jackson's writer takes (500), because what was read is written again inside
  /// other values.
  private static final int MAX_DEPTH = 400;

  /// So many that their tree takes about a quarter of the memory: of a hostile provider's event.
  private static final long MAX_TOKENS = Math.max(500_000, Runtime.getRuntime().maxMemory() / 200);

  /// The mapper; immutable, safe for all threads.
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

  /// A whole answer, read.
  ///
  /// @param fault finds the error that stands where an answer should
  /// @throws ProviderFault if there is one, or the body is not JSON in UTF-8
  static JsonNode answer(byte[] body, Function<JsonNode, Optional<ProviderErrorException>> fault) {
    // Jackson takes overlong forms and surrogates for characters.
    if (!Utf8.isValid(body, 0, body.length)) {
      throw new ProviderErrorException("the answer is not UTF-8", Optional.empty());
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new ProviderErrorException("the answer is not JSON", Optional.empty());
    }
    fault
        .apply(json)
        .ifPresent(it -> {
          throw it;
        });
    return json;
  }
}
