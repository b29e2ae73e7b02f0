package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.secrets.EncryptedSecret;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The configuration of a provider: its kind, its base URL and the options of the kind. Created by
/// [ProviderKinds]. Its string form and its JSON form mask all secrets; only [#stored] contains
/// them, in plaintext unless they are encrypted.
///
/// Immutable.
public final class ProviderConfig {
  private final JsonNode stored;
  private final Optional<ProviderKind> kind;
  private final SecretClassifier classifier;
  private final String baseUrl;

  /// @param stored must not be modified afterwards
  ProviderConfig(JsonNode stored, Optional<ProviderKind> kind) {
    this.stored = stored;
    this.kind = kind;
    classifier = new SecretClassifier(kind);
    baseUrl =
        stored
            .path("base_url")
            .stringValueOpt()
            .filter(url -> !url.isEmpty())
            .or(() -> kind.flatMap(it -> it.baseUrl().defaultValue()))
            .orElse("");
  }

  /// The name of the kind; empty if the stored JSON has none.
  public String name() {
    return stored.path("name").stringValue("");
  }

  /// The configuration as JSON for responses: `base_url` is the configured or the default URL. Each
  /// secret is `{"set": true, "hint": "…"}`, with `updated_at` if it is stored, or `{"set": true,
  /// "env": "…"}` for a reference.
  @JsonValue
  public ObjectNode toMaskedJson() {
    return toMaskedJson(Secret::toMaskedJson);
  }

  /// The JSON of [#toMaskedJson()] with another form of each plaintext secret, such as a hash.
  public ObjectNode toMaskedJson(Function<Secret, ? extends JsonNode> plaintextForm) {
    JsonNode masked =
        classifier.map(stored, (_, secret) -> SecretClassifier.mask(secret, plaintextForm));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", name()).put("base_url", maskedBaseUrl());
    json.set(
        "options",
        masked.path("options").isObject()
            ? masked.get("options")
            : JsonNodeFactory.instance.objectNode());
    if (masked.path("model").isObject()) {
      json.set("model", masked.get("model"));
    }
    return json;
  }

  /// The masked base URL; the default if none is stored.
  String maskedBaseUrl() {
    return EncryptedSecret.parse(stored.path("base_url"))
        .map(EncryptedSecret::hint)
        .orElseGet(() -> MaskedUrl.of(baseUrl));
  }

  /// Whether any secret is encrypted.
  public boolean hasEncryptedSecrets() {
    return hasSecret(secret -> EncryptedSecret.parse(secret).isPresent());
  }

  /// Whether any secret is plaintext; such a configuration must not be stored.
  public boolean hasPlaintextSecrets() {
    return hasSecret(JsonNode::isValueNode);
  }

  private boolean hasSecret(Predicate<JsonNode> condition) {
    AtomicBoolean found = new AtomicBoolean();
    var _ =
        classifier.map(
            stored,
            (_, secret) -> {
              found.compareAndSet(false, condition.test(secret));
              return secret;
            });
    return found.get();
  }

  /// A copy with each secret replaced, as by [SecretClassifier#map].
  public ProviderConfig mapSecrets(BiFunction<String, JsonNode, JsonNode> mapper) {
    return new ProviderConfig(classifier.map(stored, mapper), kind);
  }

  /// Where and how the configuration sends its secrets, as text.
  ///
  /// @see SecretDestination
  public String destination() {
    return SecretDestination.of(this);
  }

  /// The stored value at a path.
  ///
  /// @param field a JSON pointer (RFC 6901)
  public JsonNode at(String field) {
    return stored.at(field);
  }

  /// The JSON to store, including secrets: `{"name", "base_url", "options", "model"}`. `base_url`
  /// and `model` are omitted if not set. Other members that were stored before are kept.
  public JsonNode stored() {
    return stored.deepCopy();
  }

  /// The configured base URL, or the default of the kind, or empty. It is not validated:
  /// [ProviderKinds#build] may reject it.
  String baseUrl() {
    return baseUrl;
  }

  /// The value of a text option, secret or not; empty if it is missing or not text.
  String textOrEmpty(String option) {
    return stored.path("options").path(option).stringValue("");
  }

  /// The value of an option as text, secret or not; empty if it is missing or of another type.
  String textOrEmpty(Option option) {
    return option.text(stored.path("options").path(option.name()));
  }

  /// The value of an option that is a list; empty if it is missing or of another type.
  Optional<JsonNode> list(Option option) {
    return Optional.of(stored.path("options").path(option.name())).filter(JsonNode::isArray);
  }

  /// The models that the gateway offers.
  public ModelSelection models() {
    return GatewayOptionsReader.readModels(this);
  }

  /// The priority among providers that have a model of the same name; the highest is preferred.
  public int priority() {
    return GatewayOptionsReader.readPriority(this);
  }

  /// The value of an option as text, secret or not, or its default.
  Optional<String> valueOrDefault(Option option) {
    return Optional.of(textOrEmpty(option))
        .filter(text -> !text.isEmpty())
        .or(option::defaultValue);
  }

  /// The value of an option that the kind declares, or its default.
  Optional<String> valueOrDefault(String option) {
    return kind.flatMap(it -> it.option(option)).flatMap(this::valueOrDefault);
  }

  /// The value of a non-empty option that is not a secret.
  Optional<String> nonSecretText(String option) {
    return classifier.isSecretOption(option)
        ? Optional.empty()
        : Optional.of(textOrEmpty(option)).filter(text -> !text.isEmpty());
  }

  /// The value of a non-empty option as a secret.
  Optional<Secret> secret(String option) {
    return Optional.of(textOrEmpty(option)).filter(text -> !text.isEmpty()).map(Secret::of);
  }

  /// Whether an option is a reference to a secret outside the configuration.
  boolean isReference(Option option) {
    return classifier
        .findReference(option.name(), stored.path("options").path(option.name()))
        .isPresent();
  }

  /// Whether an option has a value, of any form.
  boolean isSet(Option option) {
    JsonNode value = stored.path("options").path(option.name());
    return value.isContainer() || !value.asString("").isEmpty();
  }

  /// The references to secrets outside the configuration, by option.
  Map<String, SecretReference> secretReferences() {
    Map<String, SecretReference> references = new LinkedHashMap<>();
    kind.stream()
        .flatMap(ProviderKind::secrets)
        .map(Option::name)
        .forEach(option ->
            classifier
                .findReference(option, stored.path("options").path(option))
                .ifPresent(it -> references.put(option, it)));
    return references;
  }

  /// Whether any secret is a reference, whose value may change between requests.
  public boolean hasReferences() {
    return !secretReferences().isEmpty();
  }

  /// A copy with other values of some options.
  ProviderConfig withOptions(Map<String, Secret> options) {
    if (options.isEmpty() || !(stored() instanceof ObjectNode json)) {
      return this;
    }
    ObjectNode target = json.withObjectProperty("options");
    options.forEach((option, secret) -> target.put(option, secret.reveal()));
    return new ProviderConfig(json, kind);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProviderConfig that && stored.equals(that.stored);
  }

  @Override
  public int hashCode() {
    return stored.hashCode();
  }

  /// The JSON of [#toMaskedJson()].
  @Override
  public String toString() {
    return toMaskedJson().toString();
  }
}
