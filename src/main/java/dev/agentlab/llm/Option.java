package dev.agentlab.llm;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// One setting that a kind of provider declares. Validation, the JSON Schema and, from that, forms
/// and prompts are all read from this one value.
///
/// @param required whether it must be given
/// @param exempt addresses at which it need not be given although it is required
/// @param choices the values it may take; empty unless the type is a choice
/// @param open whether other text than the choices is let through
/// @param standard the value that stands when none is given
/// @param check what is wrong with a non-empty value, empty if nothing
public record Option(
    String name,
    String description,
    Type type,
    boolean required,
    Optional<Pattern> exempt,
    List<String> choices,
    boolean open,
    Optional<String> standard,
    Function<String, Optional<String>> check) {

  /// What the value is.
  public enum Type {
    TEXT,
    /// Text that is stored and sent, never shown.
    SECRET,
    CHOICE,
    URL
  }

  public Option {
    choices = List.copyOf(choices);
  }

  static Option text(String name, String description) {
    return of(name, description, Type.TEXT, List.of(), Checks::text);
  }

  static Option secret(String name, String description) {
    return of(name, description, Type.SECRET, List.of(), Checks::headerValue);
  }

  static Option choice(String name, String description, String... choices) {
    return of(name, description, Type.CHOICE, List.of(choices), Checks::text);
  }

  static Option url(String name, String description) {
    return of(name, description, Type.URL, List.of(), Checks::baseUrl);
  }

  private static Option of(
      String name,
      String description,
      Type type,
      List<String> choices,
      Function<String, Optional<String>> check) {
    return new Option(
        name, description, type, false, Optional.empty(), choices, false, Optional.empty(), check);
  }

  Option mustBeGiven() {
    return new Option(
        name, description, type, true, Optional.empty(), choices, open, standard, check);
  }

  /// @param url a part of a `base_url`, as both Java and JSON Schema (ECMA-262) understand it
  Option mustBeGivenUnlessAt(Pattern url) {
    return new Option(
        name, description, type, true, Optional.of(url), choices, open, standard, check);
  }

  /// Lets text through that is none of the choices.
  Option orAnyOther() {
    return new Option(name, description, type, required, exempt, choices, true, standard, check);
  }

  Option standard(String value) {
    return new Option(
        name, description, type, required, exempt, choices, open, Optional.of(value), check);
  }

  Option check(Function<String, Optional<String>> otherCheck) {
    return new Option(
        name, description, type, required, exempt, choices, open, standard, otherCheck);
  }

  /// Whether it must be given for a provider at this address.
  boolean isRequiredAt(String baseUrl) {
    return required && exempt.filter(url -> url.matcher(baseUrl).find()).isEmpty();
  }

  /// What is wrong with a non-empty value, empty if nothing. Never repeats a secret.
  Optional<String> fault(String value) {
    if (type == Type.CHOICE && !open && !choices.contains(value)) {
      return Optional.of("must be " + String.join(" or ", choices));
    }
    return check.apply(value);
  }
}
