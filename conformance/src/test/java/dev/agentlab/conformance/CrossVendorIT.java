package dev.agentlab.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// One program in Python with the libraries of the three vendors, each of which calls a tool with
/// models of the other two.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CrossVendorIT {
  @RegisterExtension private static final ConformanceServer SERVER = new ConformanceServer();

  private static final String SCENARIO = "tool-usage";

  private static final List<Client> CLIENTS =
      List.of(Client.OPENAI_PYTHON, Client.ANTHROPIC_PYTHON, Client.GOOGLE_PYTHON);
  private static final List<Target> TARGETS =
      List.of(Target.OPENAI, Target.ANTHROPIC, Target.GEMINI);

  /// Counts of tokens: the input includes cached tokens, and the output reasoning.
  private record Usage(long input, long cached, long output, long reasoning) {
    static final Usage NONE = new Usage(0, 0, 0, 0);

    Usage plus(Usage other) {
      return new Usage(
          input + other.input,
          cached + other.cached,
          output + other.output,
          reasoning + other.reasoning);
    }
  }

  @Test
  void eachClientReportsWhatTheOtherVendorsCounted() throws IOException {
    Path folder = LockedTools.python("cross-vendor-python");
    List<String> command = new ArrayList<>(List.of("venv/bin/python", "program.py"));
    for (Client client : CLIENTS) {
      for (Target target : targets(client)) {
        command.add(client.vendor());
        command.add(target.modelOfClient(client.toString(), SCENARIO));
      }
    }

    Map<String, JsonNode> results = new HashMap<>();
    ConformanceServer.parse(LockedTools.run(folder, SERVER.environment(), command))
        .forEach(it -> results.put(it.path("scenario").asString(""), it));

    for (Client client : CLIENTS) {
      Usage reported = Usage.NONE;
      Usage counted = Usage.NONE;
      for (Target target : targets(client)) {
        String model = target.modelOfClient(client.toString(), SCENARIO);
        JsonNode line = results.getOrDefault(model, MissingNode.getInstance());
        assertThat(line).as("the program called %s", model).isNotEmpty();
        assertThat(line.path("crash").asString("")).as("crash").isEmpty();
        JsonNode result = line.path("observed");
        assertThat(result.path("text").asString("")).isEqualTo(Scenario.TEXT);
        assertThat(result.at("/arguments/0/city").asString("")).isEqualTo("Zürich");
        List<MockVendors.Call> calls = SERVER.calls(client, target, SCENARIO);
        assertThat(calls).hasSize(2);
        assertThat(calls.getLast().request().body()).contains("17 degrees");
        Usage ofTarget = Json.MAPPER.convertValue(result.path("usage"), Usage.class);
        assertThat(ofTarget).as("%s on %s", client, target).isEqualTo(counted(target));
        reported = reported.plus(ofTarget);
        counted = counted.plus(counted(target));
      }
      assertThat(reported).as("%s", client).isEqualTo(counted);
    }
  }

  /// The targets of other vendors.
  private static List<Target> targets(Client client) {
    return TARGETS.stream().filter(it -> !it.isNative(client)).toList();
  }

  /// What the mock counted in both calls.
  private static Usage counted(Target target) {
    return MockVendors.responses(SCENARIO).stream()
        .map(name ->
            Json.MAPPER.readTree(new String(MockVendors.file(target.vendor(), name).body(), UTF_8)))
        .map(response -> usage(target, response))
        .reduce(Usage.NONE, Usage::plus);
  }

  private static Usage usage(Target target, JsonNode response) {
    JsonNode usage = response.path(target == Target.GEMINI ? "usageMetadata" : "usage");
    return switch (target) {
      case OPENAI_DIRECT, OPENAI, OPENAI_CHAT ->
          new Usage(
              count(usage, "/prompt_tokens"),
              count(usage, "/prompt_tokens_details/cached_tokens"),
              count(usage, "/completion_tokens"),
              count(usage, "/completion_tokens_details/reasoning_tokens"));
      case ANTHROPIC_DIRECT, ANTHROPIC ->
          new Usage(
              count(usage, "/input_tokens")
                  + count(usage, "/cache_read_input_tokens")
                  + count(usage, "/cache_creation_input_tokens"),
              count(usage, "/cache_read_input_tokens"),
              count(usage, "/output_tokens"),
              count(usage, "/output_tokens_details/thinking_tokens"));
      case GEMINI_DIRECT, GEMINI ->
          new Usage(
              count(usage, "/promptTokenCount"),
              count(usage, "/cachedContentTokenCount"),
              count(usage, "/candidatesTokenCount") + count(usage, "/thoughtsTokenCount"),
              count(usage, "/thoughtsTokenCount"));
      case BEDROCK -> throw new IllegalArgumentException(target.toString());
    };
  }

  private static long count(JsonNode usage, String pointer) {
    return usage.at(pointer).asLong(0);
  }
}
