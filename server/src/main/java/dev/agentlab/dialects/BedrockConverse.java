package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.PercentEncoding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of Amazon Bedrock: the Converse API for chats
/// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html), and the
/// model-specific requests for embeddings.
///
/// Data that OpenAI has no member for is in `extra_content.bedrock` of the message, choice or
/// response that it belongs to, except Bedrock's own `metrics`. When a caller sends such a message
/// back, it is sent to Bedrock unchanged, including signed reasoning. Request members that are
/// specific to Converse, such as `guardrailConfig`, are sent unchanged, and so are elements of
/// `tools` and of a message's `content` without a `type`, such as a `cachePoint`. All other members
/// are sent to the model itself, in `additionalModelRequestFields`.
public final class BedrockConverse implements Dialect {
  /// The member that contains provider-specific data.
  static final String EXTRA_CONTENT = "extra_content";

  /// The member of [#EXTRA_CONTENT] that contains Bedrock's data.
  static final String BEDROCK = "bedrock";

  private static final Map<String, String> STREAM_HEADERS =
      Map.of("Accept", "application/vnd.amazon.eventstream");

  @Override
  public ProviderRequest translateRequest(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestMemberReader members = RequestMemberReader.of(request.body(), warnings);
    String model = members.required("model");
    return switch (request.operation()) {
      case CHAT -> {
        ObjectNode body = new BedrockConverseRequest(members).json();
        yield request.isStreaming()
            ? providerRequest(model, "converse-stream", STREAM_HEADERS, body, warnings)
            : providerRequest(model, "converse", Map.of(), body, warnings);
      }
      case EMBEDDINGS ->
          providerRequest(
              model, "invoke", Map.of(), BedrockEmbeddings.of(request).json(members), warnings);
    };
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
  public CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, _ -> Optional.empty());
    return switch (request.operation()) {
      case CHAT -> BedrockConverseAnswer.completion(request, json, at);
      case EMBEDDINGS -> vectors(request, json);
    };
  }

  private static CompleteAnswer vectors(ModelRequest request, JsonNode json) {
    List<JsonNode> vectors = BedrockEmbeddings.of(request).vectors(json);
    if (vectors.isEmpty()) {
      throw new ProviderErrorException("the response has no embeddings", Optional.empty());
    }
    JsonNode tokens = json.path("inputTextTokenCount");
    return CanonicalEmbeddings.toResponse(
        request, vectors, tokens.isNumber() ? Optional.of(tokens.longValue()) : Optional.empty());
  }

  @Override
  public StreamReader createStreamReader(
      ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new BedrockConverseStream(expected, at, memory);
  }

  /// The model families for embeddings, each with its own request format.
  private enum BedrockEmbeddings {
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
    TITAN("amazon.titan-embed-text") {
      @Override
      void write(RequestMemberReader request, List<String> texts, ObjectNode body) {
        if (texts.size() > 1) {
          throw request.invalid("input", "must be one string: Titan embeds one string per request");
        }
        body.put("inputText", texts.getFirst());
        request.move("dimensions", body, "dimensions");
      }

      @Override
      List<JsonNode> vectors(JsonNode answer) {
        return List.of(answer.path("embedding")).stream().filter(JsonNode::isArray).toList();
      }
    },
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
    COHERE("cohere.embed") {
      @Override
      void write(RequestMemberReader request, List<String> texts, ObjectNode body) {
        texts.forEach(body.putArray("texts")::add);
        request.move("dimensions", body, "output_dimension");
        request.move("input_type", body, "input_type");
        if (!body.has("input_type")) {
          body.put("input_type", "search_document");
          request.warn("input_type", "is not set: search_document is used");
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

    abstract void write(RequestMemberReader request, List<String> texts, ObjectNode body);

    abstract List<JsonNode> vectors(JsonNode answer);

    /// The family of the requested model, whose name may have a region prefix or be part of an ARN.
    static BedrockEmbeddings of(ModelRequest request) {
      for (BedrockEmbeddings embeddings : values()) {
        if (request.model().contains(embeddings.family)) {
          return embeddings;
        }
      }
      throw new InvalidInputException(
          "model", "must be an amazon.titan-embed-text or cohere.embed model for embeddings");
    }

    ObjectNode json(RequestMemberReader request) {
      List<String> texts = CanonicalEmbeddings.texts(request);
      CanonicalEmbeddings.validateFormat(request);
      request.ignore("user", "Bedrock does not accept a user identifier");
      ObjectNode body = ChatSink.object();
      write(request, texts, body);
      request.moveRest(body);
      return body;
    }
  }
}
