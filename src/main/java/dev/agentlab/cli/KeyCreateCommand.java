package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `key create`: makes a key and prints it, which happens once.
@Command(
    name = "create",
    description = {
      "Make a key and print it. It is shown this once: the service keeps only enough to check it.",
      "",
      "  KEY=$(agent-lab key create ci --scope invoke:helper --expires 90d -q)",
      ""
    })
final class KeyCreateCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "NAME", description = "What people call it.")
  private String name = "";

  @Option(
      names = "--scope",
      required = true,
      split = ",",
      paramLabel = "SCOPE",
      completionCandidates = ScopeNames.class,
      description =
          "What it may do: ${COMPLETION-CANDIDATES}. AGENT is a name or an id; \"all\" is all that"
              + " you may do yourself. May be given several times, or with commas between.")
  private List<String> scopes = new ArrayList<>();

  @Option(
      names = "--expires",
      paramLabel = "WHEN",
      description = "Until when it is accepted: 90d, 12h, 2027-01-01 or a time in RFC 3339.")
  private Optional<String> expires = Optional.empty();

  KeyCreateCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ObjectNode wanted = Json.MAPPER.createObjectNode().put("name", name);
    expires.ifPresent(text ->
        wanted.put(
            "expires_at", TimeOptions.parse("--expires", text, Instant.now(), 1).toString()));
    KeysApi keys = new KeysApi(session.api());
    wanted.set("scopes", Json.MAPPER.valueToTree(expanded(keys)));
    JsonNode made = keys.create(wanted);
    session.print(made, () -> made.path("key").asString(""));
    session.note(
        """
        key %s, id %s, %s
        may %s
        it is shown this once: keep it where only its user can read it\
        """
            .formatted(
                made.path("name").asString(""),
                made.path("id").asString(""),
                KeyPrinter.expiry(made),
                keys.scopes(made)));
    return ExitCode.OK.number();
  }

  private Set<String> expanded(KeysApi keys) {
    Set<String> expanded = new LinkedHashSet<>(scopes);
    if (expanded.remove(ScopeNames.ALL)) {
      expanded.addAll(KeysApi.scopeList(keys.self()));
    }
    return expanded;
  }
}
