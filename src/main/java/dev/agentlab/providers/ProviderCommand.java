package dev.agentlab.providers;

import dev.agentlab.errors.FieldError;
import java.util.List;
import java.util.regex.Pattern;

/// What a provider is to be: the body of a create and of a replace.
///
/// @param name unique; 1 to 200 characters, none of them a control character, no space at either
///   end
/// @param config `{"name": kind, "base_url": url, "options": object}`
public record ProviderCommand(String name, GivenConfig config) {
  private static final int MAX_NAME_LENGTH = 200;
  private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cs}]");

  /// What is wrong with the name.
  List<FieldError> nameFaults() {
    if (name.isBlank()) {
      return fault("must not be empty");
    }
    if (!name.equals(name.strip())) {
      return fault("must not begin or end with a space");
    }
    if (name.codePointCount(0, name.length()) > MAX_NAME_LENGTH) {
      return fault("must have at most %d characters".formatted(MAX_NAME_LENGTH));
    }
    if (UNFIT.matcher(name).find()) {
      return fault("must not hold control characters or half of a character");
    }
    return List.of();
  }

  private static List<FieldError> fault(String message) {
    return List.of(new FieldError("name", message));
  }
}
