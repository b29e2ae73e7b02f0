package dev.agentlab.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class JsonFootprintTest {

  @Test
  void valuesAndNamesAreCounted() {
    assertThat(countNodes("1")).isEqualTo(1);
    assertThat(countNodes("[1,2,3]")).isEqualTo(4);
    assertThat(countNodes("{\"a\":1,\"b\":[]}")).isEqualTo(6);
  }

  @Test
  void textContentIsNotCounted() {
    assertThat(countNodes("\"{,:[\"")).isEqualTo(1);
    assertThat(countNodes("[\"\\\",\\\\\",2]")).isEqualTo(3);
  }

  @Property(tries = 500)
  void nodeCountIsAnUpperBound(@ForAll("values") JsonNode value) {
    assertThat(countNodes(Json.MAPPER.writeValueAsString(value)))
        .isBetween(actualCount(value), 2 * actualCount(value));
  }

  @Provide
  Arbitrary<JsonNode> values() {
    JsonNodeFactory factory = JsonNodeFactory.instance;
    Arbitrary<JsonNode> leaves =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(8).map(factory::stringNode),
            Arbitraries.integers().map(factory::numberNode),
            Arbitraries.of(factory.arrayNode(), factory.objectNode(), factory.nullNode()));
    Arbitrary<JsonNode> lists =
        leaves.list().ofMaxSize(4).map(items -> factory.arrayNode().addAll(items));
    return Arbitraries.recursive(
        () -> Arbitraries.oneOf(leaves, lists),
        inner ->
            Arbitraries.maps(Arbitraries.strings().ofMaxLength(4), inner)
                .ofMaxSize(4)
                .map(members -> {
                  ObjectNode object = factory.objectNode();
                  object.setAll(members);
                  return object;
                }),
        3);
  }

  private static int countNodes(String json) {
    return JsonFootprint.countNodes(json.getBytes(UTF_8));
  }

  private static int actualCount(JsonNode value) {
    int total = 1 + (value.isObject() ? value.size() : 0);
    for (JsonNode inner : value) {
      total += actualCount(inner);
    }
    return total;
  }
}
