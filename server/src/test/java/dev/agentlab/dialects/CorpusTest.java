package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tests every dialect against the golden corpus, `src/test/resources/corpus`.
class CorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final List<String> BLANK_LINES = List.of("\n\n", "\n\r\n", "\r\r", "\n\r");

  /// The dialects by corpus folder.
  private static final Map<String, Dialect> DIALECTS =
      Map.ofEntries(
          Map.entry("anthropic", new Anthropic()),
          Map.entry("bedrock", new BedrockConverse()),
          Map.entry("gemini", new Gemini()),
          Map.entry("openai", OpenAi.withRules()));

  @TestFactory
  Stream<DynamicContainer> dialectMatchesCorpus() {
    assertThat(CorpusCase.folders(CORPUS).stream().map(it -> it.getFileName().toString()))
        .containsExactlyInAnyOrderElementsOf(DIALECTS.keySet());
    return DIALECTS.entrySet().stream()
        .map(entry ->
            dynamicContainer(
                entry.getKey(),
                CorpusCase.folders(CORPUS.resolve(entry.getKey())).stream()
                    .map(CorpusCase::new)
                    .map(it -> dynamicContainer(it.name(), tests(it, entry.getValue())))));
  }

  private static Stream<DynamicTest> tests(CorpusCase corpusCase, Dialect dialect) {
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(dynamicTest("files", corpusCase::hasOnlyKnownFiles));
    boolean hasResponse = corpusCase.has("answer.json");
    boolean isStream = corpusCase.has("stream.sse") || corpusCase.has("stream.bin");
    if (corpusCase.has("request.json") || !(hasResponse || isStream)) {
      tests.add(dynamicTest("request", () -> request(corpusCase, dialect)));
    }
    if (hasResponse) {
      tests.add(dynamicTest("response", () -> response(corpusCase, dialect)));
      tests.add(dynamicTest("response as a stream", () -> responseAsStream(corpusCase, dialect)));
    }
    if (isStream) {
      tests.add(dynamicTest("stream", () -> stream(corpusCase, dialect)));
      tests.add(dynamicTest("stream in chunks", () -> streamInChunks(corpusCase, dialect)));
      tests.add(dynamicTest("first content", () -> firstContent(corpusCase, dialect)));
    }
    return tests.stream();
  }

  private static void request(CorpusCase corpusCase, Dialect dialect) {
    ModelRequest request = corpusCase.request();
    ObjectNode result = JSON.objectNode();
    try {
      ProviderRequest upstream = dialect.translateRequest(request);
      result.put("path", upstream.path());
      upstream.headers().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(it -> result.withObjectProperty("headers").put(it.getKey(), it.getValue()));
      if (Arrays.equals(upstream.body(), corpusCase.requestBytes())) {
        result.put("body", "unchanged");
      } else {
        result.set("body", ProviderJson.MAPPER.readTree(upstream.body()));
      }
      upstream.warnings().forEach(result.withArrayProperty("warnings")::add);
    } catch (InvalidInputException e) {
      e.errors().forEach(error -> result.put(error.field(), error.message()));
      corpusCase.expect("refused.json", result);
      return;
    }
    corpusCase.expect("upstream.json", result);
  }

  private static void response(CorpusCase corpusCase, Dialect dialect) {
    byte[] answer = corpusCase.bytes("answer.json");
    byte[] translated;
    try {
      translated = dialect.translateResponse(corpusCase.request(), answer, AT).json();
    } catch (ProviderErrorException e) {
      corpusCase.expect("fault.json", json(e));
      return;
    }
    corpusCase.expect("client.json", ProviderJson.MAPPER.readTree(translated));
    if (new String(answer, UTF_8).equals(new String(corpusCase.bytes("client.json"), UTF_8))) {
      assertThat(translated).isEqualTo(answer);
    }
  }

  private static void responseAsStream(CorpusCase corpusCase, Dialect dialect) {
    ObjectNode requestBody = corpusCase.request().body().deepCopy();
    requestBody.putObject("stream_options").put("include_usage", true);
    ModelRequest request = ModelRequest.of(corpusCase.request().operation(), requestBody);
    byte[] answer = corpusCase.bytes("answer.json");
    byte[] completion;
    try {
      completion = dialect.translateResponse(request, answer, AT).json();
    } catch (ProviderErrorException e) {
      // An error has no completion to convert.
      return;
    }
    if (request.operation() == Operation.CHAT) {
      StreamReader reader = dialect.translateResponseToStream(request, answer, AT);
      String events = new String(reader.finish(), UTF_8);
      assertThat(reader.isDone()).isTrue();
      assertThat(events).endsWith("data: [DONE]\n\n");
      assertThat(completionOf(events)).isEqualTo(ProviderJson.MAPPER.readTree(completion));
    }
  }

  /// The completion that a stream of chunks contains.
  private static JsonNode completionOf(String events) {
    ChatCompletionsResponseWriter completion = new ChatCompletionsResponseWriter("", AT);
    StreamMemory memory = new StreamMemory(memory());
    new SseStreamReader(
            memory,
            completion::write,
            translated -> new ChatCompletionsStreamReader(memory, translated))
        .read(events.getBytes(UTF_8));
    return ProviderJson.MAPPER.readTree(completion.toAnswer().json());
  }

  private static void stream(CorpusCase corpusCase, Dialect dialect) {
    Read read =
        read(
            dialect.createStreamReader(corpusCase.request(), AT, memory()),
            List.of(raw(corpusCase)));

    corpusCase.expect("client.sse", read.events);
    corpusCase.expect("outcome.json", read.outcome);
  }

  private static void streamInChunks(CorpusCase corpusCase, Dialect dialect) {
    ModelRequest request = corpusCase.request();
    byte[] raw = raw(corpusCase);
    Read whole = read(dialect.createStreamReader(request, AT, memory()), List.of(raw));

    List<byte[]> bytes = new ArrayList<>();
    for (byte b : raw) {
      bytes.add(new byte[] {b});
    }
    assertThat(read(dialect.createStreamReader(request, AT, memory()), bytes)).isEqualTo(whole);
    for (int cut = 1; cut < raw.length; cut++) {
      byte[] start = Arrays.copyOf(raw, cut);
      byte[] rest = Arrays.copyOfRange(raw, cut, raw.length);
      assertThat(
              read(
                  dialect.createStreamReader(request, AT, memory()),
                  List.of(start, new byte[0], rest)))
          .as("cut after %d bytes", cut)
          .isEqualTo(whole);
    }
  }

  private static byte[] raw(CorpusCase corpusCase) {
    return corpusCase.bytes(corpusCase.has("stream.sse") ? "stream.sse" : "stream.bin");
  }

  /// `hasContent` is true from the byte that completes the first event with content.
  private static void firstContent(CorpusCase corpusCase, Dialect dialect) {
    StreamReader reader = dialect.createStreamReader(corpusCase.request(), AT, memory());
    boolean hasContent = false;
    for (byte b : raw(corpusCase)) {
      hasContent |= hasContent(new String(reader.read(new byte[] {b}), UTF_8));
      assertThat(reader.hasContent()).isEqualTo(hasContent);
    }
  }

  private static boolean hasContent(String events) {
    return events
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> ProviderJson.MAPPER.readTree(line.substring("data: ".length())))
        .flatMap(chunk -> chunk.path("choices").valueStream())
        .flatMap(choice -> choice.path("delta").propertyStream())
        .anyMatch(member ->
            !member.getKey().equals("role")
                && !List.of("", "null", "[]", "{}")
                    .contains(member.getValue().asString(member.getValue().toString())));
  }

  /// The result of reading a stream.
  ///
  /// @param events the complete output
  private record Read(String events, JsonNode outcome) {}

  private static MemoryBudget.Reservation memory() {
    return new MemoryBudget(256 << 20).open();
  }

  private static Read read(StreamReader reader, List<byte[]> pieces) {
    StringBuilder events = new StringBuilder();
    for (byte[] piece : pieces) {
      boolean hadError = reader.error().isPresent();
      String output = new String(reader.read(piece), UTF_8);
      assertThat(output.isEmpty() || BLANK_LINES.stream().anyMatch(output::endsWith)).isTrue();
      assertThat(hadError && !output.isEmpty()).as("output after an error").isFalse();
      events.append(output);
    }
    events.append(new String(reader.finish(), UTF_8));
    ObjectNode outcome = JSON.objectNode().put("whole", reader.isComplete());
    if (!reader.usage().equals(TokenUsage.NONE)) {
      outcome.set("usage", OpenAiUsage.CHAT.write(reader.usage()));
    }
    reader.error().ifPresent(it -> outcome.set("fault", json(it)));
    return new Read(events.toString(), outcome);
  }

  private static ObjectNode json(ProviderErrorException error) {
    ObjectNode json = JSON.objectNode().put("message", error.getMessage());
    error.type().ifPresent(it -> json.put("type", it));
    return json;
  }
}
