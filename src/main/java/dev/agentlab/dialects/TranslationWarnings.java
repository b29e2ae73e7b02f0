package dev.agentlab.dialects;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The warnings about a request that a provider supports only in part. Each combination of member
/// and reason is reported once, however many messages of a conversation have the member.
final class TranslationWarnings {
  private final Map<String, Told> told = new LinkedHashMap<>();

  private record Told(String sentence, int times) {
    Told again() {
      return new Told(sentence, times + 1);
    }

    @Override
    public String toString() {
      return times == 1 ? sentence : "%s (also at %d more places)".formatted(sentence, times - 1);
    }
  }

  /// @param path the path in the request
  /// @param what the rest of a sentence that begins with the path
  void add(String path, String what) {
    told.merge(
        withoutIndexes(path) + " " + what,
        new Told(path + " " + what, 1),
        (first, _) -> first.again());
  }

  private static String withoutIndexes(String path) {
    StringBuilder without = new StringBuilder(path.length());
    boolean inBrackets = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      inBrackets = c == '[' || (inBrackets && c >= '0' && c <= '9');
      if (!inBrackets || c == '[') {
        without.append(c);
      }
    }
    return without.toString();
  }

  List<String> sentences() {
    return told.values().stream().map(Told::toString).toList();
  }
}
