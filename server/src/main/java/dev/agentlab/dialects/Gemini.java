package dev.agentlab.dialects;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.EmbeddingRequest;
import dev.agentlab.conversation.EmbeddingVectors;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.net.PercentEncoding;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of Google's Gemini API (https://ai.google.dev/api/generate-content).
///
/// Data without a neutral form is that of the vendor `google`, of the tool call, message, choice or
/// response that it belongs to, as in Google's own OpenAI-compatible API. When a client sends such
/// a message back, it is sent to Gemini unchanged, including thought signatures
/// (https://ai.google.dev/gemini-api/docs/thought-signatures). Request members that are specific to
/// Gemini, such as `safetySettings`, `generationConfig` or `cachedContent`, are sent unchanged, and
/// so are elements of `tools` and of a message's `content` without a `type`.
public final class Gemini extends ProviderDialect {
  /// The vendor of Gemini's data.
  static final String VENDOR = "google";

  private static final Optional<PassThrough> PASS_THROUGH = Optional.of(new GeminiPassThrough());

  private static final Pattern COLLECTION =
      Pattern.compile("(?<collection>(models|tunedModels)/)(?<name>.+)");

  @Override
  public String vendor() {
    return VENDOR;
  }

  @Override
  Optional<PassThrough> passThrough(Operation operation) {
    return switch (operation) {
      case GENERATE_CONTENT, COUNT_CONTENT_TOKENS, EMBED_CONTENT, BATCH_EMBED_CONTENTS ->
          PASS_THROUGH;
      default -> Optional.empty();
    };
  }

  @Override
  ProviderRequest writeChat(ChatRequest request, TranslationWarnings warnings) {
    ObjectNode body = new GeminiRequestWriter(request, warnings).json();
    return providerRequest(
        path(request.model().value(), Operation.GENERATE_CONTENT, request.isStreaming()),
        body,
        warnings);
  }

  /// The path of an operation, relative to the base URL.
  static String path(String model, Operation operation, boolean isStreaming) {
    String method = isStreaming ? "streamGenerateContent?alt=sse" : operation.path();
    return path(model) + ":" + method;
  }

  @Override
  ProviderRequest writeEmbeddings(EmbeddingRequest request, TranslationWarnings warnings) {
    String model = path(request.model().value());
    return providerRequest(
        model + ":" + Operation.BATCH_EMBED_CONTENTS.path(),
        embeddings(request, model, warnings),
        warnings);
  }

  private static ProviderRequest providerRequest(
      String path, ObjectNode body, TranslationWarnings warnings) {
    return new ProviderRequest(
        path, Map.of(), ProviderJson.MAPPER.writeValueAsBytes(body), warnings.messages());
  }

  /// The path of a model, whose name may include its collection.
  static String path(String model) {
    Matcher matcher = COLLECTION.matcher(model);
    return matcher.matches()
        ? matcher.group("collection") + PercentEncoding.encode(matcher.group("name"))
        : "models/" + PercentEncoding.encode(model);
  }

  private static ObjectNode embeddings(
      EmbeddingRequest request, String model, TranslationWarnings warnings) {
    request
        .user()
        .filter(user -> RequestMemberReader.hasEffect(user.value()))
        .ifPresent(
            user -> warnings.addIgnored(user.path(), "Gemini does not accept a user identifier"));
    ObjectNode common = ProviderJson.object().put("model", model);
    request.dimensions().ifPresent(count -> common.set("outputDimensionality", count.value()));
    RequestMemberReader.of(request.unread(), warnings).moveRest(common);
    ObjectNode body = ProviderJson.object();
    for (String text : request.texts().value()) {
      ObjectNode json = body.withArrayProperty("requests").addObject();
      json.setAll(common);
      json.putObject("content").putArray("parts").addObject().put("text", text);
    }
    return body;
  }

  @Override
  Optional<ProviderErrorException> findError(JsonNode json) {
    return error(json);
  }

  @Override
  void readChat(JsonNode json, Instant at, Consumer<StreamEvent> events) {
    GeminiResponseReader.read(json, at, events);
  }

  @Override
  EmbeddingVectors readEmbeddings(String model, JsonNode json) {
    JsonNode embeddings = json.path("embeddings");
    if (!embeddings.isArray()) {
      throw new ProviderErrorException("the response has no embeddings", Optional.empty());
    }
    return EmbeddingVectors.of(
        embeddings.valueStream().map(it -> it.path("values")).toList(),
        json.at("/usageMetadata/promptTokenCount"));
  }

  @Override
  ProviderStreamReader createReader(StreamMemory memory, Instant at, Consumer<StreamEvent> events) {
    return new SseStreamReader(
        memory, events, translated -> new GeminiStreamReader(memory, at, translated));
  }

  /// Finds the error object of a response, which may be the first element of an array.
  static Optional<ProviderErrorException> error(JsonNode json) {
    JsonNode error = ProviderErrorLabels.unwrapArray(json).path("error");
    if (!error.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new ProviderErrorException(
            error.path("message").stringValue("unknown error"), ProviderErrorLabels.of(json)));
  }
}
