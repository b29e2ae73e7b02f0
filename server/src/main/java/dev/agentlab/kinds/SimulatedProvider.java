package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.dialects.OpenAi;
import dev.agentlab.dialects.OpenAi.Rule;
import dev.agentlab.dialects.Operation;
import dev.agentlab.simulation.SimulationRegistry;
import dev.agentlab.simulation.SimulationSettings;
import dev.agentlab.simulation.SimulationSettings.ToolUse;
import dev.agentlab.time.GoDuration;
import dev.agentlab.upstream.NetworkOptions;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The provider kind that simulates a model without network access or an API key, for trials and
/// for failure tests.
final class SimulatedProvider {
  private static final Pattern COMMA = Pattern.compile(",");

  /// Never resolved; the top-level domain `invalid` is reserved (RFC 6761).
  private static final String BASE = "http://simulated.invalid/v1";

  private static final OpenAi DIALECT =
      OpenAi.withRules(
          new Rule.Reject(
              Operation.CHAT, "n", n -> n.asInt(1) != 1, "must be 1 with a simulated provider"),
          new Rule.Reject(
              Operation.CHAT,
              "logprobs",
              value -> value.asBoolean(false),
              "cannot be simulated; omit it"));

  private static final Option REPLY =
      Option.text("reply", "The text of every reply. Without it, a reply echoes the last message.");
  private static final Option TOOL_CALLS =
      Option.choice(
              "tool_calls",
              "Whether to call a tool if the request leaves it open: auto calls one unless the last"
                  + " message is the result of a tool.",
              "auto",
              "always",
              "never")
          .defaultValue("auto");
  private static final Option LATENCY =
      Option.duration("latency", "The time to the first byte of a response, such as 500ms.")
          .defaultValue("0");
  private static final Option TIME_PER_TOKEN =
      Option.duration("time_per_token", "The time from one token to the next, such as 20ms.")
          .defaultValue("20ms");
  private static final Option ERROR_RATE =
      Option.number(
              "error_rate",
              "The fraction of requests that fail, evenly spread: 0.25 is every fourth.",
              0,
              1)
          .defaultValue("0");
  private static final Option ERROR_STATUS =
      Option.integer("error_status", "The HTTP status of failed requests.", 400, 599)
          .defaultValue("500");
  private static final Option RATE_LIMIT =
      Option.integer(
          "rate_limit",
          "The maximum number of requests per minute. Others get status 429 with Retry-After.",
          1,
          1_000_000);
  private static final Option TRUNCATE_AFTER =
      Option.integer(
          "truncate_after", "The number of tokens after which a stream is cut off.", 0, 1_000_000);
  private static final Option DIMENSIONS =
      Option.integer(
              "dimensions",
              "The dimensions of an embedding, unless the request specifies them.",
              1,
              SimulationSettings.MAX_DIMENSIONS)
          .defaultValue("256");
  private final SimulationRegistry simulations = new SimulationRegistry();

  private SimulatedProvider() {}

  /// Creates the kind. Each instance counts the requests of its own providers.
  static ProviderKind kind() {
    return new ProviderKind(
        "simulated",
        "Simulated",
        "Simulated responses without a model or an API key, for trials and for failure tests.",
        Option.url("base_url", "Not used: no request leaves the service."),
        GatewayOptionsReader.addTo(
            List.of(
                REPLY,
                TOOL_CALLS,
                LATENCY,
                TIME_PER_TOKEN,
                ERROR_RATE,
                ERROR_STATUS,
                RATE_LIMIT,
                TRUNCATE_AFTER,
                DIMENSIONS)),
        EnumSet.allOf(Capability.class),
        new DiagnosisAdvice(
            "No request leaves the service; check the log of this service.",
            "No request leaves the service; check the log of this service.",
            "Omit options.models, or name at least one model."),
        new SimulatedProvider()::build);
  }

  private CallableProvider build(ProviderKind kind, ProviderConfig config) {
    return new CallableProvider(
        kind,
        DIALECT,
        BASE,
        "",
        ModelListEndpoint.openAi(URI.create(BASE + "/models")),
        Optional.empty(),
        NetworkOptions.DEFAULT,
        Optional.of(simulations.get(settings(config))));
  }

  private static SimulationSettings settings(ProviderConfig config) {
    return new SimulationSettings(
        duration(config, LATENCY),
        duration(config, TIME_PER_TOKEN),
        config.valueOrDefault(REPLY),
        ToolUse.valueOf(config.valueOrDefault(TOOL_CALLS).orElseThrow().toUpperCase(Locale.ROOT)),
        new BigDecimal(config.valueOrDefault(ERROR_RATE).orElseThrow()),
        integer(config, ERROR_STATUS).orElseThrow(),
        integer(config, RATE_LIMIT),
        integer(config, TRUNCATE_AFTER),
        integer(config, DIMENSIONS).orElseThrow(),
        models(config));
  }

  /// The only models that are accepted; empty if there are patterns, because then any model may be.
  private static List<String> models(ProviderConfig config) {
    ModelSelection selection = config.models();
    if (!selection.patterns().isEmpty()) {
      List<String> names = selection.declaredNames();
      return names.containsAll(selection.patterns()) ? names : List.of();
    }
    // Earlier releases stored names separated by commas.
    return Arrays.stream(COMMA.split(config.textOrEmpty(GatewayOptionsReader.MODELS.name()), -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }

  private static Duration duration(ProviderConfig config, Option option) {
    return GoDuration.parse(config.valueOrDefault(option).orElseThrow());
  }

  private static Optional<Integer> integer(ProviderConfig config, Option option) {
    return config.valueOrDefault(option).map(BigDecimal::new).map(BigDecimal::intValueExact);
  }
}
