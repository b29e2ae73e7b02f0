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

/// `key create`: creates an API key and prints it; it cannot be retrieved later.
@Command(
    name = "create",
    description = {
      "Create an API key and print it. The key is shown only once: the service stores only what it"
          + " needs to verify the key.",
      "",
      "  KEY=$(agent-lab key create ci --scope invoke:helper --expires 90d -q)",
      "  agent-lab key create app --scope 'invoke:model/openai/gpt-4*'",
      ""
    })
final class KeyCreateCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "NAME", description = "The name of the key.")
  private String name = "";

  @Option(
      names = "--scope",
      required = true,
      split = ",",
      paramLabel = "SCOPE",
      completionCandidates = ScopeNames.class,
      description =
          "The scopes to grant: ${COMPLETION-CANDIDATES}. AGENT is a name or an ID, PROVIDER a name"
              + " in which / is written %%2F, and PATTERN a model name in which * matches any"
              + " characters; \"all\" grants all of your own scopes. Repeatable; accepts a"
              + " comma-separated list.")
  private List<String> scopes = new ArrayList<>();

  @Option(
      names = "--expires",
      paramLabel = "WHEN",
      description = "When the key expires: 90d, 12h, 2027-01-01 or a time in RFC 3339.")
  private Optional<String> expires = Optional.empty();

  KeyCreateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ObjectNode request = Json.MAPPER.createObjectNode().put("name", name);
    expires.ifPresent(text ->
        request.put(
            "expires_at", TimeOptions.parseTime("--expires", text, Instant.now(), 1).toString()));
    KeysApi keys = new KeysApi(context.api());
    request.set("scopes", Json.MAPPER.valueToTree(expandScopes(keys)));
    JsonNode created = keys.create(request);
    context.print(created, () -> created.path("key").asString(""));
    context.printNote(
        """
        key %s, id %s, %s
        scopes: %s
        the key is shown only once: store it where only its user can read it\
        """
            .formatted(
                created.path("name").asString(""),
                created.path("id").asString(""),
                KeyPrinter.formatExpiry(created),
                keys.formatScopes(created)));
    return ExitCode.OK.number();
  }

  private Set<String> expandScopes(KeysApi keys) {
    Set<String> expanded = new LinkedHashSet<>(scopes);
    if (expanded.remove(ScopeNames.ALL)) {
      expanded.addAll(KeysApi.scopeList(keys.self()));
    }
    return expanded;
  }
}
