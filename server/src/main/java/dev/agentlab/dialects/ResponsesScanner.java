package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Scans a response of OpenAI's Responses API, which may still be in progress.
final class ResponsesScanner extends ResponseScanner {
  /// The calls whose results the client sends.
  private static final Set<String> CALLS =
      Set.of(
          "apply_patch_call",
          "computer_call",
          "custom_tool_call",
          "function_call",
          "local_shell_call",
          "shell_call");

  private String status = "";
  private String incompleteReason = "";
  private boolean hasCall;

  private ResponsesScanner(byte[] body) {
    super(body);
  }

  /// Scans a response; empty if it has to be parsed.
  static Optional<CompleteAnswer> scan(byte[] body) {
    return new ResponsesScanner(body).scan();
  }

  /// Why a response ended; empty if it has not, or has no status.
  static Optional<FinishReason> finishReason(JsonNode response) {
    return finishReason(
        response.path("status").stringValue(""),
        response.at("/incomplete_details/reason").stringValue(""),
        response
            .path("output")
            .valueStream()
            .anyMatch(item -> CALLS.contains(item.path("type").stringValue(""))));
  }

  private static Optional<FinishReason> finishReason(
      String status, String incompleteReason, boolean hasCall) {
    return switch (status) {
      case "completed" -> Optional.of(hasCall ? FinishReason.TOOL_CALLS : FinishReason.STOP);
      case "incomplete" ->
          Optional.of(
              switch (incompleteReason) {
                case "max_output_tokens" -> FinishReason.LENGTH;
                case "content_filter" -> FinishReason.CONTENT_FILTER;
                default -> FinishReason.OTHER;
              });
      default -> Optional.empty();
    };
  }

  @Override
  void readMember(String name) {
    byte first = cursor.peek();
    int from = cursor.position();
    if (name.equals("output") && first == '[') {
      foundResult(true);
      readOutput();
    } else if (name.equals("incomplete_details") && first == '{') {
      incompleteReason = readText("reason");
    } else {
      cursor.skip();
    }
    switch (name) {
      case "status" -> {
        if (first == '"') {
          status = new JsonCursor(body, from).string();
          foundError(status.equals("failed"));
        }
      }
      case "usage" -> readUsage(from, OpenAiUsage.RESPONSES::read);
      case "error" -> foundError(first != 'n');
      case "object" ->
          foundError(first == '"' && new JsonCursor(body, from).string().equals("error"));
      default -> {}
    }
    finishReason(status, incompleteReason, hasCall).ifPresent(this::foundFinishReason);
  }

  private void readOutput() {
    cursor.beginArray();
    while (cursor.nextElement()) {
      if (cursor.peek() == '{') {
        hasCall |= CALLS.contains(readText("type"));
      } else {
        cursor.skip();
      }
    }
  }

  /// Moves after an object.
  ///
  /// @return the text of a member; empty if there is none
  private String readText(String member) {
    String text = "";
    cursor.beginObject();
    while (cursor.nextMember()) {
      if (cursor.name().equals(member) && cursor.peek() == '"') {
        text = cursor.string();
      } else {
        cursor.skip();
      }
    }
    return text;
  }
}
