package dev.agentlab.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.errors.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/// Forms pass on with another model, in whatever pieces they arrive.
class MultipartScannerPropertyTest {
  private static final String BOUNDARY = "--b";

  /// @param content in ISO 8859-1
  record Part(String head, String content) {}

  private static String form(List<Part> before, String model, List<Part> after) {
    StringBuilder form = new StringBuilder();
    before.forEach(part -> append(form, part));
    append(form, new Part("Content-Disposition: form-data; name=\"model\"", model));
    after.forEach(part -> append(form, part));
    return form.append("--").append(BOUNDARY).append("--\r\n").toString();
  }

  private static void append(StringBuilder form, Part part) {
    form.append("--").append(BOUNDARY).append("\r\n");
    form.append(part.head()).append("\r\n\r\n").append(part.content()).append("\r\n");
  }

  /// Feeds a form in pieces, and replaces the model as soon as it is known.
  private static byte[] replace(byte[] form, List<Integer> pieces, String model) {
    MultipartScanner scanner = new MultipartScanner(BOUNDARY);
    ByteArrayOutputStream passed = new ByteArrayOutputStream();
    boolean replaced = false;
    int from = 0;
    for (int i = 0; from < form.length; i++) {
      int to = Math.min(form.length, from + pieces.get(i % pieces.size()));
      scanner.add(Arrays.copyOfRange(form, from, to));
      from = to;
      if (!replaced && scanner.model().isPresent()) {
        replaced = true;
        scanner.replaceModel(model);
      }
      if (replaced) {
        passed.writeBytes(scanner.take());
      }
    }
    scanner.requireEnd();
    assertThat(scanner.isTaken()).isTrue();
    return passed.toByteArray();
  }

  @Property
  void onlyTheModelChanges(
      @ForAll("parts") @Size(max = 3) List<Part> before,
      @ForAll("parts") @Size(max = 3) List<Part> after,
      @ForAll("names") String model,
      @ForAll("names") String replacement,
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 90) Integer> pieces) {
    byte[] form =
        form(before, new String(model.getBytes(UTF_8), ISO_8859_1), after).getBytes(ISO_8859_1);
    String expected = form(before, new String(replacement.getBytes(UTF_8), ISO_8859_1), after);
    assertThat(new String(replace(form, pieces, replacement), ISO_8859_1)).isEqualTo(expected);
  }

  @Property
  void truncatedFormIsRejected(
      @ForAll("parts") @Size(max = 2) List<Part> after,
      @ForAll @IntRange(min = 1, max = 400) int missing,
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 90) Integer> pieces) {
    byte[] form = form(List.of(), "m", after).getBytes(ISO_8859_1);
    // The line end after the last boundary is optional.
    byte[] truncated = Arrays.copyOf(form, Math.max(0, form.length - 2 - missing));
    boolean rejected = false;
    try {
      byte[] _ = replace(truncated, pieces, "x");
    } catch (InvalidInputException e) {
      rejected = true;
    }
    assertThat(rejected).isTrue();
  }

  @Provide
  Arbitrary<List<Part>> parts() {
    Arbitrary<String> heads =
        Arbitraries.of(
            "Content-Disposition: form-data; name=\"file\"; filename=\"model.png\"\r\n"
                + "Content-Type: image/png",
            "content-disposition:form-data;name=language",
            "Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"models\"",
            "Content-Disposition: form-data; name=\"f\"; filename*=UTF-8''%c3%a4");
    // Likely to contain parts of boundaries.
    Arbitrary<String> contents =
        Arbitraries.of(
                "\r",
                "\n",
                "-",
                "--",
                "b",
                "a",
                "\r\n",
                "\r\n-",
                "--" + BOUNDARY,
                "\u00ff",
                "name=model")
            .list()
            .ofMaxSize(12)
            .map(texts -> String.join("", texts))
            .filter(text ->
                !(text + "\r\n").contains("\n--" + BOUNDARY)
                    && !(text + "\r\n").contains("\r--" + BOUNDARY)
                    && !text.startsWith("--" + BOUNDARY));
    return Combinators.combine(heads, contents).as(Part::new).list();
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withChars("ab/-ä漢.")
        .ofMinLength(1)
        .ofMaxLength(20)
        // After an empty line this is a boundary.
        .filter(name -> !name.startsWith("--" + BOUNDARY));
  }
}
