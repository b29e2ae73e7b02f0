package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

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

/// Holds every dialect to the golden corpus, `src/test/resources/corpus`.
class CorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final List<String> BLANK_LINES = List.of("\n\n", "\n\r\n", "\r\r", "\n\r");

  /// The dialect that each folder of the corpus is about.
  private static final Map<String, Dialect> DIALECTS =
      Map.ofEntries(
          Map.entry("anthropic", new Anthropic()),
          Map.entry("bedrock", new BedrockConverse()),
          Map.entry("gemini", new Gemini()),
          Map.entry("openai", OpenAi.with()));

  @TestFactory
  Stream<DynamicContainer> dialectSaysWhatTheCorpusSays() {
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

  private static Stream<DynamicTest> tests(CorpusCase given, Dialect dialect) {
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(dynamicTest("files", given::hasOnlyKnownFiles));
    boolean answered = given.has("answer.json");
    boolean streamed = given.has("stream.sse") || given.has("stream.bin");
    if (given.has("request.json") || !(answered || streamed)) {
      tests.add(dynamicTest("request", () -> request(given, dialect)));
    }
    if (answered) {
      tests.add(dynamicTest("answer", () -> answer(given, dialect)));
      tests.add(dynamicTest("answer told as a stream", () -> answerAsStream(given, dialect)));
    }
    if (streamed) {
      tests.add(dynamicTest("stream", () -> stream(given, dialect)));
      tests.add(dynamicTest("stream cut anywhere", () -> cutStream(given, dialect)));
      tests.add(dynamicTest("first content", () -> firstContent(given, dialect)));
    }
    return tests.stream();
  }

  private static void request(CorpusCase given, Dialect dialect) {
    ModelRequest request = given.request();
    ObjectNode result = JSON.objectNode();
    try {
      ProviderRequest upstream = dialect.write(request);
      result.put("path", upstream.path());
      upstream.headers().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(it -> result.withObjectProperty("headers").put(it.getKey(), it.getValue()));
      if (Arrays.equals(upstream.body(), given.sent())) {
        result.put("body", "unchanged");
      } else {
        result.set("body", ProviderJson.MAPPER.readTree(upstream.body()));
      }
      upstream.warnings().forEach(result.withArrayProperty("warnings")::add);
    } catch (InvalidInputException e) {
      e.errors().forEach(error -> result.put(error.field(), error.message()));
      given.expect("refused.json", result);
      return;
    }
    given.expect("upstream.json", result);
  }

  private static void answer(CorpusCase given, Dialect dialect) {
    byte[] answer = given.bytes("answer.json");
    byte[] canonical;
    try {
      canonical = dialect.answer(given.request(), answer, AT).json();
    } catch (ProviderErrorException e) {
      given.expect("fault.json", json(e));
      return;
    }
    given.expect("canonical.json", ProviderJson.MAPPER.readTree(canonical));
    if (new String(answer, UTF_8).equals(new String(given.bytes("canonical.json"), UTF_8))) {
      assertThat(canonical).isEqualTo(answer);
    }
  }

  private static void answerAsStream(CorpusCase given, Dialect dialect) {
    ObjectNode asked = given.request().body().deepCopy();
    asked.putObject("stream_options").put("include_usage", true);
    ModelRequest request = ModelRequest.of(given.request().operation(), asked);
    byte[] completion;
    try {
      completion = dialect.answer(request, given.bytes("answer.json"), AT).json();
    } catch (ProviderErrorException e) {
      // Nothing is there to be told.
      return;
    }
    if (request.operation() == Operation.CHAT) {
      String events = new String(CompletionAsStream.of(request, completion, memory()), UTF_8);
      assertThat(events).endsWith("data: [DONE]\n\n");
      assertThat(together(events)).isEqualTo(ProviderJson.MAPPER.readTree(completion));
    }
  }

  /// The answer that a stream of chunks tells.
  private static ObjectNode together(String events) {
    ObjectNode common = JSON.objectNode();
    ChatCompletionBuilder chat = new ChatCompletionBuilder();
    for (String event : events.split("\n\n", -1)) {
      String data = event.replaceFirst("^data: ", "");
      if (!data.startsWith("{")) {
        continue;
      }
      ObjectNode chunk = (ObjectNode) ProviderJson.MAPPER.readTree(data);
      for (JsonNode choice : chunk.path("choices")) {
        int index = choice.path("index").intValue();
        chat.delta(index, ((ObjectNode) choice.path("delta")).without("role"));
        choice.forEachEntry((name, value) -> {
          if (!name.equals("delta")) {
            chat.member(index, name, value);
          }
        });
      }
      common.setAll(chunk);
    }
    common.put("object", "chat.completion");
    return common.set("choices", chat.json("", "", AT, JSON.missingNode()).path("choices"));
  }

  private static void stream(CorpusCase given, Dialect dialect) {
    Read read =
        read(dialect.stream(given.request().expectedStream(), AT, memory()), List.of(raw(given)));

    given.expect("canonical.sse", read.events);
    given.expect("outcome.json", read.outcome);
  }

  private static void cutStream(CorpusCase given, Dialect dialect) {
    ModelRequest request = given.request();
    byte[] raw = raw(given);
    Read whole = read(dialect.stream(request.expectedStream(), AT, memory()), List.of(raw));

    List<byte[]> bytes = new ArrayList<>();
    for (byte b : raw) {
      bytes.add(new byte[] {b});
    }
    assertThat(read(dialect.stream(request.expectedStream(), AT, memory()), bytes))
        .isEqualTo(whole);
    for (int cut = 1; cut < raw.length; cut++) {
      byte[] start = Arrays.copyOf(raw, cut);
      byte[] rest = Arrays.copyOfRange(raw, cut, raw.length);
      assertThat(
              read(
                  dialect.stream(request.expectedStream(), AT, memory()),
                  List.of(start, new byte[0], rest)))
          .as("cut after %d bytes", cut)
          .isEqualTo(whole);
    }
  }

  private static byte[] raw(CorpusCase given) {
    return given.bytes(given.has("stream.sse") ? "stream.sse" : "stream.bin");
  }

  /// The reader knows of content from the byte on that makes an event with some whole.
  private static void firstContent(CorpusCase given, Dialect dialect) {
    StreamReader reader = dialect.stream(given.request().expectedStream(), AT, memory());
    boolean hasContent = false;
    for (byte one : raw(given)) {
      hasContent |= hasContent(new String(reader.read(new byte[] {one}), UTF_8));
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

  /// What came of reading a stream.
  ///
  /// @param events all that was given out
  private record Read(String events, JsonNode outcome) {}

  private static MemoryBudget.Reservation memory() {
    return new MemoryBudget(256 << 20).open();
  }

  private static Read read(StreamReader reader, List<byte[]> pieces) {
    StringBuilder events = new StringBuilder();
    for (byte[] piece : pieces) {
      boolean faulted = reader.fault().isPresent();
      String given = new String(reader.read(piece), UTF_8);
      assertThat(given.isEmpty() || BLANK_LINES.stream().anyMatch(given::endsWith)).isTrue();
      assertThat(faulted && !given.isEmpty()).as("something after a fault").isFalse();
      events.append(given);
    }
    events.append(new String(reader.end(), UTF_8));
    ObjectNode outcome = JSON.objectNode().put("whole", reader.isWhole());
    reader.usage().ifPresent(it -> outcome.set("usage", it));
    reader.fault().ifPresent(it -> outcome.set("fault", json(it)));
    return new Read(events.toString(), outcome);
  }

  private static ObjectNode json(ProviderErrorException fault) {
    ObjectNode json = JSON.objectNode().put("message", fault.getMessage());
    fault.type().ifPresent(it -> json.put("type", it));
    return json;
  }
}
