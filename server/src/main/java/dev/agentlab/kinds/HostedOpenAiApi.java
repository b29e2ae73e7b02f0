package dev.agentlab.kinds;

import static dev.agentlab.dialects.Operation.CHAT;
import static dev.agentlab.dialects.Operation.EMBEDDINGS;

import dev.agentlab.dialects.OpenAi;
import dev.agentlab.dialects.OpenAi.Rule;
import dev.agentlab.upstream.Origin;
import java.net.URI;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// A hosted API that speaks OpenAI's dialect and takes an API key as a bearer token. The provider
/// kinds of such APIs differ only in these values.
///
/// @param baseUrl the default base URL
/// @param keysUrl the URL of the page that creates API keys
/// @param headerOptions options that are sent as header fields
/// @param otherOptions further options
/// @param dialect the differences from OpenAI's dialect
record HostedOpenAiApi(
    String name,
    String title,
    String description,
    String baseUrl,
    String keysUrl,
    Set<Capability> capabilities,
    List<HeaderOption> headerOptions,
    List<Option> otherOptions,
    OpenAi dialect) {

  /// An option that is sent as a header field.
  record HeaderOption(Option option, String header) {
    static HeaderOption of(String option, String header, String description) {
      return new HeaderOption(
          Option.text(option, description).check(OptionChecks::headerText), header);
    }
  }

  /// https://platform.openai.com/docs/api-reference/authentication
  static final ProviderKind OPENAI =
      new HostedOpenAiApi(
              "openai",
              "OpenAI",
              "OpenAI's models, through its own API.",
              "https://api.openai.com/v1",
              "https://platform.openai.com/api-keys",
              EnumSet.allOf(Capability.class),
              List.of(
                  HeaderOption.of(
                      "organization",
                      "OpenAI-Organization",
                      "The organization that usage counts for, if the API key belongs to several."),
                  HeaderOption.of(
                      "project",
                      "OpenAI-Project",
                      "The project that usage counts for, if the API key belongs to several.")),
              List.of(),
              OpenAi.withRules().withResponses())
          .toKind();

  /// Mistral rejects unknown members, and always sends the usage of a stream
  /// (https://docs.mistral.ai/api).
  static final ProviderKind MISTRAL =
      new HostedOpenAiApi(
              "mistral",
              "Mistral",
              "Mistral's models, through its own API.",
              "https://api.mistral.ai/v1",
              "https://console.mistral.ai/api-keys",
              EnumSet.allOf(Capability.class),
              List.of(),
              List.of(),
              OpenAi.withRules(
                  new Rule.Rename(CHAT, "max_completion_tokens", "max_tokens"),
                  new Rule.Rename(CHAT, "seed", "random_seed"),
                  new Rule.Omit(CHAT, "stream_options"),
                  new Rule.Omit(CHAT, "user"),
                  new Rule.Omit(CHAT, "store"),
                  new Rule.Omit(CHAT, "service_tier"),
                  new Rule.Omit(CHAT, "prompt_cache_key"),
                  new Rule.Omit(CHAT, "prompt_cache_retention"),
                  new Rule.Omit(CHAT, "safety_identifier"),
                  unsupportedByMistral("logit_bias"),
                  unsupportedByMistral("logprobs"),
                  unsupportedByMistral("top_logprobs"),
                  unsupportedByMistral("verbosity"),
                  unsupportedByMistral("web_search_options"),
                  new Rule.Rename(EMBEDDINGS, "dimensions", "output_dimension")))
          .toKind();

  /// https://console.groq.com/docs/openai
  static final ProviderKind GROQ =
      new HostedOpenAiApi(
              "groq",
              "Groq",
              "Open models, served fast by Groq.",
              "https://api.groq.com/openai/v1",
              "https://console.groq.com/keys",
              EnumSet.complementOf(EnumSet.of(Capability.EMBEDDINGS)),
              List.of(),
              List.of(OpenAiCompatible.RESPONSES),
              OpenAi.withRules(
                  new Rule.Unsupported(
                      CHAT, "logprobs", it -> it.asBoolean(false), "is not supported by Groq"),
                  new Rule.Unsupported(
                      CHAT, "top_logprobs", it -> !it.isNull(), "is not supported by Groq"),
                  new Rule.Unsupported(
                      CHAT, "logit_bias", it -> !it.isEmpty(), "is not supported by Groq"),
                  new Rule.Reject(CHAT, "n", it -> it.asInt(1) != 1, "must be 1 with Groq"),
                  new Rule.Reject(
                      CHAT,
                      "messages",
                      HostedOpenAiApi::hasNamedMessage,
                      "must not have a name, which Groq does not support"),
                  new Rule.Reject(
                      EMBEDDINGS,
                      "input",
                      _ -> true,
                      "cannot be embedded: Groq has no embeddings API")))
          .toKind();

  /// https://openrouter.ai/docs/api-reference/overview
  static final ProviderKind OPENROUTER =
      new HostedOpenAiApi(
              "openrouter",
              "OpenRouter",
              "Models of many vendors, with one API key.",
              "https://openrouter.ai/api/v1",
              "https://openrouter.ai/settings/keys",
              EnumSet.allOf(Capability.class),
              List.of(
                  HeaderOption.of(
                      "http_referer",
                      "HTTP-Referer",
                      "The URL of the site that requests count for in OpenRouter's statistics."),
                  HeaderOption.of(
                      "x_title",
                      "X-Title",
                      "The name of the site that requests count for in OpenRouter's statistics.")),
              List.of(OpenAiCompatible.RESPONSES),
              OpenAi.withRules())
          .toKind();

  private static Rule unsupportedByMistral(String member) {
    return new Rule.Unsupported(
        CHAT,
        member,
        it -> !it.isNull() && !(it.isBoolean() && !it.booleanValue()),
        "is not supported by Mistral");
  }

  private static boolean hasNamedMessage(JsonNode messages) {
    return messages.valueStream().anyMatch(message -> message.hasNonNull("name"));
  }

  private ProviderKind toKind() {
    Origin origin = Origin.of(URI.create(baseUrl));
    return new ProviderKind(
        name,
        title,
        description,
        Option.url("base_url", "The base URL of the API. Set it only to use a proxy.")
            .defaultValue(baseUrl),
        NetworkOptionsReader.addTo(
            Stream.of(
                    Stream.of(
                        Option.secret("api_key", "An API key from " + keysUrl + ".").asRequired()),
                    headerOptions.stream().map(HeaderOption::option),
                    otherOptions.stream())
                .flatMap(it -> it)
                .toList()),
        capabilities,
        new DiagnosisAdvice(
            "Check that this host can reach the internet. Try: curl " + origin,
            "Omit base_url unless you use a proxy; the default is %s.".formatted(baseUrl),
            "The API key may have no access to any model; see " + keysUrl + "."),
        this::build);
  }

  private CallableProvider build(ProviderKind kind, ProviderConfig config) {
    String url = BaseUrl.of(config);
    Map<String, String> headers = new HashMap<>();
    headerOptions.forEach(it ->
        config
            .nonSecretText(it.option().name())
            .ifPresent(value -> headers.put(it.header(), value)));
    return new CallableProvider(
        kind,
        OpenAiCompatible.dialect(dialect, config).withHeaders(headers),
        url,
        "",
        ModelListEndpoint.openAi(URI.create(url + "/models"), headers),
        config.secret("api_key").map(ProviderCredential::bearer));
  }
}
