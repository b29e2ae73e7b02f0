package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.json.Json;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Tests the kind whose providers simulate a model.
class SimulatedProviderTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, 100_000);

  /// A network that must not be used.
  private static final Transport NO_NETWORK =
      new Transport() {
        @Override
        public UpstreamResponse send(
            UpstreamRequest request, UpstreamLimits limits, Cancellation c) {
          throw new AssertionError(request.url());
        }

        @Override
        public CompletableFuture<Result> start(
            EventLoop loop, UpstreamRequest request, UpstreamLimits limits, Cancellation c) {
          throw new AssertionError(request.url());
        }
      };

  private final ProviderKinds kinds = ProviderKinds.standard();

  @Test
  void simulatedKindRequiresNoOptions() {
    ProviderConfig config = kinds.parse(Json.MAPPER.readTree("{\"name\": \"simulated\"}"));

    assertThat(kinds.build(config).transport()).isPresent();
    assertThat(config.stored().has("base_url")).isFalse();
    assertThat(kinds.all().getLast().name()).isEqualTo("simulated");
  }

  @Test
  void probePassesWithoutNetwork() {
    ProbeReport report =
        new ProviderProbe(NO_NETWORK, LIMITS)
            .run(build("\"models\": [\"a\", \"b\"], \"error_rate\": 1"));

    assertThat(report.ok()).isTrue();
    assertThat(report.models()).extracting(Model::id).containsExactly("a", "b");
    assertThat(
            report.stages().stream()
                .map(stage -> stage.name() + " " + stage.status())
                .collect(Collectors.joining(", ")))
        .isEqualTo(
            "resolve skipped, connect skipped, tls skipped, authenticate skipped, list_models passed");
    assertThat(report.stages().getFirst().detail()).contains("not reached over the network");
    assertThat(report.stages().getLast().detail()).contains("2 models");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ["a", "b"]  | a, b
          ["a", "b*"] | simulated
          "a, b,"     | a, b
          """)
  void modelsAreListed(String models, String listed) {
    ProviderConfig stored =
        kinds.readStored(
            Json.MAPPER.readTree(
                "{\"name\": \"simulated\", \"options\": {\"models\": %s}}".formatted(models)));

    assertThat(new ProviderProbe(NO_NETWORK, LIMITS).run(kinds.build(stored)).models())
        .extracting(Model::id)
        .containsExactly(listed.split(", ", -1));
  }

  @Test
  void requestsAreCountedAcrossEqualConfigurations() {
    List<Integer> statuses =
        List.of(
            status(build("\"error_rate\": 0.5")),
            status(build("\"error_rate\": 0.50")),
            status(build("\"error_rate\": 0.5, \"error_status\": 501")),
            status(build("\"error_rate\": 0.5, \"error_status\": 501")));

    assertThat(statuses).containsExactly(200, 500, 200, 501);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"error_rate": 1.5}          | error_rate: must be a number from 0 to 1
          {"error_rate": -1e-3}        | error_rate: must be a number from 0 to 1
          {"error_rate": "0.5"}        | error_rate: must be a number
          {"error_status": 200}        | error_status: must be an integer from 400 to 599
          {"error_status": 500.5}      | error_status: must be an integer from 400 to 599
          {"rate_limit": 0}            | rate_limit: must be an integer from 1 to 1000000
          {"rate_limit": true}         | rate_limit: must be a number
          {"dimensions": 1e999999}     | dimensions: must be a number of at most 1000 digits before and after the decimal point
          {"truncate_after": 1e900}    | truncate_after: must be an integer from 0 to 1000000
          {"latency": "fast"}          | latency: must be a duration such as 20ms or 1m30s
          {"latency": "-1s"}           | latency: must be from 0 to 1h
          {"time_per_token": "61m"}    | time_per_token: must be from 0 to 1h
          {"time_per_token": 20}       | time_per_token: must be a string
          {"tool_calls": "sometimes"}  | tool_calls: must be auto or always or never
          """)
  void invalidOptionIsNamed(String options, String error) {
    JsonNode config =
        Json.MAPPER.readTree("{\"name\": \"simulated\", \"options\": %s}".formatted(options));

    assertThat(
            catchThrowableOfType(InvalidInputException.class, () -> kinds.parse(config)).errors())
        .extracting(FieldError::toString)
        .containsExactly("config.options." + error);
    if (!error.contains("digits") && !error.contains("duration") && !error.contains("1h")) {
      assertThat(schema().validate(config)).isNotEmpty();
    }
  }

  @Test
  void schemaContainsNumberTypesRangesAndDefaults() {
    JsonNode schema = kinds.find("simulated").orElseThrow().schema();
    JsonNode rate = schema.at("/properties/options/properties/error_rate");

    assertThat(rate.path("type").stringValue()).isEqualTo("number");
    assertThat(rate.path("maximum").intValue()).isEqualTo(1);
    assertThat(rate.path("default").isNumber()).isTrue();
    assertThat(schema.at("/properties/options/properties/dimensions/type").stringValue())
        .isEqualTo("integer");
    assertThat(schema.path("required").values()).hasSize(1);
    assertThat(
            schema()
                .validate(
                    Json.MAPPER.readTree(
                        """
                        {"name": "simulated", "options": {"error_rate": 0.25, "rate_limit": 60,
                         "latency": "1s", "models": ["a"], "note": "kept"}}\
                        """)))
        .isEmpty();
  }

  @Test
  void unsupportedRequestMembersAreRejected() {
    CallableProvider provider = build("");

    for (String request : List.of("{\"n\": 2}", "{\"logprobs\": true}")) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() ->
              provider
                  .dialect()
                  .translateRequest(
                      ModelRequest.parse(
                          Operation.CHAT, request.getBytes(StandardCharsets.UTF_8))));
    }
  }

  private Schema schema() {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(kinds.find("simulated").orElseThrow().schema());
  }

  private CallableProvider build(String options) {
    return kinds.build(
        kinds.parse(
            Json.MAPPER.readTree(
                "{\"name\": \"simulated\", \"options\": {%s}}".formatted(options))));
  }

  private static int status(CallableProvider provider) {
    byte[] body = "{\"model\": \"m\", \"input\": \"x\"}".getBytes(StandardCharsets.UTF_8);
    return provider
        .transport()
        .orElseThrow()
        .send(
            UpstreamRequest.post(provider.url("embeddings"), Map.of(), Map.of(), body),
            LIMITS,
            new Cancellation())
        .status();
  }
}
