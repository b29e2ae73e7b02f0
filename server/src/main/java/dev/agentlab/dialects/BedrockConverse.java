package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.net.PercentEncoding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of Amazon Bedrock: the Converse API for chats
/// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html), and the
/// model-specific requests for embeddings.
///
/// Data without a neutral form is that of the vendor `bedrock`, of the message, choice or response
/// that it belongs to, except Bedrock's own `metrics`. When a client sends such a message back, it
/// is sent to Bedrock unchanged, including signed reasoning. Request members that are specific to
/// Converse, such as `guardrailConfig`, are sent unchanged, and so are elements of `tools` and of a
/// message's `content` without a `type`, such as a `cachePoint`. All other members are sent to the
/// model itself, in `additionalModelRequestFields`.
public final class BedrockConverse extends ProviderDialect {
  /// The vendor of Bedrock's data.
  static final String VENDOR = "bedrock";

  private static final Map<String, String> STREAM_HEADERS =
      Map.of("Accept", "application/vnd.amazon.eventstream");

  @Override
  public String vendor() {
    return VENDOR;
  }

  @Override
  ProviderRequest writeChat(ChatRequest request, TranslationWarnings warnings) {
    ObjectNode body = new BedrockConverseRequestWriter(request, warnings).json();
    String model = request.model().value();
    return request.isStreaming()
        ? providerRequest(model, "converse-stream", STREAM_HEADERS, body, warnings)
        : providerRequest(model, "converse", Map.of(), body, warnings);
  }

  @Override
  ProviderRequest writeEmbeddings(EmbeddingRequest request, TranslationWarnings warnings) {
    String model = request.model().value();
    ObjectNode body = BedrockEmbeddings.of(model).json(request, warnings);
    return providerRequest(model, "invoke", Map.of(), body, warnings);
  }

  private static ProviderRequest providerRequest(
      String model,
      String action,
      Map<String, String> headers,
      ObjectNode body,
      TranslationWarnings warnings) {
    String path = "model/" + PercentEncoding.encode(model) + "/" + action;
    return new ProviderRequest(
        path, headers, ProviderJson.MAPPER.writeValueAsBytes(body), warnings.messages());
  }

  @Override
  Optional<ProviderErrorException> findError(JsonNode json) {
    return Optional.empty();
  }

  @Override
  void readChat(JsonNode json, Instant at, Consumer<StreamEvent> events) {
    BedrockConverseResponseReader.read(json, events);
  }

  @Override
  EmbeddingVectors readEmbeddings(String model, JsonNode json) {
    List<JsonNode> vectors = BedrockEmbeddings.of(model).vectors(json);
    if (vectors.isEmpty()) {
      throw new ProviderErrorException("the response has no embeddings", Optional.empty());
    }
    return EmbeddingVectors.of(vectors, json.path("inputTextTokenCount"));
  }

  @Override
  ProviderStreamReader createReader(StreamMemory memory, Instant at, Consumer<StreamEvent> events) {
    return new BedrockConverseStreamReader(memory, events);
  }

  /// The model families for embeddings, each with its own request format.
  private enum BedrockEmbeddings {
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
    TITAN("amazon.titan-embed-text") {
      @Override
      void write(EmbeddingRequest request, RequestMemberReader members, ObjectNode body) {
        if (request.texts().value().size() > 1) {
          throw new InvalidInputException(
              request.texts().path(), "must be one string: Titan embeds one string per request");
        }
        body.put("inputText", request.texts().value().getFirst());
        request.dimensions().ifPresent(count -> body.set("dimensions", count.value()));
      }

      @Override
      List<JsonNode> vectors(JsonNode answer) {
        return List.of(answer.path("embedding")).stream().filter(JsonNode::isArray).toList();
      }
    },
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
    COHERE("cohere.embed") {
      @Override
      void write(EmbeddingRequest request, RequestMemberReader members, ObjectNode body) {
        request.texts().value().forEach(body.putArray("texts")::add);
        request.dimensions().ifPresent(count -> body.set("output_dimension", count.value()));
        members.move("input_type", body, "input_type");
        if (!body.has("input_type")) {
          body.put("input_type", "search_document");
          members.warn("input_type", "is not set: search_document is used");
        }
      }

      @Override
      List<JsonNode> vectors(JsonNode answer) {
        JsonNode embeddings = answer.path("embeddings");
        return (embeddings.isObject() ? embeddings.path("float") : embeddings)
            .valueStream()
            .toList();
      }
    };

    private final String family;

    BedrockEmbeddings(String family) {
      this.family = family;
    }

    /// @param members Bedrock's own members of the request
    abstract void write(EmbeddingRequest request, RequestMemberReader members, ObjectNode body);

    abstract List<JsonNode> vectors(JsonNode answer);

    /// The family of the requested model, whose name may have a region prefix or be part of an ARN.
    static BedrockEmbeddings of(String model) {
      for (BedrockEmbeddings embeddings : values()) {
        if (model.contains(embeddings.family)) {
          return embeddings;
        }
      }
      throw new InvalidInputException(
          "model", "must be an amazon.titan-embed-text or cohere.embed model for embeddings");
    }

    ObjectNode json(EmbeddingRequest request, TranslationWarnings warnings) {
      RequestMemberReader members = RequestMemberReader.of(request.unread(), warnings);
      request
          .user()
          .filter(user -> RequestMemberReader.hasEffect(user.value()))
          .ifPresent(user ->
              warnings.addIgnored(user.path(), "Bedrock does not accept a user identifier"));
      ObjectNode body = ProviderJson.object();
      write(request, members, body);
      members.moveRest(body);
      return body;
    }
  }
}
