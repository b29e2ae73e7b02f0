package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ChatTool.FunctionTool;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.ToolChoice;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.dialects.ResponsesToolNames.Kind;
import dev.agentlab.dialects.ResponsesToolNames.Tool;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the tools of a client's request of the Responses API: the member `tools`, and those that
/// items of the input add. Tools that the client executes are functions ([ResponsesToolNames]);
/// those of OpenAI's servers are kept as they came.
final class ResponsesToolReader {
  private final RequestMemberReader request;
  private final ResponsesToolNames names;
  private final List<ChatTool> tools = new ArrayList<>();
  private final Set<String> added = new HashSet<>();

  /// The description of a namespace, which its first function has in front of its own.
  private String groupDescription = "";

  ResponsesToolReader(RequestMemberReader request, ResponsesToolNames names) {
    this.request = request;
    this.names = names;
  }

  /// Reads the tools.
  ///
  /// @param input the member `input`
  /// @throws InvalidInputException if a tool is not valid; names the member
  List<ChatTool> read(JsonNode input) {
    readAll(request, "tools", request.list("tools"), Optional.empty());
    for (int i = 0; i < input.size(); i++) {
      JsonNode item = input.path(i);
      switch (item.path("type").asString("")) {
        case ResponsesToolNames.ADDITIONAL_TOOLS, ResponsesToolNames.TOOL_SEARCH_OUTPUT -> {
          RequestMemberReader reader = request.nested("input[" + i + "]", item);
          readAll(reader, "tools", reader.list("tools"), Optional.empty());
        }
        default -> {}
      }
    }
    return tools;
  }

  private void readAll(
      RequestMemberReader parent, String name, JsonNode list, Optional<String> namespace) {
    for (int i = 0; i < list.size(); i++) {
      String relativePath = name + "[" + i + "]";
      JsonNode original = list.path(i);
      read(parent.path(relativePath), parent.nested(relativePath, original), original, namespace);
    }
  }

  private void read(
      String path, RequestMemberReader tool, JsonNode original, Optional<String> namespace) {
    String type = tool.required("type");
    switch (type) {
      case "function" -> {
        RequestMemberReader definition = definition(tool, type);
        String name = definition.required("name");
        add(function(path, new Tool(Kind.FUNCTION, namespace, name), tool, definition));
      }
      case "custom" -> {
        RequestMemberReader definition = definition(tool, type);
        String name = definition.required("name");
        add(custom(path, new Tool(Kind.CUSTOM, namespace, name), tool, definition));
      }
      case "namespace" -> {
        requireNoNamespace(namespace, tool);
        Optional<String> inner = Optional.of(tool.required("name"));
        groupDescription = tool.text("description").orElse("");
        readAll(tool, "tools", tool.list("tools"), inner);
        groupDescription = "";
      }
      case "tool_search" -> {
        requireNoNamespace(namespace, tool);
        if (tool.text("execution").orElse("server").equals("server")) {
          tools.add(new ChatTool.VendorTool(path, Optional.of(type), original));
        } else {
          add(function(path, Tool.SEARCH, tool, tool));
        }
      }
      default -> tools.add(new ChatTool.VendorTool(path, Optional.of(type), original));
    }
  }

  /// The object with the fields of a tool: the tool itself, or the one inside it in the form of
  /// chats, which Cursor also sends.
  private static RequestMemberReader definition(RequestMemberReader tool, String type) {
    return tool.peek(type) instanceof ObjectNode ? tool.nested(type, tool.take(type)) : tool;
  }

  private static void requireNoNamespace(Optional<String> namespace, RequestMemberReader tool) {
    if (namespace.isPresent()) {
      throw tool.invalid("type", "must be function or custom in a namespace");
    }
  }

  /// Adds a function, unless it has been added: a search may find a tool several times.
  private void add(FunctionTool function) {
    if (added.add(function.name())) {
      tools.add(function);
    }
  }

  private FunctionTool function(
      String path, Tool tool, RequestMemberReader outer, RequestMemberReader definition) {
    Optional<String> description = description(definition.text("description").orElse(""));
    JsonNode schema = definition.take("parameters");
    Optional<Member<JsonNode>> parameters =
        schema.isMissingNode()
            ? Optional.empty()
            : Optional.of(new Member<>(definition.path("parameters"), schema));
    Optional<Member<Boolean>> strict =
        definition.peek("strict").isMissingNode()
            ? Optional.empty()
            : Optional.of(
                new Member<>(definition.path("strict"), definition.flag("strict", false)));
    return new FunctionTool(
        path, names.of(tool), description, parameters, strict, extensions(outer, definition));
  }

  private FunctionTool custom(
      String path, Tool tool, RequestMemberReader outer, RequestMemberReader definition) {
    String description = definition.text("description").orElse("");
    RequestMemberReader format =
        definition.object("format") instanceof ObjectNode json
            ? definition.nested("format", json)
            : definition.nested("format", ProviderJson.object());
    if (format.text("type").orElse("text").equals("grammar")) {
      // Chats nest the fields of a grammar.
      RequestMemberReader grammar = definition(format, "grammar");
      description =
          joined(
              description,
              "The input must match this grammar (%s):\n%s"
                  .formatted(grammar.required("syntax"), grammar.required("definition")));
    }
    ObjectNode schema = ProviderJson.object().put("type", "object");
    schema.putObject("properties").putObject(ResponsesToolNames.INPUT).put("type", "string");
    schema.putArray("required").add(ResponsesToolNames.INPUT);
    schema.put("additionalProperties", false);
    return new FunctionTool(
        path,
        names.of(tool),
        description(description),
        Optional.of(new Member<>(definition.path("format"), schema)),
        Optional.empty(),
        extensions(outer, definition));
  }

  private Optional<String> description(String own) {
    String description = joined(groupDescription, own);
    groupDescription = "";
    return Optional.of(description).filter(text -> !text.isEmpty());
  }

  private static String joined(String first, String second) {
    return first.isEmpty() || second.isEmpty() ? first + second : first + "\n\n" + second;
  }

  private static Extensions extensions(RequestMemberReader outer, RequestMemberReader definition) {
    UnreadMembers unread = outer == definition ? outer.unread() : outer.unread(definition);
    return new Extensions(Optional.empty(), unread);
  }

  /// Reads the member `tool_choice`.
  ///
  /// @throws InvalidInputException if it is not valid, or requires a tool of OpenAI's servers
  Optional<Member<ToolChoice>> choice() {
    JsonNode choice = request.take("tool_choice");
    return choice.isMissingNode()
        ? Optional.empty()
        : Optional.of(new Member<>(request.path("tool_choice"), choice(choice)));
  }

  private ToolChoice choice(JsonNode choice) {
    return switch (choice.stringValue(choice.path("type").stringValue(""))) {
      case "auto" -> new ToolChoice.AutomaticChoice();
      case "none" -> new ToolChoice.NoTool();
      case "required" -> new ToolChoice.AnyTool();
      case "allowed_tools" -> {
        JsonNode nested = choice.path("allowed_tools");
        JsonNode allowed = nested.isObject() ? nested : choice;
        yield new ToolChoice.AllowedFunctions(
            allowed.path("mode").stringValue("").equals("required"),
            allowed.path("tools").valueStream().map(this::functionName).toList());
      }
      default -> new ToolChoice.NamedFunction(functionName(choice));
    };
  }

  private String functionName(JsonNode choice) {
    String type = choice.path("type").stringValue("");
    Optional<String> namespace = choice.path("namespace").stringValueOpt();
    String name = choice.path("name").stringValue(choice.path(type).path("name").stringValue(""));
    return switch (type) {
      case "function" -> names.of(new Tool(Kind.FUNCTION, namespace, requireName(name)));
      case "custom" -> names.of(new Tool(Kind.CUSTOM, namespace, requireName(name)));
      case "tool_search" -> names.of(Tool.SEARCH);
      default ->
          throw request.invalid(
              "tool_choice", "must be auto, none, required, or choose functions or custom tools");
    };
  }

  private String requireName(String name) {
    if (name.isEmpty()) {
      throw request.invalid("tool_choice", "must have the name of a tool");
    }
    return name;
  }
}
