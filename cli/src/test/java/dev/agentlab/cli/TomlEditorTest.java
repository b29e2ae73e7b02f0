package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TomlEditorTest {
  private static String set(String text, String path, String value) {
    TomlEditor editor = new TomlEditor("file", text);
    editor.set(List.of(path.split("/")), value);
    return editor.text();
  }

  @Test
  void commentsOrderAndSpacesSurvive() {
    String text =
        """
        # Mine
        model = "old" # not new
        notify = [ # a list
          "a # b", '[c]', # d
        ]
        since = 1979-05-27 07:32:00 # a time

        [model_providers."agent-lab"]
        name  =  'old'

        [mcp_servers.docs]
        args = ["-y"]
        prompt = \"""
        [model_providers.agent-lab]
        model = "x" \\\"""
        \"""
        env = { KEY = "a = }", other.b = [{ c = 1 }] }

        [[hooks]]
        model = "y"
        """;
    TomlEditor editor = new TomlEditor("file", text);

    editor.set(List.of("model"), "new");
    editor.set(List.of("web_search"), "disabled");
    editor.set(List.of("model_providers", "agent-lab", "name"), "agent-lab");
    editor.set(List.of("model_providers", "agent-lab", "base_url"), "http://a/v1");

    assertThat(editor.text())
        .isEqualTo(
            text.replace("\"old\" #", "\"new\" #")
                .replace("# a time\n", "# a time\nweb_search = \"disabled\"\n")
                .replace("'old'\n", "\"agent-lab\"\nbase_url = \"http://a/v1\"\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "``              | a     | a = \"x\"%",
        "``              | a/b/c | [a.b]%c = \"x\"%",
        "# c             | a     | a = \"x\"%# c",
        "b = 1           | a     | b = 1%a = \"x\"%",
        "[b]%            | a     | a = \"x\"%%[b]%",
        "[b]%c = 1%      | b/a   | [b]%c = 1%a = \"x\"%",
        "[b]             | b/a   | [b]%a = \"x\"%",
        "[b.c]%d = 1%    | b/a   | [b.c]%d = 1%%[b]%a = \"x\"%",
        "b.c = 1%        | b/a   | b.c = 1%b.a = \"x\"%",
        "[b]%c.d = 1%    | b/c/a | [b]%c.d = 1%c.a = \"x\"%",
        "[[b]]%a = 1%    | a     | a = \"x\"%%[[b]]%a = 1%",
        "'a' = '''%'''#c | a     | 'a' = \"x\"#c",
      })
  void keysAreAddedWhereTheyBelong(String text, String path, String expected) {
    assertThat(set(text.replace('%', '\n'), path, "x")).isEqualTo(expected.replace('%', '\n'));
  }

  @Test
  void textsAreEscaped() {
    assertThat(set("", "a", "C:\\x \"y\"")).isEqualTo("a = \"C:\\\\x \\\"y\\\"\"\n");
  }

  @Test
  void removedKeyLeavesItsNeighbours() {
    TomlEditor editor = new TomlEditor("file", "[a]\nb = 1\nc = [\n 2,\n] # d\ne = 3\n");

    editor.remove(List.of("a", "c"));
    editor.remove(List.of("a", "missing"));

    assertThat(editor.text()).isEqualTo("[a]\nb = 1\ne = 3\n");
    assertThat(editor.has(List.of("a", "b"))).isTrue();
    assertThat(editor.has(List.of("a", "c"))).isFalse();
  }

  @Test
  void inlineTableIsNotExtended() {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> set("a = { b = { c = 1 } }\n", "a/b/d", "x"))
        .withMessage("file: a must be a table with a heading of its own");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a =",
        "a = \"b",
        "a = [1",
        "[a",
        "[a] b = 1",
        "= 1",
        "a = 1 2\nb",
        "a = \"\"\"b"
      })
  void textThatIsNotTomlIsRejected(String text) {
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> new TomlEditor("file", "# c\n" + text))
        .withMessageStartingWith("file is not valid TOML: line ");
  }
}
