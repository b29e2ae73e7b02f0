package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.errors.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// An option that a provider kind declares. It is the only source of validation and of the JSON
/// Schema, from which forms and prompts are built.
///
/// @param required whether a value is required, while the option is used
/// @param exemptUrls base URLs for which a required option may be omitted
/// @param choices the accepted values; empty unless the type is a choice
/// @param allowsOther whether values other than the choices are accepted
/// @param range the accepted numbers; empty unless the type is a number
/// @param listLimits the accepted lists; empty unless the type is a list
/// @param defaultValue the default value
/// @param usedWith another option whose value decides whether this option is used
/// @param advanced whether forms and prompts leave the option out unless it is asked for
/// @param check validates a non-empty value, of a list each element; returns the error message, or
///   empty if it is valid
public record Option(
    String name,
    String description,
    Type type,
    boolean required,
    Optional<Pattern> exemptUrls,
    List<String> choices,
    boolean allowsOther,
    Optional<Range> range,
    Optional<ListLimits> listLimits,
    Optional<String> defaultValue,
    Optional<UsedWith> usedWith,
    boolean advanced,
    Function<String, Optional<String>> check) {

  /// A condition on another option: the option is used only if the other has one of the values.
  public record UsedWith(String option, List<String> values) {
    public UsedWith {
      values = List.copyOf(values);
    }
  }

  /// The type of the value.
  public enum Type {
    TEXT,
    /// Text that is stored and sent but never shown.
    SECRET,
    CHOICE,
    URL,
    NUMBER,
    /// A number without a fraction.
    INTEGER,
    BOOLEAN,
    /// An array of strings.
    LIST;

    boolean isNumeric() {
      return this == NUMBER || this == INTEGER;
    }
  }

  /// A range of numbers, both bounds inclusive.
  public record Range(BigDecimal minimum, BigDecimal maximum) {}

  /// The limits of a list.
  ///
  /// @param maxLength the maximum length of an element
  /// @param pattern matches each valid element; a pattern of JSON Schema (ECMA-262)
  public record ListLimits(int maxElements, int maxLength, String pattern) {}

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

  /// A duration in Go syntax, such as `1m30s`.
  static Option duration(String name, String description) {
    return of(name, description, Type.TEXT, List.of(), OptionChecks::duration);
  }

  /// A boolean that is false by default.
  static Option flag(String name, String description) {
    return of(name, description, Type.BOOLEAN, List.of(), OptionChecks::text).defaultValue("false");
  }

  static Option number(String name, String description, long minimum, long maximum) {
    return number(name, description, Type.NUMBER, minimum, maximum);
  }

  static Option integer(String name, String description, long minimum, long maximum) {
    return number(name, description, Type.INTEGER, minimum, maximum);
  }

  /// A list of texts that are not empty.
  static Option list(String name, String description, ListLimits limits) {
    return new Option(
        name,
        description,
        Type.LIST,
        false,
        Optional.empty(),
        List.of(),
        false,
        Optional.empty(),
        Optional.of(limits),
        Optional.empty(),
        Optional.empty(),
        false,
        OptionChecks::text);
  }

  private static Option number(
      String name, String description, Type type, long minimum, long maximum) {
    Range range = new Range(BigDecimal.valueOf(minimum), BigDecimal.valueOf(maximum));
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
        Optional.empty(),
        false,
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
        Optional.empty(),
        false,
        check);
  }

  Option asRequired() {
    return with(true, Optional.empty(), allowsOther, defaultValue, usedWith, check);
  }

  /// @param url matches a part of `base_url`; a pattern that means the same in Java and in JSON
  ///   Schema (ECMA-262)
  Option asRequiredUnless(Pattern url) {
    return with(true, Optional.of(url), allowsOther, defaultValue, usedWith, check);
  }

  /// Accepts other values than the choices.
  Option allowingOther() {
    return with(required, exemptUrls, true, defaultValue, usedWith, check);
  }

  Option defaultValue(String value) {
    return with(required, exemptUrls, allowsOther, Optional.of(value), usedWith, check);
  }

  /// Restricts use to some values of another option.
  Option usedWith(String option, String... values) {
    return with(
        required,
        exemptUrls,
        allowsOther,
        defaultValue,
        Optional.of(new UsedWith(option, List.of(values))),
        check);
  }

  Option check(Function<String, Optional<String>> otherCheck) {
    return with(required, exemptUrls, allowsOther, defaultValue, usedWith, otherCheck);
  }

  Option asAdvanced() {
    return new Option(
        name,
        description,
        type,
        required,
        exemptUrls,
        choices,
        allowsOther,
        range,
        listLimits,
        defaultValue,
        usedWith,
        true,
        check);
  }

  private Option with(
      boolean otherRequired,
      Optional<Pattern> otherExempt,
      boolean otherOpen,
      Optional<String> otherDefault,
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
        listLimits,
        otherDefault,
        otherUse,
        advanced,
        otherCheck);
  }

  /// The value in a configuration as text; empty for a list and for a value of another type.
  String text(JsonNode value) {
    return switch (type) {
      case NUMBER, INTEGER -> value.isNumber() ? value.decimalValue().toString() : "";
      case BOOLEAN -> value.isBoolean() ? value.asString() : "";
      case TEXT, SECRET, CHOICE, URL -> value.stringValue("");
      case LIST -> "";
    };
  }

  /// Whether the JSON value has the type of the option.
  boolean acceptsType(JsonNode value) {
    return switch (type) {
      case NUMBER, INTEGER -> value.isNumber();
      case BOOLEAN -> value.isBoolean();
      case TEXT, SECRET, CHOICE, URL -> value.isString();
      case LIST -> value.isArray();
    };
  }

  /// Whether a value is required whatever the other options are.
  boolean isAlwaysRequired() {
    return required && exemptUrls.isEmpty() && usedWith.isEmpty();
  }

  /// Whether a value is required in a provider's configuration.
  boolean isRequiredIn(ProviderConfig config) {
    return required
        && exemptUrls.filter(url -> url.matcher(config.baseUrl()).find()).isEmpty()
        && isUsedIn(config);
  }

  /// Whether a provider with this configuration uses the option.
  boolean isUsedIn(ProviderConfig config) {
    return usedWith
        .map(it -> it.values().contains(config.valueOrDefault(it.option()).orElse("")))
        .orElse(true);
  }

  /// The description as the end of a sentence.
  String meaning() {
    String end = description.substring(1);
    return description.substring(0, 1).toLowerCase(Locale.ROOT)
        + (end.endsWith(".") ? end.substring(0, end.length() - 1) : end);
  }

  /// The error message for a non-empty value; empty if it is valid. Never contains a secret.
  Optional<String> validate(String value) {
    if (type == Type.CHOICE && !allowsOther && !choices.contains(value)) {
      return Optional.of("must be " + String.join(" or ", choices));
    }
    return check.apply(value);
  }

  /// The errors of a list; none if it is valid.
  ///
  /// @param list an array
  /// @param field the field of the list; an element is named by its index, such as `models[2]`
  List<FieldError> validateList(JsonNode list, String field) {
    ListLimits limits = listLimits.orElseThrow();
    if (list.isEmpty() || list.size() > limits.maxElements()) {
      return List.of(
          new FieldError(
              field,
              "must have from 1 to %d elements, has %d; omit it to have no list"
                  .formatted(limits.maxElements(), list.size())));
    }
    List<FieldError> errors = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String element = "%s[%d]".formatted(field, i);
      validateElement(list.get(i), limits)
          .ifPresent(message -> errors.add(new FieldError(element, message)));
    }
    return errors;
  }

  private Optional<String> validateElement(JsonNode element, ListLimits limits) {
    if (!element.isString()) {
      return Optional.of("must be a string");
    }
    String text = element.stringValue();
    if (text.isEmpty() || text.length() > limits.maxLength()) {
      return Optional.of(
          "must have from 1 to %d characters, has %d".formatted(limits.maxLength(), text.length()));
    }
    return check.apply(text);
  }
}
