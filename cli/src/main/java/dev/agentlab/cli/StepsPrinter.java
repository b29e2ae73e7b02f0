package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// Formats the stages of a probe or the checks of `doctor` as lines: the name, the status and the
/// detail, and for failures the likely cause and the fix.
public record StepsPrinter(Terminal terminal) {

  /// Formats a list of `{name, status, duration_ms, detail, cause, fix}`.
  public String text(JsonNode steps) {
    int width =
        StreamSupport.stream(steps.spliterator(), false)
            .mapToInt(step -> step.path("name").asString("").length())
            .max()
            .orElse(0);
    List<String> lines = new ArrayList<>();
    for (JsonNode step : steps) {
      lines.add(line(step, width));
      for (String part : List.of("cause", "fix")) {
        String text = Terminal.sanitize(step.path(part).asString(""));
        if (!text.isEmpty()) {
          lines.add("    %s: %s".formatted(part, text));
        }
      }
    }
    return String.join("\n", lines);
  }

  private String line(JsonNode step, int width) {
    Mark mark =
        switch (step.path("status").asString("")) {
          case "passed" -> Mark.PASSED;
          case "failed" -> Mark.FAILED;
          default -> Mark.SKIPPED;
        };
    String name = Terminal.sanitize(step.path("name").asString(""));
    JsonNode duration = step.path("duration_ms");
    String elapsed =
        mark == Mark.SKIPPED || !duration.isNumber()
            ? ""
            : "  (%d ms)".formatted(Math.round(duration.doubleValue()));
    String detail = Terminal.sanitize(step.path("detail").asString(""));
    return "%s %s  %s%s"
        .formatted(terminal.sign(mark), name + " ".repeat(width - name.length()), detail, elapsed)
        .stripTrailing();
  }
}
