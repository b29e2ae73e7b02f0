package dev.agentlab.llm;

import dev.agentlab.secrets.Secret;
import dev.agentlab.wire.OpenAi;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// Ollama through its OpenAI-compatible API (https://docs.ollama.com/api/openai-compatibility),
/// alone or behind a proxy that asks for a key.
final class Ollama {
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
              Option.choice(
                      "auth_type",
                      "How the token is sent, for an Ollama behind a proxy: bearer in"
                          + " Authorization, api_key in auth_header. Counts only with a token.",
                      "bearer",
                      "api_key")
                  .orAnyOther(),
              Option.secret("token", "What the proxy before Ollama asks for."),
              Option.text("auth_header", "The header field that carries an api_key token.")
                  .standard("X-API-Key")
                  .check(Checks::headerName)),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Is Ollama running there? Start it with: ollama serve",
              "base_url should be the address of Ollama itself, such as http://localhost:11434, with"
                  + " no path or with /v1.",
              "Fetch a model first: ollama pull llama3.2"),
          Ollama::build);

  private Ollama() {}

  private static LlmProvider build(ProviderConfig config) {
    String base = BaseUrl.v1(config);
    return new LlmProvider(
        KIND,
        OpenAi.with(),
        base,
        "",
        ModelListing.openAi(URI.create(base + "/models")),
        config.secret("token").flatMap(token -> credential(config, token)));
  }

  private static Optional<Credential> credential(ProviderConfig config, Secret token) {
    return switch (config.text("auth_type").orElse("")) {
      case "bearer" -> Optional.of(Credential.bearer(token));
      case "api_key" ->
          Optional.of(Credential.in(config.text("auth_header").orElse("X-API-Key"), token));
      default -> Optional.empty();
    };
  }
}
