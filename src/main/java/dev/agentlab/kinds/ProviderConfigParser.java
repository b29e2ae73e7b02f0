package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Json;
import dev.agentlab.json.Jsonb;
import dev.agentlab.secrets.SecretReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Parses and validates a configuration that a caller sent, and collects all errors. Each instance
/// parses one configuration.
final class ProviderConfigParser {
  private static final List<String> MEMBERS = List.of("name", "base_url", "options", "model");

  private static final Set<String> ANSWERED = Set.of("set", "hint", "updated_at", "env", "file");

  private static final String NOT_A_SECRET =
      "must be a string, or a reference to the secret: {\"env\": \"NAME\"} or {\"file\": \"path\"}";

  private static final String NOT_STORED =
      "is a masked secret from a response, and no such secret is stored here; send the secret"
          + " itself";

  private final ProviderKinds kinds;
  private final String path;
  private final String optionsPath;
  private final FieldErrors faults = new FieldErrors();

  /// @param path the path of the configuration in the request
  ProviderConfigParser(ProviderKinds kinds, String path) {
    this.kinds = kinds;
    this.path = path;
    optionsPath = path + ".options";
  }

  /// @param warnings receives the warnings for the caller
  ConfigReplacement read(JsonNode json, Optional<ProviderConfig> stored, Warnings warnings) {
    if (!(json instanceof ObjectNode config)) {
      throw new InvalidInputException(path, "must be an object with " + String.join(", ", MEMBERS));
    }
    for (String member : config.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        faults.add(
            path + "." + Excerpt.of(member),
            "is unknown; " + Spelling.hint(member, "known", MEMBERS));
      }
    }
    String name = text(config, "name");
    String url = text(config, "base_url");
    ObjectNode options = object(config, "options").orElseGet(JsonNodeFactory.instance::objectNode);
    Optional<ObjectNode> model = object(config, "model");
    if (model.isPresent()) {
      warnings.add(
          path + ".model", "is stored and returned but not used: each agent names its model");
    }
    Optional<ProviderKind> kind = kinds.find(name);
    if (kind.isEmpty() && !faults.has(path + ".name")) {
      faults.add(path + ".name", kinds.unknown(name));
    }
    Optional<ProviderConfig> sameKind = stored.filter(it -> it.name().equals(name));
    sameKind.ifPresent(it -> {
      leaveOutShown(it.masked(), options);
      model.ifPresent(given -> leaveOutShown(it.maskedModel(), given));
    });
    options.forEachEntry((option, value) -> check(option, value, kind, sameKind.isPresent()));
    kind.ifPresent(it -> warnOfUnknown(options, it, warnings));
    model.ifPresent(it -> checkContent(path + ".model", it));

    List<String> keptSecrets = new ArrayList<>();
    sameKind.ifPresent(it -> {
      carry(it.masked(), it.stored().path("options"), options, optionsPath, keptSecrets);
      model.ifPresent(given ->
          carry(it.maskedModel(), it.stored().path("model"), given, path + ".model", keptSecrets));
    });
    Predicate<String> secretByName = it -> SecretMasking.isSecretByName(it, kind);
    clearNulls(
        options,
        option -> isDeclared(option, kind) || SecretMasking.isSecret(option, kind),
        secretByName);
    model.ifPresent(it -> clearNulls(it, secretByName, secretByName));
    ProviderConfig parsed = new ProviderConfig(merged(stored, name, url, options, model), kind);
    Optional<LlmProvider> provider =
        kind.flatMap(it -> build(parsed, it, stored.filter(_ -> sameKind.isEmpty())));
    provider.filter(it -> it.credential().isEmpty()).ifPresent(it -> refuseUnsent(it, options));
    faults.refuse();
    boolean hasSameDestination =
        sameKind
            .flatMap(this::provider)
            .filter(provider.orElseThrow()::isSameDestination)
            .isPresent();
    return new ConfigReplacement(parsed, hasSameDestination ? List.of() : keptSecrets);
  }

  private String text(ObjectNode config, String member) {
    JsonNode value = config.path(member);
    if (!value.isMissingNode() && !value.isNull() && !value.isString()) {
      faults.add(path + "." + member, "must be a string");
    }
    return value.stringValue("");
  }

  private Optional<ObjectNode> object(ObjectNode config, String member) {
    JsonNode value = config.path(member);
    if (value instanceof ObjectNode object) {
      return Optional.of(object.deepCopy());
    }
    if (!value.isMissingNode() && !value.isNull()) {
      faults.add(path + "." + member, "must be an object");
    }
    return Optional.empty();
  }

  /// @param keepsSecrets whether an omitted secret is kept from the stored configuration
  private void check(
      String option, JsonNode value, Optional<ProviderKind> kind, boolean keepsSecrets) {
    String field = optionsPath + "." + Excerpt.of(option);
    Optional<SecretReference> reference = SecretMasking.reference(option, value, kind);
    if (reference.isPresent()) {
      Jsonb.check(field, value, faults);
      reference.flatMap(kinds::fault).ifPresent(message -> faults.add(field, message));
      return;
    }
    Optional<Option> mismatched =
        kind.flatMap(it -> it.option(option)).filter(it -> !value.isNull() && !it.takes(value));
    if (isAnsweredSecret(value)) {
      faults.add(field, NOT_STORED);
    } else if (mismatched.isPresent()) {
      faults.add(field, wrongType(mismatched.get().type(), keepsSecrets));
    } else {
      checkContent(field, value);
      Jsonb.check(field, option, faults);
    }
  }

  private void warnOfUnknown(ObjectNode options, ProviderKind kind, Warnings warnings) {
    List<String> known = kind.options().stream().map(Option::name).toList();
    for (String option : options.propertyNames()) {
      if (!known.contains(option)) {
        warnings.add(
            optionsPath + "." + Excerpt.of(option),
            "is not an option of the kind %s and has no effect; %s"
                .formatted(
                    kind.name(),
                    Spelling.likely(option, known)
                        .map(it -> "did you mean " + it + "?")
                        .orElseGet(() -> "known options are " + String.join(", ", known))));
      }
    }
  }

  private void checkContent(String field, JsonNode value) {
    refuseAnsweredSecrets(field, value);
    Jsonb.check(field, value, faults);
  }

  private static String wrongType(Option.Type type, boolean keepsSecrets) {
    return switch (type) {
      case SECRET ->
          keepsSecrets
              ? NOT_A_SECRET
                  + "; omit it or send it back as responses show it to keep the stored secret, or"
                  + " send null to clear it"
              : NOT_A_SECRET;
      case NUMBER, INTEGER -> "must be a number";
      case TEXT, CHOICE, URL -> "must be a string";
    };
  }

  private void refuseAnsweredSecrets(String field, JsonNode value) {
    if (isAnsweredSecret(value) || SealedSecret.isLike(value)) {
      faults.add(field, NOT_STORED);
    }
    value.forEachEntry(
        (name, member) -> refuseAnsweredSecrets(field + "." + Excerpt.of(name), member));
    if (value.isArray()) {
      value.forEach(element -> refuseAnsweredSecrets(field, element));
    }
  }

  /// Whether the value is a masked secret of [ProviderConfig#answer], which must never be stored as
  /// the secret.
  private static boolean isAnsweredSecret(JsonNode value) {
    return value.path("set").isBoolean()
        && value.propertyNames().stream().allMatch(ANSWERED::contains);
  }

  private static boolean isDeclared(String option, Optional<ProviderKind> kind) {
    return kind.flatMap(it -> it.option(option)).isPresent();
  }

  /// Removes each masked secret of [ProviderConfig#answer] that the caller sent back, so that it is
  /// kept like every omitted secret. Secrets within a list are kept only with the entire list.
  ///
  /// @param masked the stored options, with secrets distinguishable from other text
  private static void leaveOutShown(JsonNode masked, ObjectNode given) {
    masked.forEachEntry((name, secret) -> {
      JsonNode value = given.path(name);
      if (!SecretMasking.holdsSecret(secret)) {
        return;
      }
      if (isShown(secret, value)) {
        given.remove(name);
      } else if (secret.isObject() && value instanceof ObjectNode inner) {
        leaveOutShown(secret, inner);
      }
    });
  }

  /// Whether the value is the stored secret in masked form. The hint and the time may be those of
  /// an earlier read; a reference must be unchanged.
  private static boolean isShown(JsonNode secret, JsonNode value) {
    if (!secret.isPojo()) {
      return secret.isArray() && isShownList(secret, value);
    }
    JsonNode shown = Json.MAPPER.readTree(secret.toString());
    return isAnsweredSecret(value)
        && value.path("set").booleanValue()
        && value.path("env").equals(shown.path("env"))
        && value.path("file").equals(shown.path("file"));
  }

  /// Whether the value equals the masked form. Within a list, the hint must be equal too, because
  /// it identifies the secret.
  private static boolean isShownList(JsonNode secret, JsonNode value) {
    if (secret.isPojo()) {
      JsonNode shown = Json.MAPPER.readTree(secret.toString());
      return isShown(secret, value) && value.path("hint").equals(shown.path("hint"));
    }
    if (!secret.isContainer()) {
      return secret.equals(value);
    }
    return secret.getNodeType() == value.getNodeType()
        && secret.size() == value.size()
        && (secret.isArray()
            ? IntStream.range(0, secret.size())
                .allMatch(at -> isShownList(secret.path(at), value.path(at)))
            : secret
                .propertyStream()
                .allMatch(it -> isShownList(it.getValue(), value.path(it.getKey()))));
  }

  /// Adds each stored secret that the caller omitted.
  ///
  /// @param masked the stored options, with secrets distinguishable from other text
  /// @param stored the same options as stored
  /// @param kept receives the paths of the added secrets
  private static void carry(
      JsonNode masked, JsonNode stored, ObjectNode given, String path, List<String> kept) {
    masked.forEachEntry((name, secret) -> {
      String field = path + "." + Excerpt.of(name);
      if (!SecretMasking.holdsSecret(secret)) {
        return;
      }
      if (secret.isObject() && given.path(name).isMissingNode()) {
        given.putObject(name);
      }
      if (secret.isObject() && given.get(name) instanceof ObjectNode inner) {
        carry(secret, stored.path(name), inner, field, kept);
      } else if (given.path(name).isMissingNode()) {
        given.set(name, stored.path(name));
        kept.add(field);
      }
    });
  }

  /// Removes each `null` that clears a value.
  ///
  /// @param isNestedClearable applies to the names at any depth
  private static void clearNulls(
      ObjectNode options, Predicate<String> isClearable, Predicate<String> isNestedClearable) {
    for (String name : List.copyOf(options.propertyNames())) {
      JsonNode value = options.path(name);
      if (value.isNull() && isClearable.test(name)) {
        options.remove(name);
      } else if (value instanceof ObjectNode inner) {
        clearNulls(inner, isNestedClearable, isNestedClearable);
      }
    }
  }

  private static ObjectNode merged(
      Optional<ProviderConfig> stored,
      String name,
      String url,
      ObjectNode options,
      Optional<ObjectNode> model) {
    ObjectNode merged =
        stored.map(ProviderConfig::stored).orElse(NullNode.instance) instanceof ObjectNode json
            ? json
            : JsonNodeFactory.instance.objectNode();
    merged.put("name", name);
    if (stored.filter(it -> it.name().equals(name) && it.shownUrl().equals(url)).isEmpty()) {
      merged.remove("base_url");
      if (!url.isEmpty()) {
        merged.put("base_url", url);
      }
    }
    merged.set("options", options);
    merged.remove("model");
    model.ifPresent(it -> merged.set("model", it));
    return merged;
  }

  /// @param otherKind the stored configuration if it has another kind, so that no secret is kept
  private Optional<LlmProvider> build(
      ProviderConfig config, ProviderKind kind, Optional<ProviderConfig> otherKind) {
    try {
      return Optional.of(kinds.outline(config));
    } catch (InvalidInputException e) {
      for (FieldError error : e.errors()) {
        boolean isOmittedSecret =
            kind.secrets()
                .map(Option::name)
                .anyMatch(name ->
                    error.field().equals(optionsPath + "." + name) && config.given(name).isEmpty());
        if (!faults.has(error.field())) {
          faults.add(
              otherKind
                  .filter(_ -> isOmittedSecret)
                  .map(it -> new FieldError(error.field(), error.message() + because(it)))
                  .orElse(error));
        }
      }
      return Optional.empty();
    }
  }

  private static String because(ProviderConfig otherKind) {
    return "; a stored secret is kept only if the kind stays \"%s\""
        .formatted(Excerpt.of(otherKind.name()));
  }

  /// Rejects a secret that would never be sent. Rows of the Go original may contain one, so the
  /// kind itself does not check this.
  private void refuseUnsent(LlmProvider provider, ObjectNode options) {
    List<String> unsent =
        provider
            .kind()
            .secrets()
            .map(Option::name)
            .filter(name ->
                !faults.has(optionsPath + "." + name)
                    && (options.path(name).isObject()
                        || !options.path(name).asString("").isEmpty()))
            .toList();
    if (unsent.isEmpty()) {
      return;
    }
    for (Option option : provider.kind().options()) {
      if (option.open()) {
        faults.add(
            optionsPath + "." + option.name(),
            "must be %s with %s, to select how it is sent"
                .formatted(String.join(" or ", option.choices()), String.join(" or ", unsent)));
      }
    }
  }

  private Optional<LlmProvider> provider(ProviderConfig stored) {
    try {
      return Optional.of(kinds.outline(stored));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }
}
