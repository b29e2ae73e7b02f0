package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Events that are written for a client of the Responses API, as a complete response and as a
/// stream: both have the same items, with everything that the events have.
class ResponsesRoundTripTest {
  private static final ResponsesTemplate TEMPLATE =
      ResponsesTemplate.of(
          ModelRequest.parse(
              Operation.RESPONSES, "{\"model\":\"m\",\"input\":\"Hi\"}".getBytes(UTF_8)));

  @TestFactory
  Stream<DynamicTest> eventsOfTheCorpusSurvive() {
    return CorpusEvents.files()
        .map(file -> dynamicTest(file.toString(), () -> requireSurvival(CorpusEvents.read(file))));
  }

  /// Blocks that overlap in any way.
  @Property(tries = 2_000)
  void interleavedBlocksSurvive(@ForAll long seed) {
    requireSurvival(AnthropicRoundTripTest.interleaved(new Random(seed)));
  }

  private static void requireSurvival(List<StreamEvent> events) {
    ResponsesStreamChecker checker = ResponsesStreamChecker.read(stream(events));
    if (!(events.getLast() instanceof ResponseFinished)) {
      return;
    }
    ResponsesResponseWriter writer = new ResponsesResponseWriter(TEMPLATE, CorpusEvents.AT);
    events.forEach(writer::write);
    JsonNode complete = ProviderJson.MAPPER.readTree(writer.toAnswer().json());
    assertThat(withoutIds(checker.response())).isEqualTo(withoutIds(complete));

    JsonNode output = complete.path("output");
    List<ChoiceEvent> choice =
        events.stream()
            .filter(ChoiceEvent.class::isInstance)
            .map(ChoiceEvent.class::cast)
            .filter(event -> event.choice() == 0)
            .toList();
    assertThat(texts(output, "message", "content"))
        .containsExactlyInAnyOrderElementsOf(characters(choice, true));
    assertThat(texts(output, "reasoning", "summary"))
        .containsExactlyInAnyOrderElementsOf(characters(choice, false));
    assertThat(calls(output)).isEqualTo(calls(choice));
  }

  private static byte[] stream(List<StreamEvent> events) {
    ResponsesStreamWriter writer = new ResponsesStreamWriter(TEMPLATE, CorpusEvents.AT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (StreamEvent event : events) {
      writer.write(event);
      out.writeBytes(writer.take());
    }
    return out.toByteArray();
  }

  /// The response without what differs each time.
  static ObjectNode withoutIds(JsonNode response) {
    String digits = response.path("id").stringValue().substring("resp_".length());
    ObjectNode json =
        (ObjectNode) ProviderJson.MAPPER.readTree(response.toString().replace(digits, ""));
    json.remove("completed_at");
    return json;
  }

  /// The characters of the texts of items: blocks that overlap have no common order.
  private static List<Integer> texts(JsonNode output, String type, String member) {
    return output
        .valueStream()
        .filter(item -> item.path("type").stringValue().equals(type))
        .flatMap(item -> item.path(member).valueStream())
        .flatMap(part -> part.path("text").stringValue("").codePoints().boxed())
        .toList();
  }

  private static List<Integer> characters(List<ChoiceEvent> events, boolean isText) {
    return events.stream()
        .flatMap(event ->
            switch (event) {
              case TextDelta delta when isText -> delta.text().codePoints().boxed();
              case ReasoningDelta delta when !isText -> delta.text().codePoints().boxed();
              default -> Stream.of();
            })
        .toList();
  }

  private static List<String> calls(JsonNode output) {
    return output
        .valueStream()
        .filter(item -> item.has("arguments"))
        .map(item ->
            item.path("name").stringValue() + " " + item.path("arguments").stringValue().strip())
        .toList();
  }

  private static List<String> calls(List<ChoiceEvent> events) {
    Map<Integer, String> names = new LinkedHashMap<>();
    Map<Integer, String> inputs = new LinkedHashMap<>();
    for (ChoiceEvent event : events) {
      switch (event) {
        case ToolInputStarted started -> {
          names.put(started.block(), started.name());
          inputs.put(started.block(), started.input());
        }
        case ToolInputDelta delta -> inputs.merge(delta.block(), delta.input(), String::concat);
        default -> {}
      }
    }
    return names.keySet().stream()
        .map(block -> {
          String input = inputs.getOrDefault(block, "");
          return names.get(block) + " " + (input.isBlank() ? "{}" : input.strip());
        })
        .collect(Collectors.toList());
  }
}
