package dev.agentlab.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A text table with headings and aligned columns. Cells are not truncated.
public record Table(List<String> headings, List<List<String>> rows) {
  public Table {
    headings = List.copyOf(headings);
    rows = rows.stream().map(List::copyOf).toList();
  }

  /// Formats the headings and the rows, without a trailing newline.
  public String text() {
    return text(Stream.concat(Stream.of(headings), rows.stream()));
  }

  /// Formats the rows without the headings. Empty if there are no rows.
  String body() {
    return text(rows.stream());
  }

  private String text(Stream<List<String>> all) {
    List<List<String>> lines =
        all.map(line -> line.stream().map(Table::toSingleLine).toList()).toList();
    int[] widths =
        IntStream.range(0, headings.size())
            .map(i -> lines.stream().mapToInt(line -> width(line.get(i))).max().orElse(0))
            .toArray();
    return lines.stream().map(line -> formatLine(line, widths)).collect(Collectors.joining("\n"));
  }

  private static String formatLine(List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = line.get(i);
      text.append(cell).append(" ".repeat(widths[i] - width(cell) + 2));
    }
    return text.toString().stripTrailing();
  }

  private static String toSingleLine(String cell) {
    return Terminal.sanitize(cell).replace('\n', ' ').replace('\t', ' ');
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
