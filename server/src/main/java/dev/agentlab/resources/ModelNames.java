package dev.agentlab.resources;

import com.google.re2j.Pattern;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.Spelling;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Checks the names of models in configurations.
public final class ModelNames {
  public static final int MAX_LENGTH = 2_000;

  private static final Pattern CONTROL_CHARACTER = Pattern.compile("[[:cntrl:]]");

  private ModelNames() {}

  /// The error of a name; empty if it is valid.
  public static Optional<String> findError(String name) {
    if (name.isBlank()) {
      return Optional.of("is required: the provider's name of the model, such as llama3.2");
    }
    return name.length() > MAX_LENGTH || CONTROL_CHARACTER.matcher(name).find()
        ? Optional.of(
            "must have at most %d characters and no control characters".formatted(MAX_LENGTH))
        : Optional.empty();
  }

  /// A warning about a model that its provider does not list; empty if the provider lists it.
  ///
  /// @param listed the names of the models that the provider lists
  public static Optional<String> unlistedWarning(String name, List<String> listed) {
    // Ollama lists a tag with each name.
    return listed.contains(name) || listed.contains(name + ":latest")
        ? Optional.empty()
        : Optional.of(
            "is \"%s\", which the provider does not list among its %d model%s%s"
                .formatted(
                    Excerpt.of(name),
                    listed.size(),
                    listed.size() == 1 ? "" : "s",
                    suggestion(name, listed)));
  }

  private static String suggestion(String name, List<String> listed) {
    String family = name.substring(0, (name + ":").indexOf(':')).toLowerCase(Locale.ROOT);
    List<String> near =
        listed.stream()
            .filter(it -> it.toLowerCase(Locale.ROOT).contains(family))
            .limit(3)
            .toList();
    if (near.isEmpty()) {
      near = listed.size() == 1 ? listed : Spelling.likelyMatch(name, listed).stream().toList();
    }
    return near.isEmpty() ? "" : "; did you mean %s?".formatted(String.join(" or ", near));
  }
}
