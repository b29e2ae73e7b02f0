package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.node.ObjectNode;

/// Sets members in the text of a JSON object, which may have comments and trailing commas
/// (https://code.visualstudio.com/docs/languages/json#_json-with-comments). Everything else in the
/// text stays as it is.
final class JsonEditor {
  private static final ObjectReader READER =
      Json.MAPPER
          .reader()
          .with(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .with(JsonReadFeature.ALLOW_TRAILING_COMMA);

  private static final ObjectWriter WRITER =
      Json.MAPPER
          .writer()
          .with(
              new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectNameValueSpacing(Separators.Spacing.AFTER)));

  private static final String INDENT = "  ";

  private final String name;
  private String text;

  /// An editor of a text.
  ///
  /// @param name the name of the file for messages
  /// @throws CommandFailure if the text is not a JSON object
  JsonEditor(String name, String text) {
    this.name = name;
    this.text = text;
    if (!isObject(text)) {
      throw new CommandFailure(ExitCode.USAGE, name + " is not a JSON object");
    }
  }

  private static boolean isObject(String text) {
    try {
      return READER.readTree(text).isObject();
    } catch (JacksonException _) {
      return false;
    }
  }

  String text() {
    return text;
  }

  /// Sets members of the object, and of the objects in it.
  ///
  /// @throws CommandFailure if another value is in place of an object
  void merge(ObjectNode members) {
    merge(List.of(), members);
  }

  private void merge(List<String> path, ObjectNode members) {
    for (Map.Entry<String, JsonNode> member : members.properties()) {
      List<String> memberPath = append(path, member.getKey());
      Optional<Member> present = objectAt(path).member(member.getKey());
      if (member.getValue() instanceof ObjectNode nested && present.isPresent()) {
        if (text.charAt(present.get().start()) != '{') {
          throw new CommandFailure(
              ExitCode.USAGE, "%s: %s must be an object".formatted(name, member.getKey()));
        }
        merge(memberPath, nested);
      } else {
        set(objectAt(path), member.getKey(), member.getValue());
      }
    }
  }

  private static List<String> append(List<String> path, String name) {
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    return longer;
  }

  private void set(Braces object, String member, JsonNode value) {
    Optional<Member> present = object.member(member);
    if (present.isPresent()) {
      Member old = present.get();
      replace(old.start(), old.end(), write(value, indentAt(old.start())));
      return;
    }
    // A comment may end the line.
    boolean endsLine = text.substring(object.contentEnd(), object.end()).contains("\n");
    Optional<String> indentOfMembers =
        object.members().isEmpty()
            ? Optional.empty()
            : indentBefore(object.members().getLast().nameStart());
    boolean isInLine = !object.members().isEmpty() && indentOfMembers.isEmpty() && !endsLine;
    String indent = indentOfMembers.orElseGet(() -> indentAt(object.start()) + INDENT);
    String added =
        (isInLine ? " " : "\n" + indent)
            + Json.MAPPER.writeValueAsString(member)
            + ": "
            + write(value, indent);
    if (!isInLine && !endsLine) {
      added += "\n" + indentAt(object.start());
    }
    replace(object.contentEnd(), object.contentEnd(), added);
    if (!object.members().isEmpty() && !object.hasTrailingComma()) {
      int end = object.members().getLast().end();
      replace(end, end, ",");
    }
  }

  private static String write(JsonNode value, String indent) {
    return WRITER.writeValueAsString(value).replace("\n", "\n" + indent);
  }

  private void replace(int start, int end, String replacement) {
    text = text.substring(0, start) + replacement + text.substring(end);
  }

  /// The spaces at the start of the line.
  private String indentAt(int offset) {
    int start = text.lastIndexOf('\n', offset - 1) + 1;
    int end = start;
    while (text.charAt(end) == ' ' || text.charAt(end) == '\t') {
      end++;
    }
    return text.substring(start, end);
  }

  /// The spaces before this place; empty if something else is before it in its line.
  private Optional<String> indentBefore(int offset) {
    String indent = indentAt(offset);
    int start = text.lastIndexOf('\n', offset - 1) + 1;
    return start > 0 && start + indent.length() == offset ? Optional.of(indent) : Optional.empty();
  }

  /// A member of an object in the text.
  ///
  /// @param nameStart where its name begins
  /// @param start where its value begins
  /// @param end the end of its value
  private record Member(String name, int nameStart, int start, int end) {}

  /// An object in the text.
  ///
  /// @param start where its first brace is
  /// @param contentEnd the end of its members and comments
  /// @param end where its last brace is
  private record Braces(
      int start, List<Member> members, boolean hasTrailingComma, int contentEnd, int end) {
    Optional<Member> member(String name) {
      return members.stream().filter(it -> it.name().equals(name)).findFirst();
    }
  }

  private Braces objectAt(List<String> path) {
    Braces object = objectAt(skipBlank(0));
    for (String name : path) {
      object = objectAt(object.member(name).orElseThrow().start());
    }
    return object;
  }

  private Braces objectAt(int start) {
    List<Member> members = new ArrayList<>();
    boolean hasTrailingComma = false;
    int contentEnd = start + 1;
    int at = skipBlank(contentEnd);
    while (text.charAt(at) != '}') {
      int nameEnd = skipString(at);
      int valueStart = skipBlank(skipBlank(nameEnd) + 1);
      int valueEnd = skipValue(valueStart);
      String member = Json.MAPPER.readValue(text.substring(at, nameEnd), String.class);
      members.add(new Member(member, at, valueStart, valueEnd));
      at = skipBlank(valueEnd);
      hasTrailingComma = text.charAt(at) == ',';
      if (hasTrailingComma) {
        at = skipBlank(at + 1);
      }
    }
    contentEnd = at;
    while (Character.isWhitespace(text.charAt(contentEnd - 1))) {
      contentEnd--;
    }
    return new Braces(start, members, hasTrailingComma, contentEnd, at);
  }

  private int skipValue(int start) {
    return switch (text.charAt(start)) {
      case '"' -> skipString(start);
      case '{', '[' -> skipBrackets(start);
      default -> {
        int end = start;
        while (isPartOfLiteral(text.charAt(end))) {
          end++;
        }
        yield end;
      }
    };
  }

  private static boolean isPartOfLiteral(char c) {
    return Character.isLetterOrDigit(c) || c == '-' || c == '+' || c == '.';
  }

  private int skipBrackets(int start) {
    int depth = 0;
    int at = start;
    do {
      switch (text.charAt(at)) {
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        default -> {}
      }
      at = text.charAt(at) == '"' ? skipString(at) : at + 1;
      at = depth > 0 ? skipBlank(at) : at;
    } while (depth > 0);
    return at;
  }

  private int skipString(int start) {
    int at = start + 1;
    while (text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  /// Skips spaces and comments.
  private int skipBlank(int start) {
    int at = start;
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at))) {
        at++;
      } else if (text.startsWith("//", at)) {
        int lineEnd = text.indexOf('\n', at);
        at = lineEnd < 0 ? text.length() : lineEnd;
      } else if (text.startsWith("/*", at)) {
        at = text.indexOf("*/", at) + 2;
      } else {
        break;
      }
    }
    return at;
  }
}
