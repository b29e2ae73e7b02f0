package dev.agentlab.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

class JsonTest {
  record Item(UUID id) {}

  record Sample(
      String name, Optional<String> note, int pageSize, JsonNode config, List<Item> items) {}

  record Named(int maxSize, @JsonProperty("write_5m") int write5m) {}

  @Test
  void memberNamesAreThoseThatTheMapperWrites() {
    JsonNode written = Json.MAPPER.valueToTree(new Named(1, 2));

    assertThat(MemberNames.of(Named.class))
        .containsExactly("max_size", "write_5m")
        .containsExactlyElementsOf(written.propertyNames());
  }

  @Test
  void recordWithoutOptionalMembersIsParsed() {
    Sample sample = read("{'name': '', 'page_size': 1, 'config': {}, 'items': []}");

    assertThat(sample.name()).isEmpty();
    assertThat(sample.note()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'page_size': 1, 'config': {}, 'items': []}",
        "{'name': 'a', 'config': {}, 'items': []}",
        "{'name': null, 'page_size': 1, 'config': {}, 'items': []}",
        "{'name': 5, 'page_size': 1, 'config': {}, 'items': []}",
        "{'name': true, 'page_size': 1, 'config': {}, 'items': []}",
        "{'name': 'a', 'note': 5, 'page_size': 1, 'config': {}, 'items': []}",
        "{'name': 'a', 'page_size': '1', 'config': {}, 'items': []}",
        "{'name': 'a', 'page_size': '', 'config': {}, 'items': []}",
        "{'name': 'a', 'page_size': 1.5, 'config': {}, 'items': []}",
        "{'name': 'a', 'page_size': 1, 'config': {}, 'items': [null]}",
        "{'name': 'a', 'page_size': 1, 'config': {}, 'items': [{'id': ''}]}",
        "{'name': 'a', 'page_size': 1, 'config': {}, 'items': ''}",
        "{'name': 'a', 'page_size': 1, 'config': {}, 'items': [], 'x': 1}",
        "{'name': 'a', 'name': 'a', 'page_size': 1, 'config': {}, 'items': []}",
        "{'name': 'a', 'page_size': 1, 'config': {'a': 1, 'a': 1}, 'items': []}",
        "{'name': 'a', 'page_size': 1, 'config': {}, 'items': []} {}",
      })
  void jsonThatDoesNotMatchTheRecordIsRejected(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(JacksonException.class);
  }

  @Test
  void deepestParsableValueCanBeWrittenNested() {
    String deep = "[".repeat(100) + "]".repeat(100);
    JsonNode read = Json.MAPPER.readTree(deep);

    assertThat(Json.MAPPER.writeValueAsString(List.of(List.of(read)))).contains(deep);
    assertThatThrownBy(() -> Json.MAPPER.readTree("[" + deep + "]"))
        .isInstanceOf(JacksonException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e99999999999", "[-1e-99999999999]", "{\"a\": 1.5e99999999999}"})
  void numberWithExcessiveExponentIsRejected(String json) {
    assertThatThrownBy(() -> Json.MAPPER.readTree(json))
        .isInstanceOf(JacksonException.class)
        .hasMessageNotContaining("99999");
    assertThatThrownBy(() -> Json.MAPPER.readTree(json.getBytes(UTF_8)))
        .isInstanceOf(JacksonException.class);
  }

  @Test
  void numbersKeepAllDigits() {
    String numbers = "[1.50,12345678901234567890,0.1]";

    assertThat(Json.MAPPER.readTree(numbers).toString()).isEqualTo(numbers);
  }

  private static Sample read(String json) {
    return Json.MAPPER.readValue(json.replace('\'', '"'), Sample.class);
  }
}
