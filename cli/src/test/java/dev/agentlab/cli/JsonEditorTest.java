package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class JsonEditorTest {
  private static String merge(String text, String members) {
    JsonEditor editor = new JsonEditor("file", text);
    editor.merge((ObjectNode) json(members));
    return editor.text();
  }

  @Test
  void commentsOrderAndSpacesSurvive() {
    String text =
        """
        // Mine, with { and "
        {
            "theme" : "dark", // not light
            "provider": {
                /* another */
                "other": {"url": "http://a//b", "list": [1, "]", {"x": "}"}]},
            },
            "model": "old",
            // the last
        }
        """;

    String merged =
        merge(text, "{\"model\": \"new\", \"provider\": {\"ours\": {\"a\": 1}}, \"small\": true}");

    assertThat(merged)
        .isEqualTo(
            """
            // Mine, with { and "
            {
                "theme" : "dark", // not light
                "provider": {
                    /* another */
                    "other": {"url": "http://a//b", "list": [1, "]", {"x": "}"}]},
                    "ours": {
                      "a": 1
                    }
                },
                "model": "new",
                // the last
                "small": true
            }
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                  | {\"b\": 2}             | {%  \"b\": 2%}",
        "{\"a\": 1}          | {\"b\": 2}             | {\"a\": 1, \"b\": 2}",
        "{\"a\": 1 }         | {\"a\": \"x\"}         | {\"a\": \"x\" }",
        "{\"a\": 1, }        | {\"b\": 2}             | {\"a\": 1, \"b\": 2 }",
        "{%  \"a\": 1%}      | {\"b\": 2}             | {%  \"a\": 1,%  \"b\": 2%}",
        "{%  \"a\": 1 // c%} | {\"b\": 2}             | {%  \"a\": 1, // c%  \"b\": 2%}",
        "{\"a\": 1 // c%}    | {\"b\": 2}             | {\"a\": 1, // c%  \"b\": 2%}",
        "{ // c%}            | {\"b\": 2}             | { // c%  \"b\": 2%}",
        "{\"a\": {}}         | {\"a\": {\"b\": null}} | {\"a\": {%  \"b\": null%}}",
        "{\"\\u0061\": -1.5} | {\"a\": [1]}           | {\"\\u0061\": [ 1 ]}",
      })
  void membersAreAddedInTheStyleOfTheText(String text, String members, String expected) {
    assertThat(merge(text.replace('%', '\n'), members)).isEqualTo(expected.replace('%', '\n'));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"a\": 1} x", "{'a': 1}", "{\"a\": 1, \"a\": 2}"})
  void textThatIsNoObjectIsRejected(String text) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> new JsonEditor("file", text))
        .withMessage("file is not a JSON object");
  }

  @Test
  void valueInPlaceOfAnObjectIsRejected() {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> merge("{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": {\"c\": 1}}}"))
        .withMessage("file: b must be an object");
  }
}
