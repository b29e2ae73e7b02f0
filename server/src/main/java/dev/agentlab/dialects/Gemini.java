package dev.agentlab.dialects;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.net.PercentEncoding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of Google's Gemini API (https://ai.google.dev/api/generate-content).
///
/// Data that OpenAI has no member for is in `extra_content.google` of the tool call, message,
/// choice or response that it belongs to, as in Google's own OpenAI-compatible API. When a caller
/// sends such a message back, it is sent to Gemini unchanged, including thought signatures
/// (https://ai.google.dev/gemini-api/docs/thought-signatures). Request members that are specific to
/// Gemini, such as `safetySettings`, `generationConfig` or `cachedContent`, are sent unchanged, and
/// so are elements of `tools` and of a message's `content` without a `type`.
public final class Gemini implements Dialect {
  /// The member that contains provider-specific data.
  static final String EXTRA_CONTENT = "extra_content";

  /// The member of [#EXTRA_CONTENT] that contains Google's data.
  static final String GOOGLE = "google";

  private static final Pattern COLLECTION =
      Pattern.compile("(?<collection>(models|tunedModels)/)(?<name>.+)");

  @Override
  public ProviderRequest translateRequest(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestMemberReader members = RequestMemberReader.of(request.body(), warnings);
    String model = path(members.required("model"));
    return switch (request.operation()) {
      case CHAT -> {
        String method = request.isStreaming() ? "streamGenerateContent?alt=sse" : "generateContent";
        ObjectNode body = new GeminiRequest(members, request.model()).json();
        yield providerRequest(model + ":" + method, body, warnings);
      }
      case EMBEDDINGS ->
          providerRequest(model + ":batchEmbedContents", embeddings(members, model), warnings);
    };
  }

  private static ProviderRequest providerRequest(
      String path, ObjectNode body, TranslationWarnings warnings) {
    return new ProviderRequest(
        path, Map.of(), ProviderJson.MAPPER.writeValueAsBytes(body), warnings.messages());
  }

  /// The path of a model, whose name may include its collection.
  private static String path(String model) {
    Matcher matcher = COLLECTION.matcher(model);
    return matcher.matches()
        ? matcher.group("collection") + PercentEncoding.encode(matcher.group("name"))
        : "models/" + PercentEncoding.encode(model);
  }

  private static ObjectNode embeddings(RequestMemberReader request, String model) {
    List<String> texts = CanonicalEmbeddings.texts(request);
    CanonicalEmbeddings.validateFormat(request);
    request.ignore("user", "Gemini does not accept a user identifier");
    ObjectNode common = ChatSink.object().put("model", model);
    request.move("dimensions", common, "outputDimensionality");
    request.moveRest(common);
    ObjectNode body = ChatSink.object();
    for (String text : texts) {
      ObjectNode json = body.withArrayProperty("requests").addObject();
      json.setAll(common);
      json.putObject("content").putArray("parts").addObject().put("text", text);
    }
    return body;
  }

  @Override
  public CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.parseResponse(body, Gemini::findError);
    return switch (request.operation()) {
      case CHAT -> GeminiAnswer.completion(request, json, at);
      case EMBEDDINGS -> vectors(request, json);
    };
  }

  private static CompleteAnswer vectors(ModelRequest request, JsonNode json) {
    JsonNode embeddings = json.path("embeddings");
    if (!embeddings.isArray()) {
      throw new ProviderErrorException("the response has no embeddings", Optional.empty());
    }
    List<JsonNode> vectors = embeddings.valueStream().map(it -> it.path("values")).toList();
    JsonNode tokens = json.at("/usageMetadata/promptTokenCount");
    return CanonicalEmbeddings.toResponse(
        request, vectors, tokens.isNumber() ? Optional.of(tokens.longValue()) : Optional.empty());
  }

  @Override
  public StreamReader createStreamReader(
      ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new SseReader(new GeminiStream(expected, at), memory);
  }

  /// Finds the error object of a response, which may be the first element of an array.
  static Optional<ProviderErrorException> findError(JsonNode json) {
    JsonNode error = ProviderErrorLabels.unwrapArray(json).path("error");
    if (!error.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new ProviderErrorException(
            error.path("message").stringValue("unknown error"), ProviderErrorLabels.of(json)));
  }
}
