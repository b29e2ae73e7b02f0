package dev.agentlab.agents.run;

import java.util.Locale;

/// A provider that aimock mocks.
enum AimockProvider {
  OPENAI("openai", "/v1", Options.API_KEY),
  OPENAI_COMPATIBLE("openai-compatible", "/v1", Options.TOKEN),
  VLLM("vllm", "", Options.API_KEY),
  OLLAMA("ollama", "", Options.TOKEN + ", \"auth_type\": \"bearer\""),
  AZURE("azure", "/openai/v1", Options.TOKEN),
  AZURE_DEPLOYMENT(
      "azure",
      "/openai",
      Options.TOKEN
          + ", \"deployment\": \"gpt-4o\", \"auth_type\": \"api_key\","
          + " \"api_version\": \"2024-10-21\""),
  MISTRAL("mistral", "/v1", Options.API_KEY),
  GROQ("groq", "/openai/v1", Options.API_KEY),
  OPENROUTER("openrouter", "/api/v1", Options.API_KEY),
  ANTHROPIC("anthropic", "", Options.API_KEY),
  GEMINI("gemini", "/v1beta", Options.API_KEY),
  BEDROCK("bedrock", "", Options.API_KEY + ", \"region\": \"us-east-1\""),
  BEDROCK_OPENAI(
      "bedrock", "", Options.API_KEY + ", \"region\": \"us-east-1\", \"api\": \"openai\"");

  private final String kind;
  private final String path;
  private final String options;

  /// @param path the path of `base_url`
  /// @param options JSON members with `KEY` in place of the API key
  AimockProvider(String kind, String path, String options) {
    this.kind = kind;
    this.path = path;
    this.options = options;
  }

  /// A model of the provider.
  String model() {
    return this == GEMINI ? "gemini-2.0-flash" : "gpt-4o";
  }

  /// The configuration of the provider.
  ///
  /// @param key the API key
  String config(Aimock aimock, String key) {
    return "{\"name\": \"%s\", \"base_url\": \"%s\", \"options\": {%s}}"
        .formatted(kind, aimock.url(path), options.replace("KEY", key));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static final class Options {
    static final String API_KEY = "\"api_key\": \"KEY\"";
    static final String TOKEN = "\"token\": \"KEY\"";
  }
}
