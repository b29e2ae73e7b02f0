package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.agentlab.dialects.ResponsesToolNames.Tool;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// What a response of the Responses API has of its request, which can be freed while the response
/// arrives.
///
/// @param model the requested model
/// @param members the members that the response repeats, as the text of members of an object, with
///   a comma before each
/// @param tools the tools that the provider received in another form, by the name of the function
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ResponsesTemplate(String model, byte[] members, Map<String, Tool> tools) {
  /// The members with their defaults, as OpenAI returns them.
  private static final ObjectNode DEFAULTS =
      (ObjectNode)
          ProviderJson.MAPPER.readTree(
              """
              {"background": false, "instructions": null, "max_output_tokens": null,
               "max_tool_calls": null, "metadata": {}, "parallel_tool_calls": true,
               "previous_response_id": null, "prompt_cache_key": null,
               "reasoning": {"effort": null, "summary": null}, "safety_identifier": null,
               "service_tier": null, "store": true, "temperature": null,
               "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": [],
               "top_logprobs": 0, "top_p": null, "truncation": "disabled", "user": null}\
              """);

  private static final byte[] ADDITIONAL_TOOLS =
      ResponsesToolNames.ADDITIONAL_TOOLS.getBytes(US_ASCII);
  private static final byte[] TOOL_SEARCH_OUTPUT =
      ResponsesToolNames.TOOL_SEARCH_OUTPUT.getBytes(US_ASCII);

  /// The memory of a tool, in bytes.
  private static final int TOOL_BYTES = 512;

  /// The template of the response to a request.
  static ResponsesTemplate of(ModelRequest request) {
    Utf8JsonWriter members = new Utf8JsonWriter();
    DEFAULTS.forEachEntry((name, defaultValue) ->
        members
            .ascii(",\"")
            .ascii(name)
            .ascii("\":")
            .value(withDefault(request.member(name), defaultValue)));
    return new ResponsesTemplate(request.model(), members.take(), toolNames(request).changed());
  }

  /// The names of the functions for the tools of a request.
  static ResponsesToolNames toolNames(ModelRequest request) {
    return ResponsesToolNames.of(request.member("tools"), inputWithTools(request));
  }

  /// The input, if its items may have tools: it is large as a rule.
  private static JsonNode inputWithTools(ModelRequest request) {
    byte[] bytes = request.bytes();
    return Utf8.contains(bytes, ADDITIONAL_TOOLS) || Utf8.contains(bytes, TOOL_SEARCH_OUTPUT)
        ? request.member("input")
        : MissingNode.getInstance();
  }

  private static JsonNode withDefault(JsonNode value, JsonNode defaultValue) {
    if (value instanceof ObjectNode object && defaultValue instanceof ObjectNode defaults) {
      return defaults.deepCopy().setAll(object);
    }
    return value.isMissingNode() || value.isNull() ? defaultValue : value;
  }

  /// The memory of the template, in bytes.
  long retainedBytes() {
    return members.length + (long) TOOL_BYTES * tools.size();
  }
}
