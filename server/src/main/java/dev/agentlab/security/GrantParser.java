package dev.agentlab.security;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.NameRule;
import dev.agentlab.errors.Spelling;
import dev.agentlab.net.PercentEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// Parses the text form of a grant.
///
/// @param known the scopes that can be granted
/// @param field the field name of the text, for the error
/// @param agentId returns the id of the agent that a text names, or throws [InvalidInputException]
/// @param routeId returns the id of the model route that a text names, or throws
///   [InvalidInputException]
record GrantParser(
    List<Scope> known,
    String field,
    Function<String, UUID> agentId,
    Function<String, UUID> routeId) {
  private static final String PROVIDER_FORM = Grant.PROVIDER_PREFIX + "<provider name>";
  private static final String MODEL_FORM = Grant.MODEL_PREFIX + "<provider name>/<model pattern>";
  private static final String PROXY_FORM = Grant.PROXY_PREFIX + "<provider name>";

  /// The forms of a restricted `invoke`, for errors.
  static final List<String> INVOKE_FORMS =
      Scope.INVOKE.restrictions().stream().map(Scope.RestrictedForm::text).toList();

  /// @throws InvalidInputException if the text is not that of a grant of a known scope
  Grant parse(String text) {
    for (Scope scope : known) {
      if (scope.text().equals(text)) {
        return Grant.of(scope);
      }
    }
    if (text.startsWith(Grant.INVOKE_PREFIX) && known.contains(Scope.INVOKE)) {
      return new Grant(Scope.INVOKE, parseInvoke(text));
    }
    if (text.startsWith(Grant.PROXY_PREFIX) && known.contains(Scope.PROXY)) {
      return new Grant(Scope.PROXY, parseProvider(text, Grant.PROXY_PREFIX, PROXY_FORM));
    }
    throw error(
        "is not a scope: \"%s\"; %s"
            .formatted(Excerpt.of(text), Spelling.hint(text, "known scopes", forms())));
  }

  private List<String> forms() {
    List<String> forms = new ArrayList<>();
    known.forEach(scope -> forms.add(scope.text()));
    known.forEach(scope -> scope.restrictions().forEach(it -> forms.add(it.text())));
    return forms;
  }

  private Restriction parseInvoke(String text) {
    if (text.startsWith(Grant.PROVIDER_PREFIX)) {
      return parseProvider(text, Grant.PROVIDER_PREFIX, PROVIDER_FORM);
    }
    if (text.startsWith(Grant.MODEL_PREFIX)) {
      return parseModels(text);
    }
    if (text.startsWith(Grant.ROUTE_PREFIX)) {
      return new Restriction.ToRoute(routeId.apply(text.substring(Grant.ROUTE_PREFIX.length())));
    }
    String prefix = text.startsWith(Grant.AGENT_PREFIX) ? Grant.AGENT_PREFIX : Grant.INVOKE_PREFIX;
    return new Restriction.ToAgent(agentId.apply(text.substring(prefix.length())));
  }

  private Restriction parseProvider(String text, String prefix, String form) {
    return new Restriction.ToProvider(
        parseProviderName(text.substring(prefix.length()), form, text));
  }

  private Restriction parseModels(String text) {
    int slash = text.indexOf('/', Grant.MODEL_PREFIX.length());
    if (slash < 0) {
      throw error("must have the form %s, was \"%s\"".formatted(MODEL_FORM, Excerpt.of(text)));
    }
    String provider =
        parseProviderName(text.substring(Grant.MODEL_PREFIX.length(), slash), MODEL_FORM, text);
    String models = text.substring(slash + 1);
    ModelPattern.findError(models)
        .ifPresent(message -> {
          throw invalidPart(MODEL_FORM, "the model pattern " + message, text);
        });
    return new Restriction.ToModels(provider, new ModelPattern(models));
  }

  private String parseProviderName(String encoded, String form, String text) {
    Optional<String> name = decode(encoded);
    name.map(NameRule::findError)
        .orElse(Optional.of("must be written with %2F for / and %25 for %"))
        .ifPresent(message -> {
          throw invalidPart(form, "the provider name " + message, text);
        });
    return name.orElseThrow();
  }

  /// Decodes the name of a provider; empty if it is not correctly encoded.
  private static Optional<String> decode(String encoded) {
    if (encoded.indexOf('/') >= 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(PercentEncoding.decode(encoded));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private InvalidInputException invalidPart(String form, String message, String text) {
    return error(
        "must have the form %s, in which %s, was \"%s\""
            .formatted(form, message, Excerpt.of(text)));
  }

  private InvalidInputException error(String message) {
    return new InvalidInputException(field, message);
  }
}
