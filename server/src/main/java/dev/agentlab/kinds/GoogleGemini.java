package dev.agentlab.kinds;

import dev.agentlab.dialects.Gemini;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/// The provider kind of Google's Gemini API with an API key of AI Studio
/// (https://ai.google.dev/api).
final class GoogleGemini {
  static final ProviderKind KIND =
      new ProviderKind(
          "gemini",
          "Gemini",
          "Google's models, through the Gemini API.",
          Option.url("base_url", "The base URL of the API, with its version.")
              .defaultValue("https://generativelanguage.googleapis.com/v1beta"),
          NetworkOptionsReader.addTo(
              List.of(Option.secret("api_key", "An API key from Google AI Studio.").asRequired())),
          EnumSet.allOf(Capability.class),
          new DiagnosisAdvice(
              "Check base_url, and that this host can reach the internet.",
              "base_url should end in the API version, such as"
                  + " https://generativelanguage.googleapis.com/v1beta.",
              "The API key has access to no models; check its project in Google AI Studio."),
          GoogleGemini::build);

  private GoogleGemini() {}

  private static CallableProvider build(ProviderConfig config) {
    String baseUrl = BaseUrl.of(config);
    return new CallableProvider(
        KIND,
        new Gemini(),
        baseUrl,
        "",
        new ModelListEndpoint(
            URI.create(baseUrl + "/models?pageSize=1000"), Map.of(), "models", "name", "models/"),
        config.secret("api_key").map(key -> ProviderCredential.inHeader("x-goog-api-key", key)));
  }
}
