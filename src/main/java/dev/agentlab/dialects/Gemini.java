package dev.agentlab.dialects;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Google's Gemini API (https://ai.google.dev/api/generate-content).
///
/// What OpenAI has no member for stands in `extra_content.google`, of the tool call, message,
/// choice or answer it belongs to, as in Google's own OpenAI-compatible API. A message that is sent
/// back with it is given to Gemini as it was, thought signatures included
/// (https://ai.google.dev/gemini-api/docs/thought-signatures). Members of a request that are
/// Gemini's, such as `safetySettings`, `generationConfig` or `cachedContent`, are sent as they are,
/// and so are elements of `tools` and of a message's `content` that have no `type`.
public final class Gemini implements Dialect {
  /// Where Google's own part of a message stands.
  static final String EXTRA = "extra_content";

  /// Whose it is.
  static final String GOOGLE = "google";

  private static final Pattern COLLECTION =
      Pattern.compile("(?<collection>(models|tunedModels)/)(?<name>.+)");

  @Override
  public ProviderRequest write(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestMembers members = RequestMembers.of(request.body(), warnings);
    String model = path(members.required("model"));
    return switch (request.operation()) {
      case CHAT -> {
        String call = request.streams() ? "streamGenerateContent?alt=sse" : "generateContent";
        ObjectNode body = new GeminiRequest(members, request.model()).json();
        yield wire(model + ":" + call, body, warnings);
      }
      case EMBEDDINGS -> wire(model + ":batchEmbedContents", embeddings(members, model), warnings);
    };
  }

  private static ProviderRequest wire(String path, ObjectNode body, TranslationWarnings warnings) {
    return new ProviderRequest(
        path, Map.of(), ProviderJson.MAPPER.writeValueAsBytes(body), warnings.sentences());
  }

  /// A model's name is given with or without the collection it is in.
  private static String path(String model) {
    Matcher whole = COLLECTION.matcher(model);
    return whole.matches()
        ? whole.group("collection") + PercentEncoder.encoded(whole.group("name"))
        : "models/" + PercentEncoder.encoded(model);
  }

  private static ObjectNode embeddings(RequestMembers request, String model) {
    List<String> texts = CanonicalEmbeddings.texts(request);
    CanonicalEmbeddings.checkFormat(request);
    request.omit("user", "Gemini does not ask who uses it");
    ObjectNode common = ChatSink.object().put("model", model);
    request.move("dimensions", common, "outputDimensionality");
    request.moveRest(common);
    ObjectNode body = ChatSink.object();
    for (String text : texts) {
      ObjectNode one = body.withArrayProperty("requests").addObject();
      one.setAll(common);
      one.putObject("content").putArray("parts").addObject().put("text", text);
    }
    return body;
  }

  @Override
  public CompleteAnswer answer(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.answer(body, Gemini::fault);
    return switch (request.operation()) {
      case CHAT -> GeminiAnswer.whole(request, json, at);
      case EMBEDDINGS -> vectors(request, json);
    };
  }

  private static CompleteAnswer vectors(ModelRequest request, JsonNode json) {
    JsonNode embeddings = json.path("embeddings");
    if (!embeddings.isArray()) {
      throw new ProviderErrorException("the answer has no embeddings", Optional.empty());
    }
    List<JsonNode> vectors = embeddings.valueStream().map(it -> it.path("values")).toList();
    JsonNode tokens = json.at("/usageMetadata/promptTokenCount");
    return CanonicalEmbeddings.list(
        request, vectors, tokens.isNumber() ? Optional.of(tokens.longValue()) : Optional.empty());
  }

  @Override
  public StreamReader stream(ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new SseReader(new GeminiStream(expected, at), memory);
  }

  /// The error that stands where an answer should, alone or as an element of a list.
  static Optional<ProviderErrorException> fault(JsonNode json) {
    JsonNode error = ProviderErrorLabels.told(json).path("error");
    if (!error.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new ProviderErrorException(
            error.path("message").stringValue("unknown error"), ProviderErrorLabels.of(json)));
  }
}
