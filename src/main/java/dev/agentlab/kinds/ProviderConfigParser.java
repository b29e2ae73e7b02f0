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

  private static final Set<String> MASKED_SECRET_MEMBERS =
      Set.of("set", "hint", "updated_at", "env", "file");

  private static final String INVALID_SECRET =
      "must be a string, or a reference to the secret: {\"env\": \"NAME\"} or {\"file\": \"path\"}";

  private static final String UNKNOWN_MASKED_SECRET =
      "is a masked secret from a response, and no such secret is stored here; send the secret"
          + " itself";

  private final ProviderKinds kinds;
  private final String path;
  private final String optionsPath;
  private final FieldErrors errors = new FieldErrors();

  /// @param path the path of the configuration in the request
  ProviderConfigParser(ProviderKinds kinds, String path) {
    this.kinds = kinds;
    this.path = path;
    optionsPath = path + ".options";
  }

  /// @param warnings receives the warnings for the caller
  ParsedReplacement parse(JsonNode json, Optional<ProviderConfig> stored, Warnings warnings) {
    if (!(json instanceof ObjectNode config)) {
      throw new InvalidInputException(path, "must be an object with " + String.join(", ", MEMBERS));
    }
    for (String member : config.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        errors.add(
            path + "." + Excerpt.of(member),
            "is unknown; " + Spelling.hint(member, "known members", MEMBERS));
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
    if (kind.isEmpty() && !errors.hasErrorFor(path + ".name")) {
      errors.add(path + ".name", kinds.unknownKindMessage(name));
    }
    Optional<ProviderConfig> sameKind = stored.filter(it -> it.name().equals(name));
    sameKind.ifPresent(it -> {
      removeMaskedSecrets(it.maskedOptions(), options);
      model.ifPresent(given -> removeMaskedSecrets(it.maskedModel(), given));
    });
    options.forEachEntry((option, value) -> checkOption(option, value, kind, sameKind.isPresent()));
    kind.ifPresent(it -> warnAboutUnknownOptions(options, it, warnings));
    model.ifPresent(it -> checkContent(path + ".model", it));

    List<String> keptSecrets = new ArrayList<>();
    sameKind.ifPresent(it -> {
      keepOmittedSecrets(
          it.maskedOptions(), it.stored().path("options"), options, optionsPath, keptSecrets);
      model.ifPresent(given ->
          keepOmittedSecrets(
              it.maskedModel(), it.stored().path("model"), given, path + ".model", keptSecrets));
    });
    Predicate<String> secretByName = it -> SecretMasking.isSecretByName(it, kind);
    removeNulls(
        options,
        option -> isDeclared(option, kind) || SecretMasking.isSecret(option, kind),
        secretByName);
    model.ifPresent(it -> removeNulls(it, secretByName, secretByName));
    ProviderConfig parsed = new ProviderConfig(merge(stored, name, url, options, model), kind);
    Optional<LlmProvider> provider =
        kind.flatMap(it -> build(parsed, it, stored.filter(_ -> sameKind.isEmpty())));
    provider
        .filter(it -> it.credential().isEmpty())
        .ifPresent(it -> rejectUnsentSecrets(it, options));
    errors.throwIfAny();
    boolean hasSameDestination =
        sameKind
            .flatMap(this::findOutline)
            .filter(provider.orElseThrow()::hasSameDestination)
            .isPresent();
    return new ParsedReplacement(parsed, hasSameDestination ? List.of() : keptSecrets);
  }

  private String text(ObjectNode config, String member) {
    JsonNode value = config.path(member);
    if (!value.isMissingNode() && !value.isNull() && !value.isString()) {
      errors.add(path + "." + member, "must be a string");
    }
    return value.stringValue("");
  }

  private Optional<ObjectNode> object(ObjectNode config, String member) {
    JsonNode value = config.path(member);
    if (value instanceof ObjectNode object) {
      return Optional.of(object.deepCopy());
    }
    if (!value.isMissingNode() && !value.isNull()) {
      errors.add(path + "." + member, "must be an object");
    }
    return Optional.empty();
  }

  /// @param keepsSecrets whether an omitted secret is kept from the stored configuration
  private void checkOption(
      String option, JsonNode value, Optional<ProviderKind> kind, boolean keepsSecrets) {
    String field = optionsPath + "." + Excerpt.of(option);
    Optional<SecretReference> reference = SecretMasking.findReference(option, value, kind);
    if (reference.isPresent()) {
      Jsonb.validate(field, value, errors);
      reference.flatMap(kinds::validateReference).ifPresent(message -> errors.add(field, message));
      return;
    }
    Optional<Option> mismatched =
        kind.flatMap(it -> it.option(option))
            .filter(it -> !value.isNull() && !it.acceptsType(value));
    if (isMaskedSecret(value)) {
      errors.add(field, UNKNOWN_MASKED_SECRET);
    } else if (mismatched.isPresent()) {
      errors.add(field, typeMessage(mismatched.get().type(), keepsSecrets));
    } else {
      checkContent(field, value);
      Jsonb.validate(field, option, errors);
    }
  }

  private void warnAboutUnknownOptions(ObjectNode options, ProviderKind kind, Warnings warnings) {
    List<String> known = kind.options().stream().map(Option::name).toList();
    for (String option : options.propertyNames()) {
      if (!known.contains(option)) {
        warnings.add(
            optionsPath + "." + Excerpt.of(option),
            "is not an option of the kind %s and has no effect; %s"
                .formatted(
                    kind.name(),
                    Spelling.likelyMatch(option, known)
                        .map(it -> "did you mean " + it + "?")
                        .orElseGet(() -> "known options are " + String.join(", ", known))));
      }
    }
  }

  private void checkContent(String field, JsonNode value) {
    rejectMaskedSecrets(field, value);
    Jsonb.validate(field, value, errors);
  }

  private static String typeMessage(Option.Type type, boolean keepsSecrets) {
    return switch (type) {
      case SECRET ->
          keepsSecrets
              ? INVALID_SECRET
                  + "; omit it or send it back as responses show it to keep the stored secret, or"
                  + " send null to clear it"
              : INVALID_SECRET;
      case NUMBER, INTEGER -> "must be a number";
      case TEXT, CHOICE, URL -> "must be a string";
    };
  }

  private void rejectMaskedSecrets(String field, JsonNode value) {
    if (isMaskedSecret(value) || SealedSecret.looksSealed(value)) {
      errors.add(field, UNKNOWN_MASKED_SECRET);
    }
    value.forEachEntry(
        (name, member) -> rejectMaskedSecrets(field + "." + Excerpt.of(name), member));
    if (value.isArray()) {
      value.forEach(element -> rejectMaskedSecrets(field, element));
    }
  }

  /// Whether the value is a masked secret of [ProviderConfig#toMaskedJson], which must never be
  /// stored as the secret.
  private static boolean isMaskedSecret(JsonNode value) {
    return value.path("set").isBoolean()
        && value.propertyNames().stream().allMatch(MASKED_SECRET_MEMBERS::contains);
  }

  private static boolean isDeclared(String option, Optional<ProviderKind> kind) {
    return kind.flatMap(it -> it.option(option)).isPresent();
  }

  /// Removes each masked secret of [ProviderConfig#toMaskedJson] that the caller sent back, so that
  /// it is kept like every omitted secret. Secrets within a list are kept only with the entire
  /// list.
  ///
  /// @param masked the stored options, with secrets distinguishable from other text
  private static void removeMaskedSecrets(JsonNode masked, ObjectNode given) {
    masked.forEachEntry((name, secret) -> {
      JsonNode value = given.path(name);
      if (!SecretMasking.containsSecret(secret)) {
        return;
      }
      if (matchesMasked(secret, value)) {
        given.remove(name);
      } else if (secret.isObject() && value instanceof ObjectNode inner) {
        removeMaskedSecrets(secret, inner);
      }
    });
  }

  /// Whether the value is the stored secret in masked form. The hint and the time may be those of
  /// an earlier read; a reference must be unchanged.
  private static boolean matchesMasked(JsonNode secret, JsonNode value) {
    if (!secret.isPojo()) {
      return secret.isArray() && matchesMaskedExactly(secret, value);
    }
    JsonNode shown = Json.MAPPER.readTree(secret.toString());
    return isMaskedSecret(value)
        && value.path("set").booleanValue()
        && value.path("env").equals(shown.path("env"))
        && value.path("file").equals(shown.path("file"));
  }

  /// Whether the value equals the masked form. Within a list, the hint must be equal too, because
  /// it identifies the secret.
  private static boolean matchesMaskedExactly(JsonNode secret, JsonNode value) {
    if (secret.isPojo()) {
      JsonNode shown = Json.MAPPER.readTree(secret.toString());
      return matchesMasked(secret, value) && value.path("hint").equals(shown.path("hint"));
    }
    if (!secret.isContainer()) {
      return secret.equals(value);
    }
    return secret.getNodeType() == value.getNodeType()
        && secret.size() == value.size()
        && (secret.isArray()
            ? IntStream.range(0, secret.size())
                .allMatch(at -> matchesMaskedExactly(secret.path(at), value.path(at)))
            : secret
                .propertyStream()
                .allMatch(it -> matchesMaskedExactly(it.getValue(), value.path(it.getKey()))));
  }

  /// Adds each stored secret that the caller omitted.
  ///
  /// @param masked the stored options, with secrets distinguishable from other text
  /// @param stored the same options as stored
  /// @param kept receives the paths of the added secrets
  private static void keepOmittedSecrets(
      JsonNode masked, JsonNode stored, ObjectNode given, String path, List<String> kept) {
    masked.forEachEntry((name, secret) -> {
      String field = path + "." + Excerpt.of(name);
      if (!SecretMasking.containsSecret(secret)) {
        return;
      }
      if (secret.isObject() && given.path(name).isMissingNode()) {
        given.putObject(name);
      }
      if (secret.isObject() && given.get(name) instanceof ObjectNode inner) {
        keepOmittedSecrets(secret, stored.path(name), inner, field, kept);
      } else if (given.path(name).isMissingNode()) {
        given.set(name, stored.path(name));
        kept.add(field);
      }
    });
  }

  /// Removes each `null` that clears a value.
  ///
  /// @param isNestedClearable applies to the names at any depth
  private static void removeNulls(
      ObjectNode options, Predicate<String> isClearable, Predicate<String> isNestedClearable) {
    for (String name : List.copyOf(options.propertyNames())) {
      JsonNode value = options.path(name);
      if (value.isNull() && isClearable.test(name)) {
        options.remove(name);
      } else if (value instanceof ObjectNode inner) {
        removeNulls(inner, isNestedClearable, isNestedClearable);
      }
    }
  }

  private static ObjectNode merge(
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
    if (stored.filter(it -> it.name().equals(name) && it.maskedBaseUrl().equals(url)).isEmpty()) {
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
      return Optional.of(kinds.buildOutline(config));
    } catch (InvalidInputException e) {
      for (FieldError error : e.errors()) {
        boolean isOmittedSecret =
            kind.secrets()
                .map(Option::name)
                .anyMatch(name ->
                    error.field().equals(optionsPath + "." + name)
                        && config.textOrEmpty(name).isEmpty());
        if (!errors.hasErrorFor(error.field())) {
          errors.add(
              otherKind
                  .filter(_ -> isOmittedSecret)
                  .map(it -> new FieldError(error.field(), error.message() + kindChangeHint(it)))
                  .orElse(error));
        }
      }
      return Optional.empty();
    }
  }

  private static String kindChangeHint(ProviderConfig otherKind) {
    return "; a stored secret is kept only if the kind stays \"%s\""
        .formatted(Excerpt.of(otherKind.name()));
  }

  /// Rejects a secret that would never be sent. Rows of the Go original may contain one, so the
  /// kind itself does not check this.
  private void rejectUnsentSecrets(LlmProvider provider, ObjectNode options) {
    List<String> unsent =
        provider
            .kind()
            .secrets()
            .map(Option::name)
            .filter(name ->
                !errors.hasErrorFor(optionsPath + "." + name)
                    && (options.path(name).isObject()
                        || !options.path(name).asString("").isEmpty()))
            .toList();
    if (unsent.isEmpty()) {
      return;
    }
    for (Option option : provider.kind().options()) {
      if (option.allowsOther()) {
        errors.add(
            optionsPath + "." + option.name(),
            "must be %s with %s, to select how it is sent"
                .formatted(String.join(" or ", option.choices()), String.join(" or ", unsent)));
      }
    }
  }

  private Optional<LlmProvider> findOutline(ProviderConfig stored) {
    try {
      return Optional.of(kinds.buildOutline(stored));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }
}
