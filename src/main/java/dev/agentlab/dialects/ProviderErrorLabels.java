package dev.agentlab.dialects;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What a provider's error says for programs, beside its words; neither cleaned nor bounded.
///
/// @param type the provider's name for what went wrong, such as `overloaded_error`
/// @param code a narrower one, such as `context_length_exceeded`
/// @param param the member of the request that is at fault
public record ProviderErrorLabels(
    Optional<String> type, Optional<String> code, Optional<String> param) {
  /// An error that says nothing.
  public static final ProviderErrorLabels NONE =
      new ProviderErrorLabels(Optional.empty(), Optional.empty(), Optional.empty());

  static ProviderErrorLabels ofType(String type) {
    return new ProviderErrorLabels(Optional.of(type), Optional.empty(), Optional.empty());
  }

  /// Those of an error as OpenAI, and Google, which calls the type `status`, write it: an object,
  /// in a member `error` or not, alone or as the first of a list.
  public static ProviderErrorLabels of(JsonNode json) {
    JsonNode told = told(json);
    JsonNode error = told.path("error").isObject() ? told.path("error") : told;
    return new ProviderErrorLabels(
        text(error.path("type")).or(() -> text(error.path("status"))),
        text(error.path("code")),
        text(error.path("param")));
  }

  /// The object that tells of an error: Google's may be the first of a list.
  static JsonNode told(JsonNode json) {
    return json.isArray() ? json.path(0) : json;
  }

  private static Optional<String> text(JsonNode label) {
    return label.isNumber() ? Optional.of(label.asString()) : label.stringValueOpt();
  }
}
