package dev.agentlab.conversation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A chat request in neutral form. Immutable, except that its JSON nodes must not be changed.
///
/// @param model the name of the model; not empty
/// @param isStreaming whether the client requests the response as an event stream
/// @param messages the conversation, in order; not empty
/// @param toolChoice which tools to call; empty if the client does not say
/// @param outputFormat the format of the text; empty if the client does not say
/// @param options the options that are set, each with a value of its type
/// @param unread the members of the request without a neutral form, such as those of one vendor
/// @param vendor the vendor in whose API the client wrote the request, if what has no neutral form
///   is in the format of that vendor only; empty if it may be in that of any vendor, as in OpenAI's
///   API, to which clients add members of all vendors
public record ChatRequest(
    Member<String> model,
    boolean isStreaming,
    List<ChatMessage> messages,
    List<ChatTool> tools,
    Optional<Member<ToolChoice>> toolChoice,
    Optional<Member<OutputFormat>> outputFormat,
    Map<RequestOption, Member<JsonNode>> options,
    UnreadMembers unread,
    Optional<String> vendor) {
  public ChatRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
    EnumMap<RequestOption, Member<JsonNode>> copy = new EnumMap<>(RequestOption.class);
    copy.putAll(options);
    options = Collections.unmodifiableMap(copy);
  }

  /// A copy with the messages of another request before its own, and with what it has beside them
  /// where this request has none.
  public ChatRequest withDefaults(ChatRequest defaults) {
    List<ChatMessage> all = new ArrayList<>(defaults.messages);
    all.addAll(messages);
    Map<RequestOption, Member<JsonNode>> merged = new EnumMap<>(RequestOption.class);
    merged.putAll(defaults.options);
    merged.putAll(options);
    return new ChatRequest(
        model,
        isStreaming,
        all,
        tools.isEmpty() ? defaults.tools : tools,
        toolChoice.or(() -> defaults.toolChoice),
        outputFormat.or(() -> defaults.outputFormat),
        merged,
        unread.withDefaults(defaults.unread),
        vendor);
  }
}
