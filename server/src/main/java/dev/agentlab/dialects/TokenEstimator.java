package dev.agentlab.dialects;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.agentlab.conversation.ChatMessage;
import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ChatTool;
import dev.agentlab.conversation.ContentPart;
import dev.agentlab.conversation.MediaSource;
import java.util.List;
import tools.jackson.databind.node.IntNode;

/// Estimates the tokens of a request for a provider that does not count them, with a tokenizer of
/// OpenAI. Those of other vendors give some tens of percent more or less.
public final class TokenEstimator {
  /// Tokens that separate messages and tools.
  private static final int PER_ELEMENT = 4;

  /// An image of the largest size that Anthropic does not reduce
  /// (https://platform.claude.com/docs/en/build-with-claude/vision).
  private static final int PER_IMAGE = 1_600;

  /// A page of a document, as text and as an image.
  private static final int PER_PAGE = 3_000;

  /// A typical size of such a page.
  private static final int BYTES_PER_PAGE = 50_000;

  private static final int BASE64_CHARS = 4;
  private static final int BASE64_BYTES = 3;

  private TokenEstimator() {}

  /// Loaded at the first use: half a second, and 30 MB.
  private static final class Tokenizer {
    private static final Encoding ENCODING =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
  }

  /// Estimates the input tokens of a chat. Takes long the first time, and for a long text.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the request is not valid
  public static long estimate(ModelRequest request) {
    // A request to count tokens has no limit of the answer.
    ChatRequest chat = ProviderDialect.read(request.withDefault("max_tokens", IntNode.valueOf(1)));
    long tokens = 0;
    for (ChatMessage message : chat.messages()) {
      tokens += PER_ELEMENT + parts(message.content());
    }
    for (ChatTool tool : chat.tools()) {
      tokens += PER_ELEMENT + tool(tool);
    }
    return tokens;
  }

  private static long parts(List<ContentPart> parts) {
    return parts.stream().mapToLong(TokenEstimator::part).sum();
  }

  private static long part(ContentPart part) {
    return switch (part) {
      case ContentPart.TextPart it -> text(it.text());
      case ContentPart.RefusalPart it -> text(it.text());
      case ContentPart.ReasoningPart it -> text(it.text());
      case ContentPart.ImagePart _ -> PER_IMAGE;
      case ContentPart.FilePart it -> file(it.source().value());
      case ContentPart.AudioPart it -> bytes(it.base64()) / BYTES_PER_PAGE * PER_PAGE;
      case ContentPart.ToolCallPart it ->
          PER_ELEMENT + text(it.name()) + text(it.arguments().value());
      case ContentPart.ToolResultPart it -> PER_ELEMENT + parts(it.content().value());
      // Providers do not count the reasoning of earlier turns.
      case ContentPart.ReplayPart _ -> 0;
      case ContentPart.VendorPart it -> text(it.content().toString());
    };
  }

  private static long file(MediaSource source) {
    return source instanceof MediaSource.InlineData(String type, String base64)
        ? type.startsWith("text/")
            ? bytes(base64) / BASE64_CHARS
            : PER_PAGE * (1 + bytes(base64) / BYTES_PER_PAGE)
        : PER_PAGE;
  }

  private static long bytes(String base64) {
    return (long) base64.length() / BASE64_CHARS * BASE64_BYTES;
  }

  private static long tool(ChatTool tool) {
    return switch (tool) {
      case ChatTool.FunctionTool it ->
          text(it.name())
              + text(it.description().orElse(""))
              + it.parameters().map(schema -> text(schema.value().toString())).orElse(0L);
      case ChatTool.VendorTool it -> text(it.definition().toString());
    };
  }

  private static long text(String text) {
    return Tokenizer.ENCODING.countTokensOrdinary(text);
  }
}
