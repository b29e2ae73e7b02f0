package dev.agentlab.dialects;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads canonical embedding requests and writes the canonical embedding list.
final class CanonicalEmbeddings {
  private CanonicalEmbeddings() {}

  /// The input strings; never empty.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if `input` is neither a string nor a
  ///   non-empty array of strings
  static List<String> texts(RequestMemberReader request) {
    JsonNode input = request.take("input");
    List<String> texts = new ArrayList<>();
    if (input.isString()) {
      texts.add(input.stringValue());
    } else if (input instanceof ArrayNode list && !list.isEmpty()) {
      for (JsonNode text : list) {
        if (!text.isString()) {
          throw request.invalid(
              "input",
              "must be a string or an array of strings: this provider does not accept token ids");
        }
        texts.add(text.stringValue());
      }
    } else {
      throw request.invalid("input", "must be a string or a non-empty array of strings");
    }
    return texts;
  }

  /// Validates and removes `encoding_format`, which [#toResponse] applies.
  static void validateFormat(RequestMemberReader request) {
    Optional<String> format = request.text("encoding_format");
    if (format.isPresent() && !List.of("float", "base64").contains(format.get())) {
      throw request.invalid("encoding_format", "must be float or base64");
    }
  }

  /// Creates OpenAI's list of embeddings.
  ///
  /// @param vectors arrays of numbers, in the order of the input strings
  /// @param tokens the number of input tokens, if the provider reports it
  static CompleteAnswer toResponse(
      ModelRequest request, List<JsonNode> vectors, Optional<Long> tokens) {
    boolean base64 = request.body().path("encoding_format").stringValue("").equals("base64");
    ObjectNode json = ChatSink.object().put("object", "list");
    ArrayNode data = json.putArray("data");
    for (JsonNode vector : vectors) {
      data.addObject()
          .put("object", "embedding")
          .put("index", data.size() - 1)
          .set("embedding", base64 ? StringNode.valueOf(base64(vector)) : vector);
    }
    json.put("model", request.model());
    tokens.ifPresent(
        count -> json.putObject("usage").put("prompt_tokens", count).put("total_tokens", count));
    return CompleteAnswer.of(json);
  }

  /// The encoding of OpenAI: 32-bit little-endian floats, in Base64.
  private static String base64(JsonNode vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * vector.size()).order(ByteOrder.LITTLE_ENDIAN);
    vector.forEach(number -> bytes.putFloat((float) number.doubleValue()));
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
