package dev.agentlab.kinds;

import static dev.agentlab.dialects.Operation.CHAT;

import dev.agentlab.dialects.OpenAi;
import dev.agentlab.dialects.OpenAi.Rule;
import java.util.EnumSet;
import java.util.List;

/// The provider kind of Ollama, through its OpenAI-compatible API
/// (https://docs.ollama.com/api/openai-compatibility), with or without a proxy that requires a
/// token.
final class Ollama {
  private static final Option AUTH_TYPE =
      Option.choice(
              "auth_type",
              "How the token is sent to a proxy in front of Ollama: bearer in the Authorization"
                  + " header, api_key in the header that auth_header names. Required with a token.",
              "bearer",
              "api_key")
          .allowingOther();

  static final ProviderKind KIND =
      new ProviderKind(
          "ollama",
          "Ollama",
          "Models run by Ollama on your own machines.",
          Option.url(
                  "base_url",
                  "The URL of Ollama, such as http://localhost:11434; /v1 is added if missing.")
              .asRequired(),
          NetworkOptionsReader.addTo(
              List.of(
                  AUTH_TYPE,
                  Option.secret("token", "The token that a proxy in front of Ollama requires.")
                      .usedWith("auth_type", "bearer", "api_key"),
                  OpenAiCompatible.AUTH_HEADER,
                  OpenAiCompatible.RESPONSES)),
          EnumSet.allOf(Capability.class),
          new DiagnosisAdvice(
              "Check that Ollama is running on that host. Start it with: ollama serve",
              "base_url should be the URL of Ollama itself, such as http://localhost:11434, with no"
                  + " path or with /v1.",
              "Pull a model first: ollama pull llama3.2"),
          Ollama::build);

  private Ollama() {}

  private static CallableProvider build(ProviderKind kind, ProviderConfig config) {
    // Ollama ignores the name that it does not know, and with it the limit.
    OpenAi chats = OpenAi.withRules(new Rule.Rename(CHAT, "max_completion_tokens", "max_tokens"));
    return OpenAiCompatible.provider(
        kind,
        OpenAiCompatible.dialect(chats, config),
        BaseUrl.withV1(config),
        OpenAiCompatible.credential(config, AUTH_TYPE));
  }
}
