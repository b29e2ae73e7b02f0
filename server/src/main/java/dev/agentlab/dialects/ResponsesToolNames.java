package dev.agentlab.dialects;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The names of the functions that other providers receive in place of the tools of a request of
/// the Responses API, which has more kinds of tools than functions.
///
/// A tool keeps its name, and one in a namespace has the name of the namespace in front, as far as
/// providers accept it: at most [#MAX_LENGTH] letters, digits, hyphens and underscores. Names
/// depend only on the tools, so that those of a conversation stay the same. A tool with free text
/// as input is a function with one parameter.
final class ResponsesToolNames {
  /// The types of the items of the input that have tools.
  static final String ADDITIONAL_TOOLS = "additional_tools";

  static final String TOOL_SEARCH_OUTPUT = "tool_search_output";

  /// The parameter that has the input of a tool with free text.
  static final String INPUT = "input";

  private static final String SEPARATOR = "__";
  private static final int MAX_LENGTH = 64;

  /// A kind of tools that a client executes.
  enum Kind {
    FUNCTION,
    /// A tool with free text as input.
    CUSTOM,
    /// The search for further tools.
    TOOL_SEARCH
  }

  /// A tool of the client.
  ///
  /// @param namespace the group of tools with which the client names it
  record Tool(Kind kind, Optional<String> namespace, String name) {
    /// The search for further tools, which has no name of its own.
    static final Tool SEARCH = new Tool(Kind.TOOL_SEARCH, Optional.empty(), "tool_search");

    /// Whether providers receive the tool as it is.
    private boolean isPlain() {
      return kind == Kind.FUNCTION && namespace.isEmpty();
    }
  }

  private final Map<Tool, String> names = new HashMap<>();
  private final Map<String, Tool> tools = new HashMap<>();

  /// Names the tools of a request.
  ///
  /// @param tools the member `tools`, not validated
  /// @param input the member `input`, whose items may have further tools, not validated
  static ResponsesToolNames of(JsonNode tools, JsonNode input) {
    ResponsesToolNames names = new ResponsesToolNames();
    names.addAll(tools);
    for (JsonNode item : input) {
      switch (item.path("type").asString("")) {
        case ADDITIONAL_TOOLS, TOOL_SEARCH_OUTPUT -> names.addAll(item.path("tools"));
        default -> {}
      }
    }
    return names;
  }

  private void addAll(JsonNode list) {
    toolsOf(list).forEach(this::of);
  }

  /// The tools in a list: those without a namespace first, because they keep their names.
  ///
  /// @param list not validated
  static List<Tool> toolsOf(JsonNode list) {
    List<Tool> tools = new ArrayList<>();
    list.forEach(tool -> tool(tool, Optional.empty()).ifPresent(tools::add));
    for (JsonNode group : list) {
      if (group.path("type").asString("").equals("namespace")) {
        Optional<String> namespace = group.path("name").stringValueOpt();
        group.path("tools").forEach(tool -> tool(tool, namespace).ifPresent(tools::add));
      }
    }
    return tools;
  }

  private static Optional<Tool> tool(JsonNode tool, Optional<String> namespace) {
    return switch (tool.path("type").asString("")) {
      case "function" -> Optional.of(new Tool(Kind.FUNCTION, namespace, nameOf(tool)));
      case "custom" -> Optional.of(new Tool(Kind.CUSTOM, namespace, nameOf(tool)));
      case "tool_search" -> Optional.of(Tool.SEARCH);
      default -> Optional.empty();
    };
  }

  /// The name of a tool in either form: Cursor's functions have the form of chats.
  private static String nameOf(JsonNode tool) {
    String type = tool.path("type").stringValue();
    return tool.path("name").stringValue(tool.path(type).path("name").stringValue(""));
  }

  /// The name of the function for a tool. One that the request does not have, because only an
  /// earlier call names it, receives a name too.
  String of(Tool tool) {
    String known = names.get(tool);
    if (known != null) {
      return known;
    }
    String name = free(tool);
    names.put(tool, name);
    tools.put(name, tool);
    return name;
  }

  /// Whether the request has a tool.
  boolean has(Tool tool) {
    return names.containsKey(tool);
  }

  private String free(Tool tool) {
    String wanted = tool.namespace.map(it -> joined(it, tool.name)).orElse(tool.name);
    String accepted = tool.namespace.isPresent() ? accepted(wanted) : wanted;
    if (accepted.equals(wanted)
        && !tools.containsKey(wanted)
        && (tool.namespace.isEmpty() || wanted.length() <= MAX_LENGTH)) {
      return wanted;
    }
    for (int attempt = 0; ; attempt++) {
      String suffix =
          "_%08x"
              .formatted(
                  Objects.hash(tool.kind.name(), tool.namespace.orElse(""), tool.name, attempt));
      int length = Math.min(accepted.length(), MAX_LENGTH - suffix.length());
      String name = accepted.substring(0, length) + suffix;
      if (!tools.containsKey(name)) {
        return name;
      }
    }
  }

  private static String joined(String namespace, String name) {
    return namespace.endsWith("_") ? namespace + name : namespace + SEPARATOR + name;
  }

  /// A name with an underscore in place of each character that not all providers accept.
  private static String accepted(String name) {
    StringBuilder accepted = new StringBuilder(name);
    for (int i = 0; i < accepted.length(); i++) {
      char c = accepted.charAt(i);
      boolean isAccepted =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_';
      if (!isAccepted) {
        accepted.setCharAt(i, '_');
      }
    }
    return accepted.toString();
  }

  /// The tools that providers receive in another form, by the name of the function.
  Map<String, Tool> changed() {
    Map<String, Tool> changed = new TreeMap<>();
    tools.forEach((name, tool) -> {
      if (!tool.isPlain() || !name.equals(tool.name)) {
        changed.put(name, tool);
      }
    });
    return changed;
  }

  /// The arguments of the function for the input of a tool with free text.
  static String arguments(String input) {
    return ProviderJson.object().put(INPUT, input).toString();
  }

  /// The input of a tool with free text from the arguments that a model gave; the arguments
  /// themselves if they do not have one, for example because a limit on the number of tokens cut
  /// them.
  static String input(String arguments) {
    try {
      return ProviderJson.MAPPER.readTree(arguments) instanceof ObjectNode json
          ? json.path(INPUT).stringValue(arguments)
          : arguments;
    } catch (JacksonException e) {
      return arguments;
    }
  }
}
