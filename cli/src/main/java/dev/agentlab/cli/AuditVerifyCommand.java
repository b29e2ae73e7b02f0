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

/// The `audit verify` command.
@Command(
    name = "verify",
    description = {
      "Verify the integrity of the audit trail. Reports the first row that was changed or removed.",
      "",
      "Store the printed head elsewhere. Passed to --expect later, it proves that the rows up to",
      "that head are still in the trail. Rows are chained within a second; the command prints the",
      "number of rows that are not chained yet.",
      ""
    })
final class AuditVerifyCommand implements Callable<Integer> {
  /// Verifying a long trail is slow.
  private static final Duration VERIFY_TIMEOUT = Duration.ofHours(1);

  private static final Pattern HEAD_PATTERN = Pattern.compile("([0-9]{1,18}):([0-9a-fA-F]{64})");

  private final CommandContext context;

  @Option(
      names = "--expect",
      paramLabel = "SEQ:HASH",
      description = "A head printed earlier, which the trail must still contain.")
  private Optional<String> expected = Optional.empty();

  AuditVerifyCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    expected.ifPresent(text -> body.set("expected", parseHead(text)));
    JsonNode report = context.api().post("/api/audit/verify", body, VERIFY_TIMEOUT).body();
    context.print(report, () -> text(report));
    boolean intact = report.path("intact").asBoolean(false);
    if (report.path("first_broken").isObject()) {
      context.printError("the audit trail was modified");
    } else if (!intact) {
      context.printError("the audit trail does not contain the head in --expect");
    }
    return (intact ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
  }

  private static ObjectNode parseHead(String text) {
    Matcher head = HEAD_PATTERN.matcher(text);
    if (!head.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--expect: must be SEQ:HASH as printed by `agent-lab audit verify`, was \"%s\""
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
    String chain =
        broken.isObject()
            ? "broken at row %s\nintact before it: %s rows, head %s\n%s"
                .formatted(defect(broken), rows, head, unchained)
            : "intact%s: %s rows\nhead %s\n%s"
                .formatted(unexpected.isObject() ? " in itself" : "", rows, head, unchained);
    return unexpected.isObject()
        ? chain + "\ndiffers from the expected head at row " + defect(unexpected)
        : chain;
  }

  private static String defect(JsonNode defect) {
    return defect.path("seq").asString("") + ": " + defect.path("why").asString("");
  }
}
