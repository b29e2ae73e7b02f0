package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// One setting that a kind of provider declares. Validation, the JSON Schema and, from that, forms
/// and prompts are all read from this one value.
///
/// @param required whether it must be given
/// @param exempt addresses at which it need not be given although it is required
/// @param choices the values it may take; empty unless the type is a choice
/// @param open whether other text than the choices is let through
/// @param range the numbers it may be; empty unless the type is a number
/// @param standard the value that stands when none is given
/// @param usedWith another option whose value decides whether this one is used
/// @param check what is wrong with a non-empty value, empty if nothing
public record Option(
    String name,
    String description,
    Type type,
    boolean required,
    Optional<Pattern> exempt,
    List<String> choices,
    boolean open,
    Optional<Range> range,
    Optional<String> standard,
    Optional<UsedWith> usedWith,
    Function<String, Optional<String>> check) {

  /// The values of another option with which an option is used.
  public record UsedWith(String option, List<String> values) {
    public UsedWith {
      values = List.copyOf(values);
    }
  }

  /// What the value is.
  public enum Type {
    TEXT,
    /// Text that is stored and sent, never shown.
    SECRET,
    CHOICE,
    URL,
    NUMBER,
    /// A number without a fraction.
    INTEGER;

    boolean isNumber() {
      return this == NUMBER || this == INTEGER;
    }
  }

  /// The numbers from one to another, both included.
  public record Range(BigDecimal least, BigDecimal most) {}

  public Option {
    choices = List.copyOf(choices);
  }

  static Option text(String name, String description) {
    return of(name, description, Type.TEXT, List.of(), OptionChecks::text);
  }

  static Option secret(String name, String description) {
    return of(name, description, Type.SECRET, List.of(), OptionChecks::headerValue);
  }

  static Option choice(String name, String description, String... choices) {
    return of(name, description, Type.CHOICE, List.of(choices), OptionChecks::text);
  }

  static Option url(String name, String description) {
    return of(name, description, Type.URL, List.of(), OptionChecks::baseUrl);
  }

  /// A duration as Go writes it.
  static Option duration(String name, String description) {
    return of(name, description, Type.TEXT, List.of(), OptionChecks::duration);
  }

  static Option number(String name, String description, long least, long most) {
    return number(name, description, Type.NUMBER, least, most);
  }

  static Option integer(String name, String description, long least, long most) {
    return number(name, description, Type.INTEGER, least, most);
  }

  private static Option number(String name, String description, Type type, long least, long most) {
    Range range = new Range(BigDecimal.valueOf(least), BigDecimal.valueOf(most));
    return new Option(
        name,
        description,
        type,
        false,
        Optional.empty(),
        List.of(),
        false,
        Optional.of(range),
        Optional.empty(),
        Optional.empty(),
        value -> OptionChecks.number(value, range, type == Type.INTEGER));
  }

  private static Option of(
      String name,
      String description,
      Type type,
      List<String> choices,
      Function<String, Optional<String>> check) {
    return new Option(
        name,
        description,
        type,
        false,
        Optional.empty(),
        choices,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        check);
  }

  Option mustBeGiven() {
    return with(true, Optional.empty(), open, standard, usedWith, check);
  }

  /// @param url a part of a `base_url`, as both Java and JSON Schema (ECMA-262) understand it
  Option mustBeGivenUnlessAt(Pattern url) {
    return with(true, Optional.of(url), open, standard, usedWith, check);
  }

  /// Lets text through that is none of the choices.
  Option orAnyOther() {
    return with(required, exempt, true, standard, usedWith, check);
  }

  Option standard(String value) {
    return with(required, exempt, open, Optional.of(value), usedWith, check);
  }

  /// Used only with some values of another option.
  Option usedWith(String option, String... values) {
    return with(
        required,
        exempt,
        open,
        standard,
        Optional.of(new UsedWith(option, List.of(values))),
        check);
  }

  Option check(Function<String, Optional<String>> otherCheck) {
    return with(required, exempt, open, standard, usedWith, otherCheck);
  }

  private Option with(
      boolean otherRequired,
      Optional<Pattern> otherExempt,
      boolean otherOpen,
      Optional<String> otherStandard,
      Optional<UsedWith> otherUse,
      Function<String, Optional<String>> otherCheck) {
    return new Option(
        name,
        description,
        type,
        otherRequired,
        otherExempt,
        choices,
        otherOpen,
        range,
        otherStandard,
        otherUse,
        otherCheck);
  }

  /// The value that a configuration gives, as text; empty for one of another type.
  String text(JsonNode given) {
    if (type.isNumber()) {
      return given.isNumber() ? given.decimalValue().toString() : "";
    }
    return given.stringValue("");
  }

  /// Whether a configuration may give this value, as far as its type goes.
  boolean takes(JsonNode given) {
    return type.isNumber() ? given.isNumber() : given.isString();
  }

  /// Whether it must be given for a provider at this address.
  boolean isRequiredAt(String baseUrl) {
    return required && exempt.filter(url -> url.matcher(baseUrl).find()).isEmpty();
  }

  /// Its description as the end of a sentence.
  String meaning() {
    String end = description.substring(1);
    return description.substring(0, 1).toLowerCase(Locale.ROOT)
        + (end.endsWith(".") ? end.substring(0, end.length() - 1) : end);
  }

  /// What is wrong with a non-empty value, empty if nothing. Never repeats a secret.
  Optional<String> fault(String value) {
    if (type == Type.CHOICE && !open && !choices.contains(value)) {
      return Optional.of("must be " + String.join(" or ", choices));
    }
    return check.apply(value);
  }
}
