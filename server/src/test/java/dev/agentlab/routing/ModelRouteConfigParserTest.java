package dev.agentlab.routing;

import static dev.agentlab.routing.FixedTargets.AZURE;
import static dev.agentlab.routing.FixedTargets.HELPER;
import static dev.agentlab.routing.FixedTargets.OPENAI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Json;
import dev.agentlab.modelclient.FallbackCause;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelRouteConfigParserTest {
  private static final String TARGET = "{\"provider\": \"openai\", \"model\": \"gpt-5\"}";

  private static ModelRouteConfig parse(String json) {
    return parse(json, new Warnings());
  }

  private static ModelRouteConfig parse(String json, Warnings warnings) {
    return ModelRouteConfigParser.parseInput(
        Json.MAPPER.readTree(json), new FixedTargets(), warnings);
  }

  private static ModelRouteConfig parseWith(String members) {
    return parse("{\"targets\": [%s], %s}".formatted(TARGET, members));
  }

  private static List<FieldError> errors(String json) {
    return catchThrowableOfType(InvalidInputException.class, () -> parse(json)).errors();
  }

  private static List<String> fields(String json) {
    return errors(json).stream().map(FieldError::field).toList();
  }

  private static RouteDestination model(String name) {
    return new RouteDestination.ProviderModel(OPENAI, name);
  }

  @Test
  void everyMemberIsRead() {
    ModelRouteConfig config =
        parse(
            """
            {"targets": [
               {"provider": "openai", "model": "gpt-5", "weight": 3},
               {"provider_id": "%s", "model": "gpt-5", "weight": 10000, "priority": 100},
               {"agent": "helper", "priority": 2}],
             "fallback_on": ["5xx", "429", "5xx"], "first_content_timeout": "20s",
             "affinity": "none",
             "parameters": {"defaults": {"temperature": 0.2},
                            "limits": {"max_output_tokens": 8192}}}
            """
                .formatted(AZURE));

    assertThat(config.targets())
        .containsExactly(
            new RouteTarget(model("gpt-5"), 3, 1),
            new RouteTarget(new RouteDestination.ProviderModel(AZURE, "gpt-5"), 10_000, 100),
            new RouteTarget(new RouteDestination.RegisteredAgent(HELPER), 1, 2));
    assertThat(config.fallbackOn())
        .containsExactly(FallbackCause.RATE_LIMIT, FallbackCause.SERVER_ERROR);
    assertThat(config.firstContentTimeout()).contains(Duration.ofSeconds(20));
    assertThat(config.affinity()).isEqualTo(ModelRouteConfig.Affinity.NONE);
    assertThat(config.parameters().defaults()).hasToString("{\"temperature\":0.2}");
    assertThat(config.parameters().maxOutputTokens()).contains(8192);
    assertThat(ModelRouteConfigParser.parseStored(config.toJson())).isEqualTo(config);
  }

  @Test
  void omittedMembersHaveDefaults() {
    ModelRouteConfig config = parse("{\"targets\": [%s]}".formatted(TARGET));

    assertThat(config.targets()).containsExactly(new RouteTarget(model("gpt-5"), 1, 1));
    assertThat(config.fallbackOn()).containsExactlyElementsOf(FallbackCause.CONFIGURABLE);
    assertThat(config.firstContentTimeout()).isEmpty();
    assertThat(config.affinity()).isEqualTo(ModelRouteConfig.Affinity.SESSION);
    assertThat(config.parameters().defaults()).isEmpty();
    assertThat(config.parameters().maxOutputTokens()).isEmpty();
    assertThat(Json.MAPPER.readTree(config.toJson().toString()))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"targets": [{"provider_id": "%s", "model": "gpt-5", "weight": 1, "priority": 1}],
                 "fallback_on": ["connect", "timeout", "429", "5xx", "open_breaker",
                   "context_length", "credentials", "model_not_found"],
                 "affinity": "session", "parameters": {"defaults": {}, "limits": {}}}
                """
                    .formatted(OPENAI)));
  }

  @Test
  void emptyListOfCausesMeansNoFallback() {
    assertThat(parseWith("\"fallback_on\": []").fallbackOn()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | config",
        "{} | config.targets",
        "{\"targets\": []} | config.targets",
        "{\"targets\": {}} | config.targets",
        "{\"targets\": [7]} | config.targets[0]",
        "{\"targets\": [{}]} | config.targets[0]",
        "{\"targets\": [{\"model\": \"m\"}]} | config.targets[0]",
        "{\"targets\": [{\"agent\": \"helper\", \"provider\": \"openai\"}]} | config.targets[0]",
        "{\"targets\": [{\"provider\": \"openai\"}]} | config.targets[0].model",
        "{\"targets\": [{\"provider\": \"nope\", \"model\": \"m\"}]} | config.targets[0].provider",
        "{\"targets\": [{\"provider\": 7, \"model\": \"m\"}]} | config.targets[0].provider",
        "{\"targets\": [{\"provider_id\": \"7\", \"model\": \"m\"}]} | config.targets[0].provider_id",
        "{\"targets\": [{\"agent\": \"nope\"}]} | config.targets[0].agent",
        "{\"targets\": [{\"agent\": \"helper\", \"model\": \"m\"}]} | config.targets[0].model",
        "{\"targets\": [{\"agent\": \"helper\", \"wieght\": 1}]} | config.targets[0].wieght",
        "{\"targets\": [{\"agent\": \"helper\", \"weight\": 0}]} | config.targets[0].weight",
        "{\"targets\": [{\"agent\": \"helper\", \"weight\": 10001}]} | config.targets[0].weight",
        "{\"targets\": [{\"agent\": \"helper\", \"weight\": 1.5}]} | config.targets[0].weight",
        "{\"targets\": [{\"agent\": \"helper\", \"priority\": 101}]} | config.targets[0].priority",
        "{\"targets\": [{\"agent\": \"helper\", \"priority\": \"1\"}]} | config.targets[0].priority",
      })
  void invalidTargetIsReportedByField(String json, String field) {
    assertThat(fields(json)).containsExactly(field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"fallback_on\": \"5xx\" | config.fallback_on",
        "\"fallback_on\": [\"5xx\", \"500\"] | config.fallback_on[1]",
        "\"fallback_on\": [7] | config.fallback_on[0]",
        "\"first_content_timeout\": \"99ms\" | config.first_content_timeout",
        "\"first_content_timeout\": \"61m\" | config.first_content_timeout",
        "\"first_content_timeout\": 0 | config.first_content_timeout",
        "\"first_content_timeout\": \"soon\" | config.first_content_timeout",
        "\"affinity\": \"user\" | config.affinity",
        "\"affinity\": 1 | config.affinity",
        "\"paramters\": {} | config.paramters",
        "\"parameters\": [] | config.parameters",
        "\"parameters\": {\"default\": {}} | config.parameters.default",
        "\"parameters\": {\"defaults\": 1} | config.parameters.defaults",
        "\"parameters\": {\"defaults\": {\"model\": 1}} | config.parameters.defaults.model",
        "\"parameters\": {\"defaults\": {\"stream\": true}} | config.parameters.defaults.stream",
        "\"parameters\": {\"defaults\": {\"input\": 1}} | config.parameters.defaults.input",
        "\"parameters\": {\"defaults\": {\"messages\": []}} | config.parameters.defaults.messages",
        "\"parameters\": {\"defaults\": {\"api_key\": \"x\"}} | config.parameters.defaults.api_key",
        "\"parameters\": {\"limits\": {\"max\": 1}} | config.parameters.limits.max",
        "\"parameters\": {\"limits\": {\"max_output_tokens\": 0}} | config.parameters.limits.max_output_tokens",
        "\"parameters\": {\"limits\": {\"max_output_tokens\": 10000001}} | config.parameters.limits.max_output_tokens",
      })
  void invalidMemberIsReportedByField(String member, String field) {
    assertThat(fields("{\"targets\": [%s], %s}".formatted(TARGET, member))).containsExactly(field);
  }

  @ParameterizedTest
  @CsvSource({"100ms, 100", "1h, 3600000", "1m30s, 90000"})
  void timeoutMayHaveItsLimits(String text, long millis) {
    assertThat(parseWith("\"first_content_timeout\": \"%s\"".formatted(text)).firstContentTimeout())
        .contains(Duration.ofMillis(millis));
  }

  @Test
  void allErrorsAreCollected() {
    assertThat(
            fields(
                """
                {"targets": [{"agent": "helper"}, {"provider": "nope", "weight": -1}],
                 "affinity": "x", "parameters": {"limits": {"max_output_tokens": "many"}}}
                """))
        .containsExactlyInAnyOrder(
            "config.targets[1].model",
            "config.targets[1].provider",
            "config.targets[1].weight",
            "config.affinity",
            "config.parameters.limits.max_output_tokens");
  }

  @Test
  void errorsSuggestTheNearestName() {
    assertThat(errors("{\"targts\": [%s]}".formatted(TARGET)).getFirst().message())
        .contains("did you mean targets?");
    assertThat(
            errors("{\"targets\": [%s], \"fallback_on\": [\"timeuot\"]}".formatted(TARGET))
                .getFirst()
                .message())
        .contains("did you mean timeout?");
  }

  @Test
  void repeatedDestinationIsRejected() {
    String json =
        """
        {"targets": [
          {"provider": "openai", "model": "gpt-5"},
          {"provider": "openai", "model": "gpt-5-mini"},
          {"provider_id": "%s", "model": "gpt-5", "priority": 2}]}
        """
            .formatted(OPENAI);
    assertThat(fields(json)).containsExactly("config.targets[2]");
    assertThat(errors(json).getFirst().message()).contains("targets[0]");
  }

  @Test
  void numberOfTargetsIsLimited() {
    List<String> targets =
        IntStream.range(0, 33)
            .mapToObj("{\"provider\": \"openai\", \"model\": \"m%d\"}"::formatted)
            .toList();
    assertThat(parse("{\"targets\": %s}".formatted(targets.subList(0, 32))).targets()).hasSize(32);
    assertThat(fields("{\"targets\": %s}".formatted(targets))).containsExactly("config.targets");
  }

  @Test
  void nameMayAccompanyItsIdOnly() {
    String both =
        "{\"targets\": [{\"provider\": \"%s\", \"provider_id\": \"%s\", \"model\": \"m\"}]}";
    assertThat(parse(both.formatted("openai", OPENAI)).targets())
        .extracting(RouteTarget::destination)
        .containsExactly(model("m"));
    assertThat(errors(both.formatted("azure-eu", OPENAI)))
        .singleElement()
        .satisfies(error -> {
          assertThat(error.field()).isEqualTo("config.targets[0].provider");
          assertThat(error.message()).contains("is 'azure-eu'", "is named 'openai'");
        });
    assertThat(fields(both.formatted("openai", HELPER)))
        .containsExactly("config.targets[0].provider_id");
  }

  @Test
  void misspelledDefaultIsWarnedAbout() {
    Warnings warnings = new Warnings();
    parse(
        """
        {"targets": [%s], "parameters": {"defaults": {"temprature": 1, "top_k": 4}}}
        """
            .formatted(TARGET),
        warnings);
    assertThat(warnings.all())
        .isEqualTo(
            Optional.of(
                List.of(
                    "config.parameters.defaults.temprature is sent unchanged; did you mean"
                        + " temperature?")));
  }

  @Test
  void storedConfigOfLaterReleaseIsUsable() {
    ModelRouteConfig config =
        ModelRouteConfigParser.parseStored(
            Json.MAPPER.readTree(
                """
                {"targets": [{"provider_id": "%s", "model": "m", "region": "eu"}],
                 "fallback_on": ["timeout", "invented"], "later": true}
                """
                    .formatted(OPENAI)));
    assertThat(config.targets()).hasSize(1);
    assertThat(config.fallbackOn()).containsExactly(FallbackCause.TIMEOUT);
  }
}
