package dev.agentlab.llm;

import dev.agentlab.errors.Brief;
import dev.agentlab.errors.Faults;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Jsonb;
import dev.agentlab.secrets.SecretReference;
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
  private static final Set<String> MEMBERS = Set.of("name", "base_url", "model", "options");

  private static final String KNOWN = "name, base_url, options, model";

  private static final Set<String> ANSWERED = Set.of("set", "hint", "updated_at", "env", "file");

  private static final String NOT_A_SECRET =
      "must be text, or where the secret is: {\"env\": \"NAME\"} or {\"file\": \"path\"}; leave it"
          + " out to keep the stored secret, send null to clear it";

  private final ProviderKinds kinds;
  private final String path;
  private final String optionsPath;
  private final Faults faults = new Faults();

  /// @param path where the configuration stands in what the caller sent
  ConfigReader(ProviderKinds kinds, String path) {
    this.kinds = kinds;
    this.path = path;
    optionsPath = path + ".options";
  }

  /// @param warnings where to note what the caller should know
  Replacement read(JsonNode json, Optional<ProviderConfig> stored, Warnings warnings) {
    if (!(json instanceof ObjectNode config)) {
      throw new InvalidInputException(path, "must be an object with " + KNOWN);
    }
    for (String member : config.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        faults.add(path + "." + Brief.of(member), "is unknown; known are " + KNOWN);
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
    options.forEachEntry((option, value) -> check(option, value, kind));
    model.ifPresent(it -> checkContent(path + ".model", it));

    Optional<ProviderConfig> kept = stored.filter(it -> it.name().equals(name));
    List<String> carried = new ArrayList<>();
    kept.ifPresent(it -> {
      carry(it.masked(), it.stored().path("options"), options, optionsPath, carried);
      model.ifPresent(given ->
          carry(it.maskedModel(), it.stored().path("model"), given, path + ".model", carried));
    });
    clearNulls(options, option -> isDeclared(option, kind) || Masking.isSecret(option, kind));
    model.ifPresent(it -> clearNulls(it, SecretNames::suggests));
    ProviderConfig read = new ProviderConfig(merged(stored, name, url, options, model), kind);
    Optional<LlmProvider> provider = kind.flatMap(_ -> build(read));
    provider.filter(it -> it.credential().isEmpty()).ifPresent(it -> refuseUnsent(it, options));
    faults.refuse();
    boolean same =
        kept.flatMap(this::provider).filter(provider.orElseThrow()::isSameDestination).isPresent();
    return new Replacement(read, same ? List.of() : carried);
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

  private void check(String option, JsonNode value, Optional<ProviderKind> kind) {
    String place = optionsPath + "." + Brief.of(option);
    Optional<SecretReference> reference = Masking.reference(option, value, kind);
    if (reference.isPresent()) {
      Jsonb.check(place, value, faults);
      reference.flatMap(kinds::fault).ifPresent(fault -> faults.add(place, fault));
      return;
    }
    Optional<Option> declared =
        kind.flatMap(it -> it.option(option)).filter(it -> !value.isNull() && !it.takes(value));
    if (declared.isPresent()) {
      faults.add(place, wrongType(declared.get().type()));
    } else {
      checkContent(place, value);
      Jsonb.check(place, option, faults);
    }
  }

  private void checkContent(String place, JsonNode value) {
    refuseAnsweredSecrets(place, value);
    Jsonb.check(place, value, faults);
  }

  private static String wrongType(Option.Type type) {
    return switch (type) {
      case SECRET -> NOT_A_SECRET;
      case NUMBER, INTEGER -> "must be a number";
      case TEXT, CHOICE, URL -> "must be text";
    };
  }

  private void refuseAnsweredSecrets(String place, JsonNode value) {
    if (isAnsweredSecret(value) || SealedSecret.isLike(value)) {
      faults.add(place, NOT_A_SECRET);
    }
    value.forEachEntry(
        (name, member) -> refuseAnsweredSecrets(place + "." + Brief.of(name), member));
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

  /// Keeps each stored secret that the caller left out.
  ///
  /// @param masked stored options in which a secret can be told from other text
  /// @param plain the same options as stored
  private static void carry(
      JsonNode masked, JsonNode plain, ObjectNode given, String path, List<String> carried) {
    masked.forEachEntry((name, secret) -> {
      String place = path + "." + Brief.of(name);
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
      Optional<ProviderConfig> stored,
      String name,
      String url,
      ObjectNode options,
      Optional<ObjectNode> model) {
    ObjectNode merged =
        stored.map(ProviderConfig::stored).orElse(NullNode.instance) instanceof ObjectNode whole
            ? whole
            : JsonNodeFactory.instance.objectNode();
    merged.put("name", name).remove("base_url");
    if (!url.isEmpty()) {
      merged.put("base_url", url);
    }
    merged.set("options", options);
    merged.remove("model");
    model.ifPresent(it -> merged.set("model", it));
    return merged;
  }

  private Optional<LlmProvider> build(ProviderConfig config) {
    try {
      return Optional.of(kinds.outline(config));
    } catch (InvalidInputException e) {
      e.errors().stream().filter(error -> !faults.has(error.field())).forEach(faults::add);
      return Optional.empty();
    }
  }

  /// A secret that is given and never sent. Rows of the Go original may have one, so this is no
  /// rule of the kind.
  private void refuseUnsent(LlmProvider provider, ObjectNode options) {
    List<String> unsent =
        provider
            .kind()
            .secrets()
            .map(Option::name)
            .filter(
                name -> options.path(name).isObject() || !options.path(name).asString("").isEmpty())
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
