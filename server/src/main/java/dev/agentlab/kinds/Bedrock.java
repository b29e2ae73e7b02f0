package dev.agentlab.kinds;

import com.google.re2j.Pattern;
import dev.agentlab.dialects.BedrockConverse;
import dev.agentlab.dialects.OpenAi;
import java.net.URI;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The provider kind of Amazon Bedrock in one region, through its Converse API or its
/// OpenAI-compatible API (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-api.html).
final class Bedrock {
  private static final String OPENAI = "openai";
  private static final String SIGV4 = "sigv4";
  private static final Pattern ACCESS_KEY_ID = Pattern.compile("[A-Za-z0-9_]{16,128}");
  private static final Pattern REGION = Pattern.compile("[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}");

  static final ProviderKind KIND =
      new ProviderKind(
          "bedrock",
          "Bedrock",
          "Models of several vendors, through Amazon Bedrock.",
          Option.url(
              "base_url",
              "The URL of the runtime API without a path, for a VPC endpoint, another partition or"
                  + " a proxy. Defaults to the endpoint of the region."),
          NetworkOptionsReader.addTo(
              List.of(
                  Option.text("region", "The AWS region, such as us-east-1.")
                      .asRequired()
                      .check(Bedrock::validateRegion),
                  Option.choice(
                          "api",
                          "The API that calls models: converse supports all models, openai those that"
                              + " Bedrock's OpenAI-compatible API supports.",
                          "converse",
                          OPENAI)
                      .defaultValue("converse"),
                  Option.choice(
                          "auth_type",
                          "How requests are authenticated: api_key with a Bedrock API key, sigv4 with"
                              + " an AWS access key.",
                          "api_key",
                          SIGV4)
                      .defaultValue("api_key"),
                  Option.secret("api_key", "A Bedrock API key, for auth_type api_key.")
                      .asRequired()
                      .usedWith("auth_type", "api_key"),
                  Option.text("access_key_id", "The ID of an AWS access key, for auth_type sigv4.")
                      .asRequired()
                      .check(Bedrock::validateAccessKeyId)
                      .usedWith("auth_type", SIGV4),
                  Option.secret("secret_access_key", "The secret access key, for auth_type sigv4.")
                      .asRequired()
                      .usedWith("auth_type", SIGV4),
                  Option.secret(
                          "session_token",
                          "The session token of a temporary access key, for auth_type sigv4.")
                      .usedWith("auth_type", SIGV4),
                  Option.url(
                      "control_url",
                      "The URL of the API that lists models, without a path. Defaults to base_url if it"
                          + " is set, otherwise to the endpoint of the region."))),
          EnumSet.allOf(Capability.class),
          new DiagnosisAdvice(
              "Check options.region, and that this host can reach AWS.",
              "base_url and options.control_url should be URLs of Bedrock without a path; omit them"
                  + " to use the endpoints of the region.",
              "The region has no models; choose another in options.region."),
          Bedrock::build);

  private Bedrock() {}

  private static CallableProvider build(ProviderConfig config) {
    String region = config.textOrEmpty("region");
    String baseUrl = BaseUrl.of(config);
    String runtimeUrl = baseUrl.isEmpty() ? awsUrl("bedrock-runtime", region) : baseUrl;
    String controlUrl =
        config
            .nonSecretText("control_url")
            .map(BaseUrl::withoutTrailingSlash)
            .orElse(baseUrl.isEmpty() ? awsUrl("bedrock", region) : baseUrl);
    boolean openAi = config.textOrEmpty("api").equals(OPENAI);
    return new CallableProvider(
        KIND,
        openAi ? OpenAi.withRules() : new BedrockConverse(),
        openAi ? runtimeUrl + "/openai/v1" : runtimeUrl,
        "",
        new ModelListEndpoint(
            URI.create(controlUrl + "/foundation-models"),
            Map.of(),
            "modelSummaries",
            "modelId",
            ""),
        Optional.of(credential(config, region)));
  }

  private static String awsUrl(String endpoint, String region) {
    return "https://%s.%s.amazonaws.com".formatted(endpoint, region);
  }

  private static ProviderCredential credential(ProviderConfig config, String region) {
    if (!config.textOrEmpty("auth_type").equals(SIGV4)) {
      return ProviderCredential.bearer(config.secret("api_key").orElseThrow());
    }
    return new AwsSignature(
        config.textOrEmpty("access_key_id"),
        config.secret("secret_access_key").orElseThrow(),
        config.secret("session_token"),
        region,
        "bedrock",
        Clock.systemUTC());
  }

  private static Optional<String> validateRegion(String value) {
    return REGION.matcher(value).matches()
        ? Optional.empty()
        : Optional.of("must be the name of an AWS region, such as us-east-1");
  }

  private static Optional<String> validateAccessKeyId(String value) {
    return ACCESS_KEY_ID.matches(value)
        ? Optional.empty()
        : Optional.of(
            "must be 16 to 128 letters, digits or underscores, such as AKIAIOSFODNN7EXAMPLE");
  }
}
