package dev.agentlab.cli;

import dev.agentlab.errors.Spelling;
import dev.agentlab.net.PercentEncoding;
import dev.agentlab.net.Uuids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The `calls list` command.
@Command(
    name = "list",
    description = {
      "List model calls, newest first. Without the scope calls:read, your own and those of keys",
      "that you made for yourself.",
      "",
      "  agent-lab calls list --status failed --from 1h",
      "  agent-lab calls list --tag team=research --model gpt-5 --limit 200 --json",
      ""
    })
final class CallsListCommand implements Callable<Integer> {
  static final String PATH = "/api/calls";

  private static final List<String> STATUSES = List.of("ok", "failed", "cancelled");

  private final CommandContext context;

  @Option(
      names = "--from",
      paramLabel = "WHEN",
      description =
          "Only calls that started at or after this time: an age such as 7d or 12h, a date such as"
              + " 2027-01-01, or an RFC 3339 time.")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "WHEN",
      description = "Only calls that started before this time.")
  private Optional<String> to = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Only calls with the API key of this name or ID.")
  private Optional<String> key = Optional.empty();

  @Option(
      names = "--owner",
      paramLabel = "OWNER",
      description = "Only calls with keys of this owner, as key:ID or token:SUBJECT.")
  private Optional<String> owner = Optional.empty();

  @Option(names = "--session", paramLabel = "ID", description = "Only calls of this session.")
  private Optional<String> session = Optional.empty();

  @Option(names = "--end-user", paramLabel = "ID", description = "Only calls for this end user.")
  private Optional<String> endUser = Optional.empty();

  @Option(
      names = "--agent",
      paramLabel = "AGENT",
      description = "Only runs of the agent of this name or ID.")
  private Optional<String> agent = Optional.empty();

  @Option(
      names = "--route",
      paramLabel = "ROUTE",
      description = "Only calls of the route of this name or ID.")
  private Optional<String> route = Optional.empty();

  @Option(
      names = "--provider",
      paramLabel = "PROVIDER",
      description = "Only calls whose last attempt was at this provider.")
  private Optional<String> provider = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "Only calls whose last attempt was of this model.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--dialect",
      paramLabel = "API",
      description = "Only calls in this API: openai, anthropic or google.")
  private Optional<String> dialect = Optional.empty();

  @Option(
      names = "--operation",
      paramLabel = "OPERATION",
      description = "Only calls of this operation, such as chat or embeddings.")
  private Optional<String> operation = Optional.empty();

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "Only calls that ended so: ok, failed or cancelled.")
  private Optional<String> status = Optional.empty();

  @Option(
      names = "--outcome",
      paramLabel = "OUTCOME",
      description = "Only calls with this outcome, such as timed_out.")
  private Optional<String> outcome = Optional.empty();

  @Option(
      names = "--request-id",
      paramLabel = "ID",
      description = "Only calls of HTTP requests with this ID.")
  private Optional<String> requestId = Optional.empty();

  @Option(
      names = "--tag",
      paramLabel = "NAME=VALUE",
      description = "Only calls with this tag. May be repeated.")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The maximum number of calls, at most 1000. Default: 50.")
  private Optional<Integer> limit = Optional.empty();

  @Option(
      names = "--after",
      paramLabel = "CURSOR",
      description = "Continue a list after the cursor that it printed.")
  private Optional<String> after = Optional.empty();

  CallsListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    JsonNode page = api.get(PATH + query(parameters(api, Instant.now()))).body();
    context.printTable(page, () -> CallPrinter.table(page));
    String next = page.path("next").asString("");
    if (!next.isEmpty()) {
      context.printNote("there are older calls; use --after %s to list them".formatted(next));
    }
    return ExitCode.OK.number();
  }

  private Map<String, String> parameters(ApiClient api, Instant now) {
    Map<String, String> parameters = new LinkedHashMap<>();
    from.ifPresent(text -> parameters.put("from", parseTime("--from", text, now)));
    to.ifPresent(text -> parameters.put("to", parseTime("--to", text, now)));
    key.ifPresent(text -> parameters.put("key", id(text, new KeysApi(api)::idOf)));
    owner.ifPresent(text -> parameters.put("owner", text));
    session.ifPresent(text -> parameters.put("session", text));
    endUser.ifPresent(text -> parameters.put("end_user", text));
    agent.ifPresent(text ->
        parameters.put("agent", id(text, RevisionedResources.agents(api).registry()::idOf)));
    route.ifPresent(text ->
        parameters.put("route", id(text, RevisionedResources.routes(api).registry()::idOf)));
    provider.ifPresent(text -> parameters.put("provider", text));
    model.ifPresent(text -> parameters.put("model", text));
    dialect.ifPresent(text -> parameters.put("dialect", text));
    operation.ifPresent(text -> parameters.put("operation", text));
    status.ifPresent(text -> parameters.put("status", requireStatus(text)));
    outcome.ifPresent(text -> parameters.put("outcome", text));
    requestId.ifPresent(text -> parameters.put("request_id", text));
    limit.ifPresent(number -> parameters.put("limit", Integer.toString(number)));
    after.ifPresent(text -> parameters.put("after", text));
    return parameters;
  }

  /// An id as it is, because what it denotes may have been deleted, or that of a name.
  private static String id(String nameOrId, UnaryOperator<String> find) {
    return Uuids.parse(nameOrId).isPresent() ? nameOrId : find.apply(nameOrId);
  }

  private String query(Map<String, String> parameters) {
    StringBuilder query = new StringBuilder(ApiClient.query(parameters));
    for (String tag : tags) {
      query.append(query.isEmpty() ? "?" : "&").append("tag=").append(PercentEncoding.encode(tag));
    }
    return query.toString();
  }

  private static String requireStatus(String text) {
    if (!STATUSES.contains(text)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--status is not known, was \"%s\"; %s"
              .formatted(text, Spelling.hint(text, "known values", STATUSES)));
    }
    return text;
  }

  private static String parseTime(String flag, String text, Instant now) {
    return TimeOptions.parseTime(flag, text, now, -1).toString();
  }
}
