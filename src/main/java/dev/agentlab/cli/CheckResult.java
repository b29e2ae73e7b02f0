package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Mark;
import dev.agentlab.json.Json;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// What `doctor` found out about one thing.
///
/// @param detail what was seen
/// @param cause why it is wrong, most likely
/// @param fix what to do about it
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

  boolean isWrong() {
    return status == Mark.FAILED;
  }

  /// In the form of a stage of a probe.
  ObjectNode json() {
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
