package dev.agentlab.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentlab.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretReferenceResolverTest {
  @TempDir private Path root;
  private Path folder;
  private SecretReferenceResolver resolver;

  @BeforeEach
  void createFiles() throws Exception {
    folder = Files.createDirectories(root.resolve("secrets"));
    Files.createDirectories(folder.resolve("team"));
    Files.writeString(folder.resolve("key"), "one\n");
    Files.writeString(folder.resolve("windows"), "two\r\n");
    Files.writeString(folder.resolve("lines"), "three\n\n");
    Files.writeString(folder.resolve("team/key"), "four");
    Files.writeString(folder.resolve("empty"), "\n");
    Files.writeString(folder.resolve("large"), "x".repeat(16_001));
    Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0});
    Files.writeString(root.resolve("outside"), "not for you");
    Files.createSymbolicLink(folder.resolve("escape"), root.resolve("outside"));
    Files.createSymbolicLink(folder.resolve("inside"), folder.resolve("key"));
    Files.createSymbolicLink(folder.resolve("up"), root);
    resolver =
        new SecretReferenceResolver(
            List.of("LISTED", "UNSET"),
            Map.of("LISTED", Secret.of("five"), "OTHER", Secret.of("six")),
            Optional.of(folder));
  }

  @Test
  void referenceIsAnObjectWithOneStringMember() {
    assertThat(read("{\"env\": \"A\"}")).contains(new SecretReference.Variable("A"));
    assertThat(read("{\"file\": \"a/b\"}")).contains(new SecretReference.File("a/b"));
    for (String none :
        List.of("\"A\"", "{}", "{\"env\": 1}", "{\"env\": \"A\", \"file\": \"b\"}", "[\"env\"]")) {
      assertThat(read(none)).isEmpty();
    }
    assertThat(Json.MAPPER.writeValueAsString(new SecretReference.Variable("A")))
        .isEqualTo("{\"set\":true,\"env\":\"A\"}");
  }

  private static Optional<SecretReference> read(String json) {
    return SecretReference.parse(Json.MAPPER.readTree(json));
  }

  @ParameterizedTest
  @CsvSource({"key, one", "windows, two", "'team/key', four", "'./key', one", "inside, one"})
  void fileInDirectoryIsReadWithoutItsLastLineBreak(String path, String secret) throws Exception {
    assertThat(resolver.resolve(new SecretReference.File(path)).reveal()).isEqualTo(secret);
    Path absolute = folder.resolve(path);
    assertThat(resolver.resolve(new SecretReference.File(absolute.toString())).reveal())
        .isEqualTo(secret);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside",
        "team/../key",
        "..",
        "",
        ".",
        "/etc/passwd",
        "escape",
        "up/outside",
        "up/secrets/../outside",
        "a\0b"
      })
  void fileOutsideDirectoryIsRejectedAndNeverRead(String path) {
    SecretReference reference = new SecretReference.File(path);
    assertThat(resolver.findError(reference))
        .hasValueSatisfying(it -> assertThat(it).contains("folder"));
    assertThatExceptionOfType(SecretReferenceResolver.UnresolvedException.class)
        .isThrownBy(() -> resolver.resolve(reference));
  }

  @ParameterizedTest
  @CsvSource({
    "missing, cannot read",
    "team, not a regular file",
    "empty, is empty",
    "large, more than",
    "binary, not UTF-8 text"
  })
  void invalidSecretFileIsRejectedOnlyOnResolution(String path, String why) {
    SecretReference reference = new SecretReference.File(path);
    assertThat(resolver.findError(reference)).isEmpty();
    assertThatExceptionOfType(SecretReferenceResolver.UnresolvedException.class)
        .isThrownBy(() -> resolver.resolve(reference))
        .withMessageContaining(why)
        .withMessageNotContaining(root.toString());
  }

  @Test
  void onlyListedVariablesAreRead() throws Exception {
    assertThat(resolver.resolve(new SecretReference.Variable("LISTED")).reveal()).isEqualTo("five");
    assertThatExceptionOfType(SecretReferenceResolver.UnresolvedException.class)
        .isThrownBy(() -> resolver.resolve(new SecretReference.Variable("UNSET")))
        .withMessageContaining("was not set");
    for (String name : List.of("OTHER", "PATH", "")) {
      assertThat(resolver.findError(new SecretReference.Variable(name)))
          .hasValueSatisfying(it -> assertThat(it).contains("add it to secrets.env"));
    }
  }

  @Test
  void noneAllowsNoReference() {
    assertThat(SecretReferenceResolver.none().findError(new SecretReference.Variable("LISTED")))
        .isPresent();
    assertThat(SecretReferenceResolver.none().findError(new SecretReference.File("key")))
        .hasValueSatisfying(it -> assertThat(it).contains("set secrets.folder"));
  }
}
