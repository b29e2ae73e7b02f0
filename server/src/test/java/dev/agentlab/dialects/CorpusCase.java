package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// One case of the golden corpus; the README of the corpus describes the files.
record CorpusCase(Path folder) {
  private static final JsonMapper PRETTY =
      ProviderJson.MAPPER.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final Set<String> NAMES =
      Set.of(
          "case.json",
          "request.json",
          "upstream.json",
          "refused.json",
          "answer.json",
          "stream.sse",
          "stream.bin",
          "client.json",
          "fault.json",
          "client.sse",
          "outcome.json");

  /// The subfolders of a folder, sorted by name.
  static List<Path> folders(Path parent) {
    try (Stream<Path> children = Files.list(parent)) {
      return children.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return folder.getFileName().toString();
  }

  void hasOnlyKnownFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf(NAMES);
    }
  }

  /// The bytes of the request, as sent by a caller.
  byte[] requestBytes() {
    return bytes(
        has("request.json")
            ? folder.resolve("request.json")
            : folder.resolveSibling("request.json"));
  }

  ModelRequest request() {
    byte[] bytes = requestBytes();
    Operation operation =
        ProviderJson.MAPPER.readTree(bytes).has("input") ? Operation.EMBEDDINGS : Operation.CHAT;
    ModelRequest request = ModelRequest.parse(operation, bytes);
    boolean counting =
        json("case.json").map(it -> it.path("counting_usage").booleanValue()).orElse(false);
    return counting ? request.withStreamUsage() : request;
  }

  boolean has(String name) {
    return Files.exists(folder.resolve(name));
  }

  Optional<JsonNode> json(String name) {
    return has(name) ? Optional.of(ProviderJson.MAPPER.readTree(bytes(name))) : Optional.empty();
  }

  byte[] bytes(String name) {
    return bytes(folder.resolve(name));
  }

  /// Compares a result with the expected result in a file.
  void expect(String name, JsonNode result) {
    if (!has(name)) {
      missing(name, PRETTY.writeValueAsString(result) + "\n");
    }
    assertThat(PRETTY.writeValueAsString(result))
        .isEqualTo(PRETTY.writeValueAsString(json(name).orElseThrow()));
  }

  /// Compares a result with the expected result in a file, byte for byte.
  void expect(String name, String result) {
    if (!has(name)) {
      missing(name, result);
    }
    assertThat(result).isEqualTo(new String(bytes(name), UTF_8));
  }

  private void missing(String name, String result) {
    if (!Boolean.getBoolean("corpus.record")) {
      fail("%s has no %s; the actual result is%n%s", folder, name, result);
    }
    try {
      Files.writeString(folder.resolve(name), result);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.println("recorded " + folder.resolve(name));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
