package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// An image file as part of a chat message.
///
/// @param part a content part: `{"type": "image_url", "image_url": {"url": "data:…"}}`
record ImageFile(String name, String mediaType, int size, ObjectNode part) {
  private static final int MAX_SIGNATURE_BYTES = 12;

  /// Reads an image file.
  ///
  /// @param name the path of the file as typed or pasted: it may be quoted or start with `~/`
  /// @throws CommandFailure if the file cannot be read or its format is not supported
  static ImageFile read(String name, LaunchContext context) {
    InputFile file = InputFile.of(unquoted(name.strip(), context), context);
    byte[] bytes = file.readBytes();
    String type =
        mediaType(bytes)
            .orElseThrow(() ->
                new CommandFailure(
                    ExitCode.USAGE, file.path() + " is not a PNG, JPEG, GIF or WebP image"));
    ObjectNode part = Json.MAPPER.createObjectNode().put("type", "image_url");
    part.putObject("image_url")
        .put("url", "data:%s;base64,%s".formatted(type, Base64.getEncoder().encodeToString(bytes)));
    return new ImageFile(String.valueOf(file.path().getFileName()), type, bytes.length, part);
  }

  private static String unquoted(String name, LaunchContext context) {
    boolean quoted = name.length() > 1 && name.matches("'.*'|\".*\"");
    String bare = quoted ? name.substring(1, name.length() - 1) : name;
    String home = context.environment().getOrDefault("HOME", "~");
    return bare.startsWith("~/") ? home + bare.substring(1) : bare;
  }

  /// The media type by content, because the extension of a file can be wrong.
  private static Optional<String> mediaType(byte[] bytes) {
    int length = Math.min(bytes.length, MAX_SIGNATURE_BYTES);
    String start = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of("image/png");
    }
    if (start.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of("image/jpeg");
    }
    if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
      return Optional.of("image/gif");
    }
    return start.startsWith("RIFF") && start.endsWith("WEBP")
        ? Optional.of("image/webp")
        : Optional.empty();
  }
}
