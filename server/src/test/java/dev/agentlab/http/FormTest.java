package dev.agentlab.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.security.Scope;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormTest {
  private static final int MAX_BYTES = 4_096;

  private static RouteServer server;

  @BeforeAll
  static void start() {
    server =
        RouteServer.of(
            Route.post("/form", "Form")
                .requires(Scope.PUBLIC)
                .acceptsForm(
                    "PictureForm",
                    MAX_BYTES,
                    Form.Field.text("prompt", "The prompt."),
                    Form.Field.text("options", "The options.").optional(),
                    Form.Field.files("images", "The images.", 2))
                .returns(200, Map.class)
                .handledBy(request ->
                    Response.ok(
                        Map.of(
                            "prompt",
                            request.body().text("prompt").orElseThrow(),
                            "images",
                            request.body().all("images").stream()
                                .map(part ->
                                    part.fileName().orElse("-")
                                        + ":"
                                        + Arrays.toString(part.bytes()))
                                .toList()))));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void textAndFilesAreReadUnchanged() throws IOException {
    RawHttpConnection.RawResponse response =
        send(
            "multipart/form-data; boundary=\"b 1\"",
            part("prompt", "", "Grüße\r\n--b")
                + part("images", "; filename=\"ä.png\"", "\u0000\u0001\r\n")
                + part("images", "; filename=\"b.png\"", "")
                + "--b 1--\r\n");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.json().path("prompt").stringValue()).isEqualTo("Grüße\r\n--b");
    assertThat(response.json().path("images").valueStream().map(image -> image.stringValue()))
        .containsExactly("ä.png:[0, 1, 13, 10]", "b.png:[]");
  }

  @Test
  void emptyFieldIsAbsent() throws IOException {
    String empty = part("options", "", "") + part("options", "", "") + part("images", "", "");

    RawHttpConnection.RawResponse response =
        send(
            "multipart/form-data; boundary=\"b 1\"",
            empty + part("prompt", "", "a") + "--b 1--\r\n");
    assertThat(response.json().path("errors").toString())
        .contains("images", "is required")
        .doesNotContain("options");

    RawHttpConnection.RawResponse second =
        send(
            "multipart/form-data; boundary=\"b 1\"",
            part("prompt", "", "") + part("othr", "", "") + "--b 1--\r\n");
    assertThat(second.json().path("errors").toString()).contains("\"prompt\"", "othr");
  }

  @Test
  void allFieldErrorsAreReported() throws IOException {
    RawHttpConnection.RawResponse response =
        send(
            "multipart/form-data; boundary=\"b 1\"",
            part("images", "; filename=\"1\"", "1")
                + part("images", "; filename=\"2\"", "2")
                + part("images", "; filename=\"3\"", "3")
                + part("other", "", "x")
                + "--b 1--\r\n");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.text())
        .contains("is unknown; known fields are prompt, options, images")
        .contains("\"prompt\"", "is required", "must not be given more than 2 times");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "multipart/form-data",
        "text/plain; boundary=x",
        "multipart/mixed; boundary=x"
      })
  void otherMediaTypeIsUnsupported(String mediaType) throws IOException {
    RawHttpConnection.RawResponse response = send(mediaType, "{}");

    assertThat(response.status()).isEqualTo(415);
    assertThat(response.json().get("detail").asString())
        .contains("the header Content-Type: multipart/form-data", mediaType);
  }

  @Test
  void formAboveTheRouteLimitIsRejected() throws IOException {
    String large = part("prompt", "", "x".repeat(MAX_BYTES)) + "--b 1--\r\n";

    assertThat(send("multipart/form-data; boundary=\"b 1\"", large).status()).isEqualTo(413);
  }

  @Test
  void corruptedFormsNeverCauseServerErrors() throws IOException {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    String valid =
        part("prompt", "", "hello") + part("images", "; filename=\"a\"", "123") + "--b 1--\r\n";
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = valid.getBytes(UTF_8);
      for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      String body = new String(bytes, 0, random.nextInt(bytes.length + 1), ISO_8859_1);
      assertThat(send("multipart/form-data; boundary=\"b 1\"", body).status())
          .as(body)
          .isIn(200, 400, 413);
    }
  }

  private static String part(String name, String more, String value) {
    return "--b 1\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n"
        .formatted(name, more, value);
  }

  private static RawHttpConnection.RawResponse send(String mediaType, String body)
      throws IOException {
    return server.send("POST /form HTTP/1.1\r\nContent-Type: " + mediaType, body);
  }
}
