package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Prints the rows of the audit trail page by page, so that memory use does not depend on their
/// number.
sealed interface AuditRows {

  /// Prints a page of rows.
  ///
  /// @param rows at least one
  void page(List<JsonNode> rows);

  /// Ends the output after the last page.
  void end();

  /// A table of rows with headings.
  static Table table(List<JsonNode> rows) {
    return new Table(
        List.of("TIME", "CALLER", "ACTION", "RESOURCE"),
        rows.stream().map(AuditRows::cells).toList());
  }

  private static List<String> cells(JsonNode row) {
    return List.of(
        RelativeTime.toTheSecond(row.path("at").asString("")),
        row.path("caller_name").asString(""),
        row.path("action").asString(""),
        "%s (%s)"
            .formatted(
                row.path("resource_name").asString(""), row.path("resource_id").asString("")));
  }

  /// Prints one table, with headings before the first page.
  final class Text implements AuditRows {
    private final CommandContext session;
    private boolean begun;

    Text(CommandContext session) {
      this.session = session;
    }

    @Override
    public void page(List<JsonNode> rows) {
      Table table = table(rows);
      if (begun) {
        session.println(table.body());
      } else {
        session.println(table);
      }
      begun = true;
    }

    @Override
    public void end() {
      if (!begun) {
        session.println(table(List.of()));
      }
    }
  }

  /// Prints the JSON object of any list, one row a line.
  final class Lines implements AuditRows {
    private final CommandContext session;
    private long count;

    Lines(CommandContext session) {
      this.session = session;
    }

    @Override
    public void page(List<JsonNode> rows) {
      for (JsonNode row : rows) {
        String text = Json.MAPPER.writeValueAsString(row);
        session.println((count == 0 ? "{\"data\":[\n" : ",") + Terminal.escaped(text));
        count++;
      }
    }

    @Override
    public void end() {
      session.println(
          "%s],\"total\":%d,\"page\":1,\"page_size\":%d,\"total_pages\":1}"
              .formatted(count == 0 ? "{\"data\":[" : "", count, Math.max(1, count)));
    }
  }
}
