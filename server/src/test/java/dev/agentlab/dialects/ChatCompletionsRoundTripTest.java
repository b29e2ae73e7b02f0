package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.ContentPart.ImagePart;
import dev.agentlab.conversation.ContentPart.ToolCallPart;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests and streams of OpenAI's dialect that are read into the neutral model and written again.
class ChatCompletionsRoundTripTest {
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);

  @TestFactory
  Stream<DynamicTest> requestsOfTheCorpusLoseNothing() {
    return CorpusCase.folders(CORPUS).stream()
        .flatMap(dialect -> CorpusCase.folders(dialect).stream())
        .map(folder -> folder.resolve("request.json"))
        .filter(Files::exists)
        .filter(ChatCompletionsRoundTripTest::isReadable)
        .map(file ->
            dynamicTest(
                file.toString(),
                () -> assertThat(rewritten(json(file))).isEqualTo(normalized(json(file)))));
  }

  private static boolean isReadable(Path file) {
    try {
      ChatCompletionsRequestReader.read(json(file));
      return true;
    } catch (InvalidInputException e) {
      return false;
    }
  }

  @Test
  void requestWithEveryKindOfContentLosesNothing() {
    ObjectNode request =
        (ObjectNode)
            ProviderJson.MAPPER.readTree(
                """
                {"model": "m", "stream": true, "stream_options": {"include_usage": true, "x": 1},
                 "messages": [
                  {"role": "developer", "content": [
                   {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
                   {"type": "text", "text": "Be kind."}]},
                  {"role": "user", "name": "ada", "x": 1, "content": [
                   {"type": "image_url", "y": 2,
                    "image_url": {"url": "https://a.example/b.png", "detail": "low", "z": 3}},
                   {"type": "file", "file": {"file_id": "f-1"}},
                   {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERg==",
                    "filename": "a.pdf"}},
                   {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
                   {"type": "hologram", "shape": [1.50]},
                   {"inlineData": {"mimeType": "image/png"}}]},
                  {"role": "assistant", "reasoning_content": "Hm.", "content": "I look.",
                   "refusal": "no", "extra_content": {"google": {"parts": [1]}, "x": 5},
                   "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f",
                    "arguments": "{\\"a\\": 1.0", "strict": 1},
                    "extra_content": {"google": {"thought_signature": "s"}}, "u": null, "v": 2}]},
                  {"role": "tool", "tool_call_id": "c1", "is_error": true, "content": "18 °C",
                   "cache_control": {"type": "ephemeral"}}],
                 "tools": [{"type": "function", "function": {"name": "f", "description": "d",
                   "strict": false, "parameters": {"type": "object"}, "w": 1}, "q": 2},
                  {"type": "custom", "custom": {"name": "g"}}, {"googleSearch": {}}],
                 "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required",
                  "tools": [{"type": "function", "function": {"name": "f"}}]}},
                 "response_format": {"type": "json_schema", "json_schema": {"name": "n",
                  "strict": true, "schema": {"type": "object"}, "k": 1}},
                 "max_completion_tokens": 1000, "temperature": 0.70, "top_p": 1e-1, "top_k": 5,
                 "stop": ["a", "b"], "reasoning_effort": "low", "n": 2, "logprobs": true,
                 "top_logprobs": 3, "logit_bias": {"5": 1}, "audio": {"voice": "v"},
                 "web_search_options": {}, "modalities": ["text", "audio"],
                 "parallel_tool_calls": false, "seed": 12345678901234567890,
                 "presence_penalty": 0.5, "frequency_penalty": -0.5, "verbosity": "low",
                 "prediction": {"type": "content"}, "prompt_cache_key": "k",
                 "prompt_cache_retention": "24h", "store": false, "service_tier": "flex",
                 "metadata": {"a": "b"}, "user": "u", "safety_identifier": "s",
                 "unheard_of": {"kept": 1e-7}}\
                """);

    assertThat(rewritten(request)).isEqualTo(normalized(request));
  }

  @Test
  void everyOptionHasAName() {
    ObjectNode request = ProviderJson.object().put("model", "m");
    request.putArray("messages").addObject().put("role", "user").put("content", "Hello");
    ChatCompletions.OPTIONS.forEach((option, name) -> {
      switch (option.type()) {
        case NUMBER -> request.put(name, 7);
        case BOOLEAN -> request.put(name, true);
        case STRING, ANY -> request.put(name, "x");
        case ARRAY -> request.putArray(name).add("x");
      }
    });

    assertThat(rewritten(request)).isEqualTo(reparsed(request));
    assertThat(ChatCompletionsRequestReader.read(request).unread().members()).isEmpty();
  }

  @Test
  void elementsKnowThePathOfTheirMember() {
    ChatRequest request =
        ChatCompletionsRequestReader.read(
            (ObjectNode)
                ProviderJson.MAPPER.readTree(
                    """
                    {"model": "m", "messages": [{"role": "user", "content": [
                     {"type": "text", "text": "a"},
                     {"type": "image_url", "image_url": {"url": "x", "z": 3}}]},
                     {"role": "assistant", "tool_calls": [{"id": "c", "function":
                      {"name": "f", "arguments": "1"}}]}]}\
                    """));

    ImagePart image = (ImagePart) request.messages().getFirst().content().get(1);
    assertThat(image.source().path()).isEqualTo("messages[0].content[1].image_url.url");
    assertThat(image.extensions().unread().inner().orElseThrow().path())
        .isEqualTo("messages[0].content[1].image_url.");
    ToolCallPart call = (ToolCallPart) request.messages().get(1).content().getFirst();
    assertThat(call.arguments().path()).isEqualTo("messages[1].tool_calls[0].function.arguments");
  }

  @TestFactory
  Stream<DynamicTest> streamsOfTheCorpusKeepTheirContent() {
    return CorpusCase.folders(CORPUS.resolve("openai")).stream()
        .map(folder -> folder.resolve("stream.sse"))
        .filter(Files::exists)
        .map(file ->
            dynamicTest(file.toString(), () -> requireSameContent(Files.readAllBytes(file))));
  }

  private static void requireSameContent(byte[] stream) {
    ChatCompletionsStreamWriter writer =
        new ChatCompletionsStreamWriter(
            new ExpectedStream(Operation.CHAT, "m", true, true, false, true), AT);
    StreamMemory memory = new StreamMemory(new MemoryBudget(64 << 20).open());
    TranslatedStream translated =
        new TranslatedStream(
            memory,
            writer,
            events ->
                new SseStreamReader(
                    memory, events, passed -> new ChatCompletionsStreamReader(memory, passed)));
    String rewritten =
        new String(translated.read(stream), UTF_8) + new String(translated.finish(), UTF_8);

    boolean isComplete = translated.isDone();
    assertThat(completion(rewritten.getBytes(UTF_8), isComplete))
        .isEqualTo(completion(stream, isComplete));
    assertThat(rewritten.endsWith("data: [DONE]\n\n")).isEqualTo(translated.isDone());
  }

  /// The completion of a stream up to its end or error.
  private static JsonNode completion(byte[] stream, boolean isComplete) {
    ChatCompletionsResponseWriter completion = new ChatCompletionsResponseWriter("m", AT);
    StreamMemory memory = new StreamMemory(new MemoryBudget(64 << 20).open());
    SseStreamReader reader =
        new SseStreamReader(
            memory,
            event -> {
              if (!(event instanceof StreamEvent.ResponseFailed)) {
                completion.write(event);
              }
            },
            passed -> new ChatCompletionsStreamReader(memory, passed));
    reader.read(stream);
    reader.endInput();
    if (isComplete) {
      completion.write(reader.createFinish());
    }
    return reparsed(completion.json());
  }

  @Test
  void chunksAreReadIntoOneCompletion() {
    JsonNode completion =
        completion(
            """
            data: {"id":"c","created":7,"model":"m","service_tier":"flex","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null}}]}

            data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"reasoning_content":"H"}}]}

            data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"I lo"}},{"index":1,"delta":{"content":"B"}}]}

            data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"ok."},"logprobs":{"content":[1]}}]}

            data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}]}}]}

            data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"","function":{"name":"","arguments":"}"}},{"index":0,"function":{"arguments":"[]"}}]}}]}

            data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"eos"},{"index":1,"delta":{},"finish_reason":"length"}]}

            data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"cost":0.10}}

            data: [DONE]

            """
                .getBytes(UTF_8),
            true);

    assertThat(completion)
        .isEqualTo(
            ProviderJson.MAPPER.readTree(
                """
                {"id": "c", "object": "chat.completion", "created": 7, "model": "m", "choices": [
                 {"index": 0, "message": {"role": "assistant", "content": "I look.",
                   "reasoning_content": "H", "refusal": null, "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "f", "arguments": "[]"}},
                    {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}}]},
                  "logprobs": {"content": [1]}, "finish_reason": "eos"},
                 {"index": 1, "message": {"role": "assistant", "content": "B"},
                  "finish_reason": "length"}],
                 "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7,
                  "cost": 0.10}, "service_tier": "flex"}\
                """));
  }

  private static ObjectNode json(Path file) {
    try {
      return (ObjectNode) ProviderJson.MAPPER.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode rewritten(ObjectNode request) {
    TranslationWarnings warnings = new TranslationWarnings();
    ObjectNode json =
        new ChatCompletionsRequestWriter(ChatCompletionsRequestReader.read(request), warnings)
            .json();
    assertThat(warnings.messages()).isEmpty();
    return reparsed(withoutNulls(json.deepCopy()));
  }

  /// The JSON as its reader sees it: numbers of one value are equal.
  private static JsonNode reparsed(JsonNode json) {
    return ProviderJson.MAPPER.readTree(json.toString());
  }

  /// The request without what has no meaning: members that are `null`, a deprecated member beside
  /// its successor, forms of one value, and parameters of data URLs.
  private static JsonNode normalized(ObjectNode request) {
    ObjectNode json = (ObjectNode) withoutNulls(request.deepCopy());
    if (json.has("max_completion_tokens")) {
      json.remove("max_tokens");
    }
    if (!json.path("stream").booleanValue(false)) {
      json.remove("stream");
    }
    if (json.path("stop").isString()) {
      json.set("stop", ProviderJson.array().add(json.path("stop")));
    }
    for (JsonNode message : json.path("messages")) {
      JsonNode content = message.path("content");
      boolean isOneText =
          content.size() == 1
              && content.path(0).size() == 2
              && content.path(0).path("type").asString("").equals("text");
      if (isOneText) {
        ((ObjectNode) message).set("content", content.path(0).path("text"));
      }
      for (JsonNode part : content) {
        if (part.path("image_url") instanceof ObjectNode image) {
          String url = image.path("url").stringValue("");
          image.put("url", url.replace("image/JPG;charset=x", "image/jpg"));
        }
      }
    }
    return reparsed(json);
  }

  private static JsonNode withoutNulls(JsonNode json) {
    switch (json) {
      case ObjectNode object -> {
        List.copyOf(object.propertyNames()).stream()
            .filter(name -> object.path(name).isNull())
            .forEach(object::remove);
        object.forEach(ChatCompletionsRoundTripTest::withoutNulls);
      }
      case ArrayNode array -> array.forEach(ChatCompletionsRoundTripTest::withoutNulls);
      default -> {}
    }
    return json;
  }
}
