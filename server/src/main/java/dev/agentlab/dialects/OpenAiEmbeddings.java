package dev.agentlab.dialects;

import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.TokenUsage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads and writes requests for embeddings in OpenAI's dialect, and their responses
/// (https://platform.openai.com/docs/api-reference/embeddings).
final class OpenAiEmbeddings {
  private OpenAiEmbeddings() {}

  /// @throws dev.agentlab.errors.InvalidInputException if the request is not valid, or its input
  ///   consists of token ids
  static EmbeddingRequest read(ObjectNode body) {
    RequestMemberReader members = RequestMemberReader.of(body);
    Member<String> model = new Member<>("model", members.required("model"));
    List<String> texts = texts(members);
    requireKnownFormat(members);
    return new EmbeddingRequest(
        model,
        new Member<>("input", texts),
        member(members, "dimensions"),
        member(members, "user"),
        members.unread());
  }

  private static List<String> texts(RequestMemberReader request) {
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

  /// Removes `encoding_format`, which [#write] applies.
  private static void requireKnownFormat(RequestMemberReader request) {
    Optional<String> format = request.text("encoding_format");
    if (format.isPresent() && !List.of("float", "base64").contains(format.get())) {
      throw request.invalid("encoding_format", "must be float or base64");
    }
  }

  private static Optional<Member<JsonNode>> member(RequestMemberReader request, String name) {
    JsonNode value = request.take(name);
    return value.isMissingNode() ? Optional.empty() : Optional.of(new Member<>(name, value));
  }

  /// The request for a provider.
  static ObjectNode request(EmbeddingRequest request) {
    ObjectNode json = ProviderJson.object().put("model", request.model().value());
    request.texts().value().forEach(json.putArray("input")::add);
    request.dimensions().ifPresent(count -> json.set("dimensions", count.value()));
    request.user().ifPresent(user -> json.set("user", user.value()));
    return json;
  }

  /// Reads the response of a provider, whose vectors may have any order.
  ///
  /// @throws ProviderErrorException if it is not valid
  static EmbeddingVectors vectors(JsonNode json) {
    List<JsonNode> vectors =
        json.path("data")
            .valueStream()
            .sorted(Comparator.comparingInt(it -> it.path("index").intValue(0)))
            .map(it -> it.path("embedding"))
            .toList();
    if (vectors.isEmpty() || !vectors.stream().allMatch(JsonNode::isArray)) {
      throw new ProviderErrorException("the response has no embeddings", Optional.empty());
    }
    return new EmbeddingVectors(vectors, OpenAiUsage.CHAT.read(json.path("usage")));
  }

  /// Writes OpenAI's list of embeddings.
  static CompleteAnswer write(ModelRequest request, EmbeddingVectors embeddings) {
    boolean base64 = request.member("encoding_format").stringValue("").equals("base64");
    ObjectNode json = ProviderJson.object().put("object", "list");
    ArrayNode data = json.putArray("data");
    for (JsonNode vector : embeddings.vectors()) {
      data.addObject()
          .put("object", "embedding")
          .put("index", data.size() - 1)
          .set("embedding", base64 ? StringNode.valueOf(base64(vector)) : vector);
    }
    json.put("model", request.model());
    TokenUsage usage = embeddings.usage();
    if (!usage.equals(TokenUsage.NONE)) {
      json.set("usage", OpenAiUsage.CHAT.write(usage));
    }
    return new CompleteAnswer(ProviderJson.MAPPER.writeValueAsBytes(json), usage, Optional.empty());
  }

  /// The encoding of OpenAI: 32-bit little-endian floats, in Base64.
  private static String base64(JsonNode vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * vector.size()).order(ByteOrder.LITTLE_ENDIAN);
    vector.forEach(number -> bytes.putFloat((float) number.doubleValue()));
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
