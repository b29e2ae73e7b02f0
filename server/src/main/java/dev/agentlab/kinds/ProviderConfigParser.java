package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.secrets.EncryptedSecret;
import dev.agentlab.secrets.SecretReference;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Parses and validates a configuration that a caller sent, and collects all errors. Each instance
/// parses one configuration.
final class ProviderConfigParser {
  private static final List<String> MEMBERS = List.of("name", "base_url", "options", "model");

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

  /// Parses a new configuration.
  ///
  /// @param warnings receives the warnings for the caller
  ProviderConfig parse(JsonNode json, Warnings warnings) {
    return parse(json, Optional.empty(), Optional.empty(), warnings);
  }

  /// Parses the replacement of a stored configuration.
  ParsedReplacement parseReplacement(JsonNode json, ProviderConfig stored, Warnings warnings) {
    boolean isSameKind = json.path("name").stringValue("").equals(stored.name());
    Optional<KeptSecrets> kept =
        isSameKind ? Optional.of(new KeptSecrets(stored)) : Optional.empty();
    ProviderConfig parsed = parse(json, Optional.of(stored), kept, warnings);
    List<String> keptFields = kept.map(KeptSecrets::keptFields).orElse(List.of());
    boolean isSameDestination =
        keptFields.isEmpty()
            || SecretDestination.isSame(kinds.find(parsed.name()).orElseThrow(), stored, parsed);
    return new ParsedReplacement(parsed, isSameDestination ? List.of() : keptFields);
  }

  /// @param kept the secrets that the stored configuration provides; empty unless it has the same
  ///   kind
  private ProviderConfig parse(
      JsonNode json,
      Optional<ProviderConfig> stored,
      Optional<KeptSecrets> kept,
      Warnings warnings) {
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
    SecretClassifier classifier = new SecretClassifier(kind);
    kept.ifPresent(it -> {
      it.removeMasked("options", options);
      model.ifPresent(given -> it.removeMasked("model", given));
    });
    options.forEachEntry(
        (option, value) -> checkOption(option, value, kind, classifier, kept.isPresent()));
    kind.ifPresent(it -> warnAboutUnknownOptions(options, it, warnings));
    model.ifPresent(it -> checkContent(path + ".model", it));
    kept.ifPresent(it -> {
      it.addOmitted("options", options, optionsPath);
      model.ifPresent(given -> it.addOmitted("model", given, path + ".model"));
    });
    removeNulls(
        options,
        option -> isDeclared(option, kind) || classifier.isSecretOption(option),
        classifier::isSecretName);
    model.ifPresent(it -> removeNulls(it, classifier::isSecretName, classifier::isSecretName));
    ProviderConfig parsed = new ProviderConfig(merge(stored, name, url, options, model), kind);
    kind.ifPresent(it -> validate(parsed, it, stored.filter(_ -> kept.isEmpty())));
    errors.throwIfAny();
    return parsed;
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
      String option,
      JsonNode value,
      Optional<ProviderKind> kind,
      SecretClassifier classifier,
      boolean keepsSecrets) {
    String field = optionsPath + "." + Excerpt.of(option);
    Optional<SecretReference> reference = classifier.findReference(option, value);
    if (reference.isPresent()) {
      JsonbValidator.validate(field, value, errors);
      reference.flatMap(kinds::validateReference).ifPresent(message -> errors.add(field, message));
      return;
    }
    Optional<Option> mismatched =
        kind.flatMap(it -> it.option(option))
            .filter(it -> !value.isNull() && !it.acceptsType(value));
    if (KeptSecrets.isMaskedSecret(value)) {
      errors.add(field, UNKNOWN_MASKED_SECRET);
    } else if (mismatched.isPresent()) {
      errors.add(field, typeMessage(mismatched.get().type(), keepsSecrets));
    } else {
      checkContent(field, value);
      JsonbValidator.validate(field, option, errors);
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
    JsonbValidator.validate(field, value, errors);
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
      case BOOLEAN -> "must be true or false";
      case TEXT, CHOICE, URL -> "must be a string";
      case LIST -> "must be an array of strings";
    };
  }

  private void rejectMaskedSecrets(String field, JsonNode value) {
    if (KeptSecrets.isMaskedSecret(value) || EncryptedSecret.looksSealed(value)) {
      errors.add(field, UNKNOWN_MASKED_SECRET);
    }
    value.forEachEntry(
        (name, member) -> rejectMaskedSecrets(field + "." + Excerpt.of(name), member));
    if (value.isArray()) {
      value.forEach(element -> rejectMaskedSecrets(field, element));
    }
  }

  private static boolean isDeclared(String option, Optional<ProviderKind> kind) {
    return kind.flatMap(it -> it.option(option)).isPresent();
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

  /// Validates the values of all options.
  ///
  /// @param otherKind the stored configuration if it has another kind, so that no secret is kept
  private void validate(
      ProviderConfig config, ProviderKind kind, Optional<ProviderConfig> otherKind) {
    for (FieldError error : kind.validate(config, path)) {
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
    rejectUnsentSecrets(config, kind);
  }

  private static String kindChangeHint(ProviderConfig otherKind) {
    return "; a stored secret is kept only if the kind stays \"%s\""
        .formatted(Excerpt.of(otherKind.name()));
  }

  /// Rejects a secret that would never be sent, because another option does not select how. Rows of
  /// the Go original may contain one, so the kind itself does not check this.
  private void rejectUnsentSecrets(ProviderConfig config, ProviderKind kind) {
    for (Option option : kind.options()) {
      List<String> unsent =
          kind.secrets()
              .filter(secret ->
                  secret.usedWith().filter(it -> it.option().equals(option.name())).isPresent()
                      && !secret.isUsedIn(config)
                      && config.isSet(secret)
                      && !errors.hasErrorFor(optionsPath + "." + secret.name()))
              .map(Option::name)
              .toList();
      if (option.allowsOther() && !unsent.isEmpty()) {
        errors.add(
            optionsPath + "." + option.name(),
            "must be %s with %s, to select how it is sent"
                .formatted(String.join(" or ", option.choices()), String.join(" or ", unsent)));
      }
    }
  }
}
