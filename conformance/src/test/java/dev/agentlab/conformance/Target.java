package dev.agentlab.conformance;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/// What a client calls: the mock of its vendor directly, which proves that the mock is like the
/// vendor for this client, or a provider of agent-lab.
///
/// @see Scenario for what each can do
enum Target {
  /// OpenAI's mock, without agent-lab.
  OPENAI_DIRECT("openai", "/openai/v1", "gpt-4o", "call_"),
  /// Anthropic's mock, without agent-lab.
  ANTHROPIC_DIRECT("anthropic", "/anthropic", "claude-sonnet-4-5", "toolu_"),
  /// Google's mock, without agent-lab. Its clients add the version of the API to the path.
  GEMINI_DIRECT("gemini", "/gemini", "gemini-2.5-flash", ""),
  OPENAI("openai", "/openai/v1", "gpt-4o", "call_"),
  /// A server with OpenAI's chat completions, but without its Responses API.
  OPENAI_CHAT("openai", "/openai/v1", "gpt-4o", "call_"),
  ANTHROPIC("anthropic", "/anthropic", "claude-sonnet-4-5", "toolu_"),
  /// Has no ids of tool calls.
  GEMINI("gemini", "/gemini/v1beta", "gemini-2.5-flash", ""),
  BEDROCK("bedrock", "/bedrock", "us.anthropic.claude-sonnet-4-5-v1:0", "tooluse_");

  private final String vendor;
  private final String path;
  private final String model;
  private final String toolCallPrefix;

  /// @param vendor the folder of the mock
  /// @param path the path of the base URL
  /// @param model a name of the vendor
  /// @param toolCallPrefix the start of the ids of tool calls; empty if the vendor sends none
  Target(String vendor, String path, String model, String toolCallPrefix) {
    this.vendor = vendor;
    this.path = path;
    this.model = model;
    this.toolCallPrefix = toolCallPrefix;
  }

  boolean isDirect() {
    return switch (this) {
      case OPENAI_DIRECT, ANTHROPIC_DIRECT, GEMINI_DIRECT -> true;
      case OPENAI, OPENAI_CHAT, ANTHROPIC, GEMINI, BEDROCK -> false;
    };
  }

  /// Whether the client's dialect is the vendor's.
  boolean isNative(Client client) {
    return vendor.equals(client.vendor()) && !(this == OPENAI_CHAT && client.usesResponses());
  }

  String vendor() {
    return vendor;
  }

  /// The upstream name of a model, which selects a scenario of the mock.
  String model(String client, String scenario) {
    return "%s.%s.%s-%s".formatted(model, scenario, client, this);
  }

  /// The name of a model for the client.
  String modelOfClient(String client, String scenario) {
    return isDirect() ? model(client, scenario) : this + "/" + model(client, scenario);
  }

  /// The name of an agent with such a model.
  String agent(String client) {
    return "agent-" + client + "-" + this;
  }

  /// A model that the vendor lists, as the client names it.
  String listedModel() {
    return switch (this) {
      case OPENAI_DIRECT -> "acme/tuned";
      case ANTHROPIC_DIRECT, GEMINI_DIRECT -> model;
      case OPENAI -> "openai/acme/tuned";
      default -> this + "/" + model;
    };
  }

  /// The id that the vendor gives the call of a tool.
  Optional<String> toolCallId(String tool) {
    return toolCallPrefix.isEmpty() ? Optional.empty() : Optional.of(toolCallPrefix + tool);
  }

  URI baseUrl(MockVendors vendors) {
    return vendors.url(path);
  }

  /// The configuration of the provider.
  String config(MockVendors vendors) {
    boolean isCompatible = this == OPENAI_CHAT;
    return "{\"name\": \"%s\", \"base_url\": \"%s\", \"options\": {\"%s\": \"%s\"%s}}"
        .formatted(
            isCompatible ? "openai-compatible" : vendor,
            baseUrl(vendors),
            isCompatible ? "token" : "api_key",
            MockVendors.KEY,
            this == BEDROCK ? ", \"region\": \"us-east-1\"" : "");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
