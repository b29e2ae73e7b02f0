package dev.agentlab.dialects;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The machine-readable labels of a provider's error; neither sanitized nor bounded.
///
/// @param type the provider's error type, such as `overloaded_error`
/// @param code a more specific code, such as `context_length_exceeded`
/// @param param the request member that caused the error
public record ProviderErrorLabels(
    Optional<String> type, Optional<String> code, Optional<String> param) {
  /// No labels.
  public static final ProviderErrorLabels NONE =
      new ProviderErrorLabels(Optional.empty(), Optional.empty(), Optional.empty());

  static ProviderErrorLabels ofType(String type) {
    return new ProviderErrorLabels(Optional.of(type), Optional.empty(), Optional.empty());
  }

  /// Reads the labels of an error in the format of OpenAI or of Google, which names the type
  /// `status`. The error object may be in a member `error` or at the top level, alone or as the
  /// first element of an array.
  public static ProviderErrorLabels of(JsonNode json) {
    JsonNode body = unwrapArray(json);
    JsonNode error = body.path("error").isObject() ? body.path("error") : body;
    return new ProviderErrorLabels(
        text(error.path("type")).or(() -> text(error.path("status"))),
        text(error.path("code")),
        text(error.path("param")));
  }

  /// The object that contains the error; Google may wrap it in an array.
  static JsonNode unwrapArray(JsonNode json) {
    return json.isArray() ? json.path(0) : json;
  }

  private static Optional<String> text(JsonNode label) {
    return label.isNumber() ? Optional.of(label.asString()) : label.stringValueOpt();
  }
}
