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

/// An API on the internet that speaks OpenAI's dialect and asks for a key as a bearer token, so
/// that only values tell one from another.
///
/// @param baseUrl where it is, unless a configuration says otherwise
/// @param keys the page where one gets a key
/// @param fields options that go into header fields
/// @param dialect how it differs from OpenAI
record HostedApi(
    String name,
    String title,
    String description,
    String baseUrl,
    String keys,
    Set<Capability> capabilities,
    List<Field> fields,
    OpenAi dialect) {

  /// An option and the header field that carries it.
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
              "OpenAI's own models.",
              "https://api.openai.com/v1",
              "https://platform.openai.com/api-keys",
              EnumSet.allOf(Capability.class),
              List.of(
                  Field.of(
                      "organization",
                      "OpenAI-Organization",
                      "Which organization to count for, if the key belongs to several."),
                  Field.of(
                      "project",
                      "OpenAI-Project",
                      "Which project to count for, if the key belongs to several.")),
              OpenAi.with())
          .kind();

  /// It refuses members it does not know and sends a stream's usage unasked
  /// (https://docs.mistral.ai/api).
  static final ProviderKind MISTRAL =
      new HostedApi(
              "mistral",
              "Mistral",
              "Mistral's models on its own platform.",
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
              "Open models, fast.",
              "https://api.groq.com/openai/v1",
              "https://console.groq.com/keys",
              EnumSet.complementOf(EnumSet.of(Capability.EMBEDDINGS)),
              List.of(),
              OpenAi.with(
                  new Rule.Lack(
                      CHAT, "logprobs", it -> it.asBoolean(false), "is not in Groq's API"),
                  new Rule.Lack(CHAT, "top_logprobs", it -> !it.isNull(), "is not in Groq's API"),
                  new Rule.Lack(CHAT, "logit_bias", it -> !it.isEmpty(), "is not in Groq's API"),
                  new Rule.Refuse(CHAT, "n", it -> it.asInt(1) != 1, "must be 1 with Groq"),
                  new Rule.Refuse(
                      CHAT,
                      "messages",
                      HostedApi::isAnyNamed,
                      "must not have a name, which is not in Groq's API"),
                  new Rule.Refuse(
                      EMBEDDINGS, "input", _ -> true, "cannot be embedded: Groq has no such call")))
          .kind();

  /// https://openrouter.ai/docs/api-reference/overview
  static final ProviderKind OPENROUTER =
      new HostedApi(
              "openrouter",
              "OpenRouter",
              "Models of many vendors with one key.",
              "https://openrouter.ai/api/v1",
              "https://openrouter.ai/settings/keys",
              EnumSet.allOf(Capability.class),
              List.of(
                  Field.of(
                      "http_referer",
                      "HTTP-Referer",
                      "The site that OpenRouter's statistics count calls for."),
                  Field.of("x_title", "X-Title", "The name of that site.")),
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
        Option.url("base_url", "Where the API is, unless it is reached through a proxy.")
            .standard(baseUrl),
        Stream.concat(
                Stream.of(Option.secret("api_key", "A key from " + keys + ".").mustBeGiven()),
                fields.stream().map(Field::option))
            .toList(),
        capabilities,
        new Advice(
            "Is there a way from here to the internet? Try: curl " + origin,
            "Leave base_url out, which means %s, unless you use a proxy.".formatted(baseUrl),
            "The key may not be allowed to use any; see " + keys + "."),
        this::build);
  }

  private LlmProvider build(ProviderKind kind, ProviderConfig config) {
    String base = BaseUrl.of(config);
    Map<String, String> headers = new HashMap<>();
    fields.forEach(field ->
        config.text(field.option().name()).ifPresent(text -> headers.put(field.header(), text)));
    return new LlmProvider(
        kind,
        dialect.sending(headers),
        base,
        "",
        ModelListEndpoint.openAi(URI.create(base + "/models"), headers),
        config.secret("api_key").map(ProviderCredential::bearer));
  }
}
