package dev.agentlab.kinds;

import dev.agentlab.dialects.Anthropic;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;

/// Anthropic's own API (https://platform.claude.com/docs/en/api/overview), or another that speaks
/// its dialect.
final class AnthropicApi {
  static final ProviderKind KIND =
      new ProviderKind(
          "anthropic",
          "Anthropic",
          "Anthropic's own models.",
          Option.url(
                  "base_url",
                  "Where the API is, unless it is reached through a proxy; /v1 is added if missing.")
              .standard("https://api.anthropic.com/v1"),
          List.of(
              Option.secret("api_key", "A key from https://platform.claude.com/settings/keys.")
                  .mustBeGiven()),
          EnumSet.complementOf(EnumSet.of(Capability.EMBEDDINGS)),
          new Advice(
              "Is there a way from here to the internet? Try: curl https://api.anthropic.com",
              "Leave base_url out, which means https://api.anthropic.com/v1, unless you use a proxy.",
              "The key may not be allowed to use any; see https://platform.claude.com."),
          AnthropicApi::build);

  private AnthropicApi() {}

  private static LlmProvider build(ProviderKind kind, ProviderConfig config) {
    String base = BaseUrl.v1(config);
    return new LlmProvider(
        kind,
        new Anthropic(),
        base,
        "",
        ModelListEndpoint.openAi(URI.create(base + "/models?limit=1000"), Anthropic.VERSION),
        config.secret("api_key").map(key -> ProviderCredential.in("x-api-key", key)));
  }
}
