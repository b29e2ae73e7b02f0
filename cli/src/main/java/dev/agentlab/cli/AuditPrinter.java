package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Prints the rows of the audit trail page by page, so that memory use does not depend on their
/// number.
sealed interface AuditPrinter {

  /// Prints a page of rows.
  ///
  /// @param rows at least one
  void printPage(List<JsonNode> rows);

  /// Ends the output after the last page.
  void finish();

  /// A table of rows with headings.
  static Table table(List<JsonNode> rows) {
    return new Table(
        List.of("TIME", "CALLER", "ACTION", "RESOURCE"),
        rows.stream().map(AuditPrinter::cells).toList());
  }

  private static List<String> cells(JsonNode row) {
    return List.of(
        RelativeTime.truncateToSeconds(row.path("at").asString("")),
        row.path("caller_name").asString(""),
        row.path("action").asString(""),
        "%s (%s)"
            .formatted(
                row.path("resource_name").asString(""), row.path("resource_id").asString("")));
  }

  /// Prints one table, with headings before the first page.
  final class TableFormat implements AuditPrinter {
    private final CommandContext context;
    private boolean headingsPrinted;

    TableFormat(CommandContext context) {
      this.context = context;
    }

    @Override
    public void printPage(List<JsonNode> rows) {
      Table table = table(rows);
      if (headingsPrinted) {
        context.println(table.body());
      } else {
        context.println(table);
      }
      headingsPrinted = true;
    }

    @Override
    public void finish() {
      if (!headingsPrinted) {
        context.println(table(List.of()));
      }
    }
  }

  /// Prints the JSON object of any list, one row a line.
  final class JsonFormat implements AuditPrinter {
    private final CommandContext context;
    private long count;

    JsonFormat(CommandContext context) {
      this.context = context;
    }

    @Override
    public void printPage(List<JsonNode> rows) {
      for (JsonNode row : rows) {
        String text = Json.MAPPER.writeValueAsString(row);
        context.println(
            (count == 0 ? "{\"data\":[\n" : ",") + Terminal.escapeControlCharacters(text));
        count++;
      }
    }

    @Override
    public void finish() {
      context.println(
          "%s],\"total\":%d,\"page\":1,\"page_size\":%d,\"total_pages\":1}"
              .formatted(count == 0 ? "{\"data\":[" : "", count, Math.max(1, count)));
    }
  }
}
