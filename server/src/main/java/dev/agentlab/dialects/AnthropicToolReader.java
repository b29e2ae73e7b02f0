package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.Member;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the tools of a client's request of the Messages API.
final class AnthropicToolReader {
  private AnthropicToolReader() {}

  /// @throws InvalidInputException if a tool is not valid; names the member
  static List<ChatTool> tools(RequestMemberReader request) {
    JsonNode list = request.list("tools");
    List<ChatTool> tools = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      String path = "tools[" + i + "]";
      tools.add(tool(path, request.nested(path, list.path(i)), list.path(i)));
    }
    return tools;
  }

  private static ChatTool tool(String path, RequestMemberReader tool, JsonNode original) {
    Optional<String> type = tool.text("type");
    if (!type.orElse("custom").equals("custom")) {
      return new ChatTool.VendorTool(path, type, original);
    }
    String name = tool.required("name");
    Optional<String> description = tool.text("description");
    JsonNode schema = tool.object("input_schema");
    if (schema.isMissingNode()) {
      throw tool.invalid("input_schema", "is required");
    }
    Optional<Member<Boolean>> strict =
        tool.peek("strict").isMissingNode()
            ? Optional.empty()
            : Optional.of(new Member<>(tool.path("strict"), tool.flag("strict", false)));
    return new ChatTool.FunctionTool(
        path,
        name,
        description,
        Optional.of(new Member<>(tool.path("input_schema"), schema)),
        strict,
        AnthropicMessageReader.extensions(tool));
  }
}
