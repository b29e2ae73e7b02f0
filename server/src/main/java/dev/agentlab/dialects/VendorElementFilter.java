package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ChatTool.FunctionTool;
import dev.agentlab.conversation.ChatTool.VendorTool;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.ContentPart.AudioPart;
import dev.agentlab.conversation.ContentPart.FilePart;
import dev.agentlab.conversation.ContentPart.ImagePart;
import dev.agentlab.conversation.ContentPart.ReasoningPart;
import dev.agentlab.conversation.ContentPart.RefusalPart;
import dev.agentlab.conversation.ContentPart.ReplayPart;
import dev.agentlab.conversation.ContentPart.TextPart;
import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.ContentPart.ToolResultPart;
import dev.agentlab.conversation.ContentPart.VendorPart;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.Member;
import dev.agentlab.conversation.MessageRole;
import dev.agentlab.conversation.OutputFormat;
import dev.agentlab.conversation.UnreadMembers;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Removes from a request what only the API of the client's vendor has, for a provider of another
/// vendor: members, and what a model did with the vendor's own tools, with a warning. Other parts
/// and tools are rejected.
///
/// A request in a format to which clients add members of all vendors stays as it is.
final class VendorElementFilter {
  private final String reason;
  private final TranslationWarnings warnings;

  /// @param reason why elements are removed, such as `Gemini has no equivalent`
  /// @param warnings collects the warnings about removed elements
  VendorElementFilter(String reason, TranslationWarnings warnings) {
    this.reason = reason;
    this.warnings = warnings;
  }

  /// Removes the elements of other vendors than the provider's.
  ///
  /// @throws InvalidInputException if the request has a part or a tool that cannot be removed
  ChatRequest filter(ChatRequest request, String vendor) {
    if (request.vendor().isEmpty() || request.vendor().get().equals(vendor)) {
      return request;
    }
    warnings.addIgnored(request.unread(), reason);
    return new ChatRequest(
        request.model(),
        request.isStreaming(),
        request.messages().stream().map(this::message).toList(),
        request.tools().stream().map(this::tool).toList(),
        request.toolChoice(),
        request.outputFormat().map(this::outputFormat),
        request.options(),
        UnreadMembers.NONE,
        request.vendor());
  }

  private ChatMessage message(ChatMessage message) {
    warnings.addIgnored(message.unread(), reason);
    return new ChatMessage(
        message.path(),
        message.role(),
        parts(message.content(), message.role() == MessageRole.ASSISTANT),
        message.name(),
        UnreadMembers.NONE);
  }

  /// @param isHistory whether a model wrote the parts, so that others can do without them
  private List<ContentPart> parts(List<ContentPart> parts, boolean isHistory) {
    List<ContentPart> filtered = new ArrayList<>(parts.size());
    for (ContentPart part : parts) {
      if (!(part instanceof VendorPart vendor)) {
        filtered.add(part(part));
      } else if (isHistory) {
        warnings.addIgnored(vendor.path(), reason);
      } else {
        throw unsupported(vendor.path(), vendor.type());
      }
    }
    return filtered;
  }

  private ContentPart part(ContentPart part) {
    return switch (part) {
      case TextPart it -> new TextPart(it.path(), it.text(), extensions(it.extensions()));
      case RefusalPart it -> new RefusalPart(it.path(), it.text(), extensions(it.extensions()));
      case ImagePart it ->
          new ImagePart(it.path(), it.source(), it.detail(), extensions(it.extensions()));
      case FilePart it ->
          new FilePart(it.path(), it.source(), it.fileName(), extensions(it.extensions()));
      case AudioPart it ->
          new AudioPart(
              it.path(), it.typePath(), it.format(), it.base64(), extensions(it.extensions()));
      case ToolCallPart it ->
          new ToolCallPart(
              it.path(),
              it.id(),
              it.name(),
              it.arguments(),
              it.replayData(),
              extensions(it.extensions()));
      case ToolResultPart it ->
          new ToolResultPart(
              it.path(),
              it.callId(),
              new Member<>(it.content().path(), parts(it.content().value(), false)),
              it.isError(),
              extensions(it.extensions()));
      case ReasoningPart _, ReplayPart _, VendorPart _ -> part;
    };
  }

  private Extensions extensions(Extensions extensions) {
    warnings.addIgnored(extensions.unread(), reason);
    return new Extensions(extensions.cacheMarker(), UnreadMembers.NONE);
  }

  private ChatTool tool(ChatTool tool) {
    return switch (tool) {
      case VendorTool vendor -> throw unsupported(vendor.path(), vendor.type());
      case FunctionTool function ->
          new FunctionTool(
              function.path(),
              function.name(),
              function.description(),
              function.parameters(),
              function.strict(),
              extensions(function.extensions()));
    };
  }

  private Member<OutputFormat> outputFormat(Member<OutputFormat> format) {
    if (!(format.value() instanceof OutputFormat.SchemaJson schema)) {
      return format;
    }
    warnings.addIgnored(schema.unread(), reason);
    return new Member<>(
        format.path(),
        new OutputFormat.SchemaJson(
            schema.name(),
            schema.description(),
            schema.schema(),
            schema.strict(),
            UnreadMembers.NONE));
  }

  private InvalidInputException unsupported(String path, Optional<String> type) {
    return new InvalidInputException(
        path, "%s is not supported: %s".formatted(type.orElse("this element"), reason));
  }
}
