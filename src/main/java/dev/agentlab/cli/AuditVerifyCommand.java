package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `audit verify`: whether the record is as it was written.
@Command(
    name = "verify",
    description = {
      "Prove that nothing recorded was changed or removed, or name the first row at fault.",
      "",
      "Keep the head it prints elsewhere: given back with --expect, it proves that what was recorded",
      "then is still there. Recorded rows are chained within a second; it counts those that are not yet.",
      ""
    })
final class AuditVerifyCommand implements Callable<Integer> {
  /// A long trail takes its time.
  private static final Duration WITHIN = Duration.ofHours(1);

  private static final Pattern HEAD = Pattern.compile("([0-9]{1,18}):([0-9a-fA-F]{64})");

  private final CommandContext session;

  @Option(
      names = "--expect",
      paramLabel = "SEQ:HASH",
      description = "A head printed before, which must still be in the record.")
  private Optional<String> expected = Optional.empty();

  AuditVerifyCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    expected.ifPresent(text -> body.set("expected", head(text)));
    JsonNode report = session.api().post("/api/audit/verify", body, WITHIN).body();
    session.print(report, () -> text(report));
    boolean intact = report.path("intact").asBoolean(false);
    if (report.path("first_broken").isObject()) {
      session.complain("the record was changed after it was written");
    } else if (!intact) {
      session.complain("the head given with --expect is not in the record");
    }
    return (intact ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
  }

  private static ObjectNode head(String text) {
    Matcher head = HEAD.matcher(text);
    if (!head.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--expect \"%s\" is no head; it is SEQ:HASH as `agent-lab audit verify` prints it"
              .formatted(text));
    }
    return Json.MAPPER
        .createObjectNode()
        .put("seq", Long.parseLong(head.group(1)))
        .put("hash", head.group(2).toLowerCase(Locale.ROOT));
  }

  private static String text(JsonNode report) {
    JsonNode broken = report.path("first_broken");
    JsonNode unexpected = report.path("unexpected");
    String head =
        "%s:%s"
            .formatted(report.at("/head/seq").asString(""), report.at("/head/hash").asString(""));
    String rows = report.path("rows").asString("");
    String unchained = "not chained yet: %s rows".formatted(report.path("unchained").asString(""));
    String itself =
        broken.isObject()
            ? "broken at row %s\nwhole before that: %s rows, head %s\n%s"
                .formatted(defect(broken), rows, head, unchained)
            : "intact%s: %s rows\nhead %s\n%s"
                .formatted(unexpected.isObject() ? " in itself" : "", rows, head, unchained);
    return unexpected.isObject()
        ? itself + "\nbut not as expected at row " + defect(unexpected)
        : itself;
  }

  private static String defect(JsonNode defect) {
    return defect.path("seq").asString("") + ": " + defect.path("why").asString("");
  }
}
