package dev.agentlab.kinds;

import dev.agentlab.dialects.OpenAi;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// The provider kinds of self-hosted servers that speak OpenAI's dialect: vLLM
/// (https://docs.vllm.ai/en/latest/serving/openai_compatible_server) and any other.
final class OpenAiCompatible {
  /// The header field of a token with `auth_type` `api_key`.
  static final Option AUTH_HEADER =
      Option.text("auth_header", "The header field that carries the token, for auth_type api_key.")
          .defaultValue("X-API-Key")
          .usedWith("auth_type", "api_key")
          .check(OptionChecks::headerName);

  /// Whether the API has the Responses API.
  static final Option RESPONSES =
      Option.flag(
              "responses",
              "Whether the server has OpenAI's Responses API: requests to /v1/responses then pass as"
                  + " they are, and are translated to chat completions otherwise.")
          .asAdvanced();

  private static final Option AUTH_TYPE =
      Option.choice(
              "auth_type",
              "How the token is sent: bearer in the Authorization header, api_key in the header"
                  + " that auth_header names, none to send no token.",
              "bearer",
              "api_key",
              "none")
          .defaultValue("bearer");

  static final ProviderKind VLLM =
      new ProviderKind(
          "vllm",
          "vLLM",
          "Models served by vLLM on your own machines.",
          Option.url(
                  "base_url",
                  "The URL of vLLM, such as http://localhost:8000; /v1 is added if missing.")
              .asRequired(),
          NetworkOptionsReader.addTo(
              List.of(
                  Option.secret("api_key", "The value of --api-key that vLLM was started with."),
                  RESPONSES)),
          EnumSet.allOf(Capability.class),
          new DiagnosisAdvice(
              "Check that vLLM is running on that host. Start it with: vllm serve, followed by a"
                  + " model",
              "base_url should be the URL of vLLM itself, such as http://localhost:8000, with no"
                  + " path or with /v1.",
              "Start vLLM with a model: vllm serve, followed by the model name"),
          (kind, config) ->
              provider(
                  kind,
                  dialect(OpenAi.withRules(), config),
                  BaseUrl.withV1(config),
                  config.secret("api_key").map(ProviderCredential::bearer)));

  static final ProviderKind OTHER =
      new ProviderKind(
          "openai-compatible",
          "OpenAI-compatible",
          "Any other server with an OpenAI-compatible API.",
          Option.url(
                  "base_url",
                  "The URL before /chat/completions, such as https://llm.example.com/v1.")
              .asRequired(),
          NetworkOptionsReader.addTo(
              List.of(
                  AUTH_TYPE,
                  Option.secret("token", "The token that the server requires, if any.")
                      .usedWith("auth_type", "bearer", "api_key"),
                  AUTH_HEADER,
                  RESPONSES)),
          EnumSet.allOf(Capability.class),
          new DiagnosisAdvice(
              "Check that the server is running, and that base_url has the right port.",
              "base_url should be the part of the URL before /models and /chat/completions in the"
                  + " documentation of the server, often ending in /v1.",
              "The server lists no models; see its documentation for how to load one."),
          (kind, config) ->
              provider(
                  kind,
                  dialect(OpenAi.withRules(), config),
                  BaseUrl.of(config),
                  credential(config, AUTH_TYPE)));

  private OpenAiCompatible() {}

  /// The dialect of an API whose kind may have the option [#RESPONSES].
  static OpenAi dialect(OpenAi chats, ProviderConfig config) {
    return config.valueOrDefault(RESPONSES.name()).filter("true"::equals).isPresent()
        ? chats.withResponses()
        : chats;
  }

  /// A provider with the paths of OpenAI.
  ///
  /// @param baseUrl without a trailing slash
  static CallableProvider provider(
      ProviderKind kind, OpenAi dialect, String baseUrl, Optional<ProviderCredential> credential) {
    return new CallableProvider(
        kind,
        dialect,
        baseUrl,
        "",
        ModelListEndpoint.openAi(URI.create(baseUrl + "/models")),
        credential);
  }

  /// @param authType the kind's declaration of the option `auth_type`
  static Optional<ProviderCredential> credential(ProviderConfig config, Option authType) {
    return ProviderCredential.fromToken(
        config, authType, config.valueOrDefault(AUTH_HEADER).orElseThrow());
  }
}
