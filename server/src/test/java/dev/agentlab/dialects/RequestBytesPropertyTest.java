package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Changes of bytes have the same result as those of a tree.
class RequestBytesPropertyTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// One change of a request.
  record Change(int kind, String member, JsonNode value) {
    RequestJson apply(RequestJson json) {
      return switch (kind) {
        case 0 -> json.with(member, value);
        case 1 -> json.without(member);
        case 2 ->
            json.has(member) && !json.has(member + "2") ? json.renamed(member, member + "2") : json;
        default -> json.value(member).isArray() ? json.withFirstElement(member, value) : json;
      };
    }
  }

  @Property
  void bytesAndTreeAgree(
      @ForAll("objects") ObjectNode object,
      @ForAll("changes") List<Change> changes,
      @ForAll boolean isIndented) {
    String text = isIndented ? object.toPrettyString() : object.toString();
    RequestJson bytes = RequestBytes.scan(text.getBytes(UTF_8));
    RequestJson tree = new RequestTree(object);
    for (Change change : changes) {
      bytes = change.apply(bytes);
      tree = change.apply(tree);
    }

    assertThat(ProviderJson.MAPPER.readTree(bytes.toBytes()).toString())
        .isEqualTo(ProviderJson.MAPPER.readTree(tree.toBytes()).toString());
    assertThat(bytes.toTree().toString()).isEqualTo(tree.toTree().toString());
    for (String member : List.of("a", "b", "\"\\", "é")) {
      assertThat(bytes.has(member)).isEqualTo(tree.has(member));
      assertThat(bytes.value(member).toString()).isEqualTo(tree.value(member).toString());
    }
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    return Combinators.combine(Arbitraries.integers().between(0, 3), names(), values(1))
        .as(Change::new)
        .list()
        .ofMaxSize(4);
  }

  @Provide
  Arbitrary<ObjectNode> objects() {
    return object(2);
  }

  private static Arbitrary<String> names() {
    return Arbitraries.of("a", "b", "\"\\", "é", "");
  }

  private static Arbitrary<ObjectNode> object(int depth) {
    return Arbitraries.maps(names(), values(depth))
        .ofMaxSize(4)
        .map(members -> {
          ObjectNode object = JSON.objectNode();
          members.forEach(object::set);
          return object;
        });
  }

  private static Arbitrary<JsonNode> values(int depth) {
    Arbitrary<JsonNode> scalars =
        Arbitraries.oneOf(
            Arbitraries.strings()
                .ofMaxLength(4)
                .filter(RequestBytesPropertyTest::isPaired)
                .map(JSON::stringNode),
            Arbitraries.bigDecimals().map(JSON::numberNode),
            Arbitraries.of(JSON.nullNode(), JSON.booleanNode(true)));
    if (depth == 0) {
      return scalars;
    }
    return Arbitraries.oneOf(
        scalars,
        object(depth - 1).map(it -> (JsonNode) it),
        values(depth - 1)
            .list()
            .ofMaxSize(3)
            .map(elements -> {
              ArrayNode array = JSON.arrayNode();
              array.addAll(elements);
              return array;
            }));
  }

  private static boolean isPaired(String text) {
    return UTF_8.newEncoder().canEncode(text);
  }
}
