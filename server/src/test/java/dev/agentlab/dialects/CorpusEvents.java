package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.memory.MemoryBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The responses of the golden corpus as events.
final class CorpusEvents {
  static final Instant AT = Instant.ofEpochSecond(1_750_000_000);

  private static final Path CORPUS = Path.of("src/test/resources/corpus");

  private CorpusEvents() {}

  /// The files with responses that report no fault.
  static Stream<Path> files() {
    return Stream.of("anthropic", "bedrock", "gemini", "openai")
        .flatMap(dialect -> CorpusCase.folders(CORPUS.resolve(dialect)).stream())
        .filter(folder -> !folder.getFileName().toString().startsWith("embeddings"))
        .filter(folder -> !Files.exists(folder.resolve("fault.json")))
        .flatMap(
            folder -> Stream.of("answer.json", "stream.sse", "stream.bin").map(folder::resolve))
        .filter(Files::exists);
  }

  static StreamMemory memory() {
    return new StreamMemory(new MemoryBudget(64 << 20).open());
  }

  /// The events of a file.
  static List<StreamEvent> read(Path file) throws IOException {
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
}
