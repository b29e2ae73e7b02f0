package dev.agentlab.simulation;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What the simulated model counts and sends one by one: a word with the space before it, or a
/// piece of a long one.
final class Words {
  private static final Pattern TOKEN = Pattern.compile("\\s*\\S{1,12}|\\s+");

  private Words() {}

  static List<String> of(String text) {
    return TOKEN.matcher(text).results().map(MatchResult::group).toList();
  }

  static int count(String text) {
    return Math.toIntExact(TOKEN.matcher(text).results().count());
  }
}
