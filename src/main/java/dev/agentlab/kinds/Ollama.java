package dev.agentlab.kinds;

import java.util.EnumSet;
import java.util.List;

/// Ollama through its OpenAI-compatible API (https://docs.ollama.com/api/openai-compatibility),
/// alone or behind a proxy that asks for a key.
final class Ollama {
  private static final Option AUTH_TYPE =
      Option.choice(
              "auth_type",
              "How the token is sent, for an Ollama behind a proxy: bearer in Authorization, api_key"
                  + " in auth_header. Needed with a token.",
              "bearer",
              "api_key")
          .orAnyOther();

  static final ProviderKind KIND =
      new ProviderKind(
          "ollama",
          "Ollama",
          "Models run by Ollama on your own machines.",
          Option.url(
                  "base_url",
                  "Where Ollama listens, such as http://localhost:11434; /v1 is added if missing.")
              .mustBeGiven(),
          List.of(
              AUTH_TYPE,
              Option.secret("token", "What the proxy before Ollama asks for.")
                  .usedWith("auth_type", "bearer", "api_key"),
              OpenAiCompatible.AUTH_HEADER),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Is Ollama running there? Start it with: ollama serve",
              "base_url should be the address of Ollama itself, such as http://localhost:11434,"
                  + " with no path or with /v1.",
              "Fetch a model first: ollama pull llama3.2"),
          Ollama::build);

  private Ollama() {}

  private static LlmProvider build(ProviderKind kind, ProviderConfig config) {
    return OpenAiCompatible.provider(
        kind, BaseUrl.v1(config), OpenAiCompatible.token(config, AUTH_TYPE));
  }
}
