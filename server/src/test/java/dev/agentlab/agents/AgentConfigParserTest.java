package dev.agentlab.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.Capability;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class AgentConfigParserTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final AgentConfigParser PARSER = new AgentConfigParser(KINDS);
  private static final UUID ID = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  private static final String MODEL = "\"model\": {\"name\": \"llama3.2\"}";

  private static final String CONTRACT_CONFIG =
      """
      {"name": "text", "system_prompt": "Be brief.",
       "client": {"timeout": "3m", "retry": {"max_retries": 4, "initial_backoff": "2s",
                  "max_backoff": "20s", "backoff_multiplier": 1.5, "jitter": false},
                  "connection_pool_size": 11, "connection_timeout": "40s"},
       "provider": {"name": "ollama", "base_url": "http://localhost:11434", "options": {}},
       "model": {"name": "llama3.2", "capabilities": {"chat": {"temperature": 0.70}, "vision": {},
                 "tools": {"a": {"b": [1e2, null]}}, "embeddings": {}}}}\
      """;

  @Test
  void allContractMembersAreParsed() {
    AgentConfig config = parse(CONTRACT_CONFIG);

    assertThat(config.name()).contains("text");
    assertThat(config.systemPrompt()).isEqualTo("Be brief.");
    assertThat(config.client())
        .isEqualTo(
            new CallPolicy(
                Duration.ofMinutes(3),
                new RetryPolicy(4, Duration.ofSeconds(2), Duration.ofSeconds(20), 1.5, false),
                11,
                Duration.ofSeconds(40)));
    assertThat(config.model().name()).isEqualTo("llama3.2");
    assertThat(config.model().capabilities()).containsOnlyKeys(Capability.values());
    assertThat(config.provider())
        .isEqualTo(
            new ProviderReference.Inline(KINDS.parse(json(CONTRACT_CONFIG).get("provider"))));
  }

  @Test
  void storedConfigEqualsInput() {
    AgentConfig config = parse(CONTRACT_CONFIG);

    assertThat(Json.MAPPER.readTree(config.toStoredJson().toString()))
        .isEqualTo(json(CONTRACT_CONFIG));
    assertThat(PARSER.parseStored(StoredAgentConfig.of(config))).isEqualTo(config);
  }

  @Test
  void absentOrNullMembersUseDefaults() {
    CallPolicy defaults =
        new CallPolicy(
            Duration.ofMinutes(2),
            new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(30), 2.0, true),
            10,
            Duration.ofSeconds(30));
    for (String rest :
        List.of(
            "",
            "\"client\": {}, ",
            "\"client\": {\"retry\": {}}, ",
            "\"name\": null, \"system_prompt\": null, \"client\": null, ",
            "\"client\": {\"timeout\": null, \"retry\": null, \"connection_pool_size\": null}, ",
            "\"client\": {\"retry\": {\"max_retries\": null, \"jitter\": null}}, ")) {
      AgentConfig config = parse("{%s\"provider\": \"home\", %s}".formatted(rest, MODEL));
      assertThat(config.name()).isEmpty();
      assertThat(config.systemPrompt()).isEmpty();
      assertThat(config.client()).isEqualTo(defaults);
      assertThat(config.model().capabilities()).isEmpty();
    }
  }

  @Test
  void zeroAndEmptySettingsUseDefaults() {
    for (String client :
        List.of(
            "{\"timeout\": 0, \"connection_timeout\": \"\", \"connection_pool_size\": 0}",
            "{\"timeout\": \"0s\", \"retry\": {\"initial_backoff\": \"\", \"max_backoff\": 0}}",
            "{\"retry\": {\"backoff_multiplier\": 0.0}}",
            "{\"retry\": {\"max_retries\": 0, \"backoff_multiplier\": 0}}")) {
      assertThat(parseClientPolicy(client, new Warnings())).isEqualTo(CallPolicy.DEFAULT);
    }
    assertThat(
            parseClientPolicy("{\"retry\": {\"max_retries\": 0}}", new Warnings())
                .retry()
                .maxRetries())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          {"timeout": "61m"}                      | config.client.timeout is 1h1m, above the limit; 1h is used
          {"connection_timeout": 7200000000000}   | config.client.connection_timeout is 2h, above the limit; 1h is used
          {"connection_pool_size": 1001}          | config.client.connection_pool_size is 1001, above the limit; 1000 is used
          {"retry": {"max_retries": 99999999999}} | config.client.retry.max_retries is 99999999999, above the limit; 10 is used
          {"retry": {"backoff_multiplier": 1e999}} | config.client.retry.backoff_multiplier is 1E+999, above the limit; 100 is used
          {"retry": {"initial_backoff": "31s", "max_backoff": "30s"}} | config.client.retry.initial_backoff is 31s, above max_backoff; 30s is used
          """)
  void settingAboveLimitIsReducedToLimit(String client, String warning) {
    Warnings warnings = new Warnings();
    AgentConfig config = parseConfig(client, warnings);

    assertThat(warnings.all().orElseThrow()).containsExactly(warning);
    String stored = config.toStoredJson().get("client").toString();
    assertThat(parseClientPolicy(stored, new Warnings())).isEqualTo(config.client());
  }

  @Test
  void omittedBackoffAdaptsToTheGivenOne() {
    Warnings warnings = new Warnings();
    RetryPolicy longer =
        parseClientPolicy("{\"retry\": {\"initial_backoff\": \"31s\"}}", warnings).retry();
    RetryPolicy shorter =
        parseClientPolicy("{\"retry\": {\"max_backoff\": \"1ms\"}}", warnings).retry();

    assertThat(longer.maxBackoff()).isEqualTo(Duration.ofSeconds(31));
    assertThat(shorter.initialBackoff()).isEqualTo(Duration.ofMillis(1));
    assertThat(warnings.all()).isEmpty();
  }

  private static CallPolicy parseClientPolicy(String client, Warnings warnings) {
    return parseConfig(client, warnings).client();
  }

  private static AgentConfig parseConfig(String client, Warnings warnings) {
    return PARSER.parseInput(
        json("{\"client\": %s, \"provider\": \"home\", %s}".formatted(client, MODEL)),
        new NamedReferences(Optional.of(ID), Optional.empty(), RouteNames.NONE),
        Optional.empty(),
        warnings);
  }

  @ParameterizedTest
  @CsvSource({
    "\"2m\", PT2M",
    "\"1.5s\", PT1.5S",
    "\"1h\", PT1H",
    "\"1ns\", PT0.000000001S",
    "120000000000, PT2M",
    "1.5e9, PT1.5S",
    "1, PT0.000000001S",
    "3600000000000, PT1H",
  })
  void durationIsGoStringOrNanoseconds(String written, String meant) {
    String config =
        """
        {"client": {"retry": {"initial_backoff": %s, "max_backoff": "1h"}}, "provider": "home", %s}
        """
            .formatted(written, MODEL);
    assertThat(parse(config).client().retry().initialBackoff()).isEqualTo(Duration.parse(meant));
  }

  @Test
  void registeredProviderIsReferencedByNameOrId() {
    ProviderReference home = new ProviderReference.Registered(ID);
    assertThat(parse("{\"provider\": \"home\", %s}".formatted(MODEL)).provider()).isEqualTo(home);
    assertThat(
            PARSER
                .parseInput(
                    json("{\"provider_id\": \"%s\", %s}".formatted(ID, MODEL)),
                    NamedReferences.NONE,
                    Optional.empty(),
                    new Warnings())
                .provider())
        .isEqualTo(home);
    assertThat(StoredAgentConfig.of(parse("{\"provider\": \"home\", %s}".formatted(MODEL))))
        .satisfies(stored -> assertThat(stored.providerId()).contains(ID))
        .satisfies(stored -> assertThat(stored.json().has("provider")).isFalse())
        .satisfies(stored -> assertThat(PARSER.parseStored(stored).provider()).isEqualTo(home));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"route\": \"smart\"",
        "\"route_id\": \"%s\"",
        "\"route\": \"smart\", \"route_id\": \"%s\"",
        "\"route\": \"smart\", \"provider\": null, \"model\": {\"capabilities\": {\"chat\": {}}}",
      })
  void routeIsReferencedByNameOrId(String members) {
    ProviderReference smart = new ProviderReference.Route(ID);

    AgentConfig config = parse("{%s}".formatted(members.formatted(ID)));

    assertThat(config.provider()).isEqualTo(smart);
    assertThat(config.model().name()).isEmpty();
    StoredAgentConfig stored = StoredAgentConfig.of(config);
    assertThat(stored.routeId()).contains(ID);
    assertThat(stored.json().has("route")).isFalse();
    assertThat(PARSER.parseStored(stored)).isEqualTo(config);
  }

  @Test
  void storedProviderPrecedesRoute() {
    JsonNode json = json("{\"model\": {\"name\": \"m\"}}");

    AgentConfig config =
        PARSER.parseStored(new StoredAgentConfig(json, Optional.of(ID), Optional.of(ID)));

    assertThat(config.provider()).isEqualTo(new ProviderReference.Registered(ID));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "route": "other"                             | config.route | there is no route named 'other'
          "route": 7                                   | config.route | must be a string
          "route_id": "x"                              | config.route_id | UUID
          "route_id": "00000000-0000-0000-0000-000000000000" | config.route_id | there is no such route
          "route": "old", "route_id": "%s"             | config.route | is named 'smart'; omit one of both
          "route": "smart", "provider": "home"         | config.route | must not be given together with provider
          "route_id": "%s", "provider_id": "%s"        | config.route_id | together with provider_id
          "route": "smart", "model": {"name": "m"}     | config.model.name | must be absent: the route decides about models and retries
          """)
  void invalidRouteReferencesAreRejected(String members, String field, String message) {
    assertError("{%s}".formatted(members.replace("%s", ID.toString())), field, message);
  }

  @Test
  void retriesOverRouteCauseAWarning() {
    Warnings warnings = new Warnings();
    JsonNode json =
        json(
            "{\"route\": \"smart\", \"client\": {\"timeout\": \"9s\", \"retry\": {\"max_retries\": 5}}}");

    AgentConfig config = PARSER.parseInput(json, named(json), none(), warnings);

    assertThat(config.client().timeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(warnings.all().orElseThrow())
        .singleElement()
        .asString()
        .startsWith("config.client.retry does not apply");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "client": []                                  | config.client | must be an object
          "client": {"time_out": "1s"}                  | config.client.time_out | known members are timeout, retry
          "client": {"timeout": "99ms"}                 | config.client.timeout | of at least 100ms
          "client": {"timeout": "-1s"}                  | config.client.timeout | of at least 100ms
          "client": {"timeout": "soon"}                 | config.client.timeout | "1m30s"
          "client": {"timeout": -1}                     | config.client.timeout | nanoseconds
          "client": {"timeout": 1.5}                    | config.client.timeout | nanoseconds
          "client": {"timeout": 1e999999}               | config.client.timeout | nanoseconds
          "client": {"timeout": 99999999999999999999}   | config.client.timeout | nanoseconds
          "client": {"timeout": true}                   | config.client.timeout | nanoseconds
          "client": {"connection_timeout": "1ns"}       | config.client.connection_timeout | of at least 100ms
          "client": {"connection_pool_size": -1}        | config.client.connection_pool_size | from 1 to 1000
          "client": {"connection_pool_size": 1.5}       | config.client.connection_pool_size | integer
          "client": {"connection_pool_size": "10"}      | config.client.connection_pool_size | integer
          "client": {"retry": 3}                        | config.client.retry | must be an object
          "client": {"retry": {"max_retires": 3}}       | config.client.retry.max_retires | max_retries
          "client": {"retry": {"max_retries": -1}}      | config.client.retry.max_retries | from 0 to 10
          "client": {"retry": {"initial_backoff": -1}}  | config.client.retry.initial_backoff | above 0
          "client": {"retry": {"backoff_multiplier": 0.5}}  | config.client.retry.backoff_multiplier | from 1 to 100
          "client": {"retry": {"backoff_multiplier": -1}} | config.client.retry.backoff_multiplier | from 1 to 100
          "client": {"retry": {"backoff_multiplier": "2"}}  | config.client.retry.backoff_multiplier | a number
          "client": {"retry": {"jitter": "yes"}}        | config.client.retry.jitter | must be a boolean
          "name": 7                                     | config.name | must be a string
          "name": "\\u0000"                             | config.name | U+0000
          "system_prompt": ["Be brief."]                | config.system_prompt | must be a string
          "system_prompt": "\\ud800"                    | config.system_prompt | surrogate
          "sytem_prompt": ""                            | config.sytem_prompt | known members are name, system_prompt
          """)
  void invalidMemberIsReportedByField(String member, String field, String message) {
    assertError("{%s, \"provider\": \"home\", %s}".formatted(member, MODEL), field, message);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          {}                                               | config.model.name | is required
          {"name": ""}                                     | config.model.name | is required
          {"name": " "}                                    | config.model.name | is required
          {"name": 3}                                      | config.model.name | must be a string
          {"name": "a\\nb"}                                | config.model.name | control character
          []                                               | config.model | must be an object
          {"name": "m", "format": "x"}                     | config.model.format | known members are name, capabilities
          {"name": "m", "capabilities": ["chat"]}          | config.model.capabilities | must be an object
          {"name": "m", "capabilities": {"vison": {}}}     | config.model.capabilities.vison | known members are chat, vision, tools, embeddings
          {"name": "m", "capabilities": {"chat": null}}    | config.model.capabilities.chat | must be an object
          {"name": "m", "capabilities": {"chat": true}}    | config.model.capabilities.chat | must be an object
          {"name": "m", "capabilities": {"chat": {"a": {"b": "\\u0000"}}}} | config.model.capabilities.chat.a.b | U+0000
          {"name": "m", "capabilities": {"tools": {"a": [{"key": "k"}]}}} | config.model.capabilities.tools.a[0].key | looks like a secret
          {"name": "m", "capabilities": {"chat": {"a": [1e999999]}}} | config.model.capabilities.chat.a | digits
          """)
  void invalidModelIsReportedByField(String model, String field, String message) {
    assertError("{\"provider\": \"home\", \"model\": %s}".formatted(model), field, message);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          "provider": null                       | config.provider | set provider_id
          "provider": 7                          | config.provider | name of a registered provider
          "provider": "hme"                      | config.provider | no provider named 'hme'
          "provider": {}                         | config.provider.name | known kinds are
          "provider": {"name": "openia"}         | config.provider.name | openia
          "provider": {"name": "ollama"}         | config.provider.base_url | is required
          "provider": {"name": "ollama", "base_url": "http://x", "opts": {}} | config.provider.opts | unknown
          "provider": {"name": "ollama", "base_url": "http://x", "options": {"token": 1}} | config.provider.options.token | must be a string
          "provider_id": "home"                  | config.provider_id | must be a UUID
          "provider_id": 7                       | config.provider_id | must be a UUID
          "provider_id": "1-1-1-1-1"             | config.provider_id | must be a UUID
          "provider": "home", "provider_id": "123e4567-e89b-12d3-a456-426614174000" | config.provider_id | together with provider
          """)
  void invalidProviderIsReportedByField(String member, String field, String message) {
    assertError("{%s, %s}".formatted(member, MODEL), field, message);
  }

  @Test
  void nonObjectConfigIsRejected() {
    for (String json : List.of("null", "[]", "\"ollama\"", "7")) {
      assertThat(errors(json, Optional.empty()))
          .extracting(FieldError::field)
          .containsExactly("config");
    }
  }

  @Test
  void allErrorsAreReportedTogether() {
    String config =
        """
        {"name": 1, "client": {"timeout": -1, "retry": {"jitter": 1}}, "provider": {"name": "azure"},
         "model": {"capabilities": {"chat": 1}}}\
        """;
    assertThat(errors(config, Optional.empty()))
        .extracting(FieldError::field)
        .contains(
            "config.name",
            "config.client.timeout",
            "config.client.retry.jitter",
            "config.provider.base_url",
            "config.provider.options.token",
            "config.model.name",
            "config.model.capabilities.chat");
  }

  @Test
  void omittedSecretIsKeptUnlessDestinationChanges() {
    AgentConfig old =
        PARSER.parseInput(
            json(azure("r", ", \"token\": \"azure-token-12345678\"")),
            NamedReferences.NONE,
            none(),
            new Warnings());
    Optional<StoredAgentConfig> stored = Optional.of(StoredAgentConfig.of(old));

    AgentConfig kept =
        PARSER.parseInput(json(azure("r", "")), NamedReferences.NONE, stored, new Warnings());
    assertThat(kept).isEqualTo(old);
    assertThat(kept.toString()).doesNotContain("azure-token-1234");

    AgentException.SecretRequired rejection =
        catchThrowableOfType(
            AgentException.SecretRequired.class,
            () ->
                PARSER.parseInput(
                    json(azure("other", "")), NamedReferences.NONE, stored, new Warnings()));
    assertThat(rejection).hasMessageContaining("config.provider.options.token");

    AgentConfig cleared =
        PARSER.parseInput(
            json(ollama(", \"token\": null")), NamedReferences.NONE, stored, new Warnings());
    assertThat(inline(cleared).stored().path("options").has("token")).isFalse();
  }

  @Test
  void maskedSecretIsRejectedOnCreate() {
    assertThat(errors(azure("r", ", \"token\": {\"set\": true, \"hint\": \"…5678\"}"), none()))
        .extracting(FieldError::field)
        .containsExactly("config.provider.options.token");
  }

  @Test
  void unknownStoredMembersAreIgnored() {
    ObjectNode stored = json(CONTRACT_CONFIG).asObject();
    stored.put("transport", "http");
    stored.withObject("/client").put("proxy", "none");
    stored.withObject("/model/capabilities").putObject("audio");

    assertThat(PARSER.parseStored(stored(stored))).isEqualTo(parse(CONTRACT_CONFIG));
  }

  @Test
  void storedTimeoutBelowMinimumIsAccepted() {
    ObjectNode stored = json(CONTRACT_CONFIG).asObject();
    stored.withObject("/client").put("timeout", "1ns");

    assertThat(PARSER.parseStored(stored(stored)).client().timeout())
        .isEqualTo(Duration.ofNanos(1));
  }

  @Test
  void storedSecretInOptionsIsUsed() {
    ObjectNode stored = json(CONTRACT_CONFIG).asObject();
    stored.withObject("/model/capabilities/chat").put("api_key", "k");

    assertThat(
            PARSER
                .parseStored(stored(stored))
                .model()
                .options(Capability.CHAT)
                .path("api_key")
                .asString())
        .isEqualTo("k");
  }

  @Test
  void storedConfigWithoutProviderIsRejected() {
    InvalidInputException rejection =
        catchThrowableOfType(
            InvalidInputException.class, () -> PARSER.parseStored(stored(json("{}"))));
    assertThat(rejection.errors())
        .extracting(FieldError::field)
        .containsExactly("config.provider", "config.model.name");
  }

  private static <T> Optional<T> none() {
    return Optional.empty();
  }

  private static ProviderConfig inline(AgentConfig config) {
    return ((ProviderReference.Inline) config.provider()).config();
  }

  private static String azure(String host, String token) {
    return """
    {"provider": {"name": "azure", "base_url": "https://%s.openai.azure.com/openai", "options": {
      "deployment": "gpt-4o", "auth_type": "api_key", "api_version": "2024-10-21"%s}}, %s}\
    """
        .formatted(host, token, MODEL);
  }

  private static String ollama(String options) {
    return """
    {"provider": {"name": "ollama", "base_url": "http://localhost:11434", "options": {"x": 1%s}}, %s}\
    """
        .formatted(options, MODEL);
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  private static StoredAgentConfig stored(JsonNode json) {
    return new StoredAgentConfig(json, Optional.empty(), Optional.empty());
  }

  /// Parses a config; `home` is the name of a registered provider, and `smart` that of a route.
  private static AgentConfig parse(String config) {
    return PARSER.parseInput(json(config), named(json(config)), Optional.empty(), new Warnings());
  }

  private static NamedReferences named(JsonNode config) {
    return new NamedReferences(
        idOf(config.path("provider"), "home"),
        idOf(config.path("route"), "smart"),
        new RouteNames(Map.of(ID, "smart")));
  }

  private static Optional<UUID> idOf(JsonNode given, String name) {
    return given.stringValue("").equals(name) ? Optional.of(ID) : Optional.empty();
  }

  private static List<FieldError> errors(String config, Optional<StoredAgentConfig> replaced) {
    JsonNode json = json(config);
    return catchThrowableOfType(
            InvalidInputException.class,
            () -> PARSER.parseInput(json, named(json), replaced, new Warnings()))
        .errors();
  }

  private static void assertError(String config, String field, String message) {
    assertThat(errors(config, Optional.empty()))
        .anySatisfy(error -> {
          assertThat(error.field()).isEqualTo(field);
          assertThat(error.message()).contains(message);
        });
  }
}
