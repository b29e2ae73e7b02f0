package dev.agentlab.kinds;

import dev.agentlab.dialects.Gemini;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/// Google's Gemini API with a key of AI Studio (https://ai.google.dev/api).
final class GoogleGemini {
  static final ProviderKind KIND =
      new ProviderKind(
          "gemini",
          "Gemini",
          "Google's models through the Gemini API.",
          Option.url("base_url", "Where the API is, with its version.")
              .standard("https://generativelanguage.googleapis.com/v1beta"),
          List.of(Option.secret("api_key", "A key of Google AI Studio.").mustBeGiven()),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Is base_url right, and may this machine reach the internet?",
              "base_url should end in the version, such as"
                  + " https://generativelanguage.googleapis.com/v1beta.",
              "The key sees no model; look in Google AI Studio what its project may use."),
          GoogleGemini::build);

  private GoogleGemini() {}

  private static LlmProvider build(ProviderConfig config) {
    String base = BaseUrl.of(config);
    return new LlmProvider(
        KIND,
        new Gemini(),
        base,
        "",
        new ModelListEndpoint(
            URI.create(base + "/models?pageSize=1000"), Map.of(), "models", "name", "models/"),
        config.secret("api_key").map(key -> ProviderCredential.in("x-goog-api-key", key)));
  }
}
