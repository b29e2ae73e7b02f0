package dev.agentlab.dialects;

import static dev.agentlab.dialects.Operation.CHAT;
import static dev.agentlab.dialects.Operation.EMBEDDINGS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.dialects.OpenAi.Rule;
import dev.agentlab.errors.InvalidInputException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenAiRulesTest {
  private static final OpenAi DIALECT =
      OpenAi.withRules(
          new Rule.Rename(CHAT, "seed", "random_seed"),
          new Rule.Omit(CHAT, "stream_options"),
          new Rule.Unsupported(CHAT, "logprobs", it -> it.asBoolean(false), "is not there"),
          new Rule.Reject(CHAT, "n", it -> it.asInt(1) != 1, "must be 1"));

  @Test
  void requestWithoutApplicableRuleKeepsItsBytes() {
    String odd = "{ \"model\":\"m\",\"n\" : 1.0, \"x\": 1e2,\"messages\":[ ] }";

    assertThat(translate(OpenAi.withRules(), CHAT, odd)).isEqualTo(odd);
    assertThat(translate(DIALECT, CHAT, odd)).isEqualTo(odd);
  }

  @Test
  void ruleAppliesOnlyToItsOperation() {
    String request = "{ \"input\": \"x\", \"seed\": 1, \"logprobs\": true }";

    assertThat(translate(DIALECT, EMBEDDINGS, request)).isEqualTo(request);
  }

  @Test
  void renamedMemberKeepsItsValueUnlessNewNameExists() {
    assertThat(translate(DIALECT, CHAT, "{\"seed\":1.50,\"x\":{\"seed\":2}}"))
        .isEqualTo("{\"random_seed\":1.50,\"x\":{\"seed\":2}}");
    assertThat(translate(DIALECT, CHAT, "{\"seed\":1,\"random_seed\":2}"))
        .isEqualTo("{\"random_seed\":2}");
  }

  @Test
  void omittedMemberIsRemovedAndUsageStaysHidden() {
    ModelRequest counting =
        ModelRequest.parse(CHAT, "{\"stream\":true}".getBytes(UTF_8)).withStreamUsage();

    assertThat(new String(DIALECT.translateRequest(counting).body(), UTF_8))
        .isEqualTo("{\"stream\":true}");
    assertThat(counting.expectedStream().hidesUsage()).isTrue();
  }

  @Test
  void unsupportedMemberIsRejectedOnlyIfItHasAnEffect() {
    assertThat(translate(DIALECT, CHAT, "{\"a\":1,\"logprobs\":false}")).isEqualTo("{\"a\":1}");
    assertThat(translate(DIALECT, CHAT, "{\"a\":1,\"logprobs\":null}")).isEqualTo("{\"a\":1}");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> translate(DIALECT, CHAT, "{\"logprobs\":true}"))
        .withMessage("logprobs: is not there");
  }

  @Test
  void rejectedValueIsReportedAndOthersPass() {
    assertThat(translate(DIALECT, CHAT, "{ \"n\" :1 }")).isEqualTo("{ \"n\" :1 }");
    assertThat(translate(DIALECT, CHAT, "{ \"n\":null}")).isEqualTo("{ \"n\":null}");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> translate(DIALECT, CHAT, "{\"n\":2}"))
        .withMessage("n: must be 1");
  }

  @Test
  void originalRequestIsNotModified() {
    ModelRequest request = ModelRequest.parse(CHAT, "{\"seed\":1}".getBytes(UTF_8));

    DIALECT.translateRequest(request);

    assertThat(request.body().has("seed")).isTrue();
  }

  @Test
  void headersAreAddedToEveryRequest() {
    ModelRequest request = ModelRequest.parse(CHAT, "{}".getBytes(UTF_8));

    assertThat(DIALECT.translateRequest(request).headers()).isEmpty();
    assertThat(DIALECT.withHeaders(Map.of("X-Title", "t")).translateRequest(request).headers())
        .containsExactly(Map.entry("X-Title", "t"));
  }

  private static String translate(OpenAi dialect, Operation operation, String request) {
    return new String(
        dialect.translateRequest(ModelRequest.parse(operation, request.getBytes(UTF_8))).body(),
        UTF_8);
  }
}
