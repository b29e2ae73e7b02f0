package dev.agentlab.conversation;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A part of a message's content. A `path` is that of the part in the client's request.
public sealed interface ContentPart {
  /// The path of the part in the client's request.
  String path();

  /// Text.
  record TextPart(String path, String text, Extensions extensions) implements ContentPart {}

  /// The text with which a model refused to answer.
  record RefusalPart(String path, String text, Extensions extensions) implements ContentPart {}

  /// An image.
  ///
  /// @param detail the requested level of detail, in the words of the client
  record ImagePart(
      String path,
      Member<MediaSource> source,
      Optional<Member<String>> detail,
      Extensions extensions)
      implements ContentPart {}

  /// A document or another file.
  record FilePart(
      String path,
      Member<MediaSource> source,
      Optional<Member<String>> fileName,
      Extensions extensions)
      implements ContentPart {}

  /// Recorded audio.
  ///
  /// @param typePath the path of the member that declares the part to be audio
  /// @param format the format, such as `wav`
  /// @param base64 the data in Base64
  record AudioPart(
      String path, String typePath, String format, String base64, Extensions extensions)
      implements ContentPart {}

  /// The readable reasoning of a model.
  ///
  /// @param signature the vendor's proof that the text is unchanged
  record ReasoningPart(String path, String text, Optional<String> signature)
      implements ContentPart {}

  /// The call of a tool by a model.
  ///
  /// @param arguments the arguments as the model wrote them: JSON text, not validated
  /// @param replayData data of the vendor whose model made the call
  record ToolCallPart(
      String path,
      String id,
      String name,
      Member<String> arguments,
      Optional<ReplayData> replayData,
      Extensions extensions)
      implements ContentPart {}

  /// The result of a tool call.
  ///
  /// @param callId the id of the call
  /// @param content the result: text, and parts that some models also accept
  /// @param isError whether the call failed; empty if the client does not say
  record ToolResultPart(
      String path,
      Member<String> callId,
      Member<List<ContentPart>> content,
      Optional<Member<Boolean>> isError,
      Extensions extensions)
      implements ContentPart {
    public ToolResultPart {
      content = new Member<>(content.path(), List.copyOf(content.value()));
    }
  }

  /// Data of an earlier response that the client sends back.
  record ReplayPart(ReplayData data) implements ContentPart {
    @Override
    public String path() {
      return data.path();
    }
  }

  /// A part without a neutral form, in the format of some vendor.
  ///
  /// @param path the path of the part, or of the member in it that has no neutral form
  /// @param type the value of the `type` of what is at the path, if it has one
  /// @param content the whole part as the client wrote it
  record VendorPart(String path, Optional<String> type, JsonNode content) implements ContentPart {}
}
