package dev.agentlab.llm;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads one configuration that a caller sent, collecting every fault on the way.
final class ConfigReader {
  private static final Set<String> MEMBERS = Set.of("name", "base_url", "options");

  /// Enough to mend; a hostile input could have a hundred thousand.
  private static final int MOST_FAULTS = 50;

  private static final String OPTIONS = "config.options";
  private static final String NOT_A_SECRET =
      "must be text; leave it out to keep the stored secret, send null to clear it";

  private final ProviderKinds kinds;
  private final List<FieldError> faults = new ArrayList<>();

  ConfigReader(ProviderKinds kinds) {
    this.kinds = kinds;
  }

  Replacement read(JsonNode json, Optional<ProviderConfig> stored) {
    if (!(json instanceof ObjectNode config)) {
      throw new InvalidInputException("config", "must be an object with name, base_url, options");
    }
    for (String member : config.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        fault("config." + Checks.brief(member), "is unknown; known are name, base_url, options");
      }
    }
    String name = text(config, "name");
    String url = text(config, "base_url");
    ObjectNode options = options(config);
    Optional<ProviderKind> kind = kinds.find(name);
    if (kind.isEmpty() && !isFaulty("config.name")) {
      fault("config.name", kinds.unknown(name));
    }
    options.forEachEntry((option, value) -> check(option, value, kind));

    Optional<ProviderConfig> kept = stored.filter(it -> it.name().equals(name));
    List<String> carried = new ArrayList<>();
    kept.ifPresent(
        it -> carry(it.masked(), it.stored().path("options"), options, OPTIONS, carried));
    clearNulls(options, option -> isDeclared(option, kind) || Masking.isSecret(option, kind));
    ProviderConfig read = new ProviderConfig(merged(stored, name, url, options), kind);
    Optional<LlmProvider> provider = kind.flatMap(it -> build(it, read));
    if (!faults.isEmpty()) {
      throw new InvalidInputException(faults);
    }
    boolean same =
        kept.flatMap(this::provider).filter(provider.orElseThrow()::isSameDestination).isPresent();
    return new Replacement(read, same ? List.of() : carried);
  }

  private String text(ObjectNode config, String member) {
    JsonNode value = config.path(member);
    if (!value.isMissingNode() && !value.isNull() && !value.isString()) {
      fault("config." + member, "must be text");
    }
    return value.stringValue("");
  }

  private ObjectNode options(ObjectNode config) {
    JsonNode value = config.path("options");
    if (value instanceof ObjectNode options) {
      return options.deepCopy();
    }
    if (!value.isMissingNode() && !value.isNull()) {
      fault(OPTIONS, "must be an object");
    }
    return JsonNodeFactory.instance.objectNode();
  }

  private void check(String option, JsonNode value, Optional<ProviderKind> kind) {
    String path = OPTIONS + "." + Checks.brief(option);
    boolean declared = isDeclared(option, kind);
    if (declared && Masking.isSecret(option, kind) && !value.isString() && !value.isNull()) {
      fault(path, NOT_A_SECRET);
    } else if (declared && !value.isString() && !value.isNull()) {
      fault(path, "must be text");
    } else {
      checkStorable(path, value);
      checkStorable(path, option);
    }
  }

  private void checkStorable(String path, JsonNode value) {
    if (isAnsweredSecret(value)) {
      fault(path, NOT_A_SECRET);
    } else if (value.isString()) {
      checkStorable(path, value.stringValue());
    } else if (value.isNumber() && !Checks.isStorable(value.decimalValue())) {
      fault(path, "must be a number of at most 1000 digits before and after its point");
    }
    value.forEachEntry((name, member) -> {
      checkStorable(path, name);
      checkStorable(path + "." + Checks.brief(name), member);
    });
    if (value.isArray()) {
      value.forEach(element -> checkStorable(path, element));
    }
  }

  private void checkStorable(String path, String text) {
    if (!Checks.isStorable(text)) {
      fault(path, "must not hold U+0000 or half of a surrogate pair");
    }
  }

  /// A secret as [ProviderConfig#answer] shows it: sent back, it must not become the secret.
  private static boolean isAnsweredSecret(JsonNode value) {
    return value.path("set").isBoolean()
        && value.propertyNames().stream().allMatch(Set.of("set", "hint", "updated_at")::contains);
  }

  private static boolean isDeclared(String option, Optional<ProviderKind> kind) {
    return kind.flatMap(it -> it.option(option)).isPresent();
  }

  /// Keeps each stored secret that the caller left out.
  ///
  /// @param masked stored options in which a secret can be told from other text
  /// @param plain the same options as stored
  private static void carry(
      JsonNode masked, JsonNode plain, ObjectNode given, String path, List<String> carried) {
    masked.forEachEntry((name, secret) -> {
      String place = path + "." + Checks.brief(name);
      if (!Masking.holdsSecret(secret)) {
        return;
      }
      if (secret.isObject() && given.path(name).isMissingNode()) {
        given.putObject(name);
      }
      if (secret.isObject() && given.get(name) instanceof ObjectNode inner) {
        carry(secret, plain.path(name), inner, place, carried);
      } else if (given.path(name).isMissingNode()) {
        given.set(name, plain.path(name));
        carried.add(place);
      }
    });
  }

  /// A `null` clears: nothing is stored for it.
  private static void clearNulls(ObjectNode options, Predicate<String> clears) {
    for (String name : List.copyOf(options.propertyNames())) {
      JsonNode value = options.path(name);
      if (value.isNull() && clears.test(name)) {
        options.remove(name);
      } else if (value instanceof ObjectNode inner) {
        clearNulls(inner, SecretNames::suggests);
      }
    }
  }

  private static ObjectNode merged(
      Optional<ProviderConfig> stored, String name, String url, ObjectNode options) {
    ObjectNode merged =
        stored.map(ProviderConfig::stored).orElse(NullNode.instance) instanceof ObjectNode whole
            ? whole
            : JsonNodeFactory.instance.objectNode();
    merged.put("name", name).remove("base_url");
    if (!url.isEmpty()) {
      merged.put("base_url", url);
    }
    merged.set("options", options);
    return merged;
  }

  private Optional<LlmProvider> build(ProviderKind kind, ProviderConfig config) {
    try {
      return Optional.of(kind.build(config));
    } catch (InvalidInputException e) {
      e.errors().stream().filter(error -> !isFaulty(error.field())).forEach(faults::add);
      return Optional.empty();
    }
  }

  private Optional<LlmProvider> provider(ProviderConfig stored) {
    try {
      return Optional.of(kinds.build(stored));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }

  private void fault(String field, String message) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(new FieldError(field, message));
    }
  }

  private boolean isFaulty(String field) {
    return faults.stream().anyMatch(error -> error.field().equals(field));
  }
}
