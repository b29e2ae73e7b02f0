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
      OpenAi.with(
          new Rule.Rename(CHAT, "seed", "random_seed"),
          new Rule.Omit(CHAT, "stream_options"),
          new Rule.Lack(CHAT, "logprobs", it -> it.asBoolean(false), "is not there"),
          new Rule.Refuse(CHAT, "n", it -> it.asInt(1) != 1, "must be 1"));

  @Test
  void requestThatBreaksNoRuleKeepsItsBytes() {
    String odd = "{ \"model\":\"m\",\"n\" : 1.0, \"x\": 1e2,\"messages\":[ ] }";

    assertThat(written(OpenAi.with(), CHAT, odd)).isEqualTo(odd);
    assertThat(written(DIALECT, CHAT, odd)).isEqualTo(odd);
  }

  @Test
  void aRuleIsOnlyForItsOperation() {
    String request = "{ \"input\": \"x\", \"seed\": 1, \"logprobs\": true }";

    assertThat(written(DIALECT, EMBEDDINGS, request)).isEqualTo(request);
  }

  @Test
  void aRenamedMemberKeepsItsValueAndYieldsToOneOfTheNewName() {
    assertThat(written(DIALECT, CHAT, "{\"seed\":1.50,\"x\":{\"seed\":2}}"))
        .isEqualTo("{\"x\":{\"seed\":2},\"random_seed\":1.50}");
    assertThat(written(DIALECT, CHAT, "{\"seed\":1,\"random_seed\":2}"))
        .isEqualTo("{\"random_seed\":2}");
  }

  @Test
  void anOmittedMemberIsGoneAndUsageIsStillForUsIfWeAskedForIt() {
    ModelRequest counting =
        ModelRequest.sent(CHAT, "{\"stream\":true}".getBytes(UTF_8)).countingUsage();

    assertThat(new String(DIALECT.write(counting).body(), UTF_8)).isEqualTo("{\"stream\":true}");
    assertThat(counting.expectedStream().usageIsOurs()).isTrue();
  }

  @Test
  void whatTheApiLacksIsRefusedIfAskedForAndElseLeftOut() {
    assertThat(written(DIALECT, CHAT, "{\"a\":1,\"logprobs\":false}")).isEqualTo("{\"a\":1}");
    assertThat(written(DIALECT, CHAT, "{\"a\":1,\"logprobs\":null}")).isEqualTo("{\"a\":1}");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> written(DIALECT, CHAT, "{\"logprobs\":true}"))
        .withMessage("logprobs: is not there");
  }

  @Test
  void aRefusedValueIsNamedAndOthersPass() {
    assertThat(written(DIALECT, CHAT, "{ \"n\" :1 }")).isEqualTo("{ \"n\" :1 }");
    assertThat(written(DIALECT, CHAT, "{ \"n\":null}")).isEqualTo("{ \"n\":null}");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> written(DIALECT, CHAT, "{\"n\":2}"))
        .withMessage("n: must be 1");
  }

  @Test
  void theCallersRequestStaysAsItWas() {
    ModelRequest request = ModelRequest.sent(CHAT, "{\"seed\":1}".getBytes(UTF_8));

    DIALECT.write(request);

    assertThat(request.body().has("seed")).isTrue();
  }

  @Test
  void headerFieldsGoWithEveryRequest() {
    ModelRequest request = ModelRequest.sent(CHAT, "{}".getBytes(UTF_8));

    assertThat(DIALECT.write(request).headers()).isEmpty();
    assertThat(DIALECT.sending(Map.of("X-Title", "t")).write(request).headers())
        .containsExactly(Map.entry("X-Title", "t"));
  }

  private static String written(OpenAi dialect, Operation operation, String request) {
    return new String(
        dialect.write(ModelRequest.sent(operation, request.getBytes(UTF_8))).body(), UTF_8);
  }
}
