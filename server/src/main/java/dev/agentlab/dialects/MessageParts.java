package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentlab.conversation.CacheMarker;
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
import dev.agentlab.errors.InvalidInputException;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The rules for parts of a message that hold for several providers.
final class MessageParts {
  private MessageParts() {}

  /// Adds content to the last message if it has this role, and otherwise to a new one: roles have
  /// to alternate, all results of one turn have to be in one message, and none may be empty.
  static void addContent(ArrayNode messages, String role, ArrayNode content) {
    if (content.isEmpty()) {
      return;
    }
    if (messages.path(messages.size() - 1) instanceof ObjectNode last
        && last.path("role").stringValue("").equals(role)) {
      last.withArrayProperty("content").addAll(content);
    } else {
      messages.addObject().put("role", role).set("content", content);
    }
  }

  /// Adds a block, unless it is an empty text: providers reject these, which OpenAI accepts.
  static void addBlock(JsonNode block, ArrayNode blocks) {
    if (!block.path("text").stringValue("…").isEmpty()) {
      blocks.add(block);
    }
  }

  /// The mark that the cached part of the request ends with a part.
  static Optional<CacheMarker> cacheMarker(ContentPart part) {
    return switch (part) {
      case TextPart it -> it.extensions().cacheMarker();
      case RefusalPart it -> it.extensions().cacheMarker();
      case ImagePart it -> it.extensions().cacheMarker();
      case AudioPart it -> it.extensions().cacheMarker();
      case FilePart it -> it.extensions().cacheMarker();
      case ToolCallPart it -> it.extensions().cacheMarker();
      case ToolResultPart it -> it.extensions().cacheMarker();
      case ReasoningPart _, ReplayPart _, VendorPart _ -> Optional.empty();
    };
  }

  /// The error for replayed data in a message that is not the model's.
  static InvalidInputException misplaced(ReplayPart replay) {
    return new InvalidInputException(replay.path(), "belongs to a message of the model");
  }

  /// The error for a reference to a file that the client uploaded to another API.
  static InvalidInputException unsupportedFile(String path) {
    return new InvalidInputException(path, "is not supported: send the data of the file");
  }

  /// Decodes the text of a file.
  ///
  /// @throws InvalidInputException if it is not valid Base64
  static String decodeText(String path, String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(path, "must be valid base64");
    }
  }

  /// The content of a vendor's part, for a provider whose own parts have no type.
  ///
  /// @throws InvalidInputException if the part has a type
  static JsonNode untypedContent(VendorPart vendor) {
    if (vendor.type().isPresent()) {
      throw new InvalidInputException(
          vendor.path() + ".type", "must be text, image_url, input_audio or file");
    }
    return vendor.content();
  }
}
