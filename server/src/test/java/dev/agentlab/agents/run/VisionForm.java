package dev.agentlab.agents.run;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/// The multipart form of a vision request.
public final class VisionForm {
  public static final String TYPE = "multipart/form-data; boundary=b";

  /// One transparent pixel.
  public static final byte[] PNG =
      Base64.getDecoder()
          .decode(
              "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
                  + "RU5ErkJggg==");

  private VisionForm() {}

  public static byte[] create(String prompt, byte[] image) {
    return create(prompt, "image", image);
  }

  /// Creates the form with the image in a file.
  ///
  /// @param fileName the file name that the sender declares
  public static byte[] create(String prompt, String fileName, byte[] image) {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n%s\r\n"
            .formatted(prompt)
            .getBytes(StandardCharsets.UTF_8));
    form.writeBytes(
        ("--b\r\nContent-Disposition: form-data; name=\"images\"; filename=\"%s\"\r\n"
                + "Content-Type: image/png\r\n\r\n")
            .formatted(fileName)
            .getBytes(StandardCharsets.UTF_8));
    form.writeBytes(image);
    form.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8));
    return form.toByteArray();
  }

  /// Creates the form with additional text fields first.
  public static byte[] create(String prompt, byte[] image, Map<String, String> fields) {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    fields.forEach((name, value) ->
        form.writeBytes(
            "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                .formatted(name, value)
                .getBytes(StandardCharsets.UTF_8)));
    form.writeBytes(create(prompt, image));
    return form.toByteArray();
  }
}
