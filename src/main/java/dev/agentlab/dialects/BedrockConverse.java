package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Amazon Bedrock: its Converse API for chats
/// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html), and for
/// embeddings the calls of the models that make them.
///
/// What OpenAI has no member for stands in `extra_content.bedrock`, of the message, choice or
/// answer it belongs to, but for the `metrics` of Bedrock itself. A message that is sent back with
/// it is given to Bedrock as it was, signed thoughts included. Members of a request that are
/// Converse's, such as `guardrailConfig`, are sent as they are, and so are elements of `tools` and
/// of a message's `content` that have no `type`, such as a `cachePoint`. All other members go to
/// the model itself, in `additionalModelRequestFields`.
public final class BedrockConverse implements Dialect {
  /// Where Bedrock's own part of a message stands.
  static final String EXTRA = "extra_content";

  /// Whose it is.
  static final String BEDROCK = "bedrock";

  private static final Map<String, String> STREAMED =
      Map.of("Accept", "application/vnd.amazon.eventstream");

  @Override
  public ProviderRequest write(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestMembers members = RequestMembers.of(request.body(), warnings);
    String model = members.required("model");
    return switch (request.operation()) {
      case CHAT -> {
        ObjectNode body = new BedrockConverseRequest(members).json();
        yield request.streams()
            ? wire(model, "converse-stream", STREAMED, body, warnings)
            : wire(model, "converse", Map.of(), body, warnings);
      }
      case EMBEDDINGS ->
          wire(model, "invoke", Map.of(), BedrockEmbeddings.of(request).json(members), warnings);
    };
  }

  private static ProviderRequest wire(
      String model,
      String call,
      Map<String, String> headers,
      ObjectNode body,
      TranslationWarnings warnings) {
    String path = "model/" + PercentEncoder.encoded(model) + "/" + call;
    return new ProviderRequest(
        path, headers, ProviderJson.MAPPER.writeValueAsBytes(body), warnings.sentences());
  }

  @Override
  public CompleteAnswer answer(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.answer(body, _ -> Optional.empty());
    return switch (request.operation()) {
      case CHAT -> BedrockConverseAnswer.whole(request, json, at);
      case EMBEDDINGS -> vectors(request, json);
    };
  }

  private static CompleteAnswer vectors(ModelRequest request, JsonNode json) {
    List<JsonNode> vectors = BedrockEmbeddings.of(request).vectors(json);
    if (vectors.isEmpty()) {
      throw new ProviderErrorException("the answer has no embeddings", Optional.empty());
    }
    JsonNode tokens = json.path("inputTextTokenCount");
    return CanonicalEmbeddings.list(
        request, vectors, tokens.isNumber() ? Optional.of(tokens.longValue()) : Optional.empty());
  }

  @Override
  public StreamReader stream(ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new BedrockConverseStream(expected, at, memory);
  }

  /// The models that make embeddings, each family with a call of its own.
  private enum BedrockEmbeddings {
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
    TITAN("amazon.titan-embed-text") {
      @Override
      void write(RequestMembers request, List<String> texts, ObjectNode body) {
        if (texts.size() > 1) {
          throw request.fault("input", "must be one text: Titan embeds one with each call");
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
      void write(RequestMembers request, List<String> texts, ObjectNode body) {
        texts.forEach(body.putArray("texts")::add);
        request.move("dimensions", body, "output_dimension");
        request.move("input_type", body, "input_type");
        if (!body.has("input_type")) {
          body.put("input_type", "search_document");
          request.note("input_type", "is not given, so search_document is taken");
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

    abstract void write(RequestMembers request, List<String> texts, ObjectNode body);

    abstract List<JsonNode> vectors(JsonNode answer);

    /// The family of a model, whose name may have a region before it or stand in an ARN.
    static BedrockEmbeddings of(ModelRequest request) {
      for (BedrockEmbeddings one : values()) {
        if (request.model().contains(one.family)) {
          return one;
        }
      }
      throw new InvalidInputException(
          "model", "must be an amazon.titan-embed-text or cohere.embed model to make embeddings");
    }

    ObjectNode json(RequestMembers request) {
      List<String> texts = CanonicalEmbeddings.texts(request);
      CanonicalEmbeddings.checkFormat(request);
      request.omit("user", "Bedrock does not ask who uses it");
      ObjectNode body = ChatSink.object();
      write(request, texts, body);
      request.moveRest(body);
      return body;
    }
  }
}
