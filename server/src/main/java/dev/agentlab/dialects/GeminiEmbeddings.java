package dev.agentlab.dialects;

import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.UnreadMembers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a client's request for embeddings in Google's dialect, and writes the response
/// (https://ai.google.dev/api/embeddings).
final class GeminiEmbeddings {
  private static final String DIMENSIONS = "outputDimensionality";
  private static final String NO_EQUIVALENT = "only Google has it";

  private GeminiEmbeddings() {}

  /// @throws dev.agentlab.errors.InvalidInputException if the request is not valid, or asks for
  ///   embeddings of several kinds
  static EmbeddingRequest read(ModelRequest request, TranslationWarnings warnings) {
    RequestMemberReader body =
        RequestMemberReader.of(request.body(), GeminiRequestReader::camelCase);
    return request.operation() == Operation.EMBED_CONTENT
        ? request(request, "content", texts(List.of(body)), dimensions(body), warnings, body)
        : readBatch(request, body, warnings);
  }

  private static EmbeddingRequest readBatch(
      ModelRequest request, RequestMemberReader body, TranslationWarnings warnings) {
    JsonNode list = body.list("requests");
    if (list.isEmpty()) {
      throw body.invalid("requests", "must be a non-empty array of requests");
    }
    List<RequestMemberReader> requests = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      requests.add(body.nested("requests[" + i + "]", list.path(i)));
    }
    List<String> texts = texts(requests);
    Optional<Member<JsonNode>> dimensions = dimensions(requests.getFirst());
    for (RequestMemberReader other : requests.subList(1, requests.size())) {
      if (!dimensions(other).map(Member::value).equals(dimensions.map(Member::value))) {
        throw other.invalid(DIMENSIONS, "must be the same in all requests");
      }
    }
    return request(
        request,
        "requests",
        texts,
        dimensions,
        warnings,
        requests.toArray(RequestMemberReader[]::new));
  }

  private static EmbeddingRequest request(
      ModelRequest request,
      String path,
      List<String> texts,
      Optional<Member<JsonNode>> dimensions,
      TranslationWarnings warnings,
      RequestMemberReader... unread) {
    for (RequestMemberReader it : unread) {
      warnings.addIgnored(it.unread(), NO_EQUIVALENT);
    }
    JsonNode ofAgent = request.defaultValue("dimensions");
    return new EmbeddingRequest(
        new Member<>("model", request.model()),
        new Member<>(path, texts),
        ofAgent.isMissingNode()
            ? dimensions
            : dimensions.or(() -> Optional.of(new Member<>("dimensions", ofAgent))),
        Optional.empty(),
        UnreadMembers.NONE);
  }

  private static Optional<Member<JsonNode>> dimensions(RequestMemberReader request) {
    JsonNode dimensions = request.number(DIMENSIONS);
    return dimensions.isMissingNode()
        ? Optional.empty()
        : Optional.of(new Member<>(request.path(DIMENSIONS), dimensions));
  }

  /// Reads the text of each request.
  private static List<String> texts(List<RequestMemberReader> requests) {
    List<String> texts = new ArrayList<>();
    for (RequestMemberReader request : requests) {
      request.take("model");
      RequestMemberReader content = request.nested("content", request.take("content"));
      StringBuilder text = new StringBuilder();
      for (JsonNode part : content.list("parts")) {
        if (!part.path("text").isString()) {
          throw content.invalid("parts", "must have only text: this model embeds nothing else");
        }
        text.append(part.path("text").stringValue());
      }
      if (text.isEmpty()) {
        throw content.invalid("parts", "must have a text");
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /// Writes Google's list of embeddings, or the only one.
  static CompleteAnswer write(Operation operation, EmbeddingVectors embeddings) {
    ObjectNode json = ProviderJson.object();
    ArrayNode list = ProviderJson.array();
    for (JsonNode vector : embeddings.vectors()) {
      list.addObject().set("values", vector);
    }
    if (operation == Operation.EMBED_CONTENT) {
      json.set("embedding", list.path(0));
    } else {
      json.set("embeddings", list);
    }
    TokenUsage usage = embeddings.usage();
    if (!usage.equals(TokenUsage.NONE)) {
      json.putObject("usageMetadata").put("promptTokenCount", usage.totalInput());
    }
    return new CompleteAnswer(ProviderJson.MAPPER.writeValueAsBytes(json), usage, Optional.empty());
  }
}
