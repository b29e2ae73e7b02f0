package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams of OpenAI's Responses API as raw bytes, in the formats of different servers and
/// networks.
class ResponsesTapTest {
  private static final String CREATED =
      event("response.created", "\"response\":{\"id\":\"resp_1\",\"usage\":null,\"error\":null}");
  private static final String ADDED =
      event("response.output_item.added", "\"item\":{\"type\":\"message\",\"content\":[]}");
  private static final String DELTA =
      event("response.output_text.delta", "\"delta\":\"Hé\u2028\",\"logprobs\":[],\"odd\":1.50");
  private static final String COMPLETED =
      event(
          "response.completed",
          "\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[],"
              + "\"usage\":{\"input_tokens\":5,\"output_tokens\":2}}");
  private static final String WHOLE = CREATED + ADDED + DELTA + COMPLETED;

  /// The output for the client, and the state of the reader.
  private record Read(String events, StreamReader reader) {
    String errorMessage() {
      return String.valueOf(reader.error().orElseThrow().getMessage());
    }
  }

  private static String event(String type, String members) {
    return "event: %1$s\ndata: {\"type\":\"%1$s\",\"sequence_number\":0,%2$s}\n\n"
        .formatted(type, members);
  }

  private static StreamReader reader(String request) {
    return OpenAi.withRules()
        .withResponses()
        .createStreamReader(
            ModelRequest.parse(Operation.RESPONSES, request.getBytes(UTF_8)).expectedStream(),
            Instant.EPOCH,
            new MemoryBudget(64 << 20).open());
  }

  private static StreamReader reader() {
    return reader("{\"model\":\"m\",\"stream\":true}");
  }

  private static Read read(String stream) {
    StreamReader reader = reader();
    String events =
        new String(reader.read(stream.getBytes(UTF_8)), UTF_8) + new String(reader.finish(), UTF_8);
    return new Read(events, reader);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event: TYPE\ndata: DATA\n\n",
        "event: TYPE\r\ndata: DATA\r\n\r\n",
        "event:TYPE\ndata:DATA\n\n",
        "data: DATA\n\n",
        "data: DATA\nevent: TYPE\n\n",
        "id: 7\nevent: TYPE\nretry: 5\ndata: DATA\n\n",
        ": keep-alive\nevent: TYPE\ndata: DATA\n\n",
        "event: message\ndata:  DATA \n\n",
        "event: TYPE\ndata: DATA\n\n: keep-alive\n\n",
      })
  void eventsPassUnchangedInAnyFraming(String shape) {
    String last = framed(shape.replace("\n\n: keep-alive", ""), COMPLETED);
    String stream =
        framed(shape, CREATED)
            + framed(shape, ADDED)
            + framed(shape, DELTA)
            + framed(shape, DELTA)
            + last;

    Read read = read(stream);

    assertThat(read.events).isEqualTo(stream);
    assertThat(read.reader.error()).isEmpty();
    assertThat(read.reader.isDone()).isTrue();
    assertThat(read.reader.isComplete()).isTrue();
    assertThat(read.reader.hasContent()).isTrue();
    assertThat(read.reader.usage()).isEqualTo(new TokenUsage(5, 2));
    assertThat(read.reader.finishReason()).contains(FinishReason.STOP);
    assertThat(read.reader.position()).isEqualTo(new StreamPosition(Optional.of("resp_1"), 5));
  }

  private static String framed(String shape, String event) {
    String type = event.substring("event: ".length(), event.indexOf('\n'));
    String data = event.substring(event.indexOf('{'), event.lastIndexOf('}') + 1);
    return shape.replace("TYPE", type).replace("DATA", data);
  }

  @Test
  void jsonOverSeveralLinesIsParsed() {
    String pretty =
        """
        data: {
        data:   "type": "response.completed",
        data:   "response": {"status": "completed",
        data:     "usage": {"input_tokens": 5, "output_tokens": 2}}
        data: }

        """;

    Read read = read(CREATED + pretty);

    assertThat(read.events).isEqualTo(CREATED + pretty);
    assertThat(read.reader.isComplete()).isTrue();
    assertThat(read.reader.usage().output()).isEqualTo(2);
  }

  @Test
  void commentsBeforeTheResponseDoNotStartTheStream() {
    assertThat(read(": keep-alive\n\n\n\n" + WHOLE).events).isEqualTo(WHOLE);
    assertThat(read(CREATED + ": keep-alive\n\n").events).isEqualTo(CREATED + ": keep-alive\n\n");
  }

  /// At every byte, within the last event too.
  @Test
  void truncatedStreamIsNeverComplete() {
    byte[] whole = WHOLE.getBytes(UTF_8);
    int complete = whole.length - "\n\n".length();
    for (int length = 0; length < complete; length++) {
      StreamReader reader = reader();
      byte[] passed = reader.read(Arrays.copyOf(whole, length));
      byte[] rest = reader.finish();

      assertThat(reader.isComplete()).describedAs("%d bytes", length).isFalse();
      assertThat(reader.error()).isEmpty();
      assertThat(WHOLE).startsWith(new String(passed, UTF_8) + new String(rest, UTF_8));
    }
    assertThat(read(WHOLE.strip()).events).isEqualTo(WHOLE);
    assertThat(read(WHOLE.strip()).reader.isComplete()).isTrue();
  }

  @Test
  void markOfOtherApisEndsNoStream() {
    Read read = read(CREATED + DELTA + "data: [DONE]\n\n");

    assertThat(read.events).isEqualTo(CREATED + DELTA);
    assertThat(read.reader.isComplete()).isFalse();
    assertThat(read.reader.error()).isEmpty();
    assertThat(read(WHOLE + "data: [DONE]\n\n").events).isEqualTo(WHOLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          response.in_progress                   | "response":{"id":"resp_1"}                             | false
          response.output_item.added             | "item":{"type":"function_call","arguments":""}         | false
          response.content_part.added            | "part":{"type":"output_text","text":""}                | false
          response.reasoning_summary_part.added  | "part":{"type":"summary_text","text":""}               | false
          response.web_search_call.searching     | "item_id":"ws_1"                                       | false
          response.output_text.delta             | "delta":""                                             | false
          response.output_text.delta             | "delta":"a"                                            | true
          response.refusal.delta                 | "delta":"a"                                            | true
          response.reasoning_text.delta          | "delta":"a"                                            | true
          response.reasoning_summary_text.delta  | "delta":"a"                                            | true
          response.function_call_arguments.delta | "delta":"{"                                            | true
          response.custom_tool_call_input.delta  | "delta":"*"                                            | true
          response.future_thing.delta            | "delta":{"a":1}                                        | true
          response.image_generation_call.partial_image | "partial_image_b64":"AAAA"                       | true
          response.output_item.done              | "item":{"type":"reasoning","summary":[],"encrypted_content":"g"} | false
          response.output_item.done              | "item":{"type":"reasoning","summary":[{"text":"a"}]}   | true
          response.output_item.done              | "item":{"type":"reasoning","summary":[],"content":[{"text":"a"}]} | true
          response.output_item.done              | "item":{"type":"function_call","arguments":"{}"}       | true
          response.output_item.done              | "item":{"type":"message","content":[]}                 | true
          """)
  void deltasAndItemsAreContent(String type, String members, boolean isContent) {
    String event = event(type, members);
    String unnamed = event.substring(event.indexOf('\n') + 1);
    for (String each : new String[] {event, unnamed}) {
      Read read = read(CREATED + each);

      assertThat(read.reader.hasContent()).isEqualTo(isContent);
      assertThat(read.events).isEqualTo(CREATED + each);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"response.failed\",\"sequence_number\":2,\"response\":{\"id\":\"resp_1\","
            + "\"status\":\"failed\",\"usage\":{\"input_tokens\":5,\"output_tokens\":2},"
            + "\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"try again in 1.5s\"}}}",
        "{\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"try again in 1.5s\","
            + "\"param\":null,\"sequence_number\":2}",
        "{\"type\":\"error\",\"sequence_number\":2,\"error\":{\"type\":\"tokens\","
            + "\"code\":\"rate_limit_exceeded\",\"message\":\"try again in 1.5s\"}}",
        "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"try again in 1.5s\"}}",
      })
  void reportedErrorKeepsItsWording(String json) {
    String name = json.contains("response.failed") ? "event: response.failed\n" : "event: error\n";
    for (String error : new String[] {name + "data: " + json, "data: " + json}) {
      for (String before : new String[] {CREATED, CREATED + DELTA}) {
        Read read = read(before + error + "\n\n" + DELTA + COMPLETED);

        assertThat(read.events).isEqualTo(before);
        assertThat(read.errorMessage()).isEqualTo("try again in 1.5s");
        ProviderErrorException found = read.reader.error().orElseThrow();
        assertThat(found.original()).contains(json);
        assertThat(found.labels().code()).contains("rate_limit_exceeded");
        assertThat(found.type()).isNotEqualTo(Optional.of("error"));
        assertThat(read.reader.isComplete()).isFalse();
        if (json.contains("usage")) {
          assertThat(read.reader.usage()).isEqualTo(new TokenUsage(5, 2));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          event: error\\ndata: upstream went away          | upstream went away
          event: error\\n                                  | unknown error
          event: error\\ndata: {"type":"t","message":"m"} | m
          data: {"type":"response.failed","response":{}}   | unknown error
          data: {"type":"error"}                           | unknown error
          {"error":{"message":"no capacity"}}              | no capacity
          <!DOCTYPE html>                                  | the response is not an event stream
          data: {"type":                                   | a stream event is not valid JSON
          data: ping                                       | a stream event is not valid JSON
          """)
  void invalidStreamIsAnError(String event, String message) {
    Read read = read(event.replace("\\n", "\n") + "\n\n");

    assertThat(read.errorMessage()).isEqualTo(message);
    assertThat(read.events).isEmpty();
  }

  @Test
  void incompleteResponseIsComplete() {
    String incomplete =
        event(
            "response.incomplete",
            "\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}");

    Read read = read(CREATED + DELTA + incomplete);

    assertThat(read.events).isEqualTo(CREATED + DELTA + incomplete);
    assertThat(read.reader.isComplete()).isTrue();
    assertThat(read.reader.finishReason()).contains(FinishReason.LENGTH);
  }

  @Test
  void inputAfterTheEndIsIgnored() {
    Read read = read(WHOLE + DELTA + "event: error\ndata: {\"type\":\"error\"}\n\n");

    assertThat(read.events).isEqualTo(WHOLE);
    assertThat(read.reader.error()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\\"type\\\":\\\"response.completed\\\"",
        "event: response.failed\\ndata: {}",
        "{\\\"error\\\":{\\\"message\\\":\\\"x\\\"}}",
        "[DONE]",
      })
  void textOfTheModelIsNotRead(String text) {
    String delta = event("response.output_text.delta", "\"delta\":\"%s\"".formatted(text));

    Read read = read(CREATED + delta + delta);

    assertThat(read.events).isEqualTo(CREATED + delta + delta);
    assertThat(read.reader.isDone()).isFalse();
    assertThat(read.reader.error()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"model":"m","stream":true}               | {}               | true
          {"model":"m","stream":true,"store":true}  | {"store":false}  | true
          {"model":"m","stream":true,"store":null}  | {}               | true
          {"model":"m","stream":true,"store":false} | {}               | false
          {"model":"m","stream":true}               | {"store":false}  | false
          """)
  void responseIsKeptUnlessTheRequestSaysNo(String request, String options, boolean isKept) {
    StreamReader reader =
        OpenAi.withRules()
            .withResponses()
            .createStreamReader(
                ModelRequest.parse(Operation.RESPONSES, request.getBytes(UTF_8))
                    .withDefaults("", ProviderJson.MAPPER.readTree(options).asObject())
                    .expectedStream(),
                Instant.EPOCH,
                new MemoryBudget(64 << 20).open());
    assertThat(reader.response()).isEmpty();

    reader.read(CREATED.getBytes(UTF_8));

    assertThat(reader.response().map(AnsweredResponse::id))
        .isEqualTo(isKept ? Optional.of("resp_1") : Optional.empty());
    assertThat(reader.response().flatMap(AnsweredResponse::json)).isEmpty();
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // Identity of the array is the claim.
  void completeEventsPassWithoutCopy() {
    StreamReader reader = reader();
    byte[] two = (DELTA + DELTA).getBytes(UTF_8);
    reader.read((CREATED + DELTA).getBytes(UTF_8));

    assertThat(reader.read(two) == two).isTrue();
  }

  /// An event of a hostile provider whose type never ends.
  @Test
  void endlessTypeIsRejected() {
    StreamReader reader = reader();
    reader.read("event: response.".getBytes(UTF_8));
    byte[] piece = "x".repeat(1 << 20).getBytes(UTF_8);

    int pieces = 0;
    while (reader.error().isEmpty() && pieces < 100) {
      reader.read(piece);
      pieces++;
    }

    assertThat(reader.error().orElseThrow()).hasMessageContaining("too large");
    assertThat(reader.finish()).isEmpty();
  }
}
