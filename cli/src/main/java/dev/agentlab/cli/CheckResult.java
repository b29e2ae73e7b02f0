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
record CheckResult(
    String name, Mark status, String detail, Optional<String> cause, Optional<String> fix) {

  static CheckResult passed(String name, String detail) {
    return new CheckResult(name, Mark.PASSED, detail, Optional.empty(), Optional.empty());
  }

  static CheckResult skipped(String name, String detail) {
    return new CheckResult(name, Mark.SKIPPED, detail, Optional.empty(), Optional.empty());
  }

  static CheckResult failed(String name, String detail, String fix) {
    return new CheckResult(name, Mark.FAILED, detail, Optional.empty(), Optional.of(fix));
  }

  boolean hasFailed() {
    return status == Mark.FAILED;
  }

  /// The result as JSON, with the members of a stage of a probe.
  ObjectNode toJson() {
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
