package dev.agentlab.cli;

import dev.agentlab.errors.Spelling;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The `audit list` command.
@Command(
    name = "list",
    description = {
      "List the changes in the audit trail, newest first. --json includes the values before and",
      "after each change.",
      "",
      "  agent-lab audit list --kind provider --from 7d --all",
      ""
    })
final class AuditListCommand implements Callable<Integer> {
  private static final String PATH = "/api/audit";

  private static final List<String> ACTIONS =
      List.of(
          "provider.created",
          "provider.replaced",
          "provider.deleted",
          "agent.created",
          "agent.replaced",
          "agent.restored",
          "agent.deleted",
          "route.created",
          "route.replaced",
          "route.restored",
          "route.deleted",
          "key.created",
          "key.rotated",
          "key.revoked",
          "session.created",
          "session.deleted",
          "link.created",
          "secrets.rotated");

  private static final List<String> KINDS =
      ACTIONS.stream().map(it -> it.substring(0, it.indexOf('.'))).distinct().toList();

  private final CommandContext context;

  @Option(
      names = "--action",
      paramLabel = "ACTION",
      description = "Only changes with this action, such as provider.created.")
  private Optional<String> action = Optional.empty();

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "Only changes of this kind of resource, such as provider, agent or key.")
  private Optional<String> kind = Optional.empty();

  @Option(
      names = "--resource",
      paramLabel = "ID",
      description = "Only changes of the resource with this id.")
  private Optional<String> resource = Optional.empty();

  @Option(
      names = "--caller",
      paramLabel = "ID",
      description = "Only changes by the caller with this id.")
  private Optional<String> caller = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "WHEN",
      description =
          "Only changes at or after this time: an age such as 7d or 12h, a date such as"
              + " 2027-01-01, or an RFC 3339 time.")
  private Optional<String> from = Optional.empty();

  @Option(names = "--to", paramLabel = "WHEN", description = "Only changes before this time.")
  private Optional<String> to = Optional.empty();

  @Mixin private final PageInput pages = new PageInput();

  AuditListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Map<String, String> filters = filters(Instant.now());
    ApiClient api = context.api();
    if (pages.all()) {
      AuditPrinter rows =
          context.json()
              ? new AuditPrinter.JsonFormat(context)
              : new AuditPrinter.TableFormat(context);
      printAll(api, filters, rows);
      return ExitCode.OK.number();
    }
    JsonNode page = pages.read(api, PATH, filters);
    context.printTable(page, () -> AuditPrinter.table(page.path("data").valueStream().toList()));
    PageInput.notePosition(context, page, "changes");
    return ExitCode.OK.number();
  }

  private Map<String, String> filters(Instant now) {
    Map<String, String> filters = new LinkedHashMap<>();
    action.ifPresent(text -> filters.put("action", requireKnown("--action", text, ACTIONS)));
    kind.ifPresent(text -> filters.put("kind", requireKnown("--kind", text, KINDS)));
    resource.ifPresent(text -> filters.put("resource", text));
    caller.ifPresent(text -> filters.put("caller", text));
    from.ifPresent(text -> filters.put("from", parseTime("--from", text, now)));
    to.ifPresent(text -> filters.put("to", parseTime("--to", text, now)));
    return filters;
  }

  private static String requireKnown(String flag, String text, List<String> known) {
    if (!known.contains(text)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s is not known, was \"%s\"; %s"
              .formatted(flag, text, Spelling.hint(text, "known values", known)));
    }
    return text;
  }

  private static String parseTime(String flag, String text, Instant now) {
    return TimeOptions.parseTime(flag, text, now, -1).toString();
  }

  /// Prints each page when it arrives. Changes recorded meanwhile shift rows to the next page,
  /// where rows that were already printed are skipped.
  private static void printAll(ApiClient api, Map<String, String> filters, AuditPrinter rows) {
    long before = Long.MAX_VALUE;
    long number = 0;
    JsonNode page;
    do {
      number++;
      page = PageInput.readMaxPage(api, PATH, filters, number);
      long limit = before;
      List<JsonNode> unseen =
          page.path("data").valueStream().filter(row -> row.path("seq").asLong(0) < limit).toList();
      if (!unseen.isEmpty()) {
        rows.printPage(unseen);
        before = unseen.getLast().path("seq").asLong(0);
      }
    } while (number < page.path("total_pages").asLong(1));
    rows.finish();
  }
}
