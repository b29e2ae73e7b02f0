package dev.agentlab.simulation;

import java.util.ArrayList;
import java.util.List;

/// Splits text into the tokens that the simulated model counts and streams: a word with the space
/// before it, or a piece of a long word.
final class SimulatedTokenizer {
  /// In code points.
  private static final int MAX_TOKEN_LENGTH = 12;

  private SimulatedTokenizer() {}

  static List<String> tokenize(String text) {
    List<String> tokens = new ArrayList<>();
    for (int start = 0, end; start < text.length(); start = end) {
      end = endOfToken(text, start);
      tokens.add(text.substring(start, end));
    }
    return List.copyOf(tokens);
  }

  static int count(String text) {
    int count = 0;
    for (int start = 0; start < text.length(); start = endOfToken(text, start)) {
      count++;
    }
    return count;
  }

  private static int endOfToken(String text, int start) {
    int end = start;
    while (end < text.length() && isSpace(text.charAt(end))) {
      end++;
    }
    for (int i = 0;
        i < MAX_TOKEN_LENGTH && end < text.length() && !isSpace(text.charAt(end));
        i++) {
      end = text.offsetByCodePoints(end, 1);
    }
    return end;
  }

  /// Whether the character is ASCII whitespace.
  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
