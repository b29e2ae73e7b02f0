package dev.agentlab.kinds;

import dev.agentlab.json.JsonbValidator;
import dev.agentlab.security.ModelPattern;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Reads the models in the response of a provider. One reader for all vendors, because each member
/// has one meaning and compatible servers mix them; a member that is missing, of another type or
/// out of range is ignored. Each instance reads one response.
///
/// - OpenAI (https://platform.openai.com/docs/api-reference/models/object): `created`, `owned_by`
/// - OpenRouter (https://openrouter.ai/docs/overview/models): `name`, `created`, `context_length`,
///   `top_provider.max_completion_tokens`, `architecture.input_modalities` and
///   `architecture.output_modalities`
/// - Mistral (https://docs.mistral.ai/api/endpoint/models): `name`, `created`, `owned_by`,
///   `max_context_length`
/// - Groq (https://console.groq.com/docs/api-reference#models): `created`, `owned_by`,
///   `context_window`, `max_completion_tokens`
/// - vLLM (https://docs.vllm.ai/en/latest/api/vllm/entrypoints/openai/protocol.html): `owned_by`,
///   `max_model_len`; `created` is the time of the response
/// - Anthropic (https://platform.claude.com/docs/en/api/models/list): `display_name`, `created_at`,
///   `max_input_tokens`, `max_tokens`
/// - Gemini (https://ai.google.dev/api/models#Model): `displayName`, `inputTokenLimit`,
///   `outputTokenLimit`
/// - Bedrock
///   (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html):
///   `modelName`, `providerName`, `inputModalities`, `outputModalities`
final class ModelReader {
  private static final int MAX_MODELS = 2_000;
  private static final int MAX_TEXT_LENGTH = ModelPattern.MAX_LENGTH;
  private static final int MAX_MODALITIES = 20;

  /// The largest integer that every JSON parser represents exactly.
  private static final long MAX_NUMBER = (1L << 53) - 1;

  private static final List<String> DISPLAY_NAMES =
      List.of("/display_name", "/displayName", "/modelName", "/name");
  private static final List<String> CONTEXT_LENGTHS =
      List.of(
          "/context_length",
          "/context_window",
          "/max_context_length",
          "/max_model_len",
          "/max_input_tokens",
          "/inputTokenLimit");
  private static final List<String> MAX_OUTPUT_TOKENS =
      List.of(
          "/top_provider/max_completion_tokens",
          "/max_completion_tokens",
          "/max_tokens",
          "/outputTokenLimit");
  private static final List<String> INPUT_MODALITIES =
      List.of("/architecture/input_modalities", "/inputModalities");
  private static final List<String> OUTPUT_MODALITIES =
      List.of("/architecture/output_modalities", "/outputModalities");
  private static final List<String> OWNERS = List.of("/owned_by", "/providerName");

  private final ModelListEndpoint endpoint;
  private final SecretRedactor secrets;

  /// The texts that occur in many models, and the lists of them, each once.
  private final Map<Object, Object> shared = new HashMap<>();

  ModelReader(CallableProvider provider) {
    endpoint = provider.modelListEndpoint();
    secrets = SecretRedactor.of(provider);
  }

  /// The models of a list, each once and at most 2,000. A model whose name cannot be used is
  /// omitted.
  List<Model> read(JsonNode list) {
    Map<String, JsonNode> models = new LinkedHashMap<>();
    for (JsonNode model : list) {
      String id = id(model);
      if (models.size() < MAX_MODELS && isShowable(id)) {
        models.putIfAbsent(id, model);
      }
    }
    return models.entrySet().stream().map(it -> read(it.getKey(), it.getValue())).toList();
  }

  private String id(JsonNode model) {
    String id = model.path(endpoint.idMember()).stringValue("");
    return id.startsWith(endpoint.idPrefix()) ? id.substring(endpoint.idPrefix().length()) : id;
  }

  private Model read(String id, JsonNode model) {
    return new Model(
        id,
        text(model, DISPLAY_NAMES, it -> !it.equals(id) && !it.equals(endpoint.idPrefix() + id)),
        number(model, CONTEXT_LENGTHS),
        number(model, MAX_OUTPUT_TOKENS),
        modalities(model, INPUT_MODALITIES),
        modalities(model, OUTPUT_MODALITIES),
        text(model, OWNERS, _ -> true).map(this::share),
        number(model, List.of("/created")).or(() -> creationTime(model)));
  }

  private static Stream<JsonNode> values(JsonNode model, List<String> pointers) {
    return pointers.stream().map(model::at);
  }

  private Optional<String> text(
      JsonNode model, List<String> pointers, Predicate<String> condition) {
    return values(model, pointers)
        .map(value -> value.stringValue(""))
        .filter(condition)
        .filter(this::isShowable)
        .findFirst();
  }

  private static Optional<Long> number(JsonNode model, List<String> pointers) {
    return values(model, pointers)
        .filter(value -> value.isIntegralNumber() && value.canConvertToLong())
        .map(JsonNode::longValue)
        .filter(value -> value > 0 && value <= MAX_NUMBER)
        .findFirst();
  }

  /// `created_at`, a time (RFC 3339) or, of Azure, a number of seconds. 1970 means unknown.
  private static Optional<Long> creationTime(JsonNode model) {
    Optional<Long> seconds = number(model, List.of("/created_at"));
    if (seconds.isPresent()) {
      return seconds;
    }
    try {
      Instant time = OffsetDateTime.parse(model.path("created_at").stringValue("")).toInstant();
      return Optional.of(time.getEpochSecond()).filter(value -> value > 0);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private Optional<List<String>> modalities(JsonNode model, List<String> pointers) {
    return values(model, pointers)
        .map(value -> value.isArray() ? modalities(value) : List.<String>of())
        .filter(it -> !it.isEmpty())
        .findFirst()
        .map(this::share);
  }

  private List<String> modalities(JsonNode list) {
    return list.valueStream()
        .map(value -> value.stringValue("").toLowerCase(Locale.ROOT))
        .filter(this::isShowable)
        .distinct()
        .limit(MAX_MODALITIES)
        .toList();
  }

  @SuppressWarnings("unchecked") // The map contains each key as its own value.
  private <T> T share(T value) {
    return (T) shared.computeIfAbsent(value, it -> it);
  }

  /// Whether a text of the provider is usable and contains no secret.
  private boolean isShowable(String text) {
    return !text.isBlank()
        && text.length() <= MAX_TEXT_LENGTH
        && OptionChecks.text(text).isEmpty()
        && JsonbValidator.isStorable(text)
        && !secrets.foundIn(text);
  }
}
