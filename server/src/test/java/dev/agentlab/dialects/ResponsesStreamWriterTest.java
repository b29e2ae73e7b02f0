package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.LogProbabilities;
import dev.agentlab.conversation.StreamEvent.MessageStarted;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ReasoningStarted;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.TextEnded;
import dev.agentlab.conversation.StreamEvent.TextStarted;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenProbability;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ResponsesStreamWriterTest {
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final StreamEvent FINISHED =
      new ResponseFinished(TokenUsage.NONE, Optional.empty());
  private static final String PLAIN = "{\"model\":\"m\",\"input\":\"Hi\"}";
  private static final String REPEATED =
      """
      "background":false,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,\
      "metadata":{},"parallel_tool_calls":true,"previous_response_id":null,\
      "prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},\
      "safety_identifier":null,"service_tier":null,"store":true,"temperature":null,\
      "text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_logprobs":0,\
      "top_p":null,"truncation":"disabled","user":null}\
      """;
  private static final String TOOLS =
      """
      {"model": "m", "input": "Hi", "tools": [
        {"type": "function", "name": "f", "parameters": {"type": "object"}},
        {"type": "custom", "name": "apply_patch"},
        {"type": "tool_search", "execution": "client", "parameters": {"type": "object"}},
        {"type": "namespace", "name": "mcp__git__", "description": "Git.", "tools": [
          {"type": "function", "name": "log", "parameters": {"type": "object"}},
          {"type": "custom", "name": "note"}]}]}\
      """;

  @Test
  void textIsWrittenPartByPart() {
    ResponsesStreamWriter writer = writer(PLAIN);

    writer.write(new ResponseStarted(Optional.of("x"), Optional.of("o"), OptionalLong.of(5)));
    String start = text(writer);
    String id = writer.id();
    String item = id.replace("resp_", "msg_") + "_0";
    String inProgress =
        """
        "response":{"id":"%s","object":"response","created_at":5,"status":"in_progress",\
        "completed_at":null,"error":null,"incomplete_details":null,"model":"o","output":[],\
        "usage":null,%s}
        """
            .formatted(id, REPEATED);
    assertThat(start)
        .isEqualTo(
            """
            event: response.created
            data: {"type":"response.created","sequence_number":0,%s
            event: response.in_progress
            data: {"type":"response.in_progress","sequence_number":1,%s
            """
                .formatted(inProgress, inProgress));
    assertThat(id).matches("resp_[0-9a-f]{32}");
    writer.write(new MessageStarted(0));
    writer.write(new TextStarted(0, 0));
    assertThat(text(writer)).isEmpty();
    writer.write(new TextDelta(0, 0, "Grüße\n"));
    assertThat(text(writer))
        .isEqualTo(
            """
            event: response.output_item.added
            data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,\
            "item":{"id":"ITEM","type":"message","status":"in_progress","role":"assistant",\
            "content":[]}}

            event: response.content_part.added
            data: {"type":"response.content_part.added","sequence_number":3,"output_index":0,\
            "item_id":"ITEM","content_index":0,"part":{"type":"output_text","annotations":[],\
            "logprobs":[],"text":""}}

            event: response.output_text.delta
            data: {"type":"response.output_text.delta","sequence_number":4,"output_index":0,\
            "item_id":"ITEM","content_index":0,"delta":"Grüße\\n","logprobs":[]}

            """
                .replace("ITEM", item));
    writer.write(new TextDelta(0, 0, ""));
    writer.write(new TextEnded(0, 0));
    writer.write(new ChoiceFinished(0, FinishReason.STOP, "openai", "stop"));
    assertThat(text(writer)).isEmpty();
    assertThat(writer.position()).isEqualTo(new StreamPosition(Optional.of(id), 5));
    assertThat(writer.response()).isEmpty();
    writer.write(new ResponseFinished(usage(), Optional.empty()));
    String part =
        "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"Grüße\\n\"}";
    String done =
        "{\"id\":\"%s\",\"type\":\"message\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[%s]}"
            .formatted(item, part);
    String response =
        """
        {"id":"%s","object":"response","created_at":5,"status":"completed",\
        "completed_at":null,"error":null,"incomplete_details":null,"model":"o","output":[%s],\
        "usage":{"input_tokens":30,"output_tokens":50,"total_tokens":80,\
        "input_tokens_details":{"cached_tokens":20},\
        "output_tokens_details":{"reasoning_tokens":5}},%s\
        """
            .formatted(id, done, REPEATED);
    assertThat(text(writer))
        .isEqualTo(
            """
            event: response.output_text.done
            data: {"type":"response.output_text.done","sequence_number":5,"output_index":0,\
            "item_id":"ITEM","content_index":0,"text":"Grüße\\n","logprobs":[]}

            event: response.content_part.done
            data: {"type":"response.content_part.done","sequence_number":6,"output_index":0,\
            "item_id":"ITEM","content_index":0,"part":PART}

            event: response.output_item.done
            data: {"type":"response.output_item.done","sequence_number":7,"output_index":0,\
            "item":DONE}

            event: response.completed
            data: {"type":"response.completed","sequence_number":8,"response":RESPONSE}

            """
                .replace("RESPONSE", response)
                .replace("DONE", done)
                .replace("PART", part)
                .replace("ITEM", item));
    assertThat(writer.response().map(AnsweredResponse::id)).contains(id);
    assertThat(writer.response().flatMap(AnsweredResponse::json).map(it -> new String(it, UTF_8)))
        .contains(response);
  }

  private static TokenUsage usage() {
    return new TokenUsage(
        Map.of(
            TokenClass.INPUT, 10L,
            TokenClass.CACHED_INPUT, 20L,
            TokenClass.OUTPUT, 50L,
            TokenClass.REASONING, 5L),
        OptionalLong.of(80),
        Optional.empty());
  }

  @Test
  void parallelCallsAreWrittenOneAfterTheOther() {
    ResponsesStreamWriter writer = writer(TOOLS);

    writer.write(call(0, "a", "f", "{\"x\":"));
    writer.write(call(1, "b", "f", "{\"y\":"));
    writer.write(new ToolInputDelta(0, 1, "2"));
    writer.write(new ToolInputDelta(0, 0, "1}"));
    assertThat(stream(writer).types())
        .endsWith(
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta");
    ResponsesStreamWriter whole = writer(TOOLS);
    ResponsesStreamChecker checker =
        stream(
            whole,
            call(0, "a", "f", "{\"x\":"),
            call(1, "b", "f", "{\"y\":"),
            new ToolInputDelta(0, 1, "2"),
            new ToolInputDelta(0, 0, "1}"),
            new ToolInputEnded(0, 0),
            new ToolInputDelta(0, 1, "}"),
            new ToolInputEnded(0, 1),
            new ChoiceFinished(0, FinishReason.TOOL_CALLS, "openai", "tool_calls"),
            FINISHED);

    assertThat(items(checker))
        .isEqualTo(
            """
            [{"id":"fc_0","type":"function_call","status":"completed","call_id":"a","name":"f",\
            "arguments":"{\\"x\\":1}"},\
            {"id":"fc_1","type":"function_call","status":"completed","call_id":"b","name":"f",\
            "arguments":"{\\"y\\":2}"}]\
            """);
    assertThat(checker.types().subList(2, checker.types().size()))
        .containsExactly(
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed");
  }

  @Test
  void reasoningHasItsSummaryAndWhatTheVendorNeedsBack() {
    String block = "{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"s\"}";
    ResponsesStreamChecker checker =
        stream(
            writer(TOOLS),
            new ReasoningStarted(0, 0),
            new ReasoningDelta(0, 0, "H"),
            new ReasoningDelta(0, 0, "m."),
            new ReasoningEnded(
                0,
                0,
                Optional.of("s"),
                Optional.empty(),
                Optional.of(members("anthropic", "{\"content\":[" + block + "]}"))),
            new ToolInputStarted(
                0,
                1,
                "a",
                "f",
                "",
                Optional.of(members("google", "{\"thought_signature\":\"t\"}"))),
            new ToolInputEnded(0, 1),
            new ChoiceFinished(0, FinishReason.TOOL_CALLS, "anthropic", "tool_use"),
            FINISHED);

    JsonNode output = checker.response().path("output");
    assertThat(ReplayCarrier.decode(output.at("/0/encrypted_content").stringValue()))
        .contains(
            new ReplayCarrier.Carried(
                json("{\"anthropic\":{\"content\":[" + block + "]}}"), Optional.empty()));
    assertThat(ReplayCarrier.decode(output.at("/1/encrypted_content").stringValue()))
        .contains(
            new ReplayCarrier.Carried(
                json("{\"google\":{\"thought_signature\":\"t\"}}"), Optional.of("a")));
    assertThat(
            items(checker)
                .replaceAll("\"encrypted_content\":\"[^\"]+\"", "\"encrypted_content\":\"…\""))
        .isEqualTo(
            """
            [{"id":"rs_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],\
            "encrypted_content":"…"},\
            {"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"…"},\
            {"id":"fc_2","type":"function_call","status":"completed","call_id":"a","name":"f",\
            "arguments":"{}"}]\
            """);
    assertThat(checker.types().subList(2, checker.types().size()))
        .containsExactly(
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed");
  }

  @Test
  void contentOfOtherVendorsBelongsToTheReasoningBeforeIt() {
    ResponsesStreamChecker checker =
        stream(
            writer(PLAIN),
            new ReasoningDelta(0, 0, "Hm."),
            content("openai", "{\"reasoning_details\":[{\"a\":1}],\"refusal\":null}"),
            new ReasoningDelta(0, 0, "!"),
            content("openai", "{\"reasoning_details\":[{\"b\":2}]}"),
            new ReasoningEnded(0, 0, Optional.empty(), Optional.empty(), Optional.empty()),
            new TextDelta(0, 1, "a"),
            new TextEnded(0, 1),
            content("google", "{\"thought_signature\":\"t\"}"),
            new ChoiceFinished(0, FinishReason.STOP, "openai", "stop"),
            FINISHED);

    JsonNode output = checker.response().path("output");
    assertThat(output.valueStream().map(item -> item.path("type").stringValue()))
        .containsExactly("reasoning", "message", "reasoning");
    assertThat(ReplayCarrier.decode(output.at("/0/encrypted_content").stringValue()))
        .contains(
            new ReplayCarrier.Carried(
                json("{\"openai\":{\"reasoning_details\":[{\"a\":1},{\"b\":2}]}}"),
                Optional.empty()));
    assertThat(ReplayCarrier.decode(output.at("/2/encrypted_content").stringValue()))
        .contains(
            new ReplayCarrier.Carried(
                json("{\"google\":{\"thought_signature\":\"t\"}}"), Optional.empty()));
  }

  @Test
  void refusalIsAPartOfItsOwnType() {
    ResponsesStreamChecker checker =
        stream(
            writer(PLAIN),
            content("openai", "{\"refusal\":\"\"}"),
            content("openai", "{\"refusal\":\"I \"}"),
            content("openai", "{\"refusal\":\"can't.\"}"),
            new ChoiceFinished(0, FinishReason.STOP, "openai", "stop"),
            FINISHED);

    assertThat(items(checker))
        .isEqualTo(
            """
            [{"id":"msg_0","type":"message","status":"completed","role":"assistant",\
            "content":[{"type":"refusal","refusal":"I can't."}]}]\
            """);
    assertThat(checker.types().subList(2, checker.types().size()))
        .containsExactly(
            "response.output_item.added",
            "response.content_part.added",
            "response.refusal.delta",
            "response.refusal.delta",
            "response.refusal.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed");
  }

  @Test
  void callsOfOtherToolsHaveTheirOwnForm() {
    ResponsesStreamChecker checker =
        stream(
            writer(TOOLS),
            call(0, "a", "apply_patch", ""),
            new ToolInputDelta(0, 0, "{\"input\":\"*** Begin"),
            new ToolInputDelta(0, 0, " Patch\\n\"}"),
            new ToolInputEnded(0, 0),
            call(1, "b", "mcp__git__log", "{\"n\":1}"),
            new ToolInputEnded(0, 1),
            call(2, "c", "mcp__git__note", "{\"input\":\"x\"}"),
            new ToolInputEnded(0, 2),
            call(3, "d", "tool_search", "{\"query\":\"q\"}"),
            new ToolInputEnded(0, 3),
            new ChoiceFinished(0, FinishReason.TOOL_CALLS, "openai", "tool_calls"),
            FINISHED);

    assertThat(items(checker))
        .isEqualTo(
            """
            [{"id":"ctc_0","type":"custom_tool_call","status":"completed","call_id":"a",\
            "name":"apply_patch","input":"*** Begin Patch\\n"},\
            {"id":"fc_1","type":"function_call","status":"completed","call_id":"b","name":"log",\
            "namespace":"mcp__git__","arguments":"{\\"n\\":1}"},\
            {"id":"ctc_2","type":"custom_tool_call","status":"completed","call_id":"c",\
            "name":"note","namespace":"mcp__git__","input":"x"},\
            {"id":"tsc_3","type":"tool_search_call","status":"completed","execution":"client",\
            "call_id":"d","arguments":{"query":"q"}}]\
            """);
    assertThat(checker.types().subList(2, 6))
        .containsExactly(
            "response.output_item.added",
            "response.custom_tool_call_input.delta",
            "response.custom_tool_call_input.done",
            "response.output_item.done");
  }

  @Test
  void itemThatALimitCutIsIncomplete() {
    ResponsesStreamChecker checker =
        stream(
            writer(TOOLS),
            new TextDelta(0, 0, "a"),
            new TextEnded(0, 0),
            call(1, "b", "f", "{\"n"),
            new ToolInputEnded(0, 1),
            new ChoiceFinished(0, FinishReason.LENGTH, "openai", "length"),
            FINISHED);

    assertThat(checker.types()).endsWith("response.incomplete");
    JsonNode response = checker.response();
    assertThat(response.path("incomplete_details"))
        .isEqualTo(json("{\"reason\":\"max_output_tokens\"}"));
    assertThat(response.path("output").findValuesAsString("status"))
        .containsExactly("completed", "incomplete");
    assertThat(response.at("/output/1/arguments").stringValue()).isEqualTo("{\"n");
  }

  @Test
  void filteredResponseIsIncomplete() {
    JsonNode response =
        stream(
                writer(PLAIN),
                new ChoiceFinished(0, FinishReason.CONTENT_FILTER, "anthropic", "refusal"),
                FINISHED)
            .response();

    assertThat(response.path("status").stringValue()).isEqualTo("incomplete");
    assertThat(response.path("incomplete_details"))
        .isEqualTo(json("{\"reason\":\"content_filter\"}"));
  }

  @Test
  void successiveTextsAreOneMessage() {
    ResponsesStreamChecker checker =
        stream(
            writer(PLAIN),
            new TextDelta(0, 0, "a"),
            new TextEnded(0, 0),
            new TextDelta(0, 1, "b"),
            new TextEnded(0, 1),
            FINISHED);

    assertThat(checker.response().at("/output/0/content/0/text").stringValue()).isEqualTo("ab");
    assertThat(checker.response().path("output")).hasSize(1);
  }

  @Test
  void probabilitiesFollowTheirText() {
    TokenProbability token =
        new TokenProbability("a", ProviderJson.MAPPER.readTree("-0.5"), List.of());
    ResponsesStreamChecker checker =
        stream(
            writer(PLAIN),
            new TextDelta(0, 0, "a"),
            new LogProbabilities(0, List.of(token)),
            new TextDelta(0, 0, "b"),
            new ChoiceVendorData(
                0,
                members(
                    "openai",
                    "{\"logprobs\":{\"content\":[{\"token\":\"b\",\"logprob\":-1}]},\"x\":1}")),
            FINISHED);

    assertThat(checker.response().at("/output/0/content/0/logprobs"))
        .isEqualTo(
            ProviderJson.MAPPER.readTree(
                """
                [{"token": "a", "logprob": -0.5, "bytes": null, "top_logprobs": []},
                 {"token": "b", "logprob": -1}]\
                """));
    assertThat(checker.response().path("extra_content")).isEqualTo(json("{\"openai\":{\"x\":1}}"));
  }

  @Test
  void requestIsRepeated() {
    String request =
        """
        {"model": "m", "input": "Hi", "instructions": "Be brief.", "max_output_tokens": 9,
         "metadata": {"a": "b"}, "parallel_tool_calls": false, "reasoning": {"effort": "low"},
         "store": false, "temperature": 0.70, "text": {"verbosity": "low"},
         "tool_choice": "required", "tools": [{"type": "function", "name": "f"}], "top_p": 0.5,
         "truncation": "auto", "user": "u", "service_tier": null}\
        """;

    JsonNode response = stream(writer(request), FINISHED).response();

    ObjectNode expected = json(request);
    expected.remove(List.of("input", "service_tier", "reasoning", "text"));
    expected.forEachEntry(
        (name, value) -> assertThat(response.path(name)).as(name).isEqualTo(value));
    assertThat(response.path("reasoning")).isEqualTo(json("{\"effort\":\"low\",\"summary\":null}"));
    assertThat(response.path("text"))
        .isEqualTo(json("{\"format\":{\"type\":\"text\"},\"verbosity\":\"low\"}"));
  }

  @Test
  void eventThatCannotBeWrittenLeavesTheOutputAtABoundary() {
    ResponsesStreamWriter writer = writer(PLAIN);
    writer.write(new TextDelta(0, 0, "a"));
    StreamPosition before = writer.position();

    assertThatThrownBy(() -> writer.write(new TextDelta(0, 0, "\ud800")))
        .isInstanceOf(ProviderErrorException.class);

    assertThat(writer.position()).isEqualTo(before);
    assertThat(text(writer)).endsWith("\"delta\":\"a\",\"logprobs\":[]}\n\n");
  }

  @Test
  void memoryOfTheOutputIsCounted() {
    ResponsesStreamWriter writer = writer(PLAIN);
    long before = writer.retainedBytes();

    writer.write(new TextDelta(0, 0, "x".repeat(10_000)));
    assertThat(writer.retainedBytes()).isGreaterThan(before + 20_000);
    writer.write(call(1, "a", "f", ""));
    assertThat(writer.retainedBytes()).isGreaterThan(before + 10_000);
    writer.write(FINISHED);

    assertThat(writer.retainedBytes()).isBetween(before + 10_000, before + 20_000);
  }

  private static ResponsesStreamWriter writer(String request) {
    return new ResponsesStreamWriter(
        ResponsesTemplate.of(ModelRequest.parse(Operation.RESPONSES, request.getBytes(UTF_8))), AT);
  }

  private static ToolInputStarted call(int block, String id, String name, String input) {
    return new ToolInputStarted(0, block, id, name, input, Optional.empty());
  }

  private static VendorContent content(String vendor, String json) {
    return new VendorContent(0, members(vendor, json));
  }

  private static VendorMembers members(String vendor, String json) {
    return new VendorMembers(vendor, json(json));
  }

  private static ObjectNode json(String json) {
    return (ObjectNode) ProviderJson.MAPPER.readTree(json);
  }

  private static ResponsesStreamChecker stream(
      ResponsesStreamWriter writer, StreamEvent... events) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (StreamEvent event : events) {
      writer.write(event);
      stream.writeBytes(writer.take());
    }
    stream.writeBytes(writer.take());
    return ResponsesStreamChecker.read(stream.toByteArray());
  }

  /// The items of the response, with the index of each as its id.
  private static String items(ResponsesStreamChecker checker) {
    String digits = checker.response().path("id").stringValue().substring("resp_".length());
    return checker.response().path("output").toString().replace(digits + "_", "");
  }

  private static String text(ResponsesStreamWriter writer) {
    return new String(writer.take(), UTF_8);
  }
}
