package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `provider update`: changes what the flags name and leaves the rest, secrets included.
@Command(
    name = "update",
    description = {
      "Change a provider: what the flags name changes, the rest stays, secrets included.",
      "",
      "  agent-lab provider update local --name laptop --base-url http://192.168.1.7:11434",
      "  agent-lab provider update cloud --secret-env token=NEW_KEY --unset api_version",
      ""
    })
final class ProviderUpdateCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "PROVIDER", description = "Its name or id.")
  private String provider = "";

  @Option(names = "--name", paramLabel = "NAME", description = "A new name.")
  private Optional<String> name = Optional.empty();

  @Mixin private final ProviderFlags input = new ProviderFlags();

  @Option(
      names = "--unset",
      paramLabel = "KEY",
      description = "An option to clear; may be repeated.")
  private List<String> unset = new ArrayList<>();

  ProviderUpdateCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (name.isEmpty() && input.isEmpty() && unset.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "nothing to change; name it with --name, --base-url, …");
    }
    ProvidersApi providers = new ProvidersApi(session.api());
    JsonNode file = input.file(session.surroundings()).orElse(Json.MAPPER.missingNode());
    ApiAnswer read = providers.registry().find(provider);
    JsonNode kept =
        providers.registry().replace(read, changed(read.body(), file, providers.kinds()));
    session.noteWarnings(kept);
    session.print(
        kept,
        () ->
            "updated %s, id %s"
                .formatted(kept.path("name").asString(""), kept.path("id").asString("")));
    return ExitCode.OK.number();
  }

  private ObjectNode changed(JsonNode current, JsonNode file, List<KindDescription> kinds) {
    JsonNode base = file.isMissingNode() ? current.path("config") : file.path("config");
    KindDescription kind =
        input
            .kind(base, kinds)
            .orElseThrow(() -> new CommandFailure(ExitCode.USAGE, "missing:\n  --kind KIND"));
    ObjectNode config = input.over(base, kind, session.surroundings(), _ -> List.of());
    ObjectNode options = (ObjectNode) config.path("options");
    JsonNode kept = current.path("config").path("options");
    for (String key : unset) {
      // Left out, a secret would be kept.
      if (kind.isSecret(key) || MaskedSecrets.holds(kept.path(key))) {
        options.putNull(key);
      } else {
        options.remove(key);
      }
    }
    String called = file.path("name").asString(current.path("name").asString(""));
    ObjectNode changed = Json.MAPPER.createObjectNode().put("name", name.orElse(called));
    changed.set("config", config);
    return changed;
  }
}
