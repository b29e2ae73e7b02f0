package dev.agentlab.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.json.Json;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The options of every kind that only affect the gateway.
class GatewayOptionsTest {
  private static final ProviderKinds KINDS = ProviderKinds.standard();
  private static final UUID ID = UUID.randomUUID();

  @Test
  void everyKindHasTheOptions() {
    assertThat(KINDS.all())
        .allSatisfy(kind -> {
          assertThat(kind.option("models")).isPresent();
          assertThat(kind.option("priority")).isPresent();
          assertThat(kind.options().stream().map(Option::name)).doesNotHaveDuplicates();
        });
  }

  @Test
  void optionsAreReadFromConfig() {
    ProviderConfig config = KINDS.parse(ollama("{\"models\": [\"a\", \"b*\"], \"priority\": -7}"));

    assertThat(config.models()).isEqualTo(new ModelSelection(List.of("a", "b*")));
    assertThat(config.priority()).isEqualTo(-7);
    assertThat(config.toMaskedJson().at("/options/models")).hasToString("[\"a\",\"b*\"]");
    assertThat(KINDS.build(config).baseUrl()).isEqualTo("http://localhost/v1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"models\": null, \"priority\": null}"})
  void omittedOptionsSelectEveryModel(String options) {
    ProviderConfig config = KINDS.parse(ollama(options));

    assertThat(config.models()).isEqualTo(ModelSelection.ALL);
    assertThat(config.priority()).isZero();
    assertThat(config.stored().path("options").isEmpty()).isTrue();
  }

  @Test
  void resolvedProviderHasIdAndModels() {
    ProviderConfig config = KINDS.parse(ollama("{\"models\": [\"a\"]}"));
    ResolvedProvider registered = ResolvedProvider.registered(KINDS, ID, "x", 1, config);
    ResolvedProvider inline = ResolvedProvider.inline(KINDS, ID, 1, config);

    assertThat(registered.id()).contains(ID);
    assertThat(inline.id()).isEqualTo(Optional.empty());
    assertThat(List.of(registered, inline))
        .allSatisfy(provider -> assertThat(provider.models().declaredNames()).containsExactly("a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"models": "a, b"}            | models: must be an array of strings
          {"models": {"a": 1}}          | models: must be an array of strings
          {"models": []}                | models: must have from 1 to 500 elements, has 0; omit it to have no list
          {"models": ["a", "b", 7]}     | models[2]: must be a string
          {"models": [["a"]]}           | models[0]: must be a string
          {"models": [""]}              | models[0]: must have from 1 to 300 characters, has 0
          {"models": ["a", " b"]}       | models[1]: must not begin or end with white space
          {"models": ["a\\u0007"]}      | models[0]: must not contain control characters
          {"models": ["***********"]}   | models[0]: must not contain more than 10 *
          {"priority": "1"}             | priority: must be a number
          {"priority": 0.5}             | priority: must be an integer from -1000 to 1000
          {"priority": 1001}            | priority: must be an integer from -1000 to 1000
          """)
  void invalidOptionIsNamed(String options, String error) {
    assertThat(errors(ollama(options)))
        .extracting(FieldError::toString)
        .containsExactly("config.options." + error);
    if (!error.contains("white space") && !error.contains("control")) {
      assertThat(schema().validate(ollama(options))).isNotEmpty();
    }
  }

  @Test
  void sizesOfListsAreLimited() {
    assertThat(errors(ollama(models(501, "a"))))
        .extracting(FieldError::message)
        .containsExactly("must have from 1 to 500 elements, has 501; omit it to have no list");
    assertThat(errors(ollama(models(1, "a".repeat(301)))))
        .extracting(FieldError::field)
        .containsExactly("config.options.models[0]");
    for (String valid : List.of(models(500, "a"), models(1, "*".repeat(10) + "a".repeat(290)))) {
      assertThat(KINDS.parse(ollama(valid)).models().patterns()).isNotEmpty();
      assertThat(schema().validate(ollama(valid))).isEmpty();
    }
    assertThat(schema().validate(ollama(models(501, "a")))).isNotEmpty();
  }

  /// Rows of earlier releases can have undeclared options of these names.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"models\": \"a, b\", \"priority\": \"high\"}",
        "{\"models\": [], \"priority\": 5000}",
        "{\"models\": [\"a\", 7], \"priority\": 0.5}",
        "{\"models\": {\"a\": 1}, \"priority\": 1e5000}",
        "{\"models\": true, \"priority\": [1]}",
      })
  void invalidStoredOptionIsIgnoredUntilReplaced(String options) {
    ProviderConfig stored = KINDS.readStored(ollama(options));

    assertThat(stored.models()).isEqualTo(ModelSelection.ALL);
    assertThat(stored.priority()).isZero();
    assertThat(KINDS.build(stored).baseUrl()).isEqualTo("http://localhost/v1");
    assertThat(
            catchThrowableOfType(
                    InvalidInputException.class, () -> KINDS.replace(stored, stored.stored()))
                .errors())
        .extracting(FieldError::field)
        .allMatch(field -> field.startsWith("config.options."))
        .anyMatch(field -> field.startsWith("config.options.models"))
        .contains("config.options.priority");
  }

  @Test
  void listIsNoSecretOfItsKind() {
    ProviderConfig stored = KINDS.readStored(ollama("{\"models\": [\"a\"], \"priority\": 1}"));

    assertThat(stored.hasPlaintextSecrets()).isFalse();
  }

  private static String models(int count, String name) {
    return "{\"models\": %s}"
        .formatted(Json.MAPPER.writeValueAsString(Collections.nCopies(count, name)));
  }

  private static JsonNode ollama(String options) {
    return Json.MAPPER.readTree(
        "{\"name\": \"ollama\", \"base_url\": \"http://localhost\", \"options\": %s}"
            .formatted(options));
  }

  private static List<FieldError> errors(JsonNode config) {
    return catchThrowableOfType(InvalidInputException.class, () -> KINDS.parse(config)).errors();
  }

  private static Schema schema() {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(KINDS.find("ollama").orElseThrow().schema());
  }
}
