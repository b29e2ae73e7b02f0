package dev.agentlab.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.InvalidInputException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Forms that parsers might read differently are rejected.
class MultipartScannerTest {
  private static final String MODEL = "Content-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n";
  private final MultipartScanner scanner = new MultipartScanner("b");

  private void scan(String form) {
    scanner.add(form.getBytes(ISO_8859_1));
  }

  @Test
  void modelIsFoundAndReplaced() {
    scan("--b\r\n" + MODEL + "--b--\r\n");
    assertThat(scanner.model()).contains("m");
    assertThat(scanner.replaceModel("longer")).isEqualTo(5);
    assertThat(new String(scanner.take(), ISO_8859_1))
        .isEqualTo("--b\r\n" + MODEL.replace("m\r\n", "longer\r\n") + "--b--\r\n");
    scanner.requireEnd();
  }

  @Test
  void formWithoutAModelIsRejected() {
    scan("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n");
    assertThatThrownBy(scanner::requireEnd)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("model: is required");
  }

  @Test
  void modelAfterAMebibyteIsRejected() {
    scan("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n");
    char[] file = new char[1 << 16];
    Arrays.fill(file, 'x');
    for (int i = 0; i < 15; i++) {
      scan(new String(file));
    }
    assertThatThrownBy(() -> scan(new String(file)))
        .hasMessageContaining("model: must come before the files");
  }

  @Test
  void secondModelIsRejectedAfterTheFirst() {
    scan("--b\r\n" + MODEL + "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx");
    scanner.replaceModel("other");
    assertThat(scanner.take()).isNotEmpty();
    assertThatThrownBy(() -> scan("\r\n--b\r\n" + MODEL + "--b--\r\n"))
        .hasMessage("model: must not be given more than once");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text before\r\n--b\r\nMODEL--b--",
        "\r\n--b\r\nMODEL--b--",
        "--b\nMODEL--b--",
        "--bb\r\nMODEL--b--",
        "--b\r\nMODEL--b--\r\ntext after",
        "--b\r\nMODEL--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\n--b\r\nMODEL--b--",
        "--b\r\nMODEL--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r--b\r\nMODEL--b--",
        "--b\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=\"model\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"Model\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model \"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model[]\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"mo\\del\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"model\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; name*=UTF-8''model\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\\\"; name=\\\"model\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n ; name=\"model\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model\"; filename=\"m\"\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64\r\n\r\nm\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\nb\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\u00ff\r\n--b--",
      })
  void ambiguousFormIsRejected(String form) {
    assertThatThrownBy(
            () -> {
              scan(form.replace("MODEL", MODEL));
              scanner.requireEnd();
            })
        .isInstanceOf(InvalidInputException.class);
  }
}
