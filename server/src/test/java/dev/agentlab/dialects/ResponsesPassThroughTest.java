package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.errors.InvalidInputException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ResponsesPassThroughTest {
  private static final OpenAi DIALECT = OpenAi.withRules().withResponses();

  /// Of the service, in the base64 of [ReplayCarrier].
  private static final String CARRIER =
      ReplayCarrier.encode(
          object("{\"google\": {\"thought_signature\": \"s\"}}"), Optional.of("call_1"));

  private static final String ITEM_ID = ResponseIds.ofItem("rs", ResponseIds.create(), 0);

  private static ObjectNode object(String json) {
    return ProviderJson.MAPPER.readTree(json).asObject();
  }

  private static ModelRequest request(Operation operation, String body) {
    return ModelRequest.parse(operation, body.getBytes(UTF_8));
  }

  private static String sent(ModelRequest request) {
    return new String(DIALECT.translateRequest(request).body(), UTF_8);
  }

  private static String withAgent(Operation operation, String body, String options) {
    return sent(request(operation, body).withDefaults("Be brief.", object(options)));
  }

  private static String body(String input) {
    return "{ \"model\":\"m\", \"odd\" : 1.50, \"input\":" + input + "}";
  }

  @ParameterizedTest
  @EnumSource(names = {"RESPONSES", "COUNT_RESPONSE_TOKENS", "COMPACT_RESPONSE"})
  void bytesPassToThePathOfTheOperation(Operation operation) {
    String body =
        """
        { "input" : "Hé~" , "model":"m", "big": 9007199254740993, "tools":[ {"type":"custom"},
          {"type":"namespace","tools":[]}, {"type":"tool_search"} ], "include":["reasoning.encrypted_content"],
          "previous_response_id":"resp_0a", "text":null, "stream":true }\
        """
            .replace('~', '\u2028');

    ProviderRequest wire = DIALECT.translateRequest(request(operation, body));

    assertThat(new String(wire.body(), UTF_8)).isEqualTo(body);
    assertThat(wire.path()).isEqualTo(operation.path());
    assertThat(wire.headers()).isEmpty();
    assertThat(wire.warnings()).isEmpty();
  }

  @Test
  void onlyTheNameOfTheModelIsReplaced() {
    assertThat(sent(request(Operation.RESPONSES, body("[ 1.0 ]")).withModel("gpt-5")))
        .isEqualTo("{\"model\":\"gpt-5\",\"odd\" : 1.50,\"input\":[ 1.0 ]}");
  }

  @Test
  void headerFieldsOfTheProviderReplaceThoseOfTheClient() {
    OpenAi dialect = DIALECT.withHeaders(Map.of("OpenAI-Organization", "org-1"));

    ProviderRequest wire =
        dialect.translateRequest(
            request(Operation.RESPONSES, body("[]"))
                .withVendorHeaders(
                    Map.of("openai-organization", "org-2", "x-codex-turn-state", "t")));

    assertThat(wire.headers())
        .isEqualTo(Map.of("OpenAI-Organization", "org-1", "x-codex-turn-state", "t"));
  }

  @Test
  void apiWithoutResponsesDoesNotReceiveThem() {
    for (Operation operation :
        List.of(Operation.RESPONSES, Operation.COUNT_RESPONSE_TOKENS, Operation.COMPACT_RESPONSE)) {
      assertThat(OpenAi.withRules().isNative(operation)).isFalse();
      assertThat(DIALECT.isNative(operation)).isTrue();
    }
    assertThat(DIALECT.isNative(Operation.CHAT_WITH_INPUT)).isFalse();
    assertThat(DIALECT.isNative(Operation.CHAT)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"Hi\"",
        "[ {\"type\":\"reasoning\",\"id\":\"rs_68af4030baa48193b0b43b4c2a176a1a0123456789abcdef\","
            + "\"summary\":[ ],\"encrypted_content\":\"gAAAA\"} ]",
        "[ {\"type\":\"message\",\"role\":\"user\",\"content\":\"YWdsMS57fQ== is base64\"} ]",
        "[ {\"type\":\"message\",\"role\":\"user\",\"content\":\"an \\\"rs_0123\\\"\"} ]",
      })
  void bytesWithoutReasoningOfOthersAreUnchanged(String input) {
    assertThat(sent(request(Operation.RESPONSES, body(input)))).isEqualTo(body(input));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"CARRIER\"}",
        "{\"encrypted_content\" : \"CARRIER\",\"id\":\"rs_1\", \"type\" :\n\"reasoning\"}",
        "{\"type\":\"reasoning\",\"id\":\"ITEM_ID\",\"summary\":[]}",
        "{\"type\":\"reasoning\",\"id\":\"ITEM_ID\",\"summary\":[],\"encrypted_content\":null}",
      })
  void reasoningThatOpenAiHasNotEncryptedIsRemoved(String item) {
    String own = "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"encrypted_content\":\"gAAAA\"}";
    String call =
        "{\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"f\",\"arguments\":\"{}\",\"n\":1.50}";
    String other = item.replace("CARRIER", CARRIER).replace("ITEM_ID", ITEM_ID);

    assertThat(
            sent(request(Operation.RESPONSES, body("[ %s, %s, %s ]".formatted(own, other, call)))))
        .isEqualTo("{\"model\":\"m\",\"odd\" : 1.50,\"input\":[%s,%s]}".formatted(own, call));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"input":"Hi"}                               | {"input":"Hi","instructions":"Be brief."}
          {"instructions":"Own.\\n","input":"Hi"}      | {"instructions":"Be brief.\\n\\nOwn.\\n","input":"Hi"}
          {"instructions":"","input":"Hi"}             | {"instructions":"Be brief.","input":"Hi"}
          { "instructions" : null, "input": "Hi" }     | {"instructions":"Be brief.","input": "Hi"}
          """)
  void promptOfTheAgentComesBeforeTheInstructions(String request, String expected) {
    for (Operation operation :
        List.of(Operation.RESPONSES, Operation.COUNT_RESPONSE_TOKENS, Operation.COMPACT_RESPONSE)) {
      assertThat(withAgent(operation, request, "{}")).isEqualTo(expected);
    }
  }

  @Test
  void instructionsThatAreNoTextAreRejected() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> withAgent(Operation.RESPONSES, "{\"instructions\":[]}", "{}"))
        .withMessage("instructions: must be a string");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"max_tokens": 9}                                    | {"max_output_tokens":9}
          {"max_completion_tokens": 9}                         | {"max_output_tokens":9}
          {"reasoning_effort": "low"}                          | {"reasoning":{"effort":"low"}}
          {"verbosity": "low"}                                 | {"text":{"verbosity":"low"}}
          {"temperature": 0.30, "top_p": 1, "store": false}    | {"temperature":0.30,"top_p":1,"store":false}
          {"metadata": {"a": "b"}, "user": "u", "top_k": 4}    | {"top_k":4,"metadata":{"a":"b"},"user":"u"}
          {"prompt_cache_key": "k", "service_tier": "flex"}    | {"prompt_cache_key":"k","service_tier":"flex"}
          {"parallel_tool_calls": false}                       | {"parallel_tool_calls":false}
          {"logprobs": true, "top_logprobs": 2}                | {"include":["message.output_text.logprobs"],"top_logprobs":2}
          {"n": 1, "logprobs": false, "modalities": ["text"]}  | {}
          {"stream_options": {"include_usage": true}}          | {}
          {"response_format": {"type": "json_object"}}         | {"text":{"format":{"type":"json_object"}}}
          {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "strict": true, "schema": {"type": "object"}}}} | {"text":{"format":{"type":"json_schema","name":"s","strict":true,"schema":{"type":"object"}}}}
          {"tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": true}}]} | {"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true}]}
          {"tools": [{"type": "function", "function": {"name": "f"}}]} | {"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false}]}
          {"tools": [{"type": "custom", "custom": {"name": "c", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}}}]} | {"tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark","definition":"x"}}]}
          {"tools": [{"type": "web_search"}]}                  | {"tools":[{"type":"web_search"}]}
          {"tool_choice": "required"}                          | {"tool_choice":"required"}
          {"tool_choice": {"type": "function", "function": {"name": "f"}}} | {"tool_choice":{"type":"function","name":"f"}}
          {"tool_choice": {"type": "custom", "custom": {"name": "c"}}} | {"tool_choice":{"type":"custom","name":"c"}}
          {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]}}} | {"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}}
          {"provider": {"only": ["a"]}, "truncation": "auto"}  | {"provider":{"only":["a"]},"truncation":"auto"}
          {"reasoning_effort": "low", "reasoning": {"summary": "auto"}} | {"reasoning":{"effort":"low","summary":"auto"}}
          """)
  void optionsOfTheAgentHaveTheNamesOfTheApi(String options, String expected) {
    ProviderRequest wire =
        DIALECT.translateRequest(
            request(Operation.RESPONSES, "{}").withDefaults("", object(options)));

    assertThat(new String(wire.body(), UTF_8)).isEqualTo(expected);
    assertThat(wire.warnings()).isEmpty();
  }

  @Test
  void optionsOfStreamsApplyToStreams() {
    ProviderRequest wire =
        DIALECT.translateRequest(
            request(Operation.RESPONSES, "{\"stream\":true}")
                .withDefaults(
                    "",
                    object(
                        "{\"stream_options\": {\"include_usage\": true, \"include_obfuscation\": false}}")));

    assertThat(new String(wire.body(), UTF_8))
        .isEqualTo("{\"stream\":true,\"stream_options\":{\"include_obfuscation\":false}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          stop              | "END"
          seed              | 7
          n                 | 2
          presence_penalty  | 0.5
          frequency_penalty | 0.5
          logit_bias        | {"1": 2}
          audio             | {"voice": "a"}
          modalities        | ["text", "audio"]
          prediction        | {"type": "content"}
          web_search_options| {"search_context_size": "low"}
          """)
  void optionsThatTheApiDoesNotHaveAreReported(String option, String value) {
    ProviderRequest wire =
        DIALECT.translateRequest(
            request(Operation.RESPONSES, "{ }")
                .withDefaults("", object("{\"%s\": %s}".formatted(option, value))));

    assertThat(new String(wire.body(), UTF_8)).isEqualTo("{ }");
    assertThat(wire.warnings())
        .containsExactly(option + " is ignored: the Responses API has no equivalent");
  }

  @Test
  void optionsOfTheClientTakePrecedence() {
    assertThat(
            withAgent(
                Operation.RESPONSES,
                """
                {"temperature":1.0,"text":{"format":{"type":"text"},"odd":1.50},"reasoning":null,\
                "max_output_tokens":1,"tools":[]}\
                """,
                """
                {"temperature": 0.3, "verbosity": "low", "response_format": {"type": "json_object"},
                 "reasoning_effort": "high", "max_tokens": 9, "store": false}
                """))
        .isEqualTo(
            """
            {"temperature":1.0,"text":{"verbosity":"low","format":{"type":"text"},"odd":1.50},\
            "reasoning":null,"max_output_tokens":1,"tools":[],"instructions":"Be brief.","store":false}\
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          COUNT_RESPONSE_TOKENS | {"instructions":"Be brief.","reasoning":{"effort":"low"},"tools":[{"type":"web_search"}]}
          COMPACT_RESPONSE      | {"instructions":"Be brief.","service_tier":"flex"}
          """)
  void operationReceivesOnlyTheOptionsThatItHas(Operation operation, String expected) {
    assertThat(
            withAgent(
                operation,
                "{}",
                """
                {"temperature": 0.3, "reasoning_effort": "low", "service_tier": "flex", "max_tokens": 1,
                 "tools": [{"type": "web_search"}]}
                """))
        .isEqualTo(expected);
  }

  @Test
  void completeResponseKeepsItsBytes() {
    byte[] body =
        """
        { "id":"resp_1", "status":"completed", "error":null, "output":[ {"type":"message"} ], "odd":1.50,
          "usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":2},"output_tokens":4,"total_tokens":13} }
        """
            .getBytes(UTF_8);
    ModelRequest request = request(Operation.RESPONSES, body("[]"));

    CompleteAnswer read = DIALECT.translateResponse(request, body, Instant.EPOCH);

    assertThat(read.json()).isSameAs(body);
    assertThat(read.finishReason()).contains(FinishReason.STOP);
    assertThat(read.usage().count(TokenClass.INPUT)).isEqualTo(7);
    assertThat(read.usage().count(TokenClass.CACHED_INPUT)).isEqualTo(2);
    CompleteAnswer scanned = DIALECT.scanResponse(request, body).orElseThrow();
    assertThat(scanned.usage()).isEqualTo(read.usage());
    assertThat(scanned.finishReason()).isEqualTo(read.finishReason());
    assertThat(scanned.json()).isSameAs(body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"status":"failed","output":[],"error":{"code":"invalid_prompt","message":"no"}} | no             | invalid_prompt
          {"status":"failed","output":[],"error":null}                                     | the response failed |
          {"id":"resp_1","error":null}                                                     | the response has no output |
          {"error":{"message":"no","code":"x"}}                                            | no             | x
          """)
  void failedResponseIsAnError(String body, String message, String code) {
    ModelRequest request = request(Operation.RESPONSES, body("[]"));

    assertThat(DIALECT.scanResponse(request, body.getBytes(UTF_8))).isEmpty();
    assertThatExceptionOfType(ProviderErrorException.class)
        .isThrownBy(() -> DIALECT.translateResponse(request, body.getBytes(UTF_8), Instant.EPOCH))
        .withMessage(message)
        .satisfies(e -> assertThat(e.labels().code()).isEqualTo(Optional.ofNullable(code)));
  }

  @Test
  void completeResponseIsNoStream() {
    ModelRequest request = request(Operation.RESPONSES, "{\"model\":\"m\",\"stream\":true}");

    assertThatExceptionOfType(ProviderErrorException.class)
        .isThrownBy(() ->
            DIALECT.translateResponseToStream(
                request, "{\"output\":[]}".getBytes(UTF_8), Instant.EPOCH))
        .withMessage("the response is not an event stream");
  }

  @Test
  void treeOfARequestIsNotChanged() {
    ObjectNode tree =
        object(
            """
            {"model": "m", "text": {"format": {"type": "text"}}, "input": [
              {"type": "reasoning", "summary": [], "encrypted_content": "%s"}, {"type": "message"}]}
            """
                .formatted(CARRIER));
    JsonNode copy = tree.deepCopy();

    String sent =
        sent(
            ModelRequest.of(Operation.RESPONSES, tree)
                .withDefaults("Be brief.", object("{\"verbosity\": \"low\"}")));

    assertThat(sent).contains("Be brief.", "verbosity").doesNotContain("encrypted_content");
    assertThat(tree).isEqualTo(copy);
  }
}
