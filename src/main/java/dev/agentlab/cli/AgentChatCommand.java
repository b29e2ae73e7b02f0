package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The `agent chat` command: one response of an agent, or an interactive conversation with it.
@Command(
    name = "chat",
    description = {
      "Chat with an agent.",
      "",
      "With a PROMPT, or with a prompt on standard input, prints the response as it is",
      "generated. On a terminal and without a PROMPT, starts an interactive conversation.",
      "",
      "  agent-lab agent chat helper",
      "  agent-lab agent chat helper 'Why is the sky blue?'",
      "  git diff | agent-lab agent chat reviewer",
      ""
    })
final class AgentChatCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(index = "0", paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "PROMPT", description = "The message to send.")
  private Optional<String> prompt = Optional.empty();

  @Option(
      names = "--revision",
      paramLabel = "N",
      description = "The revision of the agent; the newest by default.")
  private Optional<Long> revision = Optional.empty();

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "A PNG, JPEG, GIF or WebP image to send with the message; may be repeated.")
  private List<String> images = new ArrayList<>();

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description = "A request option that overrides the agent's, such as temperature=0.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(names = "--no-reasoning", description = "Do not print the model's reasoning.")
  private boolean noReasoning;

  @Option(names = "--no-stream", description = "Print the response only when it is complete.")
  private boolean noStream;

  AgentChatCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Optional<Terminal.Keyboard> keyboard = session.terminal().keyboard();
    boolean conversation = prompt.isEmpty() && keyboard.isPresent();
    if (conversation && (session.json() || noStream)) {
      throw new CommandFailure(ExitCode.USAGE, "a conversation supports neither --json nor --no-stream; pass a PROMPT");
    }
    AgentsApi agents = new AgentsApi(session.api());
    AgentRun run = run(agents.registry());
    if (conversation) {
      boolean reasoning = !noReasoning && !session.quiet();
      Conversation interactive = new Conversation(session, run, shown(agents), reasoning);
      images.forEach(interactive::attach);
      return interactive.hold(keyboard.get());
    }
    try {
      return answer(run);
    } catch (CommandFailure e) {
      // If a revision is given, that revision may be what is missing.
      throw e.code() == ExitCode.NOT_FOUND && revision.isEmpty()
          ? agents.registry().none(agent, Optional.of(e.json()))
          : e;
    }
  }

  /// The agent at the revision to run. If the caller must not read it, only the given name and an
  /// unknown revision.
  private JsonNode shown(AgentsApi agents) {
    try {
      return revision
          .map(number -> agents.revision(agent, number))
          .orElseGet(() -> agents.registry().find(agent).body());
    } catch (CommandFailure e) {
      if (e.code() != ExitCode.DENIED) {
        throw e;
      }
      return Json.MAPPER.createObjectNode().put("name", agent).put("revision", "unknown");
    }
  }

  private AgentRun run(ResourceClient agents) {
    ObjectNode overrides = Json.MAPPER.createObjectNode();
    options.forEach((key, value) -> overrides.set(key, AgentFlags.value(value)));
    return new AgentRun(agents.api(), agents.path(agent), revision, overrides);
  }

  private int answer(AgentRun run) {
    Terminal terminal = session.terminal();
    String text = prompt.orElseGet(() -> terminal.readAll().stripTrailing());
    if (text.isBlank()) {
      throw new CommandFailure(ExitCode.USAGE, "the prompt is empty; pass a PROMPT");
    }
    List<ImageFile> attached =
        images.stream().map(name -> ImageFile.read(name, session.surroundings())).toList();
    ArrayNode messages = Json.MAPPER.createArrayNode().add(Conversation.message(text, attached));
    ModelAnswer answer = noStream ? whole(run, messages) : streamed(run, messages);
    if (!answer.remark().isEmpty()) {
      session.note(answer.remark());
    }
    return ExitCode.OK.number();
  }

  private ModelAnswer whole(AgentRun run, ArrayNode messages) {
    JsonNode completion = session.waiting(Conversation.answerOf(agent), () -> run.answer(messages));
    ModelAnswer answer = ModelAnswer.of(completion);
    session.print(completion, answer::text);
    return answer;
  }

  private ModelAnswer streamed(AgentRun run, ArrayNode messages) {
    Terminal terminal = session.terminal();
    AnswerPrinter printer =
        new AnswerPrinter(
            terminal,
            !noReasoning && !session.quiet(),
            session.waitingNote(Conversation.answerOf(agent)));
    try (EventStream stream = run.stream(messages)) {
      var _ = stream.head();
      return ModelAnswer.read(stream, session.json() ? AnswerPrinter.raw(terminal) : printer);
    } finally {
      printer.end();
    }
  }
}
