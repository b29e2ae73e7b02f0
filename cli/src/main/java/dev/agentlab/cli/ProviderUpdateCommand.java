package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `provider update`: changes the fields given by flags and keeps the others, including secrets.
@Command(
    name = "update",
    description = {
      "Update a provider. Fields without a flag keep their values, including secrets.",
      "",
      "  agent-lab provider update local --name laptop --base-url http://192.168.1.7:11434",
      "  agent-lab provider update cloud --secret-env token=NEW_KEY --unset api_version",
      ""
    })
final class ProviderUpdateCommand implements Callable<Integer> {
  /// The problem type for an update that would send a stored secret to another destination.
  private static final String SECRET_REQUIRED = "/problems/secret-required";

  private final CommandContext context;

  @Parameters(paramLabel = "PROVIDER", description = "The name or ID of the provider.")
  private String provider = "";

  @Option(names = "--name", paramLabel = "NAME", description = "The new name of the provider.")
  private Optional<String> name = Optional.empty();

  @Mixin private final ProviderFlags input = new ProviderFlags();

  @Option(names = "--unset", paramLabel = "KEY", description = "An option to clear; repeatable.")
  private List<String> unset = new ArrayList<>();

  ProviderUpdateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (name.isEmpty() && input.isEmpty() && unset.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "no changes specified; use --name, --base-url, …");
    }
    ProvidersApi providers = new ProvidersApi(context.api());
    JsonNode file = input.file(context.launchContext()).orElse(Json.MAPPER.missingNode());
    ApiResponse read = providers.registry().find(provider);
    List<KindDescription> kinds = providers.kinds();
    ObjectNode changed = applyChanges(read.body(), file, kinds);
    JsonNode updated;
    try {
      updated = providers.registry().replace(read, changed);
    } catch (CommandFailure e) {
      throw e.toJson().path("type").asString("").equals(SECRET_REQUIRED)
          ? secretRequired(read.body(), changed.path("config"), kinds, e)
          : e;
    }
    context.printWarnings(updated);
    context.print(
        updated,
        () ->
            "updated %s, id %s"
                .formatted(updated.path("name").asString(""), updated.path("id").asString("")));
    return ExitCode.OK.number();
  }

  /// The failure for stored secrets that must be provided again or cleared, with the flags for it.
  /// Has the message of the service if no flag applies.
  private static CommandFailure secretRequired(
      JsonNode current, JsonNode config, List<KindDescription> kinds, CommandFailure refusal) {
    KindDescription kind = ProviderFlags.requireKind(config.path("name").asString(""), kinds);
    String flags =
        current
            .path("config")
            .path("options")
            .propertyStream()
            .filter(it -> MaskedSecrets.containsMasked(it.getValue()))
            .map(Map.Entry::getKey)
            .filter(it -> !isReplaced(it, config.path("options"), kind))
            .map(it ->
                kind.isSecret(it)
                    ? "%s, or --unset %s".formatted(ProviderFlags.secretFlagsFor(it), it)
                    : "--unset " + it)
            .collect(Collectors.joining("\n  "));
    return new CommandFailure(
        ExitCode.USAGE,
        flags.isEmpty()
            ? refusal.message()
            : "the update would send the stored secret elsewhere; provide it again or clear it:\n  "
                + flags,
        Optional.of(refusal.toJson()));
  }

  /// Whether a stored secret is provided again or cleared. A secret within an object is kept when
  /// other members of the object are sent.
  private static boolean isReplaced(String secret, JsonNode options, KindDescription kind) {
    return options.has(secret) && (kind.isSecret(secret) || !options.path(secret).isObject());
  }

  private ObjectNode applyChanges(JsonNode current, JsonNode file, List<KindDescription> kinds) {
    JsonNode base = file.isMissingNode() ? current.path("config") : file.path("config");
    KindDescription kind =
        input
            .kind(base, kinds)
            .orElseThrow(() -> new CommandFailure(ExitCode.USAGE, "missing:\n  --kind KIND"));
    ObjectNode config = input.applyTo(base, kind, context.launchContext(), _ -> List.of());
    ObjectNode options = (ObjectNode) config.path("options");
    JsonNode stored = current.path("config").path("options");
    for (String key : unset) {
      // The service keeps a secret that is omitted.
      if (kind.isSecret(key) || MaskedSecrets.containsMasked(stored.path(key))) {
        options.putNull(key);
      } else {
        options.remove(key);
      }
    }
    String currentName = file.path("name").asString(current.path("name").asString(""));
    ObjectNode changed = Json.MAPPER.createObjectNode().put("name", name.orElse(currentName));
    changed.set("config", config);
    return changed;
  }
}
