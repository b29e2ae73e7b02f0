package dev.agentlab.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The values of a chart as `values.yaml` documents them: a key with a comment above it, in block
/// style and indented by two spaces.
final class ChartValues {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z0-9./-]+):(?: (.*))?");

  /// A value with a comment.
  ///
  /// @param path the keys, joined by dots
  /// @param initial the default as it is written; empty for nested keys
  record Value(String path, String initial, String comment) {}

  private ChartValues() {}

  /// Reads the values in the order of the file.
  ///
  /// @throws IllegalArgumentException if a value has no comment, and neither has a key above it
  static List<Value> read(Path file) throws IOException {
    List<Value> values = new ArrayList<>();
    Deque<String> path = new ArrayDeque<>();
    List<String> comment = new ArrayList<>();
    int documentedDepth = Integer.MAX_VALUE;
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank()) {
        comment.clear();
        continue;
      }
      if (line.strip().startsWith("# ")) {
        comment.add(line.strip().substring(2));
        continue;
      }
      Matcher key = KEY.matcher(line);
      if (!key.matches()) {
        throw new IllegalArgumentException(
            "%s: must be a key in block style: %s".formatted(file, line));
      }
      int depth = key.group(1).length() / 2;
      while (path.size() > depth) {
        path.removeLast();
      }
      path.addLast(key.group(2));
      documentedDepth = depth <= documentedDepth ? Integer.MAX_VALUE : documentedDepth;
      String name = String.join(".", path);
      String initial = key.group(3) == null ? "" : key.group(3);
      if (!comment.isEmpty()) {
        values.add(new Value(name, initial, String.join(" ", comment)));
        documentedDepth = depth;
      } else if (!initial.isEmpty() && documentedDepth == Integer.MAX_VALUE) {
        throw new IllegalArgumentException("%s: %s has no comment".formatted(file, name));
      }
      comment.clear();
    }
    return values;
  }

  /// Formats the values as a table in Markdown.
  static String markdown(List<Value> values) {
    return values.stream()
        .map(value ->
            "| `%s` | %s | %s |\n"
                .formatted(
                    value.path(),
                    value.initial().isEmpty() ? "" : "`%s`".formatted(value.initial()),
                    value.comment().replace("|", "\\|")))
        .collect(Collectors.joining("", "| value | default | |\n|---|---|---|\n", ""));
  }
}
