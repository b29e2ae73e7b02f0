package dev.agentlab.dialects;

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
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Events that are written for a client of Anthropic's API, as a message and as a stream, and read
/// again as those of a provider.
class AnthropicRoundTripTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final int REFUSAL = -1;
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);

  @TestFactory
  Stream<DynamicTest> eventsOfTheCorpusSurvive() {
    return Stream.of("anthropic", "bedrock", "gemini", "openai")
        .flatMap(dialect -> CorpusCase.folders(CORPUS.resolve(dialect)).stream())
        .filter(folder -> !folder.getFileName().toString().startsWith("embeddings"))
        .filter(folder -> !Files.exists(folder.resolve("fault.json")))
        .flatMap(
            folder -> Stream.of("answer.json", "stream.sse", "stream.bin").map(folder::resolve))
        .filter(Files::exists)
        .map(file -> dynamicTest(file.toString(), () -> requireSurvival(events(file))));
  }

  /// Blocks that overlap in any way.
  @Property(tries = 2_000)
  void interleavedBlocksSurvive(@ForAll long seed) {
    requireSurvival(interleaved(new Random(seed)));
  }

  private static void requireSurvival(List<StreamEvent> events) {
    byte[] stream = stream(events);
    AnthropicStreamChecker checker = AnthropicStreamChecker.read(stream);
    if (!(events.getLast() instanceof ResponseFinished)) {
      return;
    }
    JsonNode message = message(events);
    assertThat(checker.message()).isEqualTo(message);

    List<StreamEvent> ofStream = new ArrayList<>();
    ProviderStreamReader reader = new Anthropic().createReader(memory(), AT, ofStream::add);
    for (byte b : stream) {
      reader.read(new byte[] {b});
    }
    assertThat(summary(ofStream)).isEqualTo(summary(events));

    List<StreamEvent> ofMessage = new ArrayList<>();
    new Anthropic().readChat(message, AT, ofMessage::add);
    assertThat(summary(ofMessage)).isEqualTo(summary(events));
  }

  private static byte[] stream(List<StreamEvent> events) {
    AnthropicStreamWriter writer = new AnthropicStreamWriter("m", AT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (StreamEvent event : events) {
      writer.write(event);
      out.writeBytes(writer.take());
    }
    assertThat(!(events.getLast() instanceof ResponseFinished) || writer.retainedBytes() < 10_000)
        .isTrue();
    return out.toByteArray();
  }

  private static JsonNode message(List<StreamEvent> events) {
    AnthropicResponseWriter writer = new AnthropicResponseWriter("m", AT);
    events.forEach(writer::write);
    return ProviderJson.MAPPER.readTree(writer.toAnswer().json());
  }

  private static StreamMemory memory() {
    return new StreamMemory(new MemoryBudget(64 << 20).open());
  }

  private static List<StreamEvent> events(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ProviderDialect dialect =
        switch (CORPUS.relativize(file).getName(0).toString()) {
          case "anthropic" -> new Anthropic();
          case "bedrock" -> new BedrockConverse();
          case "gemini" -> new Gemini();
          default -> OpenAi.withRules();
        };
    List<StreamEvent> events = new ArrayList<>();
    if (file.endsWith("answer.json")) {
      dialect.readChat(ProviderJson.MAPPER.readTree(bytes), AT, events::add);
    } else {
      ProviderStreamReader reader = dialect.createReader(memory(), AT, events::add);
      reader.read(bytes);
      reader.endInput();
      if (events.stream().anyMatch(ChoiceFinished.class::isInstance)
          && !(events.getLast() instanceof ResponseFinished)
          && !(events.getLast() instanceof ResponseFailed)) {
        events.add(reader.createFinish());
      }
    }
    return events;
  }

  /// Blocks in the order of their starts, each of which is interleaved with others.
  private static List<StreamEvent> interleaved(Random random) {
    List<List<StreamEvent>> blocks = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      blocks.add(block(random, blocks.size()));
    }
    List<StreamEvent> events = new ArrayList<>();
    Collections.shuffle(blocks, random);
    while (!blocks.isEmpty()) {
      List<StreamEvent> block = blocks.get(random.nextInt(blocks.size()));
      events.add(block.removeFirst());
      blocks.removeIf(List::isEmpty);
    }
    boolean hasCalls = events.stream().anyMatch(ToolInputStarted.class::isInstance);
    events.add(
        new ChoiceFinished(
            0, hasCalls ? FinishReason.TOOL_CALLS : FinishReason.STOP, "openai", "stop"));
    events.add(new ResponseFinished(new TokenUsage(random.nextInt(9), 2), Optional.empty()));
    return events;
  }

  private static List<StreamEvent> block(Random random, int id) {
    List<StreamEvent> events = new ArrayList<>();
    switch (random.nextInt(4)) {
      case 0 -> {
        events.add(new TextStarted(0, id));
        parts(random, "Grüße 👋 {}\n" + id).forEach(part -> events.add(new TextDelta(0, id, part)));
        events.add(new TextEnded(0, id));
      }
      case 1 -> {
        events.add(new ReasoningStarted(0, id));
        parts(random, "Hm " + id).forEach(part -> events.add(new ReasoningDelta(0, id, part)));
        Optional<VendorMembers> original =
            random.nextBoolean()
                ? Optional.empty()
                : Optional.of(
                    new VendorMembers("bedrock", ProviderJson.object().set("reasoning", list(id))));
        events.add(new ReasoningEnded(0, id, Optional.empty(), Optional.empty(), original));
      }
      case 2 -> {
        Optional<VendorMembers> data =
            random.nextBoolean()
                ? Optional.empty()
                : Optional.of(
                    new VendorMembers("google", ProviderJson.object().put("signature", id)));
        events.add(new ToolInputStarted(0, id, "call_" + id, "f", "", data));
        parts(random, " {\"a\": [" + id + ", 1.50, \"ä \"]}\n")
            .forEach(part -> events.add(new ToolInputDelta(0, id, part)));
        events.add(new ToolInputEnded(0, id));
      }
      default ->
          events.add(
              new VendorContent(
                  0, new VendorMembers("google", ProviderJson.object().set("parts", list(id)))));
    }
    return events;
  }

  private static ArrayNode list(int element) {
    return ProviderJson.array().add(element);
  }

  /// Splits a text between any characters.
  private static List<String> parts(Random random, String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(text.length(), start + random.nextInt(4));
      if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
        end++;
      }
      parts.add(text.substring(start, end));
      start = end;
    }
    return parts;
  }

  /// What a client has to receive of the first choice.
  ///
  /// @param blocks the texts, the readable reasoning and the tool calls, in their order
  /// @param vendorContent what a model needs in the next request, by vendor and call
  private record Summary(
      List<String> blocks,
      Map<String, String> vendorContent,
      FinishReason reason,
      List<Long> counts) {}

  /// Collects the events of one response to a [Summary].
  private static final class Summarizer {
    private final Map<Integer, StringBuilder> texts = new LinkedHashMap<>();
    private final Map<Integer, String> calls = new HashMap<>();
    private final Map<String, ObjectNode> vendorContent = new HashMap<>();
    private FinishReason reason = FinishReason.STOP;
    private boolean isOwnReason;
    private TokenUsage usage = TokenUsage.NONE;

    private void add(StreamEvent event) {
      switch (event) {
        case TextDelta delta -> append(delta.block(), delta.text());
        case ReasoningDelta delta -> append(delta.block(), delta.text());
        case ToolInputStarted started -> {
          calls.put(started.block(), started.callId() + " " + started.name() + " ");
          texts.put(started.block(), new StringBuilder(started.input()));
          started.vendorData().ifPresent(data -> addMembers(data, started.callId()));
        }
        case ToolInputDelta delta -> append(delta.block(), delta.input());
        case ReasoningEnded ended -> ended.original().ifPresent(this::addOriginal);
        case VendorContent content -> addMembers(content.content(), "");
        case ChoiceFinished finished -> {
          reason = finished.reason();
          isOwnReason = finished.vendor().equals("anthropic");
        }
        case ResponseFinished finished -> usage = finished.usage();
        default -> {}
      }
    }

    private void append(int block, String text) {
      if (!text.isEmpty()) {
        texts.computeIfAbsent(block, _ -> new StringBuilder()).append(text);
      }
    }

    /// Adds a whole block of reasoning, or what it carries.
    private void addOriginal(VendorMembers original) {
      JsonNode block = original.members().at("/content/0");
      Optional<AnthropicCarrier.Carried> carried =
          block.path("data").stringValueOpt().flatMap(AnthropicCarrier::decode);
      if (carried.isPresent()) {
        carried
            .get()
            .byVendor()
            .forEachEntry((vendor, members) ->
                addMembers(
                    new VendorMembers(vendor, (ObjectNode) members),
                    carried.get().call().orElse("")));
      } else if (!block.path("signature").stringValue("-").isEmpty()) {
        addMembers(original, "");
      }
    }

    private void addMembers(VendorMembers data, String call) {
      data.members().forEachEntry((name, value) -> add(data.vendor(), call, name, value));
    }

    private void add(String vendor, String call, String name, JsonNode value) {
      boolean isText = vendor.equals("openai") && value.isString();
      if (isText && name.equals("refusal")) {
        append(REFUSAL, value.stringValue());
      } else if (!value.isNull() && !(value.isContainer() && value.isEmpty())) {
        ObjectNode members =
            vendorContent.computeIfAbsent(vendor + call, _ -> ProviderJson.object());
        if (isText) {
          members.put(name, members.path(name).stringValue("") + value.stringValue());
        } else if (value.isArray()) {
          value.forEach(members.withArrayProperty(name)::add);
        } else {
          members.set(name, value);
        }
      }
    }

    private Summary summary() {
      if (!isOwnReason && (reason == FinishReason.STOP || reason == FinishReason.OTHER)) {
        reason = calls.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS;
        reason = texts.containsKey(REFUSAL) ? FinishReason.CONTENT_FILTER : reason;
      }
      List<String> blocks = new ArrayList<>();
      texts.forEach((block, text) ->
          blocks.add(
              calls.containsKey(block)
                  ? calls.get(block) + input(text.toString())
                  : text.toString()));
      Map<String, String> content = new HashMap<>();
      vendorContent.forEach((key, members) -> content.put(key, members.toString()));
      return new Summary(
          blocks, content, reason, Stream.of(TokenClass.values()).map(usage::count).toList());
    }

    private static String input(String text) {
      return text.isBlank() ? "{}" : ProviderJson.MAPPER.readTree(text).toString();
    }
  }

  private static Summary summary(List<StreamEvent> events) {
    Summarizer summarizer = new Summarizer();
    events.stream()
        .filter(event -> !(event instanceof ChoiceEvent choice) || choice.choice() == 0)
        .forEach(summarizer::add);
    return summarizer.summary();
  }
}
