package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Mark;
import dev.agentlab.json.Json;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The result of one check of `doctor`.
///
/// @param detail the observed state
/// @param cause the likely cause of a failure
/// @param fix how to correct a failure
public record CheckResult(
    String name, Mark status, String detail, Optional<String> cause, Optional<String> fix) {

  public static CheckResult passed(String name, String detail) {
    return new CheckResult(name, Mark.PASSED, detail, Optional.empty(), Optional.empty());
  }

  public static CheckResult skipped(String name, String detail) {
    return new CheckResult(name, Mark.SKIPPED, detail, Optional.empty(), Optional.empty());
  }

  public static CheckResult failed(String name, String detail, String fix) {
    return new CheckResult(name, Mark.FAILED, detail, Optional.empty(), Optional.of(fix));
  }

  public boolean hasFailed() {
    return status == Mark.FAILED;
  }

  /// The result as JSON, with the members of a stage of a probe.
  public ObjectNode toJson() {
    ObjectNode json =
        Json.MAPPER
            .createObjectNode()
            .put("name", name)
            .put("status", status.name().toLowerCase(Locale.ROOT))
            .put("detail", detail);
    cause.ifPresent(text -> json.put("cause", text));
    fix.ifPresent(text -> json.put("fix", text));
    return json;
  }
}
