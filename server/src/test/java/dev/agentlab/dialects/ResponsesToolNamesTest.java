package dev.agentlab.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.dialects.ResponsesToolNames.Kind;
import dev.agentlab.dialects.ResponsesToolNames.Tool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesToolNamesTest {

  /// Names in a namespace are accepted by every provider, and each stands for one tool.
  @Property
  void namesAreAcceptedAndUnique(@ForAll("tools") List<Tool> tools) {
    ResponsesToolNames names = names("[]", "[]");
    Map<String, Tool> byName = new HashMap<>();
    for (Tool tool : tools) {
      String name = names.of(tool);
      assertThat(names.of(tool)).isEqualTo(name);
      Tool other = byName.put(name, tool);
      assertThat(other == null || other.equals(tool)).as("%s and %s", tool, other).isTrue();
      assertThat(name)
          .satisfiesAnyOf(
              it -> assertThat(it).matches("[a-zA-Z0-9_-]{1,64}"),
              it -> assertThat(tool.namespace()).isEmpty());
      boolean isPlain = tool.kind() == Kind.FUNCTION && name.equals(tool.name());
      assertThat(names.changed().get(name))
          .isEqualTo(isPlain && tool.namespace().isEmpty() ? null : tool);
    }
  }

  @Provide
  Arbitrary<List<Tool>> tools() {
    Arbitrary<String> names =
        Arbitraries.of("a", "b", "a__b", "b__a", "ä", "ö", "a.b", "a_b", "n".repeat(64))
            .injectDuplicates(0.5);
    return Combinators.combine(Arbitraries.of(Kind.FUNCTION, Kind.CUSTOM), names.optional(), names)
        .as(Tool::new)
        .list();
  }

  /// A tool that a later turn adds does not change the name of another one.
  @Test
  void namesStayTheSameWhenToolsAreAdded() {
    String first =
        "[{\"type\":\"namespace\",\"name\":\"a\",\"tools\":[{\"type\":\"function\",\"name\":\"b\"}]}]";
    String found =
        "[{\"type\":\"tool_search_output\",\"tools\":[{\"type\":\"custom\",\"name\":\"a__b\"}]}]";
    Tool tool = new Tool(Kind.FUNCTION, Optional.of("a"), "b");

    assertThat(names(first, "[]").of(tool)).isEqualTo("a__b");
    assertThat(names(first, found).of(tool)).isEqualTo("a__b");
    assertThat(names(first, found).changed()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {
        "{\"input\": \"x\"}, x",
        "{\"input\": 5}, {\"input\": 5}",
        "{\"patch\": \"x\"}, {\"patch\": \"x\"}",
        "{\"input\": \"x, {\"input\": \"x",
        "[1], [1]"
      },
      delimiter = ',')
  void inputIsThatOfTheArguments(String arguments, String input) {
    assertThat(ResponsesToolNames.input(arguments)).isEqualTo(input);
  }

  @Test
  void inputSurvives() {
    String input = "*** \"Begin\"\n\\ä\u2028";

    assertThat(ResponsesToolNames.input(ResponsesToolNames.arguments(input))).isEqualTo(input);
  }

  private static ResponsesToolNames names(String tools, String input) {
    return ResponsesToolNames.of(
        ProviderJson.MAPPER.readTree(tools), ProviderJson.MAPPER.readTree(input));
  }
}
