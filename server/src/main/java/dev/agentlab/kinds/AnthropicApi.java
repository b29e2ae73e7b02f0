package dev.agentlab.kinds;

import dev.agentlab.dialects.Anthropic;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;

/// The provider kind of Anthropic's API (https://platform.claude.com/docs/en/api/overview) and of
/// other servers that speak its dialect.
final class AnthropicApi {
  static final ProviderKind KIND =
      new ProviderKind(
          "anthropic",
          "Anthropic",
          "Anthropic's models, through its own API.",
          Option.url(
                  "base_url",
                  "The base URL of the API. Set it only to use a proxy; /v1 is added if missing.")
              .defaultValue("https://api.anthropic.com/v1"),
          NetworkOptionsReader.addTo(
              List.of(
                  Option.secret(
                          "api_key", "An API key from https://platform.claude.com/settings/keys.")
                      .asRequired())),
          EnumSet.complementOf(EnumSet.of(Capability.EMBEDDINGS)),
          new DiagnosisAdvice(
              "Check that this host can reach the internet. Try: curl https://api.anthropic.com",
              "Omit base_url unless you use a proxy; the default is https://api.anthropic.com/v1.",
              "The API key may have no access to any model; see https://platform.claude.com."),
          AnthropicApi::build);

  private AnthropicApi() {}

  private static CallableProvider build(ProviderKind kind, ProviderConfig config) {
    String baseUrl = BaseUrl.withV1(config);
    return new CallableProvider(
        kind,
        new Anthropic(),
        baseUrl,
        "",
        ModelListEndpoint.openAi(
            URI.create(baseUrl + "/models?limit=1000"), Anthropic.VERSION_HEADERS),
        config.secret("api_key").map(key -> ProviderCredential.inHeader("x-api-key", key)));
  }
}
