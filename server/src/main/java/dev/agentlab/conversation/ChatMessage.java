package dev.agentlab.conversation;

import java.util.List;
import java.util.Optional;

/// A message of a conversation.
///
/// @param path the path of the message in the client's request
/// @param content the parts, in order; of a model's message: reasoning, data to replay, text,
///   refusal, tool calls
/// @param name the name of the author among several of the same role
/// @param unread the members without a neutral form
public record ChatMessage(
    String path,
    MessageRole role,
    List<ContentPart> content,
    Optional<Member<String>> name,
    UnreadMembers unread) {
  public ChatMessage {
    content = List.copyOf(content);
  }
}
