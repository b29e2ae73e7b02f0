package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.dialects.BedrockConverse;
import dev.agentlab.dialects.OpenAi;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.net.URI;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Amazon Bedrock in one region, by its Converse API or its OpenAI-compatible one
/// (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-api.html).
final class Bedrock {
  private static final String OPENAI = "openai";
  private static final String SIGV4 = "sigv4";
  private static final Pattern ACCESS_KEY_ID = Pattern.compile("[A-Za-z0-9_]{16,128}");
  private static final Pattern REGION = Pattern.compile("[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}");

  static final ProviderKind KIND =
      new ProviderKind(
          "bedrock",
          "Bedrock",
          "Models of many makers in Amazon Bedrock.",
          Option.url(
              "base_url",
              "Where the runtime API is, without a path, if not at the region's own address: a VPC"
                  + " endpoint, another partition, a proxy."),
          List.of(
              Option.text("region", "The AWS region, such as us-east-1.")
                  .mustBeGiven()
                  .check(Bedrock::region),
              Option.choice(
                      "api",
                      "How models are called: converse reaches all of them, openai those that"
                          + " Bedrock's OpenAI-compatible API has.",
                      "converse",
                      OPENAI)
                  .standard("converse"),
              Option.choice(
                      "auth_type",
                      "How callers prove who they are: api_key with a Bedrock API key, sigv4 with an"
                          + " access key of AWS.",
                      "api_key",
                      SIGV4)
                  .standard("api_key"),
              Option.secret("api_key", "A Bedrock API key, for api_key.")
                  .usedWith("auth_type", "api_key"),
              Option.text("access_key_id", "The ID of an access key, for sigv4.")
                  .check(Bedrock::accessKeyId)
                  .usedWith("auth_type", SIGV4),
              Option.secret("secret_access_key", "The access key's secret, for sigv4.")
                  .usedWith("auth_type", SIGV4),
              Option.secret("session_token", "What comes with a temporary access key, for sigv4.")
                  .usedWith("auth_type", SIGV4),
              Option.url(
                  "control_url",
                  "Where models are listed, without a path: base_url if that is given, else the"
                      + " region's own address.")),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Is the region right, and may this machine reach AWS?",
              "base_url and options.control_url should be addresses of Bedrock without a path; leave"
                  + " them out for the region's own.",
              "The region has no model; choose another in options.region."),
          Bedrock::build);

  private Bedrock() {}

  private static LlmProvider build(ProviderConfig config) {
    String region = config.given("region");
    String given = BaseUrl.of(config);
    String runtime = given.isEmpty() ? aws("bedrock-runtime", region) : given;
    String control =
        config
            .text("control_url")
            .map(BaseUrl::withoutSlash)
            .orElse(given.isEmpty() ? aws("bedrock", region) : given);
    boolean openAi = config.given("api").equals(OPENAI);
    return new LlmProvider(
        KIND,
        openAi ? OpenAi.with() : new BedrockConverse(),
        openAi ? runtime + "/openai/v1" : runtime,
        "",
        new ModelListEndpoint(
            URI.create(control + "/foundation-models"), Map.of(), "modelSummaries", "modelId", ""),
        Optional.of(credential(config, region)));
  }

  private static String aws(String endpoint, String region) {
    return "https://%s.%s.amazonaws.com".formatted(endpoint, region);
  }

  private static ProviderCredential credential(ProviderConfig config, String region) {
    if (!config.given("auth_type").equals(SIGV4)) {
      require(config, "api_key", List.of("api_key"));
      return ProviderCredential.bearer(config.secret("api_key").orElseThrow());
    }
    require(config, SIGV4, List.of("access_key_id", "secret_access_key"));
    return new AwsSignature(
        config.given("access_key_id"),
        config.secret("secret_access_key").orElseThrow(),
        config.secret("session_token"),
        region,
        "bedrock",
        Clock.systemUTC());
  }

  private static void require(ProviderConfig config, String way, List<String> options) {
    List<FieldError> missing =
        options.stream()
            .filter(option -> config.given(option).isEmpty())
            .map(option ->
                new FieldError(
                    "options." + option, "is required for Bedrock provider with auth_type " + way))
            .toList();
    if (!missing.isEmpty()) {
      throw new InvalidInputException(missing);
    }
  }

  private static Optional<String> region(String value) {
    return REGION.matcher(value).matches()
        ? Optional.empty()
        : Optional.of("must be the name of an AWS region, such as us-east-1");
  }

  private static Optional<String> accessKeyId(String value) {
    return ACCESS_KEY_ID.matches(value)
        ? Optional.empty()
        : Optional.of("must be 16 to 128 letters and digits, such as AKIAIOSFODNN7EXAMPLE");
  }
}
