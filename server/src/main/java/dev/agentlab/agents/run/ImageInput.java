package dev.agentlab.agents.run;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// An image for a model. Its type is detected from its content, not from what its sender declares.
///
/// @param mediaType such as `image/png`
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record ImageInput(String mediaType, byte[] bytes) {

  /// Detects the type of an image.
  ///
  /// @param field the field to name in an error
  /// @throws InvalidInputException if the bytes are not a PNG, JPEG, GIF or WebP image
  public static ImageInput of(byte[] bytes, String field) {
    if (startsWith(bytes, 0, "\u0089PNG\r\n\u001a\n")) {
      return new ImageInput("image/png", bytes);
    }
    if (startsWith(bytes, 0, "\u00ff\u00d8\u00ff")) {
      return new ImageInput("image/jpeg", bytes);
    }
    if (startsWith(bytes, 0, "GIF87a") || startsWith(bytes, 0, "GIF89a")) {
      return new ImageInput("image/gif", bytes);
    }
    if (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP")) {
      return new ImageInput("image/webp", bytes);
    }
    throw new InvalidInputException(field, "must be a PNG, JPEG, GIF or WebP image");
  }

  private static boolean startsWith(byte[] bytes, int at, String signature) {
    byte[] expected = signature.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < at + expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (bytes[at + i] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /// The image as a data URL (RFC 2397).
  String dataUrl() {
    return "data:" + mediaType + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }
}
