package dev.agentlab.resources;

import dev.agentlab.dialects.OpenAiMembers;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/// Checks the default request options in configurations. Unknown options are sent unchanged,
/// because providers accept more than OpenAI defines.
public final class RequestOptions {
  /// Members of requests that are never options.
  public static final Set<String> RESERVED_MEMBERS = Set.of("model", "messages", "input", "stream");

  /// Common request options that OpenAI does not define, so that they are not reported as
  /// misspelled.
  private static final Set<String> NON_OPENAI_OPTIONS =
      Set.of(
          "detail",
          "keep_alive",
          "min_p",
          "options",
          "provider",
          "random_seed",
          "repeat_penalty",
          "repetition_penalty",
          "think",
          "thinking",
          "top_a",
          "top_k",
          "vision_options");

  private RequestOptions() {}

  /// Warns about each option that is probably a misspelled one.
  ///
  /// @param path of the options, such as `config.model.capabilities.chat`
  public static void warnOfMisspelled(
      String path, Operation operation, ObjectNode options, Warnings warnings) {
    Set<String> known = new TreeSet<>(NON_OPENAI_OPTIONS);
    known.addAll(OpenAiMembers.of(operation));
    for (String option : options.propertyNames()) {
      Spelling.likelyMatch(option, known)
          .ifPresent(suggestion ->
              warnings.add(
                  path + "." + Excerpt.of(option),
                  "is sent unchanged; did you mean %s?".formatted(suggestion)));
    }
  }
}
