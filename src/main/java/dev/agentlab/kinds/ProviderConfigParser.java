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

/// Reads one configuration that a caller sent, collecting every fault on the way.
final class ProviderConfigParser {
  private static final List<String> MEMBERS = List.of("name", "base_url", "options", "model");

  private static final Set<String> ANSWERED = Set.of("set", "hint", "updated_at", "env", "file");

  private static final String NOT_A_SECRET =
      "must be text, or where the secret is: {\"env\": \"NAME\"} or {\"file\": \"path\"}";

  private static final String NOT_STORED =
      "is a secret as answers show it, and no such secret is stored here; give the secret itself";

  private final ProviderKinds kinds;
  private final String path;
  private final String optionsPath;
  private final FieldErrors faults = new FieldErrors();

  /// @param path where the configuration stands in what the caller sent
  ProviderConfigParser(ProviderKinds kinds, String path) {
    this.kinds = kinds;
    this.path = path;
    optionsPath = path + ".options";
  }

  /// @param warnings where to note what the caller should know
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
      warnings.add(path + ".model", "is kept and shown but not used: each agent names its model");
    }
    Optional<ProviderKind> kind = kinds.find(name);
    if (kind.isEmpty() && !faults.has(path + ".name")) {
      faults.add(path + ".name", kinds.unknown(name));
    }
    Optional<ProviderConfig> kept = stored.filter(it -> it.name().equals(name));
    kept.ifPresent(it -> {
      leaveOutShown(it.masked(), options);
      model.ifPresent(given -> leaveOutShown(it.maskedModel(), given));
    });
    options.forEachEntry((option, value) -> check(option, value, kind, kept.isPresent()));
    kind.ifPresent(it -> warnOfUnknown(options, it, warnings));
    model.ifPresent(it -> checkContent(path + ".model", it));

    List<String> carried = new ArrayList<>();
    kept.ifPresent(it -> {
      carry(it.masked(), it.stored().path("options"), options, optionsPath, carried);
      model.ifPresent(given ->
          carry(it.maskedModel(), it.stored().path("model"), given, path + ".model", carried));
    });
    clearNulls(options, option -> isDeclared(option, kind) || SecretMasking.isSecret(option, kind));
    model.ifPresent(it -> clearNulls(it, SecretNames::suggests));
    ProviderConfig read = new ProviderConfig(merged(stored, name, url, options, model), kind);
    Optional<LlmProvider> provider =
        kind.flatMap(it -> build(read, it, stored.filter(_ -> kept.isEmpty())));
    provider.filter(it -> it.credential().isEmpty()).ifPresent(it -> refuseUnsent(it, options));
    faults.refuse();
    boolean same =
        kept.flatMap(this::provider).filter(provider.orElseThrow()::isSameDestination).isPresent();
    return new ConfigReplacement(read, same ? List.of() : carried);
  }

  private String text(ObjectNode config, String member) {
    JsonNode value = config.path(member);
    if (!value.isMissingNode() && !value.isNull() && !value.isString()) {
      faults.add(path + "." + member, "must be text");
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

  /// @param replaces whether a secret can be left out
  private void check(String option, JsonNode value, Optional<ProviderKind> kind, boolean replaces) {
    String place = optionsPath + "." + Excerpt.of(option);
    Optional<SecretReference> reference = SecretMasking.reference(option, value, kind);
    if (reference.isPresent()) {
      Jsonb.check(place, value, faults);
      reference.flatMap(kinds::fault).ifPresent(fault -> faults.add(place, fault));
      return;
    }
    Optional<Option> declared =
        kind.flatMap(it -> it.option(option)).filter(it -> !value.isNull() && !it.takes(value));
    if (isAnsweredSecret(value)) {
      faults.add(place, NOT_STORED);
    } else if (declared.isPresent()) {
      faults.add(place, wrongType(declared.get().type(), replaces));
    } else {
      checkContent(place, value);
      Jsonb.check(place, option, faults);
    }
  }

  private void warnOfUnknown(ObjectNode options, ProviderKind kind, Warnings warnings) {
    List<String> known = kind.options().stream().map(Option::name).toList();
    for (String option : options.propertyNames()) {
      if (!known.contains(option)) {
        warnings.add(
            optionsPath + "." + Excerpt.of(option),
            "is no option of the kind %s and has no effect; %s"
                .formatted(
                    kind.name(),
                    Spelling.likely(option, known)
                        .map(it -> "did you mean " + it + "?")
                        .orElseGet(() -> "its options are " + String.join(", ", known))));
      }
    }
  }

  private void checkContent(String place, JsonNode value) {
    refuseAnsweredSecrets(place, value);
    Jsonb.check(place, value, faults);
  }

  private static String wrongType(Option.Type type, boolean replaces) {
    return switch (type) {
      case SECRET ->
          replaces
              ? NOT_A_SECRET
                  + "; left out or sent back as answers show it, the stored secret is kept, and null"
                  + " clears it"
              : NOT_A_SECRET;
      case NUMBER, INTEGER -> "must be a number";
      case TEXT, CHOICE, URL -> "must be text";
    };
  }

  private void refuseAnsweredSecrets(String place, JsonNode value) {
    if (isAnsweredSecret(value) || SealedSecret.isLike(value)) {
      faults.add(place, NOT_STORED);
    }
    value.forEachEntry(
        (name, member) -> refuseAnsweredSecrets(place + "." + Excerpt.of(name), member));
    if (value.isArray()) {
      value.forEach(element -> refuseAnsweredSecrets(place, element));
    }
  }

  /// A secret as [ProviderConfig#answer] shows it: sent back, it must not become the secret.
  private static boolean isAnsweredSecret(JsonNode value) {
    return value.path("set").isBoolean()
        && value.propertyNames().stream().allMatch(ANSWERED::contains);
  }

  private static boolean isDeclared(String option, Optional<ProviderKind> kind) {
    return kind.flatMap(it -> it.option(option)).isPresent();
  }

  /// Leaves out each stored secret that the caller sent back as [ProviderConfig#answer] shows it:
  /// it is kept like every secret that is left out. Those within a list are kept with the whole
  /// list.
  ///
  /// @param masked stored options in which a secret can be told from other text
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

  /// The hint and the time may be of an earlier read. A reference is what it was, or another.
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

  /// Whether all of a value is what is shown. Within a list the hint too: it tells which secret a
  /// place is about.
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

  /// Keeps each stored secret that the caller left out.
  ///
  /// @param masked stored options in which a secret can be told from other text
  /// @param plain the same options as stored
  private static void carry(
      JsonNode masked, JsonNode plain, ObjectNode given, String path, List<String> carried) {
    masked.forEachEntry((name, secret) -> {
      String place = path + "." + Excerpt.of(name);
      if (!SecretMasking.holdsSecret(secret)) {
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
      Optional<ProviderConfig> stored,
      String name,
      String url,
      ObjectNode options,
      Optional<ObjectNode> model) {
    ObjectNode merged =
        stored.map(ProviderConfig::stored).orElse(NullNode.instance) instanceof ObjectNode whole
            ? whole
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

  /// @param notKept the stored configuration of another kind, none of whose secrets is kept
  private Optional<LlmProvider> build(
      ProviderConfig config, ProviderKind kind, Optional<ProviderConfig> notKept) {
    try {
      return Optional.of(kinds.outline(config));
    } catch (InvalidInputException e) {
      for (FieldError error : e.errors()) {
        boolean left =
            kind.secrets()
                .map(Option::name)
                .anyMatch(name ->
                    error.field().equals(optionsPath + "." + name) && config.given(name).isEmpty());
        if (!faults.has(error.field())) {
          faults.add(
              notKept
                  .filter(_ -> left)
                  .map(it -> new FieldError(error.field(), error.message() + because(it)))
                  .orElse(error));
        }
      }
      return Optional.empty();
    }
  }

  private static String because(ProviderConfig notKept) {
    return "; a stored secret is kept within its kind only, which was \"%s\""
        .formatted(Excerpt.of(notKept.name()));
  }

  /// A secret that is given and never sent. Rows of the Go original may have one, so this is no
  /// rule of the kind.
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
            "must be %s with %s, to say how it is sent"
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
