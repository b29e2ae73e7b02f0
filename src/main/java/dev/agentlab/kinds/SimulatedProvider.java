package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.config.GoDuration;
import dev.agentlab.dialects.OpenAi;
import dev.agentlab.dialects.OpenAi.Rule;
import dev.agentlab.dialects.Operation;
import dev.agentlab.simulation.SimulationRegistry;
import dev.agentlab.simulation.SimulationSettings;
import dev.agentlab.simulation.SimulationSettings.ToolUse;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A provider without a model, for trying everything without a key and for rehearsing failures.
final class SimulatedProvider {
  /// Never resolved, and of a name that nobody can have (RFC 6761).
  private static final Pattern COMMA = Pattern.compile(",");

  private static final String BASE = "http://simulated.invalid/v1";

  private static final OpenAi DIALECT =
      OpenAi.with(
          new Rule.Refuse(
              Operation.CHAT, "n", n -> n.asInt(1) != 1, "must be 1 with a simulated provider"),
          new Rule.Refuse(
              Operation.CHAT,
              "logprobs",
              wanted -> wanted.asBoolean(false),
              "cannot be simulated; leave it out"));

  private static final Option REPLY =
      Option.text("reply", "What to say to everything. Without it, an echo of the last message.");
  private static final Option TOOL_CALLS =
      Option.choice(
              "tool_calls",
              "Whether to call a tool when the caller leaves it open: auto does, unless the last"
                  + " message is a tool's result.",
              "auto",
              "always",
              "never")
          .standard("auto");
  private static final Option LATENCY =
      Option.duration("latency", "The time to the first byte of an answer, such as 500ms.")
          .standard("0");
  private static final Option TIME_PER_TOKEN =
      Option.duration("time_per_token", "The time from one token to the next, such as 20ms.")
          .standard("20ms");
  private static final Option ERROR_RATE =
      Option.number(
              "error_rate",
              "Which part of the calls fails, evenly spread: 0.25 is every fourth.",
              0,
              1)
          .standard("0");
  private static final Option ERROR_STATUS =
      Option.integer("error_status", "The HTTP status of a failure.", 400, 599).standard("500");
  private static final Option RATE_LIMIT =
      Option.integer(
          "rate_limit",
          "How many calls a minute may bring; the rest gets 429 and Retry-After.",
          1,
          1_000_000);
  private static final Option TRUNCATE_AFTER =
      Option.integer("truncate_after", "Tokens after which a stream breaks off.", 0, 1_000_000);
  private static final Option DIMENSIONS =
      Option.integer(
              "dimensions",
              "Of an embedding, unless the request says otherwise.",
              1,
              SimulationSettings.MOST_DIMENSIONS)
          .standard("256");
  private static final Option MODELS =
      Option.text(
          "models", "The models there are, separated by commas. Without it, every name will do.");

  private final SimulationRegistry simulations = new SimulationRegistry();

  private SimulatedProvider() {}

  /// A kind whose providers count their calls for themselves.
  static ProviderKind kind() {
    return new ProviderKind(
        "simulated",
        "Simulated",
        "Answers without a model or a key, to try everything and to rehearse failures.",
        Option.url("base_url", "Not used: nothing is called."),
        List.of(
            REPLY,
            TOOL_CALLS,
            LATENCY,
            TIME_PER_TOKEN,
            ERROR_RATE,
            ERROR_STATUS,
            RATE_LIMIT,
            TRUNCATE_AFTER,
            DIMENSIONS,
            MODELS),
        EnumSet.allOf(Capability.class),
        new Advice(
            "Nothing is called; look at the log of this service.",
            "Nothing is called; look at the log of this service.",
            "Leave options.models out, or name some."),
        new SimulatedProvider()::build);
  }

  private LlmProvider build(ProviderKind kind, ProviderConfig config) {
    return new LlmProvider(
        kind,
        DIALECT,
        BASE,
        "",
        ModelListEndpoint.openAi(URI.create(BASE + "/models")),
        Optional.empty(),
        Optional.of(simulations.with(settings(config))));
  }

  private static SimulationSettings settings(ProviderConfig config) {
    return new SimulationSettings(
        duration(config, LATENCY),
        duration(config, TIME_PER_TOKEN),
        config.value(REPLY),
        ToolUse.valueOf(config.value(TOOL_CALLS).orElseThrow().toUpperCase(Locale.ROOT)),
        new BigDecimal(config.value(ERROR_RATE).orElseThrow()),
        integer(config, ERROR_STATUS).orElseThrow(),
        integer(config, RATE_LIMIT),
        integer(config, TRUNCATE_AFTER),
        integer(config, DIMENSIONS).orElseThrow(),
        Arrays.stream(COMMA.split(config.value(MODELS).orElse(""), -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList());
  }

  private static Duration duration(ProviderConfig config, Option option) {
    return GoDuration.parse(config.value(option).orElseThrow());
  }

  private static Optional<Integer> integer(ProviderConfig config, Option option) {
    return config.value(option).map(BigDecimal::new).map(BigDecimal::intValueExact);
  }
}
