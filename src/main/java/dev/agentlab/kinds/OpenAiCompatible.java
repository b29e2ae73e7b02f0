package dev.agentlab.kinds;

import dev.agentlab.dialects.OpenAi;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// Servers that speak OpenAI's dialect wherever somebody runs them: vLLM
/// (https://docs.vllm.ai/en/latest/serving/openai_compatible_server), and any other.
final class OpenAiCompatible {
  /// Where a token stands that is sent as `api_key`.
  static final Option AUTH_HEADER =
      Option.text("auth_header", "The header field that carries an api_key token.")
          .standard("X-API-Key")
          .usedWith("auth_type", "api_key")
          .check(OptionChecks::headerName);

  private static final Option AUTH_TYPE =
      Option.choice(
              "auth_type",
              "How the token is sent: bearer in Authorization, api_key in auth_header, none not at"
                  + " all.",
              "bearer",
              "api_key",
              "none")
          .standard("bearer");

  static final ProviderKind VLLM =
      new ProviderKind(
          "vllm",
          "vLLM",
          "Models served by vLLM on your own machines.",
          Option.url(
                  "base_url",
                  "Where vLLM listens, such as http://localhost:8000; /v1 is added if missing.")
              .mustBeGiven(),
          List.of(Option.secret("api_key", "What vLLM was started with as --api-key.")),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Is vLLM running there? Start it with: vllm serve, followed by a model",
              "base_url should be the address of vLLM itself, such as http://localhost:8000, with no"
                  + " path or with /v1.",
              "Start vLLM with a model: vllm serve, followed by its name"),
          (kind, config) ->
              provider(
                  kind,
                  BaseUrl.v1(config),
                  config.secret("api_key").map(ProviderCredential::bearer)));

  static final ProviderKind ANY =
      new ProviderKind(
          "openai-compatible",
          "OpenAI-compatible",
          "Any other server that speaks OpenAI's dialect.",
          Option.url(
                  "base_url",
                  "What stands before /chat/completions, such as https://llm.example.com/v1.")
              .mustBeGiven(),
          List.of(
              AUTH_TYPE,
              Option.secret("token", "What the server asks for, if it asks for anything.")
                  .usedWith("auth_type", "bearer", "api_key"),
              AUTH_HEADER),
          EnumSet.allOf(Capability.class),
          new Advice(
              "Is the server running there, and is its port in base_url?",
              "base_url should be what stands before /models and /chat/completions in the server's"
                  + " own documentation, often with /v1 at its end.",
              "The server lists no model; see its documentation for how to load one."),
          (kind, config) -> provider(kind, BaseUrl.of(config), token(config, AUTH_TYPE)));

  private OpenAiCompatible() {}

  /// A provider that is reached as OpenAI is.
  ///
  /// @param base without a slash at its end
  static LlmProvider provider(
      ProviderKind kind, String base, Optional<ProviderCredential> credential) {
    return new LlmProvider(
        kind,
        OpenAi.with(),
        base,
        "",
        ModelListEndpoint.openAi(URI.create(base + "/models")),
        credential);
  }

  /// @param authType as the kind declares it
  static Optional<ProviderCredential> token(ProviderConfig config, Option authType) {
    return ProviderCredential.token(config, authType, config.value(AUTH_HEADER).orElseThrow());
  }
}
