package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ReasoningStarted;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.TextEnded;
import dev.agentlab.conversation.StreamEvent.TextStarted;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The events that the readers of all dialects produce from the golden corpus. A writer of any
/// client's dialect relies on their order.
class NeutralEventsTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final List<String> DIALECTS = List.of("anthropic", "bedrock", "gemini", "openai");

  @TestFactory
  Stream<DynamicTest> eventsOfEveryStreamAreInOrder() {
    return cases("stream.sse", "stream.bin")
        .map(folder -> dynamicTest(folder.toString(), () -> requireOrder(streamEvents(folder))));
  }

  @TestFactory
  Stream<DynamicTest> eventsOfEveryResponseAreInOrder() {
    return cases("answer.json")
        .filter(folder -> !Files.exists(folder.resolve("fault.json")))
        .filter(folder -> !folder.getFileName().toString().startsWith("embeddings"))
        .map(folder ->
            dynamicTest(
                folder.toString(),
                () -> {
                  List<StreamEvent> events = responseEvents(folder);
                  requireOrder(events);
                  assertThat(events.getLast()).isInstanceOf(ResponseFinished.class);
                }));
  }

  private static Stream<Path> cases(String... files) {
    return DIALECTS.stream()
        .flatMap(dialect -> CorpusCase.folders(CORPUS.resolve(dialect)).stream())
        .filter(folder -> Stream.of(files).anyMatch(file -> Files.exists(folder.resolve(file))));
  }

  private static void requireOrder(List<StreamEvent> events) {
    Map<Integer, Class<?>> open = new HashMap<>();
    Set<Integer> used = new HashSet<>();
    Set<Integer> finishedChoices = new HashSet<>();
    for (int i = 0; i < events.size(); i++) {
      StreamEvent event = events.get(i);
      switch (event) {
        case TextStarted(_, int block) -> begin(block, TextStarted.class, open, used);
        case TextDelta(_, int block, _) -> assertThat(open).containsEntry(block, TextStarted.class);
        case TextEnded(_, int block) -> assertThat(open.remove(block)).isEqualTo(TextStarted.class);
        case ReasoningStarted(_, int block) -> begin(block, ReasoningStarted.class, open, used);
        case ReasoningDelta(_, int block, _) ->
            assertThat(open).containsEntry(block, ReasoningStarted.class);
        case ReasoningEnded ended ->
            assertThat(open.remove(ended.block())).isEqualTo(ReasoningStarted.class);
        case ToolInputStarted started -> begin(started.block(), ToolInputStarted.class, open, used);
        case ToolInputDelta(_, int block, _) ->
            assertThat(open).containsEntry(block, ToolInputStarted.class);
        case ToolInputEnded(_, int block) ->
            assertThat(open.remove(block)).isEqualTo(ToolInputStarted.class);
        case ChoiceFinished finished -> assertThat(finishedChoices.add(finished.choice())).isTrue();
        case ResponseFinished _, ResponseFailed _ -> assertThat(i).isEqualTo(events.size() - 1);
        default -> {}
      }
      if (event instanceof ChoiceEvent choice && event.isContent()) {
        assertThat(finishedChoices).doesNotContain(choice.choice());
      }
    }
    if (events.getLast() instanceof ResponseFinished) {
      assertThat(open).isEmpty();
    }
  }

  private static void begin(
      int block, Class<?> kind, Map<Integer, Class<?>> open, Set<Integer> used) {
    assertThat(used.add(block)).as("the id of a block is unique").isTrue();
    open.put(block, kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "anthropic/stream-error",
        "anthropic/stream-error-body",
        "bedrock/stream-throttled",
        "bedrock/stream-damaged",
        "gemini/stream-error",
        "gemini/stream-error-bare",
        "openai/stream-error",
      })
  void errorIsTheLastEvent(String folder) throws IOException {
    assertThat(streamEvents(CORPUS.resolve(folder)).getLast()).isInstanceOf(ResponseFailed.class);
  }

  @Test
  void truncatedStreamHasNoLastEvent() throws IOException {
    for (String folder : List.of("anthropic/stream-truncated", "openai/stream-truncated")) {
      assertThat(streamEvents(CORPUS.resolve(folder)))
          .noneMatch(event -> event instanceof ResponseFinished || event instanceof ResponseFailed);
    }
  }

  @Test
  void signatureOfReasoningIsNeutral() throws IOException {
    List<String> signatures = new ArrayList<>();
    for (String folder : List.of("anthropic/stream-thinking", "bedrock/stream-reasoning")) {
      for (StreamEvent event : streamEvents(CORPUS.resolve(folder))) {
        if (event instanceof ReasoningEnded ended) {
          ended.signature().or(ended::redacted).ifPresent(signatures::add);
        }
      }
    }

    assertThat(signatures)
        .containsExactly(
            "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds",
            "EmwKAhgB",
            "c2lnbmVk",
            "c2VjcmV0");
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic, stream-text, STOP",
    "anthropic, stream-length, LENGTH",
    "anthropic, stream-tools, TOOL_CALLS",
    "anthropic, stream-refusal, CONTENT_FILTER",
    "bedrock, stream-text, STOP",
    "bedrock, stream-guardrail, CONTENT_FILTER",
    "gemini, stream-tools, TOOL_CALLS",
    "gemini, stream-choices, STOP",
    "openai, stream-text, STOP",
    "openai, stream-tools, TOOL_CALLS",
    "openai, stream-without-done, LENGTH",
  })
  void streamReportsTheFinishReasonOfTheFirstChoice(
      String dialect, String name, FinishReason reason) throws IOException {
    Path folder = CORPUS.resolve(dialect).resolve(name);
    StreamReader reader =
        dialect(dialect)
            .createStreamReader(
                ModelRequest.parse(
                    Operation.CHAT,
                    "{\"model\":\"m\",\"stream_options\":{\"include_usage\":true}}"
                        .getBytes(UTF_8)),
                AT,
                new MemoryBudget(1 << 20).open());
    reader.read(bytes(folder));
    reader.finish();

    assertThat(reader.finishReason()).contains(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic, answer-tools, TOOL_CALLS",
    "anthropic, answer-paused, OTHER",
    "gemini, answer-safety, CONTENT_FILTER",
    "openai, whole-text, STOP",
  })
  void responseReportsItsFinishReason(String dialect, String name, FinishReason reason)
      throws IOException {
    Path folder = CORPUS.resolve(dialect).resolve(name);
    byte[] answer = Files.readAllBytes(folder.resolve("answer.json"));

    assertThat(
            dialect(dialect)
                .translateResponse(new CorpusCase(folder).request(), answer, AT)
                .finishReason())
        .contains(reason);
  }

  @Test
  void cacheWritesAreCountedByTheirLifetime() {
    JsonNode usage =
        ProviderJson.MAPPER.readTree(
            """
            {"input_tokens": 1, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 30,
             "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
             "output_tokens": 5, "output_tokens_details": {"thinking_tokens": 4}}\
            """);

    TokenUsage counts = AnthropicResponseReader.usage(usage);

    assertThat(counts.counts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                TokenClass.INPUT, 1L,
                TokenClass.CACHED_INPUT, 2L,
                TokenClass.CACHE_WRITE_5_MINUTES, 10L,
                TokenClass.CACHE_WRITE_1_HOUR, 20L,
                TokenClass.OUTPUT, 5L,
                TokenClass.REASONING, 4L));
  }

  @Test
  void cachedTokensAreNotCountedAsFreshInput() {
    TokenUsage gemini =
        GeminiResponseReader.usage(
            ProviderJson.MAPPER.readTree(
                """
                {"promptTokenCount": 10, "cachedContentTokenCount": 8, "candidatesTokenCount": 3,
                 "thoughtsTokenCount": 2}\
                """));
    TokenUsage openAi =
        OpenAiUsage.CHAT.read(
            ProviderJson.MAPPER.readTree(
                """
                {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 8},
                 "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 2}}\
                """));

    assertThat(gemini.counts()).isEqualTo(openAi.counts());
    assertThat(gemini.input()).isEqualTo(2);
    assertThat(gemini.totalInput()).isEqualTo(10);
  }

  private static List<StreamEvent> streamEvents(Path folder) throws IOException {
    List<StreamEvent> events = new ArrayList<>();
    StreamMemory memory = new StreamMemory(new MemoryBudget(64 << 20).open());
    Consumer<StreamEvent> consumer = events::add;
    ProviderStreamReader reader = dialect(folder).createReader(memory, AT, consumer);
    reader.read(bytes(folder));
    reader.endInput();
    assertThat(events).isNotEmpty();
    return events;
  }

  private static List<StreamEvent> responseEvents(Path folder) throws IOException {
    JsonNode json = ProviderJson.MAPPER.readTree(Files.readAllBytes(folder.resolve("answer.json")));
    List<StreamEvent> events = new ArrayList<>();
    dialect(folder).readChat(json, AT, events::add);
    return events;
  }

  private static byte[] bytes(Path folder) throws IOException {
    Path sse = folder.resolve("stream.sse");
    return Files.readAllBytes(Files.exists(sse) ? sse : folder.resolve("stream.bin"));
  }

  private static ProviderDialect dialect(Path folder) {
    return dialect(CORPUS.relativize(folder).getName(0).toString());
  }

  private static ProviderDialect dialect(String name) {
    return switch (name) {
      case "anthropic" -> new Anthropic();
      case "bedrock" -> new BedrockConverse();
      case "gemini" -> new Gemini();
      default -> OpenAi.withRules();
    };
  }
}
