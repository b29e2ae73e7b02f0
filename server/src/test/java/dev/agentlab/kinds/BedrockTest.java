package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.dialects.BedrockConverse;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.OpenAi;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class BedrockTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final String KEY =
      "\"region\": \"us-east-1\", \"api_key\": \"ABSK0123456789abcdef\"";
  private static final String SIGV4 =
      """
      "region": "eu-central-1", "auth_type": "sigv4", "access_key_id": "AKIAIOSFODNN7EXAMPLE",
      "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"\
      """;

  @Test
  void converseApiWithApiKeyIsTheDefault() {
    CallableProvider bedrock = build("", KEY);

    assertThat(bedrock.dialect()).isInstanceOf(BedrockConverse.class);
    assertThat(bedrock.url(path(bedrock, "arn:aws:bedrock:us-east-1:1:inference-profile/m:0")))
        .hasToString(
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fm%3A0/converse");
    assertThat(bedrock.modelListEndpoint().url())
        .hasToString("https://bedrock.us-east-1.amazonaws.com/foundation-models");
    assertThat(authorizationHeader(bedrock)).isEqualTo("Bearer ABSK0123456789abcdef");
  }

  @Test
  void openAiApiUsesEndpointOfTheRegion() {
    CallableProvider bedrock = build("", KEY + ", \"api\": \"openai\"");

    assertThat(bedrock.dialect()).isInstanceOf(OpenAi.class);
    assertThat(bedrock.url(path(bedrock, "openai.gpt-oss-120b-1:0")))
        .hasToString("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1/chat/completions");
    assertThat(bedrock.modelListEndpoint().url())
        .hasToString("https://bedrock.us-east-1.amazonaws.com/foundation-models");
  }

  @Test
  void modelsAreListedAtBaseUrlUnlessControlUrlIsSet() {
    assertThat(build("https://vpce.test/", KEY).modelListEndpoint().url())
        .hasToString("https://vpce.test/foundation-models");
    assertThat(build("https://vpce.test", KEY).url("model/m/converse"))
        .hasToString("https://vpce.test/model/m/converse");
    assertThat(
            build("https://vpce.test", KEY + ", \"control_url\": \"https://control.test/\"")
                .modelListEndpoint()
                .url())
        .hasToString("https://control.test/foundation-models");
  }

  @Test
  void accessKeySignsForItsRegion() {
    CallableProvider bedrock = build("", SIGV4);

    assertThat(authorizationHeader(bedrock))
        .startsWith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/")
        .contains("/eu-central-1/bedrock/aws4_request");
    assertThat(bedrock.secrets()).hasSize(1);
    assertThat(KINDS.parse(json("", SIGV4)).toString()).doesNotContain("wJalrXUtnFEMI");
  }

  @Test
  void missingCredentialsOfAuthTypeAreNamed() {
    assertThat(parseErrors("\"region\": \"us-east-1\""))
        .containsExactly(
            "config.options.api_key: is required for Bedrock provider with auth_type api_key");
    assertThat(parseErrors("\"region\": \"us-east-1\", \"auth_type\": \"sigv4\""))
        .containsExactly(
            "config.options.access_key_id: is required for Bedrock provider with auth_type sigv4",
            "config.options.secret_access_key: is required for Bedrock provider with auth_type"
                + " sigv4");
    assertThat(parseErrors("\"api_key\": \"k\""))
        .containsExactly(
            "config.options.region: is required for Bedrock provider: the AWS region, such as"
                + " us-east-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"us-east-1.evil.test/", "us-east-1@evil", "US-EAST-1", "local", "../a-b-1"})
  void invalidRegionNameIsRejected(String region) {
    assertThat(parseErrors("\"region\": \"" + region + "\", \"api_key\": \"k\""))
        .containsExactly(
            "config.options.region: must be the name of an AWS region, such as us-east-1");
  }

  @Test
  void keptSecretMovedToAnotherUrlIsReported() {
    ProviderConfig stored = KINDS.parse(json("", SIGV4));
    String kept = SIGV4.replaceAll(",\\s*\"secret_access_key\": \"[^\"]*\"", "");

    assertThat(KINDS.replace(stored, json("", kept)).movedSecrets()).isEmpty();
    assertThat(KINDS.replace(stored, json("https://proxy.test", kept)).movedSecrets())
        .containsExactly("config.options.secret_access_key");
  }

  private static String path(CallableProvider provider, String model) {
    var body = JsonNodeFactory.instance.objectNode().put("model", model);
    body.putArray("messages").addObject().put("role", "user").put("content", "Hello");
    return provider.dialect().translateRequest(ModelRequest.of(Operation.CHAT, body)).path();
  }

  private static String authorizationHeader(CallableProvider provider) {
    return provider
        .authenticationHeaders("GET", URI.create("https://bedrock.test/"), new byte[0])
        .getOrDefault("Authorization", Secret.of(""))
        .reveal();
  }

  private static CallableProvider build(String url, String options) {
    return KINDS.build(KINDS.parse(json(url, options)));
  }

  private static List<String> parseErrors(String options) {
    return catchThrowableOfType(InvalidInputException.class, () -> KINDS.parse(json("", options)))
        .errors()
        .stream()
        .map(FieldError::toString)
        .toList();
  }

  private static JsonNode json(String url, String options) {
    return Json.MAPPER.readTree(
        "{\"name\": \"bedrock\", \"base_url\": \"%s\", \"options\": {%s}}".formatted(url, options));
  }
}
