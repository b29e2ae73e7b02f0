package dev.agentlab.cli;

import static dev.agentlab.cli.FakeAgents.ID;
import static dev.agentlab.cli.FakeAgents.STREAM;
import static dev.agentlab.cli.FakeAgents.delta;
import static dev.agentlab.cli.FakeAgents.end;
import static dev.agentlab.cli.FakeAgents.events;
import static dev.agentlab.cli.FakeAgents.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `agent chat` with a prompt: one message and one response.
class AgentChatCommandTest {
  private final FakeService service = FakeAgents.service();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun.With withEvents(String events) {
    service.on(STREAM, events(events));
    return CommandRun.With.service(service).in(folder);
  }

  private JsonNode sentBody() {
    return json(service.requests(STREAM).body());
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  @Test
  void responseIsPrintedToStandardOutput() {
    CommandRun run =
        withEvents(text("Hel") + text("lo\\nyou") + end("stop"))
            .run("agent", "chat", "helper", "Hi!", "--option", "temperature=0.20");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("Hello\nyou\n");
    assertThat(run.err()).isEmpty();
    assertThat(sentBody())
        .isEqualTo(
            json(
                """
                {"messages": [{"role": "user", "content": "Hi!"}],
                 "options": {"temperature": 0.20, "stream_options": {"include_usage": true}}}
                """));
  }

  @Test
  void standardInputIsDefaultPrompt() {
    CommandRun run =
        withEvents(text("yes\\n") + end("stop"))
            .input("two\nlines\n")
            .run("agent", "chat", "helper");

    assertThat(run.out()).isEqualTo("yes\n");
    assertThat(sentBody().at("/messages/0/content").asString()).isEqualTo("two\nlines");
  }

  @Test
  void unknownAgentErrorNamesListCommand() {
    service.on(STREAM, 404, "{\"error\": \"there is no agent named 'helper'\"}");

    CommandRun run =
        CommandRun.With.service(service).in(folder).run("agent", "chat", "helper", "Hi!");

    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err())
        .contains("agent \"helper\" not found; list existing ones with `agent-lab agent list`");
  }

  @Test
  void emptyPromptIsUsageError() {
    assertThat(withEvents("").input(" \n").run("agent", "chat", "helper").code()).isEqualTo(2);
    assertThat(service.lines()).isEmpty();
    assertThat(withEvents("").run("agent", "chat", "nobody", "hi").code()).isEqualTo(4);
  }

  @Test
  void agentIsRunByNameOrIdWithoutLookup() {
    for (String agent : List.of("helper", ID, "a b/ü")) {
      String path = "/api/agents/" + PercentEncoding.encode(agent);
      service.on("POST " + path + "/chat/stream", events(text("yes") + end("stop")));

      CommandRun run = CommandRun.With.service(service).run("agent", "chat", agent, "Hi!");

      assertThat(run.out()).as(run.err()).isEqualTo("yes\n");
    }
    assertThat(service.lines()).hasSize(3).allMatch(line -> line.startsWith("POST "));
  }

  @Test
  void forbiddenRunExitsWithDenied() {
    service.on(STREAM, 403, "{\"status\": 403, \"detail\": \"this needs the scope invoke\"}");

    CommandRun run = CommandRun.With.service(service).run("agent", "chat", "helper", "Hi!");

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err()).contains("this needs the scope invoke");
  }

  @Test
  void revisionOptionSelectsRevision() {
    service
        .on("GET /api/agents/helper/revisions/2", 200, FakeAgents.AGENT)
        .on(STREAM + "?revision=2", events(text("old") + end("stop")));

    assertThat(
            CommandRun.With.service(service)
                .run("agent", "chat", "helper", "hi", "--revision", "2")
                .out())
        .isEqualTo("old\n");
  }

  @Test
  void streamErrorIsPrintedAfterPartialResponse() {
    CommandRun run =
        withEvents(
                text("Hel")
                    + "event: error\ndata: {\"error\": {\"message\": \"it \\u001bfell\"}}\n\n")
            .run("agent", "chat", "helper", "hi");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("Hel\n");
    assertThat(run.err()).isEqualToIgnoringNewLines("it \uFFFDfell");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "data: {\"choices\"", ": nothing\n\n"})
  void incompleteStreamIsError(String rest) {
    CommandRun run = withEvents(text("Hel") + rest).run("agent", "chat", "helper", "hi");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("Hel\n");
    assertThat(run.err()).contains("the response ended prematurely");
  }

  @Test
  void errorBeforeStreamIsPrinted() {
    service.on(STREAM, 502, "{\"detail\": \"the provider returned status 401\", \"error\": \"x\"}");

    CommandRun run = CommandRun.With.service(service).run("agent", "chat", "helper", "hi");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).isEqualToIgnoringNewLines("the provider returned status 401");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void controlCharactersInResponseAreReplaced() {
    CommandRun run =
        withEvents(text("a\\u001b[31m\\u009b2J\\b\\r\\nb\\tc\\rd") + end("stop"))
            .inColour()
            .run("agent", "chat", "helper", "hi");

    assertThat(run.out()).isEqualTo("a\uFFFD[31m\uFFFD2J\uFFFD\nb\tc\uFFFDd\n");
  }

  @Test
  void characterSplitOverEventsIsPrintedIntact() throws IOException {
    CommandRun run =
        withEvents(text("\\ud83d") + text("\\ude00") + end("stop"))
            .run("agent", "chat", "helper", "hi");

    assertThat(run.out()).isEqualTo("😀\n");
  }

  @Test
  void reasoningIsDimmedOrPrintedToStandardError() {
    String events =
        delta("{\"reasoning_content\": \"Hm\\u001b\"}")
            + delta("{\"reasoning\": \"m.\", \"content\": null}")
            + text("Yes")
            + end("stop");

    assertThat(withEvents(events).inColour().run("agent", "chat", "helper", "hi").out())
        .isEqualTo("\u001b[2mHm\uFFFD\u001b[0m\u001b[2mm.\u001b[0m\n\nYes\n");
    CommandRun plain = withEvents(events).run("agent", "chat", "helper", "hi");
    assertThat(plain.out()).isEqualTo("Yes\n");
    assertThat(plain.err()).isEqualTo("Hm\uFFFDm.\n\n");
    CommandRun without = withEvents(events).run("agent", "chat", "helper", "hi", "--no-reasoning");
    assertThat(without.out()).isEqualTo("Yes\n");
    assertThat(without.err()).isEmpty();
  }

  @Test
  void jsonPrintsOneEventPerLine() {
    String events = text("a\u009bb") + end("stop");

    CommandRun run = withEvents(events).run("agent", "chat", "helper", "hi", "--json");

    assertThat(run.out().lines().map(AgentChatCommandTest::json).toList())
        .hasSize(3)
        .first()
        .isEqualTo(
            json("{\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"a\\u009bb\"}}]}"));
    assertThat(run.out()).doesNotContain("\u009b");
  }

  @Test
  void jsonPrintsStreamError() {
    String error = "{\"error\":{\"message\":\"it fell\",\"code\":\"broken\"}}";

    CommandRun run =
        withEvents("event: error\ndata: " + error + "\n\n")
            .run("agent", "chat", "helper", "hi", "--json");

    assertThat(run.code()).isEqualTo(1);
    assertThat(json(run.err())).isEqualTo(json(error));
  }

  @Test
  void noStreamPrintsCompleteResponse() {
    String completion =
        """
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes\\u001b"},
          "finish_reason": "length"}]}
        """;
    service.on("POST /api/agents/helper/chat", 200, completion);
    CommandRun.With onService = CommandRun.With.service(service);

    CommandRun run = onService.run("agent", "chat", "helper", "hi", "--no-stream");

    assertThat(run.out()).isEqualToIgnoringNewLines("Yes\uFFFD");
    assertThat(run.err()).contains("token limit");
    assertThat(onService.run("agent", "chat", "helper", "hi", "--no-stream", "--json").json())
        .isEqualTo(json(completion));
  }

  @ParameterizedTest
  @CsvSource({"length, token limit", "content_filter, content filter"})
  void truncatedResponseIsReported(String reason, String remark) {
    CommandRun run = withEvents(text("Hel") + end(reason)).run("agent", "chat", "helper", "hi");

    assertThat(run.code()).isZero();
    assertThat(run.err()).contains(remark);
  }

  @Test
  void toolCallIsReportedButNotExecuted() {
    String call = "{\"tool_calls\": [{\"index\": 0, \"function\": {\"name\": \"%s\"}}]}";
    CommandRun run =
        withEvents(delta(call.formatted("weather")) + delta(call.formatted("")) + end("tool_calls"))
            .run("agent", "chat", "helper", "hi");

    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("requested a call of weather");
  }

  @Test
  void imagesAreSentWithPrompt() throws IOException {
    Files.write(
        folder.resolve("a.txt"), "\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));

    CommandRun run =
        withEvents(text("A dot.") + end("stop"))
            .run("agent", "chat", "helper", "What is it?", "--image", "a.txt");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(sentBody().at("/messages/0/content"))
        .isEqualTo(
            json(
                """
                [{"type": "text", "text": "What is it?"},
                 {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]
                """));
  }

  @Test
  void invalidImageIsRejectedBeforeSending() throws IOException {
    Files.writeString(folder.resolve("a.png"), "text");

    CommandRun none = withEvents("").run("agent", "chat", "helper", "hi", "--image", "b.png");
    CommandRun text = withEvents("").run("agent", "chat", "helper", "hi", "--image", "a.png");

    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("file not found");
    assertThat(text.code()).isEqualTo(2);
    assertThat(text.err()).contains("is not a PNG, JPEG, GIF or WebP image");
    assertThat(service.lines()).doesNotContain(STREAM);
  }
}
