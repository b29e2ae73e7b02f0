package dev.agentlab.llm;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.secrets.Secret;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How a provider is configured: its kind, its address and the kind's options. Made by
/// [ProviderKinds]. Printed or written as JSON it shows no secret; only [#stored] does.
///
/// Immutable.
public final class ProviderConfig {
  private static final Pattern BEFORE_HOST = Pattern.compile("(?is)^(https?://)?.*@");
  private static final Pattern AFTER_PATH = Pattern.compile("(?s)[?#].*");

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
  /// standard, and each secret is `{"set": true, "hint": "…"}`.
  @JsonValue
  public JsonNode answer() {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("name", name()).put("base_url", shownUrl(baseUrl)).set("options", masked());
    return answer;
  }

  /// The JSON to store, with its secrets in it: `{"name", "base_url", "options"}`, without a
  /// `base_url` if none was given, and whatever else was stored before.
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
    return Masking.isSecret(option, kind)
        ? Optional.empty()
        : Optional.of(given(option)).filter(text -> !text.isEmpty());
  }

  /// An option that is not empty, as a secret.
  Optional<Secret> secret(String option) {
    return Optional.of(given(option)).filter(text -> !text.isEmpty()).map(Secret::of);
  }

  /// The options with each secret as a [Secret].
  JsonNode masked() {
    return Masking.options(stored.path("options"), kind);
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

  /// An address stored before there was a rule may hold a password or a key.
  private static String shownUrl(String url) {
    // Looks before it checks, because every row that is read comes by here.
    boolean hides = url.indexOf('@') >= 0 || url.indexOf('?') >= 0 || url.indexOf('#') >= 0;
    if (!hides || Checks.baseUrl(url).isEmpty()) {
      return url;
    }
    String path = AFTER_PATH.matcher(url).replaceFirst("?***");
    return BEFORE_HOST.matcher(path).replaceFirst("$1***@");
  }
}
