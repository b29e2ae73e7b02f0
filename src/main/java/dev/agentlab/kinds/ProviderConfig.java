package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How a provider is configured: its kind, its address and the kind's options. Made by
/// [ProviderKinds]. Printed or written as JSON it shows no secret; only [#stored] does, unless they
/// are sealed.
///
/// Immutable.
public final class ProviderConfig {
  private final JsonNode stored;
  private final Optional<ProviderKind> kind;
  private final String baseUrl;

  /// @param stored not changed after this
  ProviderConfig(JsonNode stored, Optional<ProviderKind> kind) {
    this.stored = stored;
    this.kind = kind;
    baseUrl =
        stored
            .path("base_url")
            .stringValueOpt()
            .filter(url -> !url.isEmpty())
            .or(() -> kind.flatMap(it -> it.baseUrl().standard()))
            .orElse("");
  }

  /// The name of the kind; empty if what was stored has none.
  public String name() {
    return stored.path("name").stringValue("");
  }

  /// The configuration as JSON for a caller: `base_url` is where the provider is reached, given or
  /// standard, and each secret is `{"set": true, "hint": "…"}`, with `updated_at` once it is
  /// stored, or `{"set": true, "env": "…"}` where it is elsewhere.
  @JsonValue
  public JsonNode answer() {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("name", name()).put("base_url", shownUrl()).set("options", masked());
    if (stored.path("model").isObject()) {
      answer.set("model", maskedModel());
    }
    return answer;
  }

  /// The address as everyone may see it; the standard one if none is stored.
  String shownUrl() {
    return SealedSecret.of(stored.path("base_url"))
        .map(SealedSecret::hint)
        .orElseGet(() -> MaskedUrl.of(baseUrl));
  }

  /// Whether any secret in it is sealed.
  boolean isSealed() {
    return holdsSealed(stored);
  }

  private static boolean holdsSealed(JsonNode value) {
    return value.isContainer()
        && (SealedSecret.of(value).isPresent()
            || value.valueStream().anyMatch(ProviderConfig::holdsSealed));
  }

  /// Whether any secret in it is in the open, which must not be stored.
  public boolean isPlain() {
    AtomicBoolean plain = new AtomicBoolean();
    var _ =
        changed((_, leaf) -> {
          plain.compareAndSet(false, leaf.isValueNode());
          return leaf;
        });
    return plain.get();
  }

  /// The same with something else in the place of each secret.
  ProviderConfig changed(SecretLeaves.Change change) {
    return new ProviderConfig(new SecretLeaves(kind, change).in(stored), kind);
  }

  /// What is stored in a place.
  ///
  /// @param field a JSON pointer (RFC 6901)
  JsonNode at(String field) {
    return stored.at(field);
  }

  /// The JSON to store, with its secrets in it: `{"name", "base_url", "options", "model"}`, without
  /// a `base_url` or `model` if none was given, and whatever else was stored before.
  public JsonNode stored() {
    return stored.deepCopy();
  }

  /// As given, else the kind's standard one; empty if there is neither. May be what
  /// [ProviderKinds#build] refuses.
  String baseUrl() {
    return baseUrl;
  }

  /// The text of an option, secret or not; empty if it is none.
  String given(String option) {
    return stored.path("options").path(option).stringValue("");
  }

  /// The value of an option as text, secret or not; empty if it is none.
  String given(Option option) {
    return option.text(stored.path("options").path(option.name()));
  }

  /// The value of an option as text, secret or not: what is given, else what is standard.
  Optional<String> value(Option option) {
    return Optional.of(given(option)).filter(text -> !text.isEmpty()).or(option::standard);
  }

  /// An option that is not empty and no secret.
  Optional<String> text(String option) {
    return SecretMasking.isSecret(option, kind)
        ? Optional.empty()
        : Optional.of(given(option)).filter(text -> !text.isEmpty());
  }

  /// An option that is not empty, as a secret.
  Optional<Secret> secret(String option) {
    return Optional.of(given(option)).filter(text -> !text.isEmpty()).map(Secret::of);
  }

  /// What the secrets that are elsewhere are referred to by, by option.
  Map<String, SecretReference> references() {
    Map<String, SecretReference> references = new LinkedHashMap<>();
    kind.stream()
        .flatMap(ProviderKind::secrets)
        .map(Option::name)
        .forEach(option ->
            SecretMasking.reference(option, stored.path("options").path(option), kind)
                .ifPresent(it -> references.put(option, it)));
    return references;
  }

  /// Whether any secret is elsewhere, where it may change from call to call.
  public boolean refersElsewhere() {
    return !references().isEmpty();
  }

  /// The same with other values of some options.
  ProviderConfig with(Map<String, Secret> options) {
    if (options.isEmpty() || !(stored() instanceof ObjectNode json)) {
      return this;
    }
    ObjectNode target = json.withObjectProperty("options");
    options.forEach((option, secret) -> target.put(option, secret.reveal()));
    return new ProviderConfig(json, kind);
  }

  /// The model with each secret as a [Secret]: what clients of the Go original give with a
  /// provider. It is kept and not used.
  JsonNode maskedModel() {
    return SecretMasking.mask(stored.path("model"), kind.isEmpty());
  }

  /// The options with each secret as a [Secret].
  JsonNode masked() {
    return SecretMasking.options(stored.path("options"), kind);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProviderConfig that && stored.equals(that.stored);
  }

  @Override
  public int hashCode() {
    return stored.hashCode();
  }

  /// The JSON of [#answer].
  @Override
  public String toString() {
    return answer().toString();
  }
}
