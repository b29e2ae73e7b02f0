package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.StringNode;

class RequestBytesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " {\n } ",
        "{ \"model\" : \"a\" , \"x\":9007199254740993.10e5,\n\t\"messages\": [ {\"a\":\"}\\\"]\"} ] }",
        "{\"mod\\u0065l\":\"a\",\"\":null,\"é\":\"\\ud83d\\ude00 é\"}",
      })
  void unchangedRequestKeepsItsBytes(String json) {
    assertThat(text(scan(json))).isEqualTo(json);
    assertThat(scan(json).toTree()).isEqualTo(ProviderJson.MAPPER.readTree(json));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\":\"a\"} | {\"model\":\"b\"}",
        "{ \"x\" : 1.0 ,\t \"model\" : \"a\" , \"y\":[ 1 ] } | {\"x\" : 1.0,\"model\":\"b\",\"y\":[ 1 ]}",
        "{\"x\":{\"model\":\"a\"}} | {\"x\":{\"model\":\"a\"},\"model\":\"b\"}",
        "{ } | {\"model\":\"b\"}",
      })
  void onlyTheChangedMemberIsWrittenAnew(String json, String changed) {
    assertThat(text(scan(json).with("model", StringNode.valueOf("b")))).isEqualTo(changed);
  }

  @Test
  void memberIsRemovedAndRenamedInItsPlace() {
    RequestBytes json = scan("{\"a\": [1, 2], \"b\" : {} , \"c\":\"x\"}");

    assertThat(text(json.without("a"))).isEqualTo("{\"b\" : {},\"c\":\"x\"}");
    assertThat(text(json.without("a").without("b").without("c"))).isEqualTo("{}");
    assertThat(text(json.renamed("a", "z"))).isEqualTo("{\"z\":[1, 2],\"b\" : {},\"c\":\"x\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\":[{\"a\":1.50}]} | {\"messages\":[\"s\",{\"a\":1.50}]}",
        "{\"messages\": [ ] } | {\"messages\":[\"s\"]}",
        "{\"messages\":[ \t 1 , 2 ],\"b\":0} | {\"messages\":[\"s\",1 , 2 ],\"b\":0}",
      })
  void elementIsInsertedBeforeOthers(String json, String changed) {
    RequestBytes inserted = scan(json).withFirstElement("messages", StringNode.valueOf("s"));

    assertThat(text(inserted)).isEqualTo(changed);
    assertThat(inserted.value("messages").path(0).stringValue()).isEqualTo("s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"messages\":\"[\"}", "{\"messages\":{\"a\":[]}}"})
  void insertionNeedsAnArray(String json) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> scan(json).withFirstElement("messages", StringNode.valueOf("s")))
        .withMessageContaining("messages");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "null",
        "{",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{} {}",
        "{\"a\":1} x",
        "{\"a\":1,\"a\":2}",
        "{\"mod\\u0065l\":1,\"model\":2}",
        "\uFEFF[]",
        "{\"a\":01}",
        "{'a':1}"
      })
  void otherTextsAreRejected(String json) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> scan(json))
        .satisfies(e -> assertThat(e.errors().getFirst().field()).isEqualTo("body"));
  }

  @Test
  void otherEncodingsAreRejected() {
    for (Charset charset :
        List.of(ISO_8859_1, UTF_16LE, UTF_16BE, UTF_16, Charset.forName("UTF-32"))) {
      assertThatExceptionOfType(InvalidInputException.class)
          .as("%s", charset)
          .isThrownBy(() -> RequestBytes.scan("{\"a\":\"\u00e9\"}".getBytes(charset)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MODEL", "Model", "messageſ", "Stream_Options", "N"})
  void otherSpellingOfADecisiveMemberIsRejected(String name) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> scan("{\"model\":\"a\",\"%s\":1}".formatted(name)));
  }

  @Test
  void numberOfMembersIsLimited() {
    String members =
        IntStream.range(0, 1_001).mapToObj("\"m%d\":0"::formatted).collect(Collectors.joining(","));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> scan("{" + members + "}"))
        .withMessageContaining("at most 1000 members");
  }

  @Test
  void duplicateInAValueIsRejectedWhenItIsRead() {
    RequestBytes json = scan("{\"a\":{\"b\":1,\"b\":2}}");

    assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> json.value("a"));
    assertThatExceptionOfType(InvalidInputException.class).isThrownBy(json::toTree);
  }

  private static RequestBytes scan(String json) {
    return RequestBytes.scan(json.getBytes(UTF_8));
  }

  private static String text(RequestBytes json) {
    return new String(json.toBytes(), UTF_8);
  }
}
