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
/// @param keys the URL of the page that creates API keys
/// @param fields options that are sent as header fields
/// @param dialect the differences from OpenAI's dialect
record HostedApi(
    String name,
    String title,
    String description,
    String baseUrl,
    String keys,
    Set<Capability> capabilities,
    List<Field> fields,
    OpenAi dialect) {

  /// An option that is sent as a header field.
  record Field(Option option, String header) {
    static Field of(String option, String header, String description) {
      return new Field(Option.text(option, description).check(OptionChecks::headerText), header);
    }
  }

  /// https://platform.openai.com/docs/api-reference/authentication
  static final ProviderKind OPENAI =
      new HostedApi(
              "openai",
              "OpenAI",
              "OpenAI's models, through its own API.",
              "https://api.openai.com/v1",
              "https://platform.openai.com/api-keys",
              EnumSet.allOf(Capability.class),
              List.of(
                  Field.of(
                      "organization",
                      "OpenAI-Organization",
                      "The organization that usage counts for, if the API key belongs to several."),
                  Field.of(
                      "project",
                      "OpenAI-Project",
                      "The project that usage counts for, if the API key belongs to several.")),
              OpenAi.with())
          .kind();

  /// Mistral rejects unknown members, and always sends the usage of a stream
  /// (https://docs.mistral.ai/api).
  static final ProviderKind MISTRAL =
      new HostedApi(
              "mistral",
              "Mistral",
              "Mistral's models, through its own API.",
              "https://api.mistral.ai/v1",
              "https://console.mistral.ai/api-keys",
              EnumSet.allOf(Capability.class),
              List.of(),
              OpenAi.with(
                  new Rule.Rename(CHAT, "max_completion_tokens", "max_tokens"),
                  new Rule.Rename(CHAT, "seed", "random_seed"),
                  new Rule.Omit(CHAT, "stream_options"),
                  new Rule.Rename(EMBEDDINGS, "dimensions", "output_dimension")))
          .kind();

  /// https://console.groq.com/docs/openai
  static final ProviderKind GROQ =
      new HostedApi(
              "groq",
              "Groq",
              "Open models, served fast by Groq.",
              "https://api.groq.com/openai/v1",
              "https://console.groq.com/keys",
              EnumSet.complementOf(EnumSet.of(Capability.EMBEDDINGS)),
              List.of(),
              OpenAi.with(
                  new Rule.Lack(
                      CHAT, "logprobs", it -> it.asBoolean(false), "is not supported by Groq"),
                  new Rule.Lack(
                      CHAT, "top_logprobs", it -> !it.isNull(), "is not supported by Groq"),
                  new Rule.Lack(
                      CHAT, "logit_bias", it -> !it.isEmpty(), "is not supported by Groq"),
                  new Rule.Refuse(CHAT, "n", it -> it.asInt(1) != 1, "must be 1 with Groq"),
                  new Rule.Refuse(
                      CHAT,
                      "messages",
                      HostedApi::isAnyNamed,
                      "must not have a name, which Groq does not support"),
                  new Rule.Refuse(
                      EMBEDDINGS,
                      "input",
                      _ -> true,
                      "cannot be embedded: Groq has no embeddings API")))
          .kind();

  /// https://openrouter.ai/docs/api-reference/overview
  static final ProviderKind OPENROUTER =
      new HostedApi(
              "openrouter",
              "OpenRouter",
              "Models of many vendors, with one API key.",
              "https://openrouter.ai/api/v1",
              "https://openrouter.ai/settings/keys",
              EnumSet.allOf(Capability.class),
              List.of(
                  Field.of(
                      "http_referer",
                      "HTTP-Referer",
                      "The URL of the site that requests count for in OpenRouter's statistics."),
                  Field.of(
                      "x_title",
                      "X-Title",
                      "The name of the site that requests count for in OpenRouter's statistics.")),
              OpenAi.with())
          .kind();

  private static boolean isAnyNamed(JsonNode messages) {
    return messages.valueStream().anyMatch(message -> message.hasNonNull("name"));
  }

  private ProviderKind kind() {
    Origin origin = Origin.of(URI.create(baseUrl));
    return new ProviderKind(
        name,
        title,
        description,
        Option.url("base_url", "The base URL of the API. Set it only to use a proxy.")
            .standard(baseUrl),
        Stream.concat(
                Stream.of(Option.secret("api_key", "An API key from " + keys + ".").mustBeGiven()),
                fields.stream().map(Field::option))
            .toList(),
        capabilities,
        new Advice(
            "Check that this host can reach the internet. Try: curl " + origin,
            "Omit base_url unless you use a proxy; the default is %s.".formatted(baseUrl),
            "The API key may have no access to any model; see " + keys + "."),
        this::build);
  }

  private LlmProvider build(ProviderKind kind, ProviderConfig config) {
    String url = BaseUrl.of(config);
    Map<String, String> headers = new HashMap<>();
    fields.forEach(
        it -> config.text(it.option().name()).ifPresent(value -> headers.put(it.header(), value)));
    return new LlmProvider(
        kind,
        dialect.sending(headers),
        url,
        "",
        ModelListEndpoint.openAi(URI.create(url + "/models"), headers),
        config.secret("api_key").map(ProviderCredential::bearer));
  }
}
